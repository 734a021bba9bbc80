"""Tries every edge of what a caller may report of users."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.depth import Depth
from conformance.intents.values import full_width
from conformance.model import Intent
from conformance.ordinary import REAL_PHONES
from conformance.trial import Trial
from conformance.trials.edges import LEFT_OUT, Table, edges, of_field
from contracts.operations import Contract

_OPERATION = "addUserAnalytics"
_PLAIN: Mapping[str, Any] = {
    "userId": "user-1",
    "feature": "registration_email",
    "action": "opened",
    "experienceId": "47Gop5",
    "capturedAt": "2026-04-27T13:35:00Z",
}
_NO_ID = {"userId": LEFT_OUT}
_EMAIL, _PHONE = "john.doe@example.com", "+14155552671"


def trials(contract: Contract, depth: Depth) -> Iterator[Trial]:
    """Give the trials of a profile: edges first."""
    tables = _MORE if depth.thorough else _CORE
    for topic, table in {"pair/registered": _registered(contract), **tables}.items():
        yield from edges(_OPERATION, f"analytics/{topic}", _PLAIN, table)
    yield from _refused()


def _registered(contract: Contract) -> Table:
    return {
        f"{feature}-{action}": {"feature": feature, "action": action}
        for feature, actions in contract.pairs.items()
        for action in actions
    }


def _refused() -> Iterator[Trial]:
    """Name what Distinct does not know: the client cannot know it, and has to tell what it is answered."""
    intent = Intent(_OPERATION, {**_PLAIN, "userId": "user-unknown"}, label="analytics/refused")
    yield Trial("analytics/refused/unknown-user", (intent,), known=False)
    changes = {"users": [{"id": "user-unknown"}]}
    yield Trial("analytics/refused/unknown-experience", (intent,), known=False, changes=changes)


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


_IDENTIFIERS: Table = {
    "email": {**_NO_ID, "email": _EMAIL},
    "phone": {**_NO_ID, "phone": _PHONE},
    "all": {"email": _EMAIL, "phone": _PHONE},
    "none": _NO_ID,
    "all-empty": {"userId": "", "email": "", "phone": ""},
    "others-null": {"email": None, "phone": None},
    "others-empty": {"email": "", "phone": ""},
    "number": {"userId": 12345},
    "digits": {"userId": "12345"},
    # What some languages take for nothing.
    "zero": {"userId": "0", "email": _EMAIL},
}
_MORE_IDENTIFIERS: Table = {
    "all-null": {"userId": None, "email": None, "phone": None},
    "email-is-a-list": {**_NO_ID, "email": [_EMAIL]},
    "true": {"userId": True},
    "blanks": {"userId": "   "},
    "blank-around": {"userId": " user-1 "},
    "zeros-in-front": {"userId": "000123"},
    "200-characters": {"userId": "u" * 200},
}
_EMAILS: Table = {
    "upper-case": {**_NO_ID, "email": "John.Doe@Example.com"},
    "plus": {**_NO_ID, "email": "john+tickets@example.com"},
    "blanks-around": {**_NO_ID, "email": " john.doe@example.com "},
}
_MORE_EMAILS: Table = {
    "subdomain": {**_NO_ID, "email": "john@mail.example.co.uk"},
    "non-ascii": {**_NO_ID, "email": "jörg@exämple.com"},
    "no-domain": {**_NO_ID, "email": "john"},
    "no-domain-beside-an-id": {"userId": "user-1", "email": "john"},
    "apostrophe": {**_NO_ID, "email": "o'hara@example.com"},
}
_PHONES: Mapping[str, Any] = {
    "national": "0171 2345678",
    "double-zero": "00491712345678",
    "blanks": "+49 171 2345678",
    "dashes": "+1-415-555-2671",
    "letters": "+1415555CALL",
    "sixteen-digits": "+1234567890123456",
    "full-width": full_width(_PHONE),
    "no-plus": "14155552671",
    "zero-first": "+0123456789",
}
_MORE_PHONES: Mapping[str, Any] = {
    **{f"real-{number}": phone for number, phone in enumerate(REAL_PHONES, 1)},
    "fifteen-digits": "+123456789012345",
    "two-digits": "+12",
    "one-digit": "+1",
    "number": 14155552671,
    "line-end": f"{_PHONE}\n",
    "uri": f"tel:{_PHONE}",
    "extension": f"{_PHONE};ext=12",
    "no-break-space": "+1\u00a04155552671",
    "brackets": "+49 (0)171 2345678",
    "null": None,
}
_PAIRS: Table = {
    "upper-case": {"feature": "REGISTRATION_EMAIL", "action": "OPENED"},
    "mixed-case": {"feature": "User_Collectible", "action": "Viewed"},
    "of-two-features": {"feature": "registration_sms", "action": "opened"},
    "of-two-others": {"feature": "registration_email", "action": "failed"},
    "unknown": {"feature": "checkout", "action": "paid"},
    "padded": {"feature": " registration_email"},
    "dotless-i": {"feature": "page_visit", "action": "v\u0131ewed"},
    "no-action": {"action": LEFT_OUT},
    "empty-feature": {"feature": ""},
}
_MORE_PAIRS: Table = {
    "dotted-i": {"feature": "page_visit", "action": "v\u0130ewed"},
    "upper-i": {"feature": "page_visit", "action": "VIEWED"},
    "sharp-s": {"feature": "regi\u00dftration_email"},
    "long-s": {"action": "\u017fent"},
    "swapped": {"feature": "opened", "action": "registration_email"},
    "no-feature": {"feature": LEFT_OUT},
    "null-action": {"action": None},
    "number": {"action": 1},
    "dash": {"feature": "registration-email"},
}
_EXPERIENCES: Mapping[str, Any] = {
    "missing": LEFT_OUT,
    "empty": "",
    "number": 4711,
    "non-ascii": "Zürich-47",
    "64-characters": "e" * 64,
}
_MORE_EXPERIENCES: Mapping[str, Any] = {"null": None, "digits": "0047", "list": ["47Gop5"], "blanks": "  "}
_TIMES: Mapping[str, Any] = {
    "offset": "2026-04-27T19:05:00+05:30",
    "offset-below-zero": "2026-04-27T13:05:00-00:30",
    "milliseconds": "2026-04-27T13:35:00.250Z",
    "microseconds": "2026-04-27T13:35:00.123456Z",
    "nanoseconds": "2026-04-27T13:35:00.123456789Z",
    "leap-day": "2024-02-29T23:59:59Z",
    "naive": "2026-04-27T13:35:00",
    "date": "2026-04-27",
    "seconds-of-the-epoch": 1777296900,
    "no-such-day": "2026-02-30T00:00:00Z",
    "missing": LEFT_OUT,
    "in-words": "Mon, 27 Apr 2026 13:35:00 GMT",
}
_MORE_TIMES: Mapping[str, Any] = {
    "milliseconds-of-the-epoch": 1777296900000,
    "epoch-as-text": "1777296900",
    "year-999": "0999-06-01T00:00:00Z",
    "year-0": "0000-06-01T00:00:00Z",
    "leap-second": "2016-12-31T23:59:60Z",
    "leap-second-at-noon": "2016-12-31T12:00:60Z",
    "no-leap-day": "2026-02-29T00:00:00Z",
    "end-of-day": "2026-04-27T24:00:00Z",
    "basic": "20260427T133500Z",
    "week": "2026-W18-1",
    "ordinal": "2026-117",
    "lower-case": "2026-04-27t13:35:00z",
    "blank-for-t": "2026-04-27 13:35:00Z",
    "no-seconds": "2026-04-27T13:35Z",
    "comma": "2026-04-27T13:35:00,5Z",
    "unknown-offset": "2026-04-27T13:35:00-00:00",
    "short-offset": "2026-04-27T13:35:00+02",
    "far-offset": "2026-04-27T13:35:00+14:00",
    "no-such-offset": "2026-04-27T13:35:00+24:00",
    "full-width": full_width("2026-04-27T13:35:00Z"),
    "future": "2099-01-01T00:00:00Z",
    "null": None,
    "empty": "",
}
_METADATA: Mapping[str, Any] = {
    "empty": {},
    "null": None,
    "nested": {"seat": {"row": 12, "numbers": [1, 2.5, None, True]}, "note": "Grüße 😀"},
    "list": [1, 2],
    "json-in-text": '{"a": 1}',
    "large-number": {"count": 123456789, "more": 9007199254740991},
    "deep": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
    "digits": {"latitude": 48.13715412345678, "price": 19.99, "zip": "01234", "count": "12"},
}
_MORE_METADATA: Mapping[str, Any] = {
    "empty-text": "",
    "number": 3,
    "true": True,
    "beyond-a-double": {"count": 9007199254740993},
    "small-number": {"share": 1e-7, "sum": 0.1},
    "nulls": {"a": None},
    "empty-names": {"": "", " ": " "},
    "empty-inside": {"list": [], "object": {}},
    "escapes": {"text": '"\\/\b\f\n\r\t\u2028</script>'},
    "fifty-deep": {"a": _nested(50)},
}
_TEXTS: Mapping[str, Any] = {
    "latin": "zoë-straße",
    "astral": "fan-😀-👩\u200d👧",
    "combining": "e\u0301te\u0301",
    "right-to-left": "مستخدم-שלום",
    "lone-surrogate": "user-\ud800-1",
    "quotes": "\"user\" 'one' \\ /",
    "line-ends": "user\r\none",
}
_MORE_TEXTS: Mapping[str, Any] = {
    "nul": "user\x00one",
    "byte-order-mark": "\ufeffuser",
    "markup": "<b>&amp;</b>",
    "percent": "user%201+2",
    "last-plane": "\U0010ffff",
}
_CORE: Mapping[str, Table] = {
    "identifiers": _IDENTIFIERS,
    "email": _EMAILS,
    "phone": of_field("phone", _PHONES),
    "pair": _PAIRS,
    "experience": of_field("experienceId", _EXPERIENCES),
    "time": of_field("capturedAt", _TIMES),
    "metadata": of_field("metadata", _METADATA),
    "text": of_field("userId", _TEXTS),
}
_MORE: Mapping[str, Table] = {
    "identifiers": {**_IDENTIFIERS, **_MORE_IDENTIFIERS},
    "email": {**_EMAILS, **_MORE_EMAILS},
    "phone": of_field("phone", {**_PHONES, **_MORE_PHONES}),
    "pair": {**_PAIRS, **_MORE_PAIRS},
    "experience": of_field("experienceId", {**_EXPERIENCES, **_MORE_EXPERIENCES}),
    "time": of_field("capturedAt", {**_TIMES, **_MORE_TIMES}),
    "metadata": of_field("metadata", {**_METADATA, **_MORE_METADATA}),
    "text": of_field("userId", {**_TEXTS, **_MORE_TEXTS}),
}
