"""Names the likely mistake behind a wrong value, when there is one."""

import re
from datetime import datetime

_DAY = r"\d{4}-\d{2}-\d{2}"
_TIME = r"\d{2}:\d{2}:\d{2}(?:[.,]\d+)?"
_OFFSET = r"(?:[Zz]|[+-]\d{2}:\d{2})"
_FORMS = (
    (rf"{_DAY}|\d{{8}}", "a date without a time"),
    (r"\d{4}-?W\d{2}(?:-?\d)?(?:T.*)?", "a week date"),
    (r"\d{4}-?\d{3}(?:T.*)?", "an ordinal date"),
    (r"\d{8}T\d{4,6}.*", "the basic form without separators"),
    (rf"{_DAY}[T ]24:00(?::00)?.*", "midnight as 24:00"),
    (rf"{_DAY}T\d{{2}}:\d{{2}}:\d{{2}},\d+{_OFFSET}", "a comma before the fraction"),
    (rf"{_DAY} {_TIME}{_OFFSET}?", "a blank instead of T"),
    (rf"(?=.*[tz]){_DAY}[Tt]{_TIME}{_OFFSET}", "lower-case letters"),
    (rf"{_DAY}T\d{{2}}:\d{{2}}(?:Z|[+-]\d{{2}}:?\d{{2}})?", "a time without seconds"),
    (rf"{_DAY}T{_TIME}-00:?00", "the offset -00:00"),
    (rf"{_DAY}T{_TIME}[+-]\d{{2}}(?:\d{{2}})?", "an offset in a short form"),
    (rf"0000-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T{_TIME}{_OFFSET}", "the year 0"),
)
_STRICT = re.compile(rf"{_DAY}T\d{{2}}:\d{{2}}:\d{{2}}(\.\d+)?(Z|[+-]\d{{2}}:\d{{2}})", re.ASCII)
# All of them at once, each in a group; what matches is the first that does.
_ISO_8601 = re.compile("|".join(f"({form})" for form, _ in _FORMS), re.ASCII)
_EPOCH = re.compile(r"\d{10,13}", re.ASCII)


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
    found = _ISO_8601.fullmatch(value)
    if found and found.lastindex:
        name = _FORMS[found.lastindex - 1][1]
        return f"another reading of ISO 8601 takes this ({name}); the strict one asks for 2026-04-27T13:35:00Z"
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return "there is no such date, time or offset" if _STRICT.fullmatch(value) else ""
    return "" if moment.tzinfo else "the offset is missing: Z, or one such as +02:00"
