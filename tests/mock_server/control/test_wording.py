"""How the control API says what it wants, and what of a value does not fit."""

from collections.abc import Iterator
from typing import Any

import pytest

from contracts.references import resolved
from mock_server.control.document import control_document
from mock_server.control.problems import Wrong
from mock_server.control.wording import wanted

DOCUMENT = control_document()
SCHEMAS = "/components/schemas/"
NAMES = "a list in which nothing stands twice (each: text that is not empty)"

FAULTS = [
    pytest.param("NewFault", {}, ("/do", "nothing", "text that is not empty"), id="missing"),
    pytest.param("NewFault", {"do": "500", "next": 0}, ("/next", "0", "an integer ≥ 1 and ≤ 1000000"), id="bound"),
    pytest.param("NewFault", {"do": "500", "next": "2"}, ("/next", "'2'", "an integer ≥ 1"), id="type"),
    pytest.param("NewFault", {"do": "500", "next": True}, ("/next", "true", "an integer ≥ 1"), id="boolean"),
    pytest.param("NewFault", {"do": "500", "next": None}, ("/next", "null", "an integer ≥ 1"), id="null"),
    pytest.param(
        "NewFault",
        {"do": []},
        ("/do", "a list of 0", "a list that is not empty of at most 1000 (each: text that is not empty"),
        id="one-of-two-forms",
    ),
    pytest.param("NewFault", {"do": ["500", ""]}, ("/do/1", "''", "text that is not empty"), id="one-of-a-list"),
    pytest.param("NewFault", {"do": [5, "500"]}, ("/do/0", "5", "text that is not empty"), id="type-in-a-list"),
    pytest.param("NewFault", {"do": 5}, ("/do", "5", "or a list that is not empty of at most"), id="neither-form"),
    pytest.param("NewFault", {"do": {}}, ("/do", "an object", "or a list that is not empty of at most"), id="object"),
    pytest.param("NewFault", {"do": "", "x": 1}, ("/x", "a member that there is not", "one of do, op"), id="unknown"),
    pytest.param("NewFault", {"do": "a" * 501}, ("/do", "…", "of at most 500 characters"), id="too-long"),
    pytest.param("NewFault", {"do": "a", "probability": 0}, ("/probability", "0", "> 0 and ≤ 1"), id="exclusive"),
    pytest.param("NewFault", {"do": "a", "always": 1}, ("/always", "1", "true or false"), id="truth"),
    pytest.param("Reset", {"what": ["all"]}, ("/what/0", "'all'", "one of requests, faults, sess"), id="enum"),
    pytest.param("WorldChanges", {"users": [{"id": ""}]}, ("/users/0/id", "''", "text that is not empty"), id="empty"),
    pytest.param(
        "WorldChanges", {"users": [{}]}, ("/users/0/id", "nothing", "text that is not"), id="missing-in-a-row"
    ),
    pytest.param("WorldChanges", {"users": {}}, ("/users", "an object", "a list (each: an object)"), id="no-list"),
    pytest.param("WorldChanges", {"experiences": "x"}, ("/experiences", "'x'", NAMES), id="list-of-names"),
    pytest.param("WorldChanges", {"experiences": ["x", "x"]}, ("/experiences", "a list of 2", NAMES), id="twice"),
    pytest.param(
        "WorldChanges", {"pairs": {"a/b": []}}, ("/pairs/a~1b", "a list of 0", "a list that is"), id="escaped"
    ),
    pytest.param(
        "WorldChanges", {"keys": [{"key": "a-key with-blank"}]}, ("/keys/0/key", "a-ke", "text of vis"), id="key"
    ),
    pytest.param(
        "Match", {"since": "today"}, ("/since", "'today'", "a date and time with offset, as in 2026"), id="time"
    ),
    pytest.param("Match", {"parts": [{"sha256": "x"}]}, ("/parts/0/sha256", "'x'", "text of 64 digits"), id="pattern"),
    pytest.param("Verify", {}, ("", "none of them", "exactly one of match, sequence, none"), id="none-of-several"),
    pytest.param("Verify", {"match": {}, "none": {}}, ("", "match and none", "exactly one of"), id="two-of-several"),
]


@pytest.mark.parametrize(("schema", "value", "wrong"), FAULTS)
def test_a_fault_is_told_with_its_place(schema: str, value: object, wrong: tuple[str, str, str]) -> None:
    found = DOCUMENT.faults(SCHEMAS + schema, value)

    place, got, expected = wrong
    assert any(one.place == place and got in one.got and expected in one.expected for one in found), found


def nodes(schema: dict[str, Any], seen: set[str]) -> Iterator[dict[str, Any]]:
    """Give a schema and all within it, each reference once."""
    reference = schema.get("$ref", "")
    if reference in seen:
        return
    if reference:
        seen.add(reference)
    yield schema
    content = resolved(DOCUMENT.content, schema)
    within = [*content.get("properties", {}).values(), *content.get("anyOf", ())]
    within += [content[word] for word in ("items", "additionalProperties") if isinstance(content.get(word), dict)]
    for inner in within:
        yield from nodes(inner, seen)


def at(reference: str) -> dict[str, Any]:
    node: Any = DOCUMENT.content
    for step in reference.split("/")[1:]:
        node = node[int(step) if isinstance(node, list) else step.replace("~1", "/")]
    found: dict[str, Any] = node
    return found


ASKED = [
    at(reference)
    for operation in DOCUMENT.operations.values()
    for reference in (operation.body, *(parameter.reference for parameter in operation.query.values()))
    if reference
]


def test_everything_that_can_be_asked_for_has_words() -> None:
    seen: set[str] = set()
    schemas = [schema for asked in ASKED for schema in nodes(asked, seen)]

    assert len(schemas) > 50
    assert all(wanted(DOCUMENT.content, schema) for schema in schemas)


def test_every_fault_is_told_at_once() -> None:
    value = {"users": [{"id": 1, "emial": "x"}], "nowhere": 1}

    assert sorted(one.place for one in DOCUMENT.faults(f"{SCHEMAS}WorldChanges", value)) == [
        "/nowhere",
        "/users/0/emial",
        "/users/0/id",
    ]


def test_what_fits_has_no_fault() -> None:
    assert DOCUMENT.faults(f"{SCHEMAS}NewSession", {"name": "x", "world": {"pairs": {"a": ["b"]}}}) == []


SECRETS = [
    pytest.param("NewFault", {"do": "500", "key": ["secret-key-of-mine"]}, id="in-a-list"),
    pytest.param("WorldChanges", {"keys": "secret-key-of-mine"}, id="in-place-of-the-list"),
    pytest.param("WorldChanges", {"keys": ["secret-key-of-mine"]}, id="in-place-of-a-row"),
    pytest.param("WorldChanges", {"keys": [{"key": "secret-key-of-mine\n"}]}, id="with-a-line-break"),
    pytest.param("WorldChanges", {"keys": [{"key": {"secret-key-of-mine": 1}}]}, id="in-an-object"),
]


@pytest.mark.parametrize(("schema", "value"), SECRETS)
def test_no_key_is_shown(schema: str, value: object) -> None:
    found = DOCUMENT.faults(SCHEMAS + schema, value)

    assert found
    assert "of-mine" not in str(found)


def test_a_fault_is_a_part_of_a_sentence() -> None:
    assert str(Wrong("/next", "0", "an integer ≥ 1")) == "/next: got 0, expected an integer ≥ 1"
    assert str(Wrong("", "a JSON list", "a JSON object")) == "the body: got a JSON list, expected a JSON object"
