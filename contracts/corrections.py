"""Corrects a request: keeps every value that was right, and changes the rest until the contract accepts it.

Pure. The judge itself says whether a change helps, so a correction never knows a rule better than the contract does.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import unquote

from contracts import stages
from contracts.case import Circumstances
from contracts.json_body import Document
from contracts.judge import form_limits, judge_json
from contracts.mending import changes, mended
from contracts.model import Judgement, shown
from contracts.multipart_body import Part
from contracts.operations import Contract, Operation
from contracts.proposals import Body
from contracts.samples import Sample, SamplePart, accepted, judged
from contracts.world import Key

_CLOSE = 0.4
_UNREADABLE = {stages.HTTP, stages.HEADER_SIZE, stages.HEADERS_IN_TIME}
_MEDIA_KIND = "media-kind"
# Reading ended there, so what broke the rule is in no part that was read.
_STOPPING = {"maxItems", "maxLength"}
_AN_EXAMPLE = "body: what was sent cannot be used; an example stands for it"


class Broken(NamedTuple):
    """A rule that the request broke: its id, at which field, what was got and what was expected."""

    rule: str
    field: str = ""
    got: str = ""
    expected: str = ""


class Sent(NamedTuple):
    """A request as far as it is known: `body` is None when it was not read as a JSON object, `parts` when as no form.

    `target` is the path with its query string.
    """

    method: str
    target: str
    body: Body | None = None
    parts: Sequence[Part] | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A request that is accepted, or the reason why there is none, and in words what is different.

    `kept` tells which parts of the request stand for a file that was sent, by their position: what was in the file is
    not known, and the part holds something else.
    """

    request: Sample | None
    changes: tuple[str, ...] = ()
    reason: str = ""
    kept: Mapping[int, Part] = field(default_factory=dict)


def corrected(contract: Contract, key: Key, sent: Sent, broken: Sequence[Broken], now: datetime) -> Correction:
    """Correct a request that broke rules, for a key: the one that it came with, or one that may be used instead."""
    known = [one for one in broken if one.rule in contract.rules]
    by_check = {contract.rules[one.rule].check: one for one in known}
    if _UNREADABLE & by_check.keys():
        return Correction(None, reason="what came could not be read as a request")
    if stages.ADDRESS in by_check:
        one = by_check[stages.ADDRESS]
        return Correction(None, reason=f"no request from {one.got} is taken with this key, only from {one.expected}")
    operation = nearest_operation(contract, sent.target)
    samples = accepted(operation, key, contract.document)
    if not samples:
        return _impossible(operation)
    corrector = _Corrector(contract, operation, key, samples, Circumstances(now))
    correction = corrector.form(sent.parts, known) if operation.asset_field else corrector.json(sent.body)
    # A key can be so narrow that not even an example passes, and what another vendor's spec asks for, nobody knows.
    if correction.request is None or judged(correction.request, corrector.around, contract.limits).breaches:
        return _impossible(operation)
    around = _head_changes(contract, operation, sent, by_check)
    return replace(correction, changes=(*around, *correction.changes))


def nearest_operation(contract: Contract, target: str) -> Operation:
    """Choose the operation of a path, or the one whose path comes closest."""
    path = unquote(target.partition("?")[0])
    near = get_close_matches(path[:200], contract.operations, n=1, cutoff=_CLOSE)
    return contract.operations.get(path) or contract.operations[near[0] if near else next(iter(contract.operations))]


def _impossible(operation: Operation) -> Correction:
    return Correction(None, reason=f"this world lacks what such a request to {operation.id} needs, such as a user")


def _head_changes(
    contract: Contract, operation: Operation, sent: Sent, by_check: Mapping[str, Broken]
) -> Iterable[str]:
    """Say what has to change outside of the body."""
    path, _, query = sent.target.partition("?")
    if path != operation.path:
        yield f"path: {shown(path)} -> {operation.path!r}"
    if query:
        yield f"query: {shown(query)} left out"
    if sent.method != operation.method:
        yield f"method: {sent.method!r} -> {operation.method!r}"
    words = {
        stages.API_KEY: f"{contract.key_header}: {{got}} -> a key of this world",
        stages.MEDIA_TYPE: f"Content-Type: {{got}} -> {operation.media_type!r}",
        stages.CONTENT_ENCODING: "Content-Encoding: {got} left out",
        stages.BODY_IN_TIME: "body: sent whole and without a pause",
    }
    yield from (text.replace("{got}", by_check[check].got) for check, text in words.items() if check in by_check)


