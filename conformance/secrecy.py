"""Finds the API keys that the fake makes, however a client spells them: plain, escaped, or in base64. Pure."""

import re
from base64 import b64decode

from contracts.world import masked

_PLAIN = re.compile(r"dmk_[0-9a-f]{32}")
# As addresses escape a letter, and JSON and other languages do; what was escaped twice has more of the sign. Bounded,
# since a text may be full of signs.
_ESCAPE = r"(?:%(?:25){0,3}|\\{1,8}(?:u00|x))"
_LETTER = re.compile(_ESCAPE + "([0-9a-fA-F]{2})")
_HEX_DIGIT = rf"(?:[0-9a-f]|{_ESCAPE}(?:3[0-9]|6[1-6]))"
_ESCAPED = re.compile(
    "".join(rf"(?:{letter}|{_ESCAPE}(?i:{ord(letter):02x}))" for letter in "dmk_") + _HEX_DIGIT + "{32}"
)
# How the beginning of a key looks in base64 behind none, one and two bytes, and what stands before that when they are
# zero: letters of the code that hold bits of the key as well.
_CODED = re.compile(r"ZG1rX[A-Za-z0-9+/_-]{43}|Rta1[A-Za-z0-9+/_-]{44}|kbWtf[A-Za-z0-9+/_-]{43}")
_BEFORE = {"Z": "", "R": "AG", "k": "AAB"}
_AS_USUAL = str.maketrans("-_", "+/")


def is_told(text: str) -> bool:
    """Whether a key stands in a text."""
    return without_keys(text) != text


def without_keys(text: str) -> str:
    """Write each key in a text in its masked form."""
    if "dmk_" in text:
        text = _PLAIN.sub(lambda found: masked(found[0]), text)
    if "%" in text or "\\" in text:
        text = _ESCAPED.sub(lambda found: masked(_LETTER.sub(_letter, found[0])), text)
    return _CODED.sub(_decoded, text)


def _letter(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _decoded(found: re.Match[str]) -> str:
    code = _BEFORE[found[0][0]] + found[0].translate(_AS_USUAL)
    key = _PLAIN.search(b64decode(code + "A" * (-len(code) % 4)).decode("latin-1"))
    return masked(key[0]) if key else found[0]
