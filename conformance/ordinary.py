"""Whether an intent is so plain that a client has no reason at all to refuse it.

The contract takes much that a careful client may well refuse: an email address without a domain, a phone number that
nobody can have, a time that is long ago or still to come. Whoever refuses that is not told off for it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from conformance.model import File, Intent
from contracts.media import HEAD_BYTES, is_same_type, recognise

REAL_PHONES = (
    "+14155552671", "+442079460958", "+4915112345678", "+33612345678", "+819012345678", "+5511912345678",
    "+61412345678", "+971501234567", "+919876543210",
)  # fmt: skip
"""Numbers that are possible by every numbering plan; made-up ones may be refused by who knows those."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:-]{0,62}[A-Za-z0-9]|[A-Za-z0-9]")
_EMAIL = re.compile(r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?:com|org|net|de)")
# The months up to the documents' example, which are past on every clock and for the longest time not long ago. Without
# a leap second, which few clocks know.
_TIME = re.compile(
    r"2026-0[1-4]-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-2]):[0-9]{2})"
)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.[a-z0-9]{2,4}")
_LARGEST_FILE = 20_000_000
_MOST_FILES = 10
_SAFE_INTEGER = 2**53
_DEEPEST = 4
_MOST_MEMBERS = 20


def is_ordinary(intent: Intent) -> bool:
    """Whether each argument and each file of an intent is plain; what is not given (None) is."""
    plain = all(value is None or _PLAIN.get(name, _is_id)(value) for name, value in intent.args.items())
    return plain and len(intent.files) <= _MOST_FILES and all(map(_is_plain_file, intent.files))


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_is_id = _matches(_ID)


def _is_plain_metadata(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and _is_plain_value(value, _DEEPEST)


def _is_plain_value(value: Any, depth: int) -> bool:  # noqa: ANN401 - any JSON value
    match value:
        case str():
            return value.isprintable()
        case bool() | float() | None:
            return True
        case int():
            return abs(value) < _SAFE_INTEGER
        case list():
            return depth > 0 and len(value) <= _MOST_MEMBERS and all(_is_plain_value(one, depth - 1) for one in value)
        case dict():
            texts = all(name and name.isprintable() for name in value)
            return texts and _is_plain_value(list(value.values()), depth)
    return False


def _is_plain_file(file: File) -> bool:
    if not (0 < file.size <= _LARGEST_FILE and _FILE_NAME.fullmatch(file.name)):
        return False
    kind = recognise((file.head + file.filler * HEAD_BYTES)[: min(file.size, HEAD_BYTES)])
    return bool(kind) and is_same_type(file.content_type, kind)


_PLAIN: Mapping[str, Callable[[object], bool]] = {
    "email": _matches(_EMAIL),
    "phone": REAL_PHONES.__contains__,
    "capturedAt": _matches(_TIME),
    "recordCapturedAt": _matches(_TIME),
    "metadata": _is_plain_metadata,
}
