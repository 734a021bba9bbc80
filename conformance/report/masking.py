"""Keeps personal data out of reports, and what differs from run to run out of where it only confuses.

API keys are masked before anything comes here, but for odd spellings of them, which are found here. Addresses that are
nobody's, such as those of example.com, stay. What looks like none and stands in a field for them is masked as well.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from conformance.model import Case
from conformance.secrecy import without_keys
from contracts.model import shown

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
_EMAIL_FIELD = "email"
_PERSONAL_FIELDS = (_EMAIL_FIELD, "phone")
# What is shown of an address tells all of a shorter one.
_LEAST_LETTERS = 2
# A shorter one is masked only where it stands alone: it may be a part of any word.
_LEAST_TELLING = 6


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


def personal_of(case: Case) -> dict[str, str]:
    """Give what is somebody's in a case: see `personal_values`."""
    every = [*case.sent, *case.late, *case.strays]
    asked = [call.intent.args for call in case.calls]
    texts = [{part.name: part.text for part in sent.texts} for sent in every]
    return personal_values([*asked, *(sent.value for sent in every), *texts], made_up=asked)


def personal_values(values: Iterable[object], made_up: Iterable[object] = ()) -> dict[str, str]:
    """Give what is somebody's address or number because of the field that it stands in, and what is shown for it.

    It may stand at any depth. Addresses in `made_up` are nobody's: a client was only asked to send them.
    """
    own = [text.casefold() for value in made_up for name, text in _personal(value, 0) if name == _EMAIL_FIELD]
    found: dict[str, str] = {}
    for name, text in (one for value in values for one in _personal(value, 0)):
        if name == _EMAIL_FIELD:
            # A client may leave out blanks, or change the case of letters.
            if not any(text.casefold() in one for one in own):
                found |= _address(text)
        elif "@" not in text and len(_DIGIT.findall(text)) >= _LEAST_DIGITS:
            found.setdefault(text, _hidden_digits(text))
    return found


def _address(text: str) -> Iterator[tuple[str, str]]:
    """Give the spellings of an address that nobody would take for one, each with what is shown for it."""
    domain = text.rpartition("@")[2].strip().rstrip(".")
    is_nobodys = text.count("@") == 1 and _NOBODYS_DOMAIN.fullmatch(domain)
    if len(text) < _LEAST_LETTERS or is_nobodys or _EMAIL.fullmatch(text):
        return
    for spelled in _SPELLED:
        yield spelled(text), f"{spelled(text[0])}…"


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _in_unicode_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_message(text: str) -> str:
    return shown(text)[1:-1]


def _in_url(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _in_form(text: str) -> str:
    return quote_plus(text, errors="replace")


_SPELLED = (str, str.lower, _in_json, _in_unicode_json, _in_message, _in_url, _in_form)


def _personal(value: object, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name in _PERSONAL_FIELDS:
                texts = item if isinstance(item, (list, tuple)) else [item]
                yield from ((name, text.strip()) for text in texts if isinstance(text, str))
            yield from _personal(item, depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _personal(item, depth + 1)


class Cleaner:
    """Writes texts and values of one case for a report.

    `personal` are values with what is shown for them wherever they stand. Keys that were made for the case are numbered
    in the order in which they turn up, and ports of this machine are called PORT: the same case gives the same text.
    """

    def __init__(self, personal: Mapping[str, str] | None = None) -> None:
        self._personal = sorted((personal or {}).items(), key=lambda one: len(one[0]), reverse=True)
        self._keys: dict[str, str] = {}

    def text(self, text: str, longest: int = _LONGEST_TEXT) -> str:
        """Write a text, with at most so many characters of it."""
        for value, mask in self._personal:
            text = text.replace(value, mask) if len(value) >= _LEAST_TELLING else _replaced_alone(text, value, mask)
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


def _replaced_alone(text: str, value: str, mask: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", lambda _: mask, text) if value in text else text


def _shown(value: object) -> str:
    try:
        return repr(value)
    except RecursionError:
        return "…"


def writable(text: str) -> str:
    """Write what is no Unicode text, as a lone surrogate, so that UTF-8 can hold it."""
    return text.encode("utf-8", "backslashreplace").decode()
