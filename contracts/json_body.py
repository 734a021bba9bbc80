"""Reads a JSON body strictly: RFC 8259 in UTF-8, one object, and a note of everything that it advises against."""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from math import nan
from typing import Any, NamedTuple, NoReturn

from contracts.model import Limits

_LARGEST = sys.float_info.max
# The largest double has 309 digits, and there may be a sign.
_MOST_DIGITS = 310
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NOT_BRACKETS = bytes(set(range(256)) - set(_STEP))
# Whole escapes, so that neither an escaped backslash nor half of a pair is taken for a lone surrogate.
_HIGH, _LOW = r"u[dD][89abAB][0-9a-fA-F]{2}", r"u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rf"\\(?:{_HIGH}\\{_LOW}|(?P<lone>{_HIGH}|{_LOW})|.)", re.DOTALL)
_LONE = "a lone surrogate, which is no character"
_BEYOND = "a number beyond a double"


class Document(NamedTuple):
    """A JSON object that was read, and what RFC 8259 allows in it but advises against."""

    value: dict[str, Any]
    oddities: tuple[str, ...] = ()


class Malformed(NamedTuple):
    """A body that cannot be read: what was got instead."""

    got: str


def read_json(raw: bytes, limits: Limits) -> Document | Malformed:
    """Read a body. Never raises for any bytes: what cannot be read is `Malformed`."""
    try:
        # A byte order mark, another encoding and UTF-8's own faults all end here or at the first character.
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Malformed(f"invalid UTF-8 at byte {error.start}")
    if (
        len(raw) > limits.json_depth
        and raw.count(b"[") + raw.count(b"{") > limits.json_depth
        and _depth(raw) > limits.json_depth
    ):
        return Malformed(f"JSON nested deeper than {limits.json_depth}")
    # Mended in the text, where nothing nests: half of a pair never becomes a string that UTF-8 cannot write.
    mended = _ESCAPE.sub(_mended, text) if "\\u" in text else text
    try:
        value, oddities = _read(mended)
    except ValueError as error:
        return Malformed(_words(error, text))
    if isinstance(value, dict):
        return Document(value, oddities if mended == text else (*oddities, _LONE))
    names = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return Malformed(f"{names.get(type(value), 'a number')} instead of a JSON object")


def _mended(escape: re.Match[str]) -> str:
    # U+FFFD is what Unicode gives for it, and what readers in other languages put there.
    return r"\ufffd" if escape["lone"] else escape[0]


def _read(text: str) -> tuple[Any, tuple[str, ...]]:
    # Without blanks around it, as almost always, the scanner alone will do.
    try:
        value, end = _QUICK.scan_once(text, 0)  # type: ignore[attr-defined] # documented, but not typed
    except (StopIteration, ValueError):
        end = -1
    # A member that stood twice has left its quotes behind; an escaped quote only makes them more.
    whole = end == len(text) and isinstance(value, dict)
    if whole and text.count('"') == 2 * (len(value) + _texts(value.values())):
        return value, ()
    return _careful(text)


def _texts(values: Iterable[Any]) -> float:
    """Count the names and the texts in JSON values; NaN when there is a number in them that is beyond a double."""
    count: float = 0
    for value in values:
        # The scanner gives nothing derived from these, and every request is asked about.
        kind = type(value)
        if kind is str:
            count += 1
        elif kind is dict:
            count += len(value) + _texts(value.values())
        elif kind is list:
            count += _texts(value)
        elif value is not None and abs(value) > _LARGEST:
            return nan
    return count


def _words(error: ValueError, text: str) -> str:
    if not text.strip(" \t\r\n"):
        return "an empty body"
    if text.startswith("\ufeff"):
        return "a byte order mark"
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error.msg[0].lower()}{error.msg[1:]}, at character {error.pos}"
    return str(error)


def _depth(raw: bytes) -> int:
    """Measure how deep brackets nest outside of strings, without recursion."""
    brackets = _STRINGS.sub(b"", raw).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"no JSON: {name} is not a JSON value")


# Reads what it is given as Python does, at full speed.
_QUICK = json.JSONDecoder(parse_constant=_refuse_constant)


@dataclass(slots=True)
class _Careful:
    """Reads what is odd, and notes it."""

    notes: dict[str, None] = field(default_factory=dict)

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            names = [name for name, _ in pairs]
            doubled = sorted({name for name in members if names.count(name) > 1}) if len(names) < 100 else ["many"]  # noqa: PLR2004 - counting is quadratic
            self.note("members that stand twice: " + ", ".join(doubled))
        return members

    def int(self, digits: str) -> int:
        # Few digits first, because int() takes its time over many.
        if len(digits) <= _MOST_DIGITS and abs(int(digits)) <= int(_LARGEST):
            return int(digits)
        self.note(_BEYOND)
        return int(_LARGEST) * (-1 if digits.startswith("-") else 1)

    def float(self, digits: str) -> float:
        number = float(digits)
        if abs(number) <= _LARGEST:
            return number
        self.note(_BEYOND)
        return _LARGEST if number > 0 else -_LARGEST

    def note(self, words: str) -> None:
        self.notes[words] = None


def _careful(text: str) -> tuple[Any, tuple[str, ...]]:
    reader = _Careful()
    decoder = json.JSONDecoder(
        object_pairs_hook=reader.object,
        parse_int=reader.int,
        parse_float=reader.float,
        parse_constant=_refuse_constant,
    )
    value = decoder.decode(text)
    return value, tuple(reader.notes)
