"""Reads HTTP archives (HAR 1.2), as browsers and proxies save them."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from conformance.model import Pairs
from contracts.faults import ConfigError, Fault

_TEXT = {"type": "string"}
_NAMED = {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": _TEXT}}}
_PAIRS = {
    "type": "array",
    "items": {"type": "object", "required": ["name", "value"], "properties": {"name": _TEXT, "value": _TEXT}},
}
_POST = {
    "type": ["object", "null"],
    "properties": {"mimeType": _TEXT, "text": {"type": ["string", "null"]}, "encoding": _TEXT, "params": _NAMED},
}
_REQUEST = {
    "type": "object",
    "required": ["method", "url"],
    "properties": {
        "method": _TEXT,
        "url": _TEXT,
        "headers": _PAIRS,
        "bodySize": {"type": "number"},
        "postData": _POST,
    },
}
_RESPONSE = {
    "type": ["object", "null"],
    "properties": {
        "status": {"type": "integer"},
        "content": {
            "type": "object",
            "properties": {"text": {"type": ["string", "null"]}, "encoding": {"type": ["string", "null"]}},
        },
    },
}
_ENTRY = {
    "type": "object",
    "required": ["startedDateTime", "request"],
    "properties": {
        "startedDateTime": _TEXT,
        "time": {"type": ["number", "null"]},
        "request": _REQUEST,
        "response": _RESPONSE,
    },
}
_LOG = {"type": "object", "required": ["entries"], "properties": {"entries": {"type": "array", "items": _ENTRY}}}
_VALIDATOR = jsonschema_rs.Draft202012Validator({"type": "object", "required": ["log"], "properties": {"log": _LOG}})
_MOST_FAULTS = 10
_SENDS_NOTHING = -1


@dataclass(frozen=True, slots=True)
class Content:
    """What an archive shows of a body: text, which may be its bytes in Base64, or the fields of a form.

    `size` is the number of bytes that were sent, as the archive says; -1 where it does not know.
    """

    mime_type: str
    text: str | None
    encoding: str
    params: tuple[Mapping[str, Any], ...]
    size: int

    @property
    def exact(self) -> bytes | None:
        """The bytes, when text and size leave no doubt about them."""
        if self.text is None:
            return None
        coded = _decoded(self.text)
        if self.encoding.lower() == "base64":
            return coded
        spellings = (self.text.encode(errors="surrogatepass"), _latin(self.text), coded)
        return next((each for each in spellings if each is not None and len(each) == self.size), None)

    @property
    def likely(self) -> bytes | None:
        """The bytes, as far as text shows them."""
        return None if self.text is None else self.exact or self.text.encode(errors="replace")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of an archive with its answer; `place` says where it stands.

    `at` is in seconds of the epoch, `seconds` is how long it took, `status` 0 for no answer. Header names are in lower
    case. `content` is None for a request without a body, as far as the archive shows.
    """

    place: str
    at: float
    seconds: float | None
    method: str
    url: str
    headers: Pairs
    content: Content | None
    status: int
    answer: str

    def values(self, name: str) -> list[str]:
        """Give the values of the headers of a name in lower case."""
        return [value for found, value in self.headers if found == name]


def read_har(file: Path) -> list[Entry]:
    """Read an archive. Raises ConfigError with every fault and its place; content is never part of a message."""
    value = _json(file)
    faults = [_fault(error, str(file)) for error in _VALIDATOR.iter_errors(value)]
    if faults:
        more = len(faults) - _MOST_FAULTS
        rest = [Fault(str(file), f"{more} more faults of that kind")] if more > 0 else []
        raise ConfigError([*faults[:_MOST_FAULTS], *rest])
    return [_entry(row, f"entry {number}", file) for number, row in enumerate(value["log"]["entries"], start=1)]


def _json(file: Path) -> Any:  # noqa: ANN401 - what a file holds
    try:
        # The format allows a byte order mark.
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError([Fault(str(file), f"cannot be read: {(error.strerror or str(error)).lower()}")]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([Fault(str(file), f"is no HTTP archive: invalid UTF-8 at byte {error.start}")]) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigError([Fault(str(file), f"is no HTTP archive: no JSON: {error.msg.lower()} at {place}")]) from None
    except (RecursionError, ValueError):
        raise ConfigError([Fault(str(file), "is no HTTP archive: JSON that cannot be read")]) from None


def _fault(error: jsonschema_rs.ValidationError, name: str) -> Fault:
    """Put an error in words without the content that it is about, which may hold a key."""
    path = [f"{step + 1}" if isinstance(step, int) else str(step) for step in error.instance_path]
    return Fault(f"{name}: {' / '.join(path) or 'the file'}", _words(error.kind))


def _words(kind: Any) -> str:  # noqa: ANN401 - one of a family of types without a common one
    details = kind.as_dict()
    match kind.name:
        case "required":
            return f"{details['property']!r} is missing"
        case "type":
            return f"expected {' or '.join(details.get('types', ())) or 'another type'}"
    return f"breaks {kind.name}"


def _entry(row: Mapping[str, Any], place: str, file: Path) -> Entry:
    request, response = row["request"], row.get("response") or {}
    milliseconds, where = row.get("time"), f"{file}: log / entries / {place.split()[1]}"
    return Entry(
        place=place,
        at=_seconds(row["startedDateTime"], f"{where} / startedDateTime"),
        seconds=None if milliseconds is None or milliseconds < 0 else milliseconds / 1000,
        method=request["method"],
        url=_url(request["url"], f"{where} / request / url"),
        # HTTP/2 has what is no header among them.
        headers=tuple(
            (pair["name"].lower(), pair["value"])
            for pair in request.get("headers", ())
            if not pair["name"].startswith(":")
        ),
        content=_content(request),
        status=max(0, response.get("status", 0)),
        answer=_answer(response.get("content", {})),
    )


def _seconds(text: str, place: str) -> float:
    try:
        found = datetime.fromisoformat(text)
        # In UTC, the first and the last day may be out of the calendar.
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        problem = f"got {text[:40]!r}, expected a time such as 2026-04-27T13:35:00.123Z"
        raise ConfigError([Fault(place, problem)]) from None


def _url(text: str, place: str) -> str:
    try:
        urlsplit(text)
    except ValueError:
        raise ConfigError([Fault(place, "is no URL")]) from None
    return text


def _content(request: Mapping[str, Any]) -> Content | None:
    post, size = request.get("postData") or {}, int(request.get("bodySize", _SENDS_NOTHING))
    text, params = post.get("text"), tuple(post.get("params", ()))
    if not (text or params) and size <= 0:
        return None
    return Content(post.get("mimeType", ""), text or None, post.get("encoding", ""), params, size)


def _answer(content: Mapping[str, Any]) -> str:
    text = content.get("text") or ""
    if content.get("encoding") == "base64":
        return (_decoded(text) or b"").decode(errors="replace")
    return str(text)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _latin(text: str) -> bytes | None:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None
