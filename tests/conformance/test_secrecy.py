"""The keys that the fake makes are found however they are spelled, and nothing else is."""

import base64
import time

import pytest

from conformance.secrecy import is_told, without_keys
from contracts.world import masked

KEY = "dmk_0123456789abcdef0123456789abcdef"
SHOWN = masked(KEY)


def coded(before: str, behind: str = "", *, as_url: bool = False) -> str:
    text = f"{before}{KEY}{behind}".encode()
    return (base64.urlsafe_b64encode(text) if as_url else base64.b64encode(text)).decode()


def escaped(sign: str, form: str = "02x") -> str:
    return "".join(f"{sign}{ord(letter):{form}}" for letter in KEY)


SPELLED = [
    pytest.param(KEY, id="plain"),
    pytest.param(escaped("%"), id="percent"),
    pytest.param(escaped("%", "02X"), id="percent-in-capitals"),
    pytest.param(escaped("%25"), id="percent-twice"),
    pytest.param(KEY.replace("_", "%5F").replace("a", "%61"), id="percent-in-part"),
    pytest.param(escaped("\\u00"), id="json"),
    pytest.param(escaped("\\\\u00", "02X"), id="json-twice"),
    pytest.param(escaped("\\x"), id="python"),
    pytest.param("dmk\\u005f" + KEY[4:], id="json-in-part"),
    *(pytest.param(coded("x" * n), id=f"base64-behind-{n}") for n in range(6)),
    *(pytest.param(coded("x" * n, "yyyy"), id=f"base64-within-{n}") for n in range(6)),
    pytest.param(coded("~~?>", as_url=True), id="base64-of-addresses"),
    pytest.param(coded("user:", ":x"), id="basic"),
]


@pytest.mark.parametrize("text", SPELLED)
def test_a_key_is_found(text: str) -> None:
    hidden = without_keys(f"the key {text}, as it is")

    assert SHOWN in hidden
    assert text not in hidden
    assert is_told(text)
    assert (hidden[:8], hidden[-10:]) == ("the key ", ", as it is")


OTHERS = [
    pytest.param("", id="nothing"),
    pytest.param(KEY[:-1], id="too-short"),
    pytest.param("dmk_…ab12cd", id="masked"),
    pytest.param("100% of \\u00e4 and %zz", id="escapes"),
    pytest.param("ZG1rX" + "A" * 43, id="only-begins-so"),
    pytest.param("Rta1" + "-" * 44, id="no-code"),
    pytest.param("kbWtf" + "é" * 43, id="other-letters"),
]


@pytest.mark.parametrize("text", OTHERS)
def test_nothing_else_is(text: str) -> None:
    assert without_keys(text) == text
    assert not is_told(text)


@pytest.mark.parametrize("sign", ["\\", "%", "%25", "\\u00", "dmk_", "ZG1rX", "A"])
def test_a_text_full_of_signs_takes_no_time(sign: str) -> None:
    began = time.perf_counter()
    without_keys(sign * 50_000)

    assert time.perf_counter() - began < 2
