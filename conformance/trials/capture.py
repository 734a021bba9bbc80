"""Tries every edge of what a caller may capture of an event."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.chapters.capture import needed_by_type
from conformance.depth import Depth
from conformance.model import Intent
from conformance.trial import Trial
from conformance.trials.edges import LEFT_OUT, Table, edges, of_field
from contracts.operations import Contract

_OPERATION = "captureAnalytics"
_ALWAYS: Mapping[str, Any] = {"eventValue": "opening-match", "recordCapturedAt": "2026-04-27T13:35:00Z"}
_SOMETIMES: Mapping[str, Any] = {
    "email": "john.doe@example.com",
    "sessionId": "session-1",
    "registrationPageValue": "main-page",
}


def trials(contract: Contract, depth: Depth) -> Iterator[Trial]:
    """Give the trials of a profile: edges first."""
    needed = needed_by_type(contract.operation(_OPERATION))
    for type_, fields in needed.items():
        plain = {"type": type_, **_ALWAYS, **{field: _SOMETIMES.get(field, "a value") for field in fields}}
        yield from edges(_OPERATION, f"capture/{type_}", plain, _of_type(fields, depth))
    # The first of them stands for all in what has nothing to do with the type.
    first = next(iter(needed))
    plain = {"type": first, **_ALWAYS, **{field: _SOMETIMES.get(field, "a value") for field in needed[first]}}
    for topic, table in (_MORE if depth.thorough else _CORE).items():
        yield from edges(_OPERATION, f"capture/{topic}", plain, table)
    yield from _refused(plain)


def _of_type(fields: tuple[str, ...], depth: Depth) -> Table:
    others = [field for field in _SOMETIMES if field not in fields]
    core: dict[str, Mapping[str, Any]] = {
        "right": {},
        **{f"no-{field}": {field: LEFT_OUT} for field in fields},
        "all-fields": {field: _SOMETIMES[field] for field in others},
        "others-null": dict.fromkeys(others),
    }
    more: dict[str, Mapping[str, Any]] = {
        **{f"null-{field}": {field: None} for field in fields},
        **{f"empty-{field}": {field: ""} for field in fields},
        **{f"number-{field}": {field: 7} for field in fields},
        "others-empty": dict.fromkeys(others, ""),
    }
    return {**core, **more} if depth.thorough else core


def _refused(plain: Mapping[str, Any]) -> Iterator[Trial]:
    """Name what Distinct does not know: the client cannot know it, and has to tell what it is answered."""
    intent = Intent(_OPERATION, {**plain, "eventValue": "no-such-event"}, label="capture/refused")
    yield Trial("capture/refused/unknown-event", (intent,), known=False)


_TYPES: Mapping[str, Any] = {
    "lower-case": "photo_viewed_by_user",
    "unknown": "PHOTO_SHARED_BY_USER",
    "missing": LEFT_OUT,
}
_MORE_TYPES: Mapping[str, Any] = {
    "padded": " PHOTO_VIEWED_BY_USER", "empty": "", "null": None, "number": 1, "list": ["PHOTO_VIEWED_BY_USER"],
}  # fmt: skip
_EVENTS: Mapping[str, Any] = {
    "missing": LEFT_OUT,
    "empty": "",
    "non-ascii": "Eröffnung-😀",
    "upper-case": "Opening-Match",
}
_MORE_EVENTS: Mapping[str, Any] = {"null": None, "number": 2025, "digits": "2025", "200-characters": "e" * 200}
_TIMES: Mapping[str, Any] = {
    "offset": "2026-04-27T15:35:00+02:00",
    "microseconds": "2026-04-27T13:35:00.123456Z",
    "milliseconds-of-the-epoch": 1777296900000,
    "naive": "2026-04-27T13:35:00",
    "missing": LEFT_OUT,
}
_MORE_TIMES: Mapping[str, Any] = {
    "epoch-as-text": "1777296900", "date": "2026-04-27", "no-such-day": "2026-02-30T00:00:00Z",
    "in-words": "Mon, 27 Apr 2026 13:35:00 GMT", "leap-day": "2024-02-29T23:59:59Z", "null": None, "empty": "",
    "nanoseconds": "2026-04-27T13:35:00.123456789Z", "blank-for-t": "2026-04-27 13:35:00Z",
}  # fmt: skip
_SESSIONS: Mapping[str, Any] = {"non-ascii": "Sitzung-ü-😀", "digits": "0042"}
_CORE: Mapping[str, Table] = {
    "type": of_field("type", _TYPES),
    "event": of_field("eventValue", _EVENTS),
    "time": of_field("recordCapturedAt", _TIMES),
    "session": of_field("sessionId", _SESSIONS),
}
_MORE: Mapping[str, Table] = {
    **_CORE,
    "type": of_field("type", {**_TYPES, **_MORE_TYPES}),
    "event": of_field("eventValue", {**_EVENTS, **_MORE_EVENTS}),
    "time": of_field("recordCapturedAt", {**_TIMES, **_MORE_TIMES}),
}
