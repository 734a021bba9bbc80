"""JSON bodies: what RFC 8259 says is read, what it advises against is noted, and anything else is malformed."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.json_body import Document, Malformed, read_json
from contracts.model import Limits
from contracts.operations import Contract

SAME_EVERYWHERE = settings(derandomize=True, database=None)
LARGEST = sys.float_info.max
LONE = "a lone surrogate, which is no character"
BEYOND = "a number beyond a double"


@pytest.fixture(scope="session")
def limits(contract: Contract) -> Limits:
    return contract.limits


READ = [
    pytest.param(b"{}", {}, id="empty-object"),
    pytest.param(b' \t\r\n{"a" : 1}\n', {"a": 1}, id="blanks-around"),
    pytest.param('{"é日😀": "ß"}'.encode(), {"é日😀": "ß"}, id="beyond-ascii"),
    pytest.param(b'{"a": "\\u00e9\\ud83d\\uDE00\\n\\/"}', {"a": "é😀\n/"}, id="escapes"),
    pytest.param(b'{"a": "\\\\ud800"}', {"a": "\\ud800"}, id="escaped-backslash-before-u"),
    pytest.param(b'{"a": "\\u0000"}', {"a": "\0"}, id="escaped-nul"),
    pytest.param(b'{"a": [true, false, null, -0.5e-3, 0]}', {"a": [True, False, None, -0.0005, 0]}, id="all-kinds"),
    pytest.param(b'{"a": 18446744073709551616}', {"a": 1 << 64}, id="large-integer"),
    pytest.param(b'{"a": %b}' % (b"9" * 308), {"a": 10**308 - 1}, id="308-digits"),
    pytest.param(b'{"a": -%b}' % (b"9" * 308), {"a": 1 - 10**308}, id="308-digits-and-a-sign"),
    pytest.param(b'{"a": 1%b}' % (b"0" * 308), {"a": 10**308}, id="309-digits-that-fit"),
    pytest.param(b'{"a": 1.7976931348623157e308}', {"a": LARGEST}, id="largest-double"),
    pytest.param(b'{"a": 1e-999}', {"a": 0.0}, id="too-small-for-a-double"),
    pytest.param(b'{"": 1}', {"": 1}, id="empty-name"),
    pytest.param(b'{"a": "' + b"[{" * 1000 + b'"}', {"a": "[{" * 1000}, id="brackets-inside-a-string"),
    pytest.param(b'{"a": "\\"' + b"[" * 1000 + b'"}', {"a": '"' + "[" * 1000}, id="brackets-behind-an-escaped-quote"),
    pytest.param(b'{"a": [' + b"[]," * 600 + b"1]}", {"a": [*[[]] * 600, 1]}, id="many-brackets-not-deep"),
]


@pytest.mark.parametrize(("raw", "value"), READ)
def test_body_is_read(limits: Limits, raw: bytes, value: dict[str, Any]) -> None:
    assert read_json(raw, limits) == Document(value)


ODD = [
    pytest.param(b'{"a": 1, "a": 2}', {"a": 2}, ["members that stand twice: a"], id="member-twice"),
    pytest.param(b'{"a": 1, "\\u0061": 2}', {"a": 2}, ["members that stand twice: a"], id="member-twice-escaped"),
    pytest.param(b'{"b":1,"a":1,"a":2,"b":2}', {"b": 2, "a": 2}, ["members that stand twice: a, b"], id="two-twice"),
    pytest.param(b'{"x": [{"a": 1, "a": 2}]}', {"x": [{"a": 2}]}, ["members that stand twice: a"], id="twice-within"),
    pytest.param(
        b"{" + b",".join(b'"a%d": 1' % (n % 60) for n in range(120)) + b"}",
        {f"a{n}": 1 for n in range(60)},
        ["members that stand twice: many"],
        id="many-twice",
    ),
    pytest.param(b'{"a": "x\\ud800y"}', {"a": "x\ufffdy"}, [LONE], id="high-surrogate"),
    pytest.param(b'{"a": "\\uDFFF"}', {"a": "\ufffd"}, [LONE], id="low-surrogate"),
    pytest.param(b'{"a": "\\ude00\\ud83d"}', {"a": "\ufffd\ufffd"}, [LONE], id="surrogates-the-wrong-way-round"),
    pytest.param(b'{"a": "\\ud83d\\ud83d\\ude00"}', {"a": "\ufffd😀"}, [LONE], id="surrogate-before-a-pair"),
    pytest.param(b'{"a": "\\\\\\ud800"}', {"a": "\\\ufffd"}, [LONE], id="surrogate-behind-a-backslash"),
    pytest.param(b'{"a": [[["\\ud800"]]]}', {"a": [[["\ufffd"]]]}, [LONE], id="surrogate-in-nested-lists"),
    pytest.param(b'{"\\ud800": {"\\udc00": 1}}', {"\ufffd": {"\ufffd": 1}}, [LONE], id="surrogate-as-a-name"),
    pytest.param(
        b'{"\\ud800": 1, "\\ufffd": 2}',
        {"\ufffd": 2},
        ["members that stand twice: \ufffd", LONE],
        id="surrogate-beside-its-replacement",
    ),
    pytest.param(b'{"a": 1e999}', {"a": LARGEST}, [BEYOND], id="exponent-too-large"),
    pytest.param(b'{"a": -1e999}', {"a": -LARGEST}, [BEYOND], id="exponent-too-large-negative"),
    pytest.param(b'{"a": %b}' % (b"9" * 309), {"a": int(LARGEST)}, [BEYOND], id="309-digits"),
    pytest.param(b'{"a": %b}' % (b"9" * 5000), {"a": int(LARGEST)}, [BEYOND], id="5000-digits"),
    pytest.param(b'{"a": -%b}' % (b"9" * 5000), {"a": -int(LARGEST)}, [BEYOND], id="5000-digits-negative"),
    pytest.param(b'{"a": [1e999, -1e999, 1.5, 7]}', {"a": [LARGEST, -LARGEST, 1.5, 7]}, [BEYOND], id="said-once"),
    pytest.param(
        b'{"a": 1, "a": [1e999, "\\ud800"]}',
        {"a": [LARGEST, "\ufffd"]},
        [BEYOND, "members that stand twice: a", LONE],
        id="all-at-once",
    ),
]


@pytest.mark.parametrize(("raw", "value", "oddities"), ODD)
def test_odd_body_is_read_and_noted(limits: Limits, raw: bytes, value: dict[str, Any], oddities: list[str]) -> None:
    assert read_json(raw, limits) == Document(value, tuple(oddities))


MALFORMED = [
    pytest.param(b"", "an empty body", id="empty"),
    pytest.param(b" \r\n\t", "an empty body", id="blank"),
    pytest.param(b"[]", "a list instead of a JSON object", id="list"),
    pytest.param(b'"a"', "a string instead of a JSON object", id="string"),
    pytest.param(b"1", "a number instead of a JSON object", id="integer"),
    pytest.param(b"1.5", "a number instead of a JSON object", id="number"),
    pytest.param(b"9" * 5000, "a number instead of a JSON object", id="5000-digits"),
    pytest.param(b"true", "true or false instead of a JSON object", id="true"),
    pytest.param(b"null", "null instead of a JSON object", id="null"),
    pytest.param(b'{"a": NaN}', "no JSON: NaN is not a JSON value", id="nan"),
    pytest.param(b'{"a": Infinity}', "no JSON: Infinity is not a JSON value", id="infinity"),
    pytest.param(b'{"a": -Infinity}', "no JSON: -Infinity is not a JSON value", id="minus-infinity"),
    pytest.param(b'{"a": 1, "a": NaN}', "no JSON: NaN is not a JSON value", id="nan-behind-an-oddity"),
    pytest.param(b"\xef\xbb\xbf{}", "a byte order mark", id="byte-order-mark"),
    pytest.param("{}".encode("utf-16"), "invalid UTF-8 at byte 0", id="utf-16"),
    pytest.param("{}".encode("utf-16-le"), "no JSON: ", id="utf-16-without-mark"),
    pytest.param("{}".encode("utf-32-be"), "no JSON: ", id="utf-32"),
    pytest.param(b'{"a": "\xff"}', "invalid UTF-8 at byte 7", id="not-utf-8"),
    pytest.param(b'{"a": "\xc0\xaf"}', "invalid UTF-8 at byte 7", id="overlong"),
    pytest.param(b'{"a": "\xed\xa0\x80"}', "invalid UTF-8 at byte 7", id="surrogate-as-utf-8"),
    pytest.param(b'{"a": "\xed\xa0\xbd\xed\xb8\x80"}', "invalid UTF-8 at byte 7", id="surrogate-pair-as-utf-8"),
    pytest.param(b'{"a": "\xf4\x90\x80\x80"}', "invalid UTF-8 at byte 7", id="beyond-unicode"),
    pytest.param(b'{"a": 1} x', "no JSON: extra data, at character 9", id="data-behind"),
    pytest.param(b"{}{}", "no JSON: extra data, at character 2", id="two-objects"),
    pytest.param(b'{"a": 1} \xc2\xa0', "no JSON: extra data, at character 9", id="other-blank-behind"),
    pytest.param(b'{"a": 1,}', "no JSON: ", id="comma-behind"),
    pytest.param(b"{'a': 1}", "no JSON: ", id="single-quotes"),
    pytest.param(b"{a: 1}", "no JSON: ", id="name-without-quotes"),
    pytest.param(b'{"a": 01}', "no JSON: ", id="leading-zero"),
    pytest.param(b'{"a": +1}', "no JSON: ", id="plus"),
    pytest.param(b'{"a": .5}', "no JSON: ", id="no-digit-before-the-point"),
    pytest.param(b'{"a": 0x10}', "no JSON: ", id="hexadecimal"),
    pytest.param(b'{"a": "\n"}', "no JSON: ", id="line-end-in-a-string"),
    pytest.param(b'{"a": "\\x41"}', "no JSON: ", id="unknown-escape"),
    pytest.param(b'{"a": "\\u12"}', "no JSON: ", id="short-escape"),
    pytest.param(b'{"a": "\\ud80"}', "no JSON: ", id="short-surrogate"),
    pytest.param(b'{"a": "', "no JSON: ", id="cut-off"),
    pytest.param(b"{// a\n}", "no JSON: ", id="comment"),
    pytest.param('{"a": \u0661}'.encode(), "no JSON: ", id="arabic-digit"),
]


@pytest.mark.parametrize(("raw", "got"), MALFORMED)
def test_body_is_malformed(limits: Limits, raw: bytes, got: str) -> None:
    read = read_json(raw, limits)

    assert isinstance(read, Malformed)
    assert read.got.startswith(got)


SHAPES = [
    pytest.param(b"[", b"]", id="lists"),
    pytest.param(b'{"a":', b"}", id="objects"),
    pytest.param(b'[{"a":', b"}]", id="both"),
]


@pytest.mark.parametrize(("opening", "closing"), SHAPES)
@pytest.mark.parametrize("inner", [b"1", b'"\\u0041"', b'"\\ud800"', b"1e999"])
def test_depth_of_the_limit_is_read(limits: Limits, opening: bytes, closing: bytes, inner: bytes) -> None:
    levels = (limits.json_depth - 1) // (opening.count(b"[") + opening.count(b"{"))
    raw = b'{"a":' + opening * levels + inner + closing * levels + b"}"

    assert isinstance(read_json(raw, limits), Document)


@pytest.mark.parametrize(("opening", "closing"), SHAPES)
@pytest.mark.parametrize("over", [1, 100_000])
def test_depth_over_the_limit_is_malformed(limits: Limits, opening: bytes, closing: bytes, over: int) -> None:
    levels = limits.json_depth - 1 + over
    raw = b'{"a":' + opening * levels + b"1" + closing * levels + b"}"

    assert read_json(raw, limits) == Malformed("JSON nested deeper than 500")


ENDLESS = [
    pytest.param(b"[" * 100_000, id="lists"),
    pytest.param(b'{"a":' * 100_000, id="objects"),
    pytest.param(b'{"a":"' + b"\\" * 100_001, id="backslashes"),
]


@pytest.mark.parametrize("raw", ENDLESS)
def test_endless_body_is_malformed(limits: Limits, raw: bytes) -> None:
    assert isinstance(read_json(raw, limits), Malformed)


def strictly(raw: bytes) -> object:
    """Read what every reader of JSON takes alike; ValueError for anything else."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(raw.decode("utf-8"), parse_constant=refuse)