class _Corrector(NamedTuple):
    """Corrects bodies for one operation and key; there is at least one sample."""

    contract: Contract
    operation: Operation
    key: Key
    samples: Sequence[Sample]
    around: Circumstances

    def json(self, body: Body | None) -> Correction:
        if body is None:
            return Correction(self.samples[0], (_AN_EXAMPLE,))
        examples = [json.loads(sample.text) for sample in self.samples]
        found = mended(self.operation, self.key, body, examples, self.judge_body)
        if found is None:
            return Correction(None)
        text = json.dumps(found, ensure_ascii=False)
        return Correction(Sample(self.operation, self.key, text=text), tuple(changes(body, found)))

    def form(self, parts: Sequence[Part] | None, broken: Sequence[Broken]) -> Correction:
        if not parts:
            return Correction(self.samples[0], (_AN_EXAMPLE,))
        named, asset_field = self.operation.schema.named, self.operation.asset_field
        texts = _texts(part for part in parts if part.name in named and part.name != asset_field)
        examples = [_texts_of(sample) for sample in self.samples]
        found = mended(self.operation, self.key, texts, examples, self.judge_texts)
        if found is None:
            return Correction(None)
        files, words = self.files([part for part in parts if part.name == asset_field], broken)
        others = [part for part in parts if part.name not in named]
        return self.whole(
            [SamplePart(*item) for item in found.items()], [*others, *files], [*changes(texts, found), *words]
        )

    def files(self, sent: Sequence[Part], broken: Sequence[Broken]) -> tuple[list[Part], list[str]]:
        """Choose the files that may be gifted, and say which ones go."""
        rules, limits = self.contract.rules, form_limits(self.operation, self.key, self.contract.limits)
        refused = {one.field for one in broken if rules[one.rule].check == _MEDIA_KIND}
        files = [part for part in sent if part.is_file]
        kept: list[Part] = []
        words = [f"{part.name}: {shown(part.text)} left out: no file" for part in sent if not part.is_file]
        for number, part in enumerate(files, 1):
            reasons = {
                "empty": not part.size,
                f"{part.size} bytes, at most {limits.asset_bytes}": part.size > limits.asset_bytes,
                "no image or video": f"{part.name}[{number}]" in refused,
                f"more than {limits.asset_count}": len(kept) >= limits.asset_count,
            }
            reason = next((reason for reason, holds in reasons.items() if holds), "")
            if reason:
                words.append(f"{part.name}: {shown(part.filename)} left out: {reason}")
            else:
                kept.append(part)
        for one in broken:
            rule = rules[one.rule]
            if _STOPPING.intersection(rule.keywords) or rule.check in {stages.TEXT_PART_SIZE, stages.MULTIPART}:
                words.append(f"{one.field}: {one.got} left out")
        return kept, words

    def whole(self, texts: list[SamplePart], parts: Sequence[Part], words: list[str]) -> Correction:
        """Put a form together; a file that was sent is there by its name, with the content of an example."""
        example, asset_field = self.samples[0].parts[-1], self.operation.asset_field
        copies = [
            replace(example, name=part.name, filename=part.filename, content_type=part.content_type)
            if part.is_file
            else SamplePart(part.name, part.text)
            for part in parts
        ]
        if all(part.name != asset_field for part in parts):
            copies.append(example)
            words.append(f"{asset_field}: an example added")
        kept = {number: part for number, part in enumerate(parts, len(texts)) if part.is_file}
        return Correction(Sample(self.operation, self.key, parts=(*texts, *copies)), tuple(words), kept=kept)

    def judge_body(self, body: Body) -> Judgement:
        return judge_json(self.operation, Document(dict(body)), self.key, self.around, self.contract.limits)

    def judge_texts(self, texts: Body) -> Judgement:
        """Judge the texts of a form beside a file that is right."""
        parts = [part for name, value in texts.items() for part in _as_parts(name, value)]
        sample = Sample(self.operation, self.key, parts=(*parts, self.samples[0].parts[-1]))
        return judged(sample, self.around, self.contract.limits)


def _texts(parts: Iterable[Part]) -> dict[str, Any]:
    """Give the texts of a form by name; what was sent twice, or as a file, is no text and shows as what it is."""
    found: dict[str, Any] = {}
    for part in parts:
        value = {"file": part.filename} if part.is_file else part.text
        found[part.name] = [found[part.name], value] if part.name in found else value
    return found


def _texts_of(sample: Sample) -> dict[str, str]:
    return {part.name: part.content for part in sample.parts if part.filename is None}


def _as_parts(name: str, value: object) -> list[SamplePart]:
    if isinstance(value, list):
        return [part for item in value for part in _as_parts(name, item)]
    return [SamplePart(name, value) if isinstance(value, str) else SamplePart(name, "x", "file")]
