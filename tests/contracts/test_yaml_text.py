"""YAML is read with JSON's types, and whatever cannot be read is said with its place."""

import pytest

from contracts.faults import ConfigError
from contracts.yaml_text import line_of, read_yaml

VALUES = [
    pytest.param("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", id="time"),
    pytest.param("2026-01-02", "2026-01-02", id="date"),
    pytest.param("yes", "yes", id="yes"),
    pytest.param("off", "off", id="off"),
    pytest.param("True", "True", id="true-in-capitals"),
    pytest.param("12:30:45", "12:30:45", id="sexagesimal"),
    pytest.param("012", "012", id="leading-zero"),
    pytest.param("0x10", "0x10", id="hexadecimal"),
    pytest.param("1_000", "1_000", id="underscore"),
    pytest.param(".inf", ".inf", id="infinity"),
    pytest.param("47Gop5", "47Gop5", id="id"),
    pytest.param("'1'", "1", id="quoted-number"),
    pytest.param("true", True, id="true"),
    pytest.param("false", False, id="false"),
    pytest.param("null", None, id="null"),
    pytest.param("~", None, id="tilde"),
    pytest.param("", None, id="nothing"),
    pytest.param("-12", -12, id="integer"),
    pytest.param("1.5", 1.5, id="number"),
    pytest.param("1e3", 1000.0, id="exponent"),
    pytest.param("[1, a]", [1, "a"], id="list"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_value_is_read(text: str, value: object) -> None:
    read = read_yaml(f"a: {text}", "file")

    assert read == {"a": value}
    assert type(read["a"]) is type(value)


@pytest.mark.parametrize("key", ["200", "'200'", "true", "null", "2026-01-02", "<<", "~"])
def test_key_is_text(key: str) -> None:
    assert read_yaml(f"{key}: 1", "file") == {key.strip("'"): 1}


FAULTS = [
    pytest.param("a: 1\nb: 2\na: 3\n", "file:3:1", "the key 'a' stands twice", id="doubled-key"),
    pytest.param("x:\n  200: 1\n  '200': 2\n", "file:3:3", "the key '200' stands twice", id="doubled-in-quotes"),
    pytest.param("a: [1, 2\n", "file:2:1", "expected ',' or ']'", id="list-without-end"),
    pytest.param("a: b: c\n", "file:1:5", "mapping values are not allowed", id="two-colons"),
    pytest.param("a:\n\t- b\n", "file:2:1", "found character", id="tab"),
    pytest.param("? [a]\n: 1\n", "file:1:3", "a key has to be plain text", id="key-that-is-a-list"),
    pytest.param("a: !secret b\n", "file:1:4", "could not determine a constructor", id="unknown-tag"),
    pytest.param("a: *b\n", "file:1:4", "found undefined alias", id="unknown-alias"),
    pytest.param("a: 1\n---\nb: 2\n", "file:2:1", "but found another document", id="two-documents"),
    pytest.param("a: \x01\n", "file", "control characters are not allowed", id="control-character"),
]


@pytest.mark.parametrize(("text", "place", "problem"), FAULTS)
def test_fault_has_its_place(text: str, place: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_yaml(text, "file")

    (fault,) = raised.value.faults
    assert fault.place == place
    assert problem in fault.problem


TEXT = """
# a comment
a:
  b:
    - c: 1
    - 7
  200: x
""".lstrip()
LINES = [
    pytest.param([], 2, id="document"),
    pytest.param(["a"], 2, id="key"),
    pytest.param(["a", "b"], 3, id="key-within"),
    pytest.param(["a", "b", 0], 4, id="item"),
    pytest.param(["a", "b", 0, "c"], 4, id="key-of-an-item"),
    pytest.param(["a", "b", 1], 5, id="second-item"),
    pytest.param(["a", 200], 6, id="number-as-a-key"),
    pytest.param(["a", "missing"], 2, id="missing-key"),
    pytest.param(["a", "b", 9], 3, id="missing-item"),
    pytest.param(["a", "b", "x"], 3, id="key-of-a-list"),
    pytest.param(["a", "b", 1, "x"], 5, id="key-of-a-value"),
]


@pytest.mark.parametrize(("path", "line"), LINES)
def test_line_is_found(path: list[str | int], line: int) -> None:
    assert line_of(TEXT, path) == line


def test_empty_document_has_a_first_line() -> None:
    assert line_of("", ["a"]) == 1
