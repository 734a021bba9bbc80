"""The values that callers have: right ones, built from their parts, and the wrong ones that are common."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.ordinary import REAL_PHONES

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_WORDS = st.text(_LETTERS, min_size=1, max_size=8)
_PLAIN_IDS = st.text(_LETTERS + "ABCXYZ_-.", min_size=1, max_size=20)
_ANY_TEXT = st.text(min_size=1, max_size=16)
# Letters of two bytes, of three, of four, and combined, right-to-left and invisible ones.
_SCRIPTS = st.sampled_from(
    (
        "zoë", "Straße", "naïve", "ユーザー", "пользователь", "مستخدم", "שלום", "e\u0301te\u0301", "👩\u200d👧", "😀",
        "a\u200bb", "İstanbul", "x\u202ey",
    )
)  # fmt: skip
_OFFSETS = ("Z", "Z", "+00:00", "+02:00", "-07:00", "+05:30", "-00:30", "+12:45", "+14:00", "-12:00")
_FRACTIONS = ("", "", ".5", ".25", ".123", ".123456", ".123456789", ".000")


def full_width(text: str) -> str:
    """Write digits as they stand in East Asian texts; many a check takes them for digits."""
    return text.translate({ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)})


def ids() -> SearchStrategy[str]:
    """Give identifiers: mostly plain ones, sometimes any text."""
    numbers = st.sampled_from(("0", "007", "12345", "true", "null"))
    return st.one_of(_PLAIN_IDS, _PLAIN_IDS, _SCRIPTS, _ANY_TEXT, numbers)


def emails() -> SearchStrategy[str]:
    """Give email addresses that nobody objects to, upper case in front of the @ among them."""
    locals_ = st.one_of(_WORDS, st.builds("{}.{}".format, _WORDS, _WORDS), st.builds("{}+{}".format, _WORDS, _WORDS))
    either = st.one_of(locals_, locals_.map(str.title))
    return st.builds("{}@{}".format, either, st.sampled_from(("example.com", "example.org", "mail.example.net")))


def phones() -> SearchStrategy[str]:
    """Give phone numbers in E.164 format: real ones, and any others."""
    digits = st.text("0123456789", min_size=7, max_size=14)
    return st.one_of(st.sampled_from(REAL_PHONES), st.builds("+{}{}".format, st.integers(1, 9), digits))


def times() -> SearchStrategy[str]:
    """Give times in the strict form: ordinary ones, and others of these years, with any offset and fraction."""
    ordinary = st.builds("2026-{:02}-{:02}".format, st.integers(1, 4), st.integers(1, 28))
    others = st.builds("{:04}-{:02}-{:02}".format, st.integers(2020, 2027), st.integers(1, 12), st.integers(1, 28))
    days = st.one_of(ordinary, ordinary, others)
    clocks = st.builds("{:02}:{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
    return st.builds("{}T{}{}{}".format, days, clocks, st.sampled_from(_FRACTIONS), st.sampled_from(_OFFSETS))


def metadata() -> SearchStrategy[dict[str, Any]]:
    """Give JSON objects, up to three deep."""
    names = st.one_of(_WORDS, _SCRIPTS, st.just(""))
    numbers = st.one_of(st.integers(-(2**53), 2**53), st.sampled_from((0.1, -1.5, 1e21, 123456789, 3.0)))
    scalars = st.one_of(numbers, _WORDS, _SCRIPTS, _ANY_TEXT, st.booleans(), st.none())
    lists = st.lists(scalars, max_size=3)
    inner = st.dictionaries(names, st.one_of(scalars, lists), max_size=3)
    return st.dictionaries(names, st.one_of(scalars, lists, inner), max_size=4)


NOTHING = st.sampled_from((None, ""))
"""What stands for no value."""

NO_TEXT: SearchStrategy[Any] = st.sampled_from(
    (None, "", 0, 7, 1.5, True, False, [], ["a"], {}, "  ", "\ud800", "\x00")
)
"""What is no text, or none that one can do anything with."""

BAD_PHONES = st.sampled_from(
    (
        "0171 2345678", "00491712345678", "+49 171 2345678", "+1-415-555-2671", "(415) 555-2671", "+1 (415) 555-2671",
        "+0123456789", "+1415555267112345", "+", "14155552671", "+1415555CALL", full_width("+14155552671"),
        "tel:+14155552671", "+14155552671 ", "+14155552671\n", "+1\u00a04155552671", 4155552671, "12", "+1",
    )
)  # fmt: skip
"""Phone numbers as they stand in address books, and what is none."""

BAD_TIMES = st.sampled_from(
    (
        "2026-04-27T13:35:00", "2026-04-27", "2026-04-27 13:35:00Z", "20260427T133500Z", "2026-04-27T13:35Z",
        "2026-W18-1", "2026-117", "2026-04-27t13:35:00z", "2026-04-27T24:00:00Z", "2026-04-27T13:35:00,5Z",
        "2026-04-27T13:35:00-00:00", "2026-04-27T13:35:00+0200", "2026-04-27T13:35:00+02", "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-04-27T25:00:00Z", "2026-04-27T13:60:00Z", "2026-04-27T13:35:00+24:00",
        "0000-01-01T00:00:00Z", "27.04.2026 13:35", "04/27/2026", "Mon, 27 Apr 2026 13:35:00 GMT", "yesterday", "now",
        "1777296900", 1777296900, 1777296900000, 1777296900.5, full_width("2026-04-27T13:35:00Z"),
        "2026-04-27T13:35:00Z ", "2026-04-27T12:00:60Z", "Invalid Date",
    )
)  # fmt: skip
"""Times in other forms, and what is no time."""