TOKENS = [*"{}[],:", '"', '"a"', '"a":', "1", "-0", "1e999", "null", "NaN", "\\u0061", "\\ud800", "\\", " ", "9" * 400]
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


objects = st.dictionaries(st.text(max_size=3), json_values, max_size=4).map(json.dumps)
tokens = st.sampled_from(["", *TOKENS])


def spliced(text: str, at: int, token: str, cut: int) -> bytes:
    """Put a token into a text, in place of some of its characters."""
    return (text[:at] + token + text[at + cut :]).encode()


near_json = st.builds(spliced, objects, st.integers(0, 20), tokens, st.integers(0, 2))


@settings(SAME_EVERYWHERE, max_examples=500)
@given(raw=st.binary() | near_json | st.lists(tokens).map("".join).map(str.encode))
def test_any_bytes_are_read_or_malformed(limits: Limits, raw: bytes) -> None:
    try:
        expected = strictly(raw)
    except ValueError:
        expected = None

    read = read_json(raw, limits)

    assert isinstance(read, Document) == isinstance(expected, dict)
    if isinstance(read, Document) and not read.oddities:
        assert read.value == expected


@SAME_EVERYWHERE
@given(value=st.dictionaries(st.text(), json_values), ascii_only=st.booleans(), indent=st.none() | st.integers(0, 2))
def test_any_object_is_read_as_it_was_written(
    limits: Limits, value: dict[str, Any], *, ascii_only: bool, indent: int | None
) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()

    assert read_json(raw, limits) == Document(value)


scalars = st.text('a"\\{}:,[]', max_size=3) | st.none() | st.booleans()
# Pairs, in which a name may stand twice, for an object; within it there may be others.
pairs = st.recursive(
    scalars, lambda members: st.lists(st.tuples(st.sampled_from(["a", "b", 'c"', ""]), members), max_size=4)
)


def written(value: object) -> str:
    if not isinstance(value, list):
        return json.dumps(value)
    return "{" + ",".join(f"{json.dumps(name)}:{written(member)}" for name, member in value) + "}"


def stands_twice(value: object) -> bool:
    if not isinstance(value, list):
        return False
    names = [name for name, _ in value]
    return len(set(names)) < len(names) or any(stands_twice(member) for _, member in value)


@SAME_EVERYWHERE
@given(value=pairs.filter(lambda value: isinstance(value, list)))
def test_a_member_that_stands_twice_is_noted_wherever_it_stands(limits: Limits, value: object) -> None:
    read = read_json(written(value).encode(), limits)

    assert isinstance(read, Document)
    assert bool(read.oddities) is stands_twice(value)
