"""What a time that is written as text says: the instant, exactly, and in which form."""

import re
from datetime import date
from enum import Enum, auto
from fractions import Fraction

from contracts.hints import hint_for

_STRICT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]+))?(?:Z|(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))"
)
_OTHER_READING = "another reading of ISO 8601"
_DAY = 86_400
_LEAP = 60


class Form(Enum):
    """How a time is written. STRICT is what every reader takes, NAIVE is that without an offset.

    OTHER is taken by some reading of ISO 8601, and NONE by no reader of it.
    """

    STRICT = auto()
    NAIVE = auto()
    OTHER = auto()
    NONE = auto()


def form(text: object) -> Form:
    """Say in which form a time is written. What is no text has none."""
    if not isinstance(text, str):
        return Form.NONE
    if instant(text) is not None:
        return Form.STRICT if not text.endswith("-00:00") else Form.OTHER
    if instant(f"{text}Z") is not None:
        return Form.NAIVE
    return Form.OTHER if hint_for(text, is_time=True).startswith(_OTHER_READING) else Form.NONE


def instant(text: object) -> Fraction | None:
    """Give the seconds since 1970 that a time in the strict form denotes; None for anything else.

    A leap second is the first one of the next minute, as on every clock that has none.
    """
    found = _STRICT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        days = date.fromisoformat(found["day"]).toordinal()
    except ValueError:
        return None
    hour, minute, second = (int(found[name]) for name in ("hour", "minute", "second"))
    hours, minutes = (int(found[name] or 0) for name in ("hours", "minutes"))
    if max(hour, hours) >= 24 or max(minute, minutes) >= 60 or second > _LEAP:  # noqa: PLR2004 - a clock
        return None
    offset = (hours * 60 + minutes) * 60 * (-1 if found["sign"] == "-" else 1)
    whole = (days - _EPOCH) * _DAY + (hour * 60 + minute) * 60 + second - offset
    if second == _LEAP and whole % _DAY:
        return None
    return whole + Fraction(
        int((found["fraction"] or "0")[:_DIGITS]), 10 ** min(len(found["fraction"] or "0"), _DIGITS)
    )


_EPOCH = date(1970, 1, 1).toordinal()
# Enough for any clock; int() takes its time over many more.
_DIGITS = 40
