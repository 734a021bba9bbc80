"""Makes requests for a world: accepted ones, and for each rule one that breaks just that rule."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts import stages
from contracts.case import Circumstances
from contracts.json_body import read_json
from contracts.judge import form_limits, judge_form, judge_json
from contracts.model import Judgement, Limits, Rule
from contracts.multipart_body import FormReader
from contracts.operations import Contract, Operation
from contracts.world import Key, User

_GIF = "GIF89a"
_BOUNDARY = "sample-boundary"
_WRONG: tuple[Any, ...] = ("", "no-such-value", 5, None, [])


@dataclass(frozen=True, slots=True)
class SamplePart:
    """A part of a form: a text, or with a file name a file. `filler` bytes of zero are added to its content."""

    name: str
    content: str
    filename: str | None = None
    content_type: str = ""
    filler: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A request to one operation: either JSON text (with `filler` blanks before it) or the parts of a form."""

    operation: Operation
    key: Key
    text: str = ""
    parts: tuple[SamplePart, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    filler: int = 0

    @property
    def is_form(self) -> bool:
        """Whether the body is a form, as long as no header says otherwise."""
        return bool(self.parts)


def encoded(parts: tuple[SamplePart, ...]) -> tuple[str, bytes]:
    """Write parts as multipart/form-data: the Content-Type, and the body."""
    lines = []
    for part in parts:
        filename = "" if part.filename is None else f'; filename="{part.filename}"'
        content_type = f"\r\nContent-Type: {part.content_type}" if part.content_type else ""
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{part.name}"{filename}{content_type}\r\n\r\n'
        lines += [head.encode(), part.content.encode(), bytes(part.filler), b"\r\n"]
    lines.append(f"--{_BOUNDARY}--\r\n".encode())
    return f"multipart/form-data; boundary={_BOUNDARY}", b"".join(lines)


def accepted(operation: Operation, key: Key, document: Mapping[str, Any]) -> list[Sample]:
    """Make a request from each of the spec's examples, with values that exist for this key.

    Gives none when the key's world lacks what a request needs, such as a user or an event.
    """
    samples = []
    for value in _examples(operation, document):
        filled = {**value, **_existing(operation, key, value)}
        if None in filled.values():
            continue
        samples.append(_sample(operation, key, filled))
    return samples


def breaking(contract: Contract, operation: Operation, key: Key, now: datetime) -> dict[str, Sample]:
    """Make for each rule about the body a request that breaks it and no other, by the rule's id.

    Rules that no body breaks (about key, address, time) are not among them, nor is a rule that this world cannot
    break alone. Every sample but the largest was judged before it is given.
    """
    found: dict[str, Sample] = {}
    around = Circumstances(now)
    samples = accepted(operation, key, contract.document)
    for sample in samples:
        for rule in operation.rules:
            made = _by_stage(rule, sample, contract.limits)
            if made is not None:
                found.setdefault(rule.id, made)
        for changed in _changed(sample):
            rules = {breach.rule.id for breach in judged(changed, around, contract.limits).breaches}
            if len(rules) == 1:
                found.setdefault(rules.pop(), changed)
    return found


def judged(sample: Sample, around: Circumstances, limits: Limits) -> Judgement:
    """Judge a sample as the fake would."""
    operation, key = sample.operation, sample.key
    if not sample.is_form:
        return judge_json(operation, read_json(sample.text.encode(), limits), key, around, limits)
    content_type, body = encoded(sample.parts)
    form = FormReader(content_type, form_limits(operation, key, limits))
    form.feed(body)
    form.finish()
    return judge_form(operation, form, key, around, limits)


def _examples(operation: Operation, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    path = operation.path.removeprefix(operation.prefix)
    content = document["paths"][path][operation.method.lower()]["requestBody"]["content"][operation.media_type]
    return [example["value"] for example in content.get("examples", {}).values()]


def _existing(operation: Operation, key: Key, value: Mapping[str, Any]) -> dict[str, Any]:
    """Choose values that exist in the key's world, for the fields whose rule asks for such."""
    user = next(iter(key.by_identifier["userId"].values()), None)
    gifted = next((user for user in key.by_identifier["userId"].values() if user.events & key.events), None)
    pair = min(key.pairs, default=(None, None))
    if (value.get("feature"), value.get("action")) in key.pairs:
        pair = (value["feature"], value["action"])
    chosen: dict[str, Any] = {
        "userId": _attribute(gifted if operation.asset_field else user, "id"),
        "email": _attribute(_with(key, "email", value.get("email")), "email"),
        "phone": _attribute(_with(key, "phone", value.get("phone")), "phone"),
        "eventId": min(gifted.events & key.events) if gifted else None,
        "feature": pair[0],
        "action": pair[1],
        "experienceId": min(key.experiences, default=None),
        "eventValue": min(key.event_values, default=None),
        "registrationPageValue": min(key.registration_pages, default=None),
    }
    return {name: chosen[name] for name in value if name in chosen}


def _with(key: Key, identifier: str, preferred: object) -> User | None:
    users = key.by_identifier[identifier]
    return users.get(str(preferred)) or next(iter(users.values()), None)


def _attribute(user: User | None, name: str) -> str | None:
    return None if user is None else getattr(user, name)


def _sample(operation: Operation, key: Key, value: Mapping[str, Any]) -> Sample:
    if not operation.asset_field:
        return Sample(operation, key, text=json.dumps(value))
    texts = [SamplePart(name, text) for name, text in value.items() if name != operation.asset_field]
    return Sample(operation, key, parts=(*texts, _file(operation.asset_field)))


def _file(name: str, content: str = _GIF, filler: int = 0) -> SamplePart:
    return SamplePart(name, content, "image.gif", "image/gif", filler)


def _by_stage(rule: Rule, sample: Sample, limits: Limits) -> Sample | None:
    """Break what is decided before the content, or too large to be judged just to be sure."""
    form = {"Content-Type": "multipart/form-data; boundary=sample"}
    changes: dict[str, dict[str, Any]] = {
        stages.MEDIA_TYPE: {"headers": {"Content-Type": "text/plain"}},
        stages.CONTENT_ENCODING: {"headers": {"Content-Encoding": "gzip"}},
        stages.JSON: {"text": "{"},
        stages.MULTIPART: {"headers": form, "parts": (), "text": "--sample"},
        stages.BODY_SIZE: {"filler": limits.json_bytes},
    }
    if rule.check in changes:
        return replace(sample, **changes[rule.check])
    if rule.check == stages.TEXT_PART_SIZE:
        large = replace(sample.parts[0], content="", filler=limits.text_part_bytes + 1)
        return replace(sample, parts=(large, *sample.parts[1:]))
    return _too_large(sample, limits) if "maxLength" in rule.keywords and sample.is_form else None


def _too_large(sample: Sample, limits: Limits) -> Sample:
    size = form_limits(sample.operation, sample.key, limits).asset_bytes
    texts = tuple(part for part in sample.parts if part.filename is None)
    return replace(sample, parts=(*texts, _file(sample.operation.asset_field, filler=size)))


def _changed(sample: Sample) -> Iterator[Sample]:
    """Change one thing at a time."""
    return _changed_form(sample) if sample.is_form else _changed_json(sample)


def _changed_json(sample: Sample) -> Iterator[Sample]:
    value = json.loads(sample.text)
    for name in sample.operation.schema.properties:
        if name in value:
            yield replace(sample, text=json.dumps({key: item for key, item in value.items() if key != name}))
        for wrong in _WRONG:
            yield replace(sample, text=json.dumps({**value, name: wrong}))


def _changed_form(sample: Sample) -> Iterator[Sample]:
    field = sample.operation.asset_field
    texts = [part for part in sample.parts if part.name != field]
    files = [part for part in sample.parts if part.name == field]
    for number, part in enumerate(texts):
        others = (*texts[:number], *texts[number + 1 :], *files)
        yield replace(sample, parts=others)
        for wrong in ("", "no-such-value", *sorted(sample.key.events)):
            yield replace(sample, parts=(replace(part, content=wrong), *others))
        yield replace(sample, parts=(part, part, *others))
    yield replace(sample, parts=(*texts, _file(field, "")))
    yield replace(sample, parts=(*texts, _file(field, "%PDF-1.7")))
    yield replace(sample, parts=(*texts, *[_file(field)] * (sample.operation.asset_count + 1)))
