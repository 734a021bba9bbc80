"""Names the likely mistake behind a wrong value, when there is one."""

import re
from datetime import datetime

_ISO_8601 = (
    (re.compile(r"\d{4}-?\d{2}-?\d{2}"), "a date without a time"),
    (re.compile(r"\d{4}-?W\d{2}(-?\d)?(T.*)?"), "a week date"),
    (re.compile(r"\d{4}-?\d{3}(T.*)?"), "an ordinal date"),
    (re.compile(r"\d{8}T\d{4,6}.*"), "the basic form without separators"),
    (re.compile(r"\d{4}-\d{2}-\d{2}[T ]24:00(:00)?.*"), "midnight as 24:00"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2},\d+.*"), "a comma before the fraction"),
    (re.compile(r"\d{4}-\d{2}-\d{2}t.*|.*z"), "lower-case letters"),
    (re.compile(r"\d{4}-\d{2}-\d{2} .*"), "a blank instead of T"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})?"), "a time without seconds"),
    (re.compile(r".*-00:?00"), "the offset -00:00"),
    (re.compile(r".*[+-]\d{2}(\d{2})?"), "an offset in a short form"),
)
_EPOCH = re.compile(r"\d{10,13}")


def hint_for(value: object, *, is_time: bool = False) -> str:
    """Say what probably went wrong with a value, or nothing."""
    if not isinstance(value, str):
        return "a time is sent as text" if is_time and isinstance(value, int | float) else ""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return "the quotes are part of the value; copied from a shell command, perhaps"
    if value != value.strip():
        return "blanks around the value are part of it"
    return _time_hint(value) if is_time else ""


def _time_hint(value: str) -> str:
    if _EPOCH.fullmatch(value):
        return "this looks like a count of seconds or milliseconds since 1970"
    for form, name in _ISO_8601:
        if form.fullmatch(value):
            return f"another reading of ISO 8601 takes this ({name}); the strict one asks for 2026-04-27T13:35:00Z"
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return "" if moment.tzinfo else "the offset is missing: Z, or one such as +02:00"
