"""Requests of the journal as the control API writes them in JSON: in a list, in full, and as a record."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from contracts.model import Basis, Limits
from contracts.operations import Contract
from mock_server.control.times import written
from mock_server.explanation import Explained, sent_value
from mock_server.printing import rule_object
from mock_server.storage.entry import Detail, Entry, SentPart

_OF_A_RULE = ("says", "demand", "answerBasis", "source", "answer", "status")
_UNKNOWN_RULE: Mapping[str, Any] = {
    "says": "A rule that this contract has not.",
    "demand": Basis.ASSUMED,
    "answerBasis": None,
    "source": {"document": "", "section": ""},
    "answer": None,
    "status": None,
}


def entry_object(entry: Entry) -> dict[str, Any]:
    """Give a request as it stands in a list."""
    return {
        "seq": entry.seq,
        "id": entry.id,
        "at": written(entry.at),
        "session": entry.session or None,
        "key": entry.key or None,
        "address": entry.address,
        "method": entry.method,
        "path": entry.target,
        "operation": entry.operation or None,
        "status": entry.status or None,
        "answer": entry.answer or None,
        "accepted": entry.accepted,
        "size": entry.size,
        "milliseconds": None if entry.seconds is None else round(entry.seconds * 1000, 3),
        "stayed": entry.stayed,
        "completed": entry.seconds is not None,
        "user": entry.user or None,
        "event": entry.event or None,
        "broken": list(entry.broken),
        "flags": list(entry.flagged),
        "armed": entry.armed._asdict() if entry.armed else None,
    }


def full_object(
    entry: Entry, detail: Detail, explained: list[Explained], curl: Mapping[str, object], limits: Limits
) -> dict[str, Any]:
    """Give a request in full: with what was sent and answered, with what it broke, and with its commands."""
    return {
        **entry_object(entry),
        "request": {
            "headers": [list(header) for header in detail.headers],
            "body": _body_object(entry, detail, limits),
            "parts": None if detail.parts is None else [_part_object(part) for part in detail.parts],
        },
        "response": {
            "status": entry.status or None,
            "headers": [list(header) for header in detail.sent_headers],
            "body": detail.sent_body.decode(errors="replace"),
        },
        "breaches": [_breach_object(one) for one in explained if not one.remark.is_flag],
        "flagged": [_breach_object(one) for one in explained if one.remark.is_flag],
        "curl": curl,
    }


def record_object(entry: Entry, detail: Detail, contract: Contract) -> dict[str, Any]:
    """Give an accepted request as what a server would have stored of it."""
    asset_field = next((one.asset_field for one in contract.operations.values() if one.id == entry.operation), "")
    files = [part for part in detail.parts or () if part.filename is not None and part.name == asset_field]
    return {
        "seq": entry.seq,
        "id": entry.id,
        "at": written(entry.at),
        "operation": entry.operation,
        "session": entry.session or None,
        "user": entry.user or None,
        "event": entry.event or None,
        "body": sent_value(detail, entry.size, contract.limits),
        "assets": None if detail.parts is None else [_asset_object(part) for part in files],
    }


def _body_object(entry: Entry, detail: Detail, limits: Limits) -> dict[str, Any]:
    try:
        text: str | None = detail.body.decode()
    except UnicodeDecodeError as error:
        # What was kept may end within a character, and is text all the same.
        cut = len(detail.body) < entry.size and error.reason == "unexpected end of data"
        text = detail.body[: error.start].decode() if cut else None
    return {
        "text": text,
        "base64": base64.b64encode(detail.body).decode() if text is None else None,
        "size": entry.size,
        "kept": len(detail.body),
        "sha256": detail.sha256 or None,
        "json": _json_value(detail, entry.size, limits),
    }


def _json_value(detail: Detail, size: int, limits: Limits) -> Any:  # noqa: ANN401 - any JSON value
    """Parse a body: as the fake reads it, and what the fake refuses leniently.

    None for what is no JSON, and for what no JSON of ours can say again: 1e999, half of a surrogate pair.
    """
    if detail.parts is not None or len(detail.body) < size or len(detail.body) > limits.json_bytes:
        return None
    value = sent_value(detail, size, limits)
    if value is not None:
        return value
    try:
        value = json.loads(detail.body, parse_constant=str)
        # As an answer is written.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def _part_object(part: SentPart) -> dict[str, Any]:
    is_file = part.filename is not None
    return {
        "name": part.name,
        "filename": part.filename,
        "contentType": part.content_type or None,
        "size": part.size,
        "sha256": part.sha256 or None,
        "text": None if is_file else part.text,
    }


def _asset_object(part: SentPart) -> dict[str, Any]:
    found = _part_object(part)
    return {name: found[name] for name in ("filename", "contentType", "size", "sha256")}


def _breach_object(one: Explained) -> dict[str, Any]:
    remark = one.remark
    rule = _UNKNOWN_RULE if one.rule is None else rule_object("", one.rule)
    return {
        "rule": remark.rule,
        **{name: rule[name] for name in _OF_A_RULE},
        "field": remark.field,
        "got": remark.got,
        "expected": remark.expected,
        "hint": remark.hint or None,
        "message": one.message or None,
        "answered": one.answered,
    }
