"""The protocol: its schema, and the words for what does not fit it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.clients.client import AdapterError, Config, GivenFile, Order
from conformance.clients.protocol import HELLO_REPLY, REPLY, call_message, faults, line_of, read, remarks, schema
from conformance.model import Intent

RIGHT = {"id": 1, "outcome": "ok"}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(dict(schema()))


def test_every_member_that_a_call_has_is_described() -> None:
    file = GivenFile(Path("/a.png"), "a.png", "image/png", 1, "0" * 64)
    message = call_message(2, Order(Intent("giftAssets", {"userId": "u"}), Config("http://x", "key"), (file,)))

    assert faults(message, "call") == []
    assert remarks(message, "call") == []
    assert remarks(message["config"], "config") == []
    assert remarks(message["files"][0], "file") == []


def test_a_line_is_ascii_and_ends_once() -> None:
    line = line_of({"id": 1, "args": {"a": "ü\n\ud83d"}})

    assert line.isascii()
    assert line.count(b"\n") == 1
    assert json.loads(line)["args"] == {"a": "ü\n\ud83d"}


WORDS = [
    pytest.param(REPLY, {"id": 1}, 'outcome: got nothing, expected "ok", "refused", "error" or "un', id="missing"),
    pytest.param(REPLY, {"id": 1, "outcom": "ok"}, "; 'outcom' is near it", id="misspelled"),
    pytest.param(REPLY, {"outcome": "ok"}, "id: got nothing, expected the number of the message that is answ", id="id"),
    pytest.param(REPLY, {**RIGHT, "id": 0}, "id: got 0, expected at least 1", id="too-small"),
    pytest.param(REPLY, {**RIGHT, "id": "1"}, 'id: got "1", expected a whole number', id="id-as-text"),
    pytest.param(REPLY, {**RIGHT, "status": 4000}, "status: got 4000, expected at most 599", id="too-large"),
    pytest.param(REPLY, {**RIGHT, "message": {}}, "message: got {}, expected text or null", id="message"),
    pytest.param(REPLY, {**RIGHT, "detail": ["a"]}, 'detail: got ["a"], expected an object', id="list"),
    pytest.param(HELLO_REPLY, {"id": 1, "operations": ["a"]}, "protocol: got nothing, expected 1", id="protocol"),
    pytest.param(
        HELLO_REPLY, {"id": 1, "protocol": 1, "operations": "a"}, 'operations: got "a", expected a list', id="no-list"
    ),
    pytest.param(
        HELLO_REPLY, {"id": 1, "protocol": 1, "operations": ["a"], "capabilities": {"retries": {"on": ["x"]}}},
        'capabilities.retries.on.0: got "x", expected a whole number', id="deep-inside",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "message", "words"), WORDS)
def test_what_does_not_fit_is_told_in_words(definition: str, message: dict[str, Any], words: str) -> None:
    (fault,) = faults(message, definition)

    assert words in fault


def test_the_version_is_told_first() -> None:
    found = faults({"id": 1, "protocol": 2, "operations": 5, "capabilities": {"concurrency": 0}}, HELLO_REPLY)

    assert found[0] == "protocol: got 2, expected 1"
    assert len(found) == 3


def test_a_list_is_no_message() -> None:
    with pytest.raises(AdapterError, match="line 7: got list, expected a JSON object"):
        read(b"[1]", REPLY, "line 7")


def test_members_of_others_are_remarked() -> None:
    assert remarks({**RIGHT, "atempts": 1}, REPLY) == [
        "'atempts' is no member of the protocol and was ignored; near it: 'attempts'"
    ]
