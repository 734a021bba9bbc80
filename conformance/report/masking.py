"""Keeps personal data out of reports, and what differs from run to run out of where it only confuses.

API keys are masked before anything comes here, but for odd spellings of them, which are found here. Addresses that are
nobody's, such as those of example.com, stay.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.secrecy import without_keys

_NO_LETTER = r"\s\x00-\x1f\x7f\"'<>@,;:()\[\]{}=&?/"
_EMAIL = re.compile(rf"([^{_NO_LETTER}]{{1,64}})(@|%40|\\u0040)([^{_NO_LETTER}\\%]{{1,250}}\.[^\W\d_]{{2,}})")
_NOBODYS_DOMAIN = re.compile(r"(.*\.)?(example|invalid|test|localhost|example\.(com|net|org))\.?", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.])(?:\+|%2B)\d(?:[ ().\-/]{0,2}\d){5,18}(?!\w)", re.IGNORECASE)
# Numbers that are kept free for films and documents; the documents' own example is one of them.
_NOBODYS_PHONE = re.compile(r"1\d{3}555\d{4}|447700900\d{3}|442079460\d{3}")
_DIGIT = re.compile(r"\d")
_LEAST_DIGITS = 5
_DIGITS_BEFORE, _DIGITS_BEHIND = 3, 2

# The second is how the first looks where UTF-8 is read as Latin-1.
_SESSION_KEY = re.compile("dmk_(?:…|â\x80¦)[0-9a-f]{6}")
_PORT = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}\b")

_LONGEST_TEXT = 4096
_DEEPEST = 40
_PERSONAL_FIELDS = ("email", "phone")


def masked_email(text: str) -> str:
    """Mask every e-mail address in a text but for its first letter and its domain."""
    return _EMAIL.sub(_hidden_email, text)


def _hidden_email(found: re.Match[str]) -> str:
    local, at, domain = found.groups()
    return found[0] if _NOBODYS_DOMAIN.fullmatch(domain.rstrip(".")) else f"{local[0]}…{at}{domain}"


def masked_phone(text: str) -> str:
    """Mask every international phone number in a text; how it is written can still be seen."""
    return _PHONE.sub(lambda found: _hidden_digits(found[0]), text)


def _hidden_digits(phone: str) -> str:
    digits = "".join(_DIGIT.findall(phone.removeprefix("%2B").removeprefix("%2b")))
    if _NOBODYS_PHONE.fullmatch(digits):
        return phone
    numbers = iter(range(len(digits) + 1))
    start = 3 if phone[:1] == "%" else 0
    last_hidden = len(digits) - _DIGITS_BEHIND

    def hidden(digit: re.Match[str]) -> str:
        return "•" if _DIGITS_BEFORE <= next(numbers) < last_hidden else digit[0]

    return phone[:start] + _DIGIT.sub(hidden, phone[start:])


def personal_values(values: Iterable[object]) -> frozenset[str]:
    """Give what is somebody's address or number because of the field that it stands in, at any depth."""
    return frozenset(found for value in values for found in _personal(value, 0))


def _personal(value: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name in _PERSONAL_FIELDS and isinstance(item, str) and len(_DIGIT.findall(item)) >= _LEAST_DIGITS:
                yield item
            yield from _personal(item, depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _personal(item, depth + 1)


class Cleaner:
    """Writes texts and values of one case for a report.

    `personal` are values that are to be masked wherever they stand. Keys that were made for the case are numbered in
    the order in which they turn up, and ports of this machine are called PORT: the same case gives the same text.
    """

    def __init__(self, personal: Iterable[str] = ()) -> None:
        self._personal = sorted(personal, key=len, reverse=True)
        self._keys: dict[str, str] = {}

    def text(self, text: str, longest: int = _LONGEST_TEXT) -> str:
        """Write a text, with at most so many characters of it."""
        for value in self._personal:
            # An address may hold digits, too; it is masked as one.
            if "@" not in value:
                text = text.replace(value, _hidden_digits(value))
        text = masked_phone(masked_email(without_keys(writable(text))))
        text = _PORT.sub(r"\1:PORT", _SESSION_KEY.sub(self._numbered, text))
        left = len(text) - longest
        return text if left <= 0 else f"{text[:longest]}… ({left} more characters)"

    def _numbered(self, key: re.Match[str]) -> str:
        return self._keys.setdefault(key[0], f"dmk_…key{len(self._keys) + 1}")

    def value(self, value: object, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
        """Write a value as JSON can hold it."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if depth >= _DEEPEST or not isinstance(value, (Mapping, list, tuple)):
            return self.text(_shown(value))
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.value(item, depth + 1) for name, item in value.items()}
        return [self.value(item, depth + 1) for item in value]


def _shown(value: object) -> str:
    try:
        return repr(value)
    except RecursionError:
        return "…"


def writable(text: str) -> str:
    """Write what is no Unicode text, as a lone surrogate, so that UTF-8 can hold it."""
    return text.encode("utf-8", "backslashreplace").decode()
