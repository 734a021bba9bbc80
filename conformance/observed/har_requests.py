"""Judges the requests of an HTTP archive as the fake would have, in a world where what they name exists."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from conformance.fake.kept import Secrets
from conformance.model import Intent, Sent
from conformance.observed.har import Entry, read_har
from conformance.observed.har_bodies import SOME_KEY, Body, body_of
from conformance.observed.recorded import NOBODYS_CALL, Gap, Recorded, counted, is_for_the_api, path_of, told_gaps
from conformance.surroundings import surroundings
from contracts.case import Circumstances
from contracts.head import Head, admit
from contracts.json_body import Document, read_json
from contracts.judge import judge_form, judge_json, refuse
from contracts.model import Breach, Judgement
from contracts.multipart_body import Part
from contracts.operations import Contract, Operation
from contracts.stages import BODY_SIZE, METHOD, PATH
from contracts.world import Key, World, masked
from contracts.world_file import key_of

# What tools write in the place of what they take out.
_REDACTED = re.compile(r"\W*(redacted|filtered|removed|masked|hidden|secret|sanitized|x{3,}|\W*)\W*", re.IGNORECASE)
_FIRST_REFUSAL = 300


def har_requests(file: Path, contract: Contract) -> Recorded:
    """Read what an archive shows of requests to this API, on whatever host. Keys in it are masked at once.

    Raises ConfigError for a file that is no archive, with every fault and its place.
    """
    entries = read_har(file)
    reader = _Reader.of(entries, contract)
    kept = [entry for entry in entries if reader.is_for_the_api(entry)]
    asked_first = [entry for entry in kept if _asks_first(entry)]
    seen = [reader.read(entry) for entry in kept if not _asks_first(entry)]
    gaps = {one.sent.id: one.gaps for one in seen if one.gaps}
    limitations = [*told_gaps(gaps, "the archive does not show it")]
    if len(entries) > len(kept):
        limitations.append(f"{counted(len(entries) - len(kept), 'request')} {NOBODYS_CALL}")
    if asked_first:
        limitations.append(f"{counted(len(asked_first), 'request')} in which a browser asks for leave first, left out")
    return Recorded(tuple(one.sent for one in seen), gaps, tuple(limitations))


def _asks_first(entry: Entry) -> bool:
    """Whether a browser sent it by itself, before a call to another origin."""
    return entry.method == "OPTIONS" and bool(entry.values("access-control-request-method"))


@dataclass(frozen=True, slots=True)
class _Seen:
    """One request, and what the archive does not show of it."""

    sent: Sent
    gaps: frozenset[Gap]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the entries of one archive; `keys_shown` says whether any of them shows an API key."""

    contract: Contract
    secrets: Secrets
    keys_shown: bool

    @classmethod
    def of(cls, entries: Iterable[Entry], contract: Contract) -> "_Reader":
        keys = {key for entry in entries for key in entry.values(contract.key_header) if not _REDACTED.fullmatch(key)}
        return cls(contract, Secrets(keys), bool(keys))

    def is_for_the_api(self, entry: Entry) -> bool:
        has_key = bool(entry.values(self.contract.key_header))
        return is_for_the_api(_target(entry.url), has_key=has_key, contract=self.contract)

    def read(self, entry: Entry) -> _Seen:
        target = _target(entry.url)
        path = path_of(target)
        operation = self.contract.operations.get(path)
        if operation is None or operation.method != entry.method:
            return _Seen(self._sent(entry, "", self._nowhere(entry, path), Body()), frozenset())
        gaps = self._head_gaps(entry)
        body = body_of(entry, operation, self.contract)
        key = self._key(operation, body)
        judgement, is_read = self._judged(entry, operation, key, body, gaps)
        sent = self._sent(entry, operation.id, judgement, body if is_read else Body())
        return _Seen(sent, gaps | body.gaps if is_read else gaps)

    def _nowhere(self, entry: Entry, path: str) -> Judgement:
        operation = self.contract.operations.get(path)
        check, got = (METHOD, f"another method than {operation.method}") if operation else (PATH, "another path")
        rule = self.contract.wire_rule[check]
        return refuse(Breach(rule, check, f"{got}: {entry.method} {path}", rule.says))

    def _head_gaps(self, entry: Entry) -> frozenset[Gap]:
        keys = entry.values(self.contract.key_header)
        if not entry.headers:
            return frozenset({Gap.FRAMING, Gap.HEADERS, Gap.KEY})
        hidden = not self.keys_shown or any(_REDACTED.fullmatch(key) for key in keys)
        return frozenset({Gap.FRAMING, Gap.KEY} if hidden else {Gap.FRAMING})

    def _key(self, operation: Operation, body: Body) -> Key:
        """Give a key whose world has all that a body names."""
        named = body.value or {}
        if body.form is not None:
            named = {part.name: part.text for part in body.form.parts if not part.is_file}
        changes = surroundings([Intent(operation.id, named)])
        return key_of({"key": SOME_KEY}, changes, self.contract)

    def _judged(
        self, entry: Entry, operation: Operation, key: Key, body: Body, gaps: frozenset[Gap]
    ) -> tuple[Judgement, bool]:
        """Judge a request, and say whether the fake would have read its body."""
        keys = [SOME_KEY] if Gap.KEY in gaps else entry.values(self.contract.key_header)
        types = [operation.media_type] if Gap.HEADERS in gaps else entry.values("content-type")
        head = Head(keys, "", types, entry.values("content-encoding"))
        # Which keys are right, only Distinct knows.
        admission = admit(operation, head, World("", dict.fromkeys([*keys, SOME_KEY], key), ()))
        if admission.breach is not None:
            return refuse(admission.breach), False
        around = Circumstances(datetime.fromtimestamp(entry.at, UTC), urlsplit(entry.url).query)
        limits = self.contract.limits
        if Gap.BODY in body.gaps:
            return operation.nothing_broken, True
        if body.form is not None:
            judgement = judge_form(operation, body.form, key, around, limits)
            return (_of_names(judgement, operation) if Gap.BYTES in body.gaps else judgement), True
        if body.size > limits.json_bytes:
            breach = Breach(operation.by_check[BODY_SIZE], "body", f"{body.size} bytes", f"at most {limits.json_bytes}")
            return refuse(breach), True
        return judge_json(operation, read_json(body.content, limits), key, around, limits), True

    def _sent(self, entry: Entry, operation: str, judgement: Judgement, body: Body) -> Sent:
        header, hidden = self.contract.key_header, self.secrets.hidden
        keys = entry.values(header)
        return Sent(
            id=entry.place,
            at=entry.at,
            method=entry.method,
            target=hidden(_target(entry.url)),
            operation=operation,
            headers=tuple((name, masked(text) if name == header else hidden(text)) for name, text in entry.headers),
            key=masked(keys[0]) if len(keys) == 1 and keys[0] else "",
            body=self.secrets.hidden_bytes(body.content),
            size=body.size,
            value=None if body.value is None else self.secrets.hidden_in(body.value),
            parts=None if body.form is None else tuple(self._masked(part) for part in body.form.parts),
            breaches=tuple(_masking(breach, self.secrets) for breach in judgement.breaches),
            flags=tuple(_masking(flag, self.secrets) for flag in judgement.flags),
            status=entry.status,
            answer=self._answer(entry, operation),
            accepted=0 < entry.status < _FIRST_REFUSAL,
            seconds=entry.seconds,
        )

    def _masked(self, part: Part) -> Part:
        hidden = self.secrets.hidden
        name = None if part.filename is None else hidden(part.filename)
        return replace(part, name=hidden(part.name), filename=name, text=hidden(part.text))

    def _answer(self, entry: Entry, operation: str) -> str:
        """Find the documented answer that was given."""
        answers = self.contract.operation(operation).answers if operation else self.contract.answers
        read = read_json(entry.answer.encode(errors="replace"), self.contract.limits)
        said = read.value.get("message") if isinstance(read, Document) else None
        given = (one for one in answers.values() if one.status == entry.status and one.message == said)
        return next((one.name for one in given), "")


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _of_names(judgement: Judgement, operation: Operation) -> Judgement:
    """Keep what is said of texts and of how many files there are; nobody saw what is in them."""

    def is_seen(breach: Breach) -> bool:
        return operation.asset_field not in breach.rule.fields or "maxItems" in breach.rule.keywords

    breaches = tuple(filter(is_seen, judgement.breaches))
    answer = judgement.answer if breaches[:1] == judgement.breaches[:1] else operation.accepted
    return Judgement(answer, breaches, tuple(filter(is_seen, judgement.flags)))


def _masking(breach: Breach, secrets: Secrets) -> Breach:
    field, got, expected = map(secrets.hidden, (breach.field, breach.got, breach.expected))
    return breach._replace(field=field, got=got, expected=expected)
