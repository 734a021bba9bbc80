"""Turns exchanges into rows of the journal, and rows into entries."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from contracts.json_body import Document, read_json
from contracts.model import Breach
from contracts.multipart_body import Part
from contracts.operations import Contract
from contracts.subject import Subject, subject
from contracts.world import masked
from mock_server.exchange import Exchange
from mock_server.storage.entry import Armed, Detail, Entry, Pairs, Remark, SentPart
from mock_server.storage.secrecy import Secrets, is_secret, unknown_keys

SUMMARY = (
    "seq, id, at, session, key, address, method, target, operation, status, answer, accepted, size, seconds, stayed, "
    "user, event, broken, flagged, armed"
)
DETAIL = "headers, body, sha256, parts, remarks, sent_headers, sent_body"
INSERT = f"INSERT INTO requests ({SUMMARY}, {DETAIL}, weight, fingerprint) VALUES (?{', ?' * 28})"  # noqa: S608 - constants

_HEAD_BYTES = 64 * 1024
_ROW_WEIGHT = 400
# Of all others nobody knows what they tell about a person.
_IMPERSONAL = frozenset(
    {
        "accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect",
        "host", "prefer", "transfer-encoding", "upgrade", "user-agent",
    }
)  # fmt: skip
# A longer header is hardly sent twice, and many of them would take the memory that the journal may not.
_REPEATED_BYTES = 256
_REPEATED_HEADS = 256
_REPEATED_HEAD_BYTES = 1024

# All of an accepted body was read before, so that nothing stands behind its object.
_AS_IT_BEGINS = json.JSONDecoder().raw_decode

Row = tuple[Any, ...]


class RowMaker:
    """Makes the rows of a journal. `bodies` is one of `settings.BODIES`; `none` keeps nothing about a person."""

    def __init__(self, contract: Contract, bodies: str = "head") -> None:
        self._operations = {operation.id: operation for operation in contract.operations.values()}
        self._limits = contract.limits
        self._key_header = contract.key_header.encode()
        self._bodies = bodies
        self._most = {"none": 0, "head": _HEAD_BYTES, "full": contract.limits.json_bytes}[bodies]
        self._heads: dict[tuple[tuple[bytes, bytes], ...], str] = {}
        self._heads_hide = Secrets()

    def row(self, exchange: Exchange, seq: int, secrets: Secrets) -> Row:
        """Make the row of an exchange; keys are masked wherever they stand in it.

        It is made of int, float, str and bytearray, but for a duration that is not known yet: of all else, even of
        bool, bytes and None, sqlite3 first asks how it is stored, which takes longer than to store it.
        """
        key, answer = exchange.key, exchange.answer
        personal = self._bodies != "none"
        whose = self._subject(exchange) if personal and exchange.accepted else Subject()
        if key is None or exchange.query:
            secrets = secrets.and_also(unknown_keys(exchange.headers, exchange.query, self._key_header))
        address, method, target, body, sent_headers, sent_body = self._texts(exchange, secrets, personal=personal)
        headers = self._head(exchange.headers, secrets, personal=personal)
        parts, remarks = self._parts(exchange, secrets), self._remarks(exchange, secrets)
        armed = json.dumps(_hidden(exchange.armed, secrets)) if exchange.armed else ""
        weight = _ROW_WEIGHT + len(headers) + len(body) + len(parts) + len(remarks) + len(target)
        return (
            seq,
            exchange.id,
            exchange.at.timestamp(),
            key.session if key else "",
            key.masked if key else "",
            address,
            method,
            target,
            exchange.operation,
            exchange.status,
            answer.name if answer else "",
            int(exchange.accepted),
            exchange.size,
            exchange.duration,
            int(exchange.stayed),
            whose.user,
            whose.event,
            f" {' '.join(exchange.broken)} " if exchange.breaches else "",
            f" {' '.join(exchange.flagged)} " if exchange.flags else "",
            armed,
            headers,
            bytearray(body),
            sha256(exchange.body).hexdigest() if 0 < self._most < len(exchange.body) else "",
            parts,
            remarks,
            sent_headers,
            bytearray(sent_body),
            weight,
            exchange.fingerprint,
        )

    def _texts(
        self, exchange: Exchange, secrets: Secrets, *, personal: bool
    ) -> tuple[str, str, str, bytes, str, bytes]:
        """Give what may show a key: address, method, target, body, and the headers and the body of the answer."""
        address, target = (exchange.address, exchange.target) if personal else ("", exchange.path)
        body, answer = exchange.body if self._most else b"", exchange.answer.body if exchange.answer else b""
        told = b"\n".join([b"%b:%b" % header for header in exchange.sent_headers]).decode("latin-1")
        # Once for all of them, since nearly always there is nothing. What is refused may not be there to its end.
        texts = (address, target, exchange.method, told, (body + answer).decode("latin-1"))
        if exchange.breaches or secrets.may_show_in("\n".join(texts)):
            hidden = secrets.hidden
            # What is kept is cut off last, so that it does not end within a key.
            kept = (secrets.hidden_beginning if exchange.breaches else secrets.hidden_bytes)(body)[: self._most]
            sent = secrets.hidden_bytes(answer)
            return hidden(address), hidden(exchange.method), hidden(target), kept, hidden(told), sent
        return address, exchange.method, target, body[: self._most], told, answer

    def _subject(self, exchange: Exchange) -> Subject:
        operation = self._operations.get(exchange.operation)
        if operation is None or exchange.key is None:
            return Subject()
        if exchange.parts is not None:
            return subject(
                operation, {part.name: part.text for part in exchange.parts if not part.is_file}, exchange.key
            )
        return subject(operation, self._value(exchange.body), exchange.key)

    def _value(self, body: bytes) -> dict[str, Any]:
        """Read an accepted body once more: to keep every value until it is asked for would take more than this."""
        try:
            value: dict[str, Any] = _AS_IT_BEGINS(body.decode())[0]
        except (ValueError, RecursionError):
            # The contract takes numbers that the plain reader does not, and may take what is nested deeper.
            document = read_json(body, self._limits)
            value = document.value if isinstance(document, Document) else {}
        return value

    def _parts(self, exchange: Exchange, secrets: Secrets) -> str:
        if exchange.parts is None:
            return ""
        personal = self._bodies != "none"
        return json.dumps([_hidden(_part(part, personal=personal), secrets) for part in exchange.parts])

    def _remarks(self, exchange: Exchange, secrets: Secrets) -> str:
        if not (exchange.breaches or exchange.flags):
            return ""
        personal = self._bodies != "none"
        remarks = [_remark(breach, is_flag=False, personal=personal) for breach in exchange.breaches]
        remarks += [_remark(flag, is_flag=True, personal=personal) for flag in exchange.flags]
        return json.dumps([_hidden(remark, secrets) for remark in remarks])

    def _head(self, headers: Sequence[tuple[bytes, bytes]], secrets: Secrets, *, personal: bool) -> str:
        """Write the headers of a request; most clients send the same ones again and again."""
        if secrets is not self._heads_hide:
            self._heads, self._heads_hide = {}, secrets
        repeated = tuple(headers)
        written = self._heads.get(repeated)
        if written is None:
            written = secrets.hidden(self._headers(headers, personal=personal))
            if len(self._heads) < _REPEATED_HEADS and len(written) <= _REPEATED_HEAD_BYTES:
                self._heads[repeated] = written
        return written

    def _headers(self, headers: Iterable[tuple[bytes, bytes]], *, personal: bool) -> str:
        """Write headers a line each: no header can hold the end of a line."""
        lines = []
        for name, value in headers:
            write = _known_header if len(name) + len(value) <= _REPEATED_BYTES else _header
            lines.append(write(name, value, name == self._key_header, personal))
        return "\n".join(lines)


def _header(raw_name: bytes, raw_value: bytes, has_key: bool, personal: bool) -> str:  # noqa: FBT001 - by position, for the cache's sake
    name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
    if has_key or is_secret(name):
        value = masked(value)
    elif not personal and name not in _IMPERSONAL:
        value = "…"
    return f"{name}:{value}"


# Most clients send the same headers with every request.
_known_header = lru_cache(maxsize=2048)(_header)


def _hidden(value: Armed | Remark | SentPart, secrets: Secrets) -> Row:
    """Take the keys out of each text of a value, while they are still written as they are."""
    return tuple(secrets.hidden(each) if isinstance(each, str) else each for each in value)


def _part(part: Part, *, personal: bool) -> SentPart:
    filename, text = (part.filename, part.text) if personal else ("" if part.is_file else None, "")
    return SentPart(part.name, filename, part.content_type, part.size, part.sha256, text)


def _remark(breach: Breach, *, is_flag: bool, personal: bool) -> Remark:
    if not personal:
        # What was expected may name a user.
        return Remark(breach.rule.id, breach.field, "", breach.rule.says, breach.hint, is_flag)
    return Remark(breach.rule.id, breach.field, breach.got, breach.expected, breach.hint, is_flag)


def entry(row: Sequence[Any], *, full: bool) -> Entry:
    """Make an entry of the columns of SUMMARY, which those of DETAIL follow when it is a full one."""
    summary: list[Any] = [*row[:17], tuple(row[17].split()), tuple(row[18].split())]
    summary += [Armed(*json.loads(row[19])) if row[19] else None, _detail(*row[20:]) if full else None]
    summary[11], summary[14] = bool(row[11]), bool(row[14])
    return Entry(*summary)


def _detail(*columns: Any) -> Detail:  # noqa: ANN401 - those of DETAIL
    headers, body, digest, parts, remarks, sent, sent_body = columns
    return Detail(
        headers=_pairs(headers),
        body=bytes(body),
        sha256=digest,
        parts=tuple(SentPart(*part) for part in json.loads(parts)) if parts else None,
        remarks=tuple(Remark(*remark) for remark in json.loads(remarks)) if remarks else (),
        sent_headers=_pairs(sent),
        sent_body=bytes(sent_body),
    )


def _pairs(text: str) -> Pairs:
    lines = (line.partition(":") for line in text.split("\n") if line)
    return tuple((name, value) for name, _, value in lines)
