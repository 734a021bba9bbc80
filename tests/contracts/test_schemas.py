"""What a schema has against a body: one fault for a field and keyword, of the form that the body selects."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.case import Circumstances
from contracts.json_body import Document
from contracts.judge import judge_json
from contracts.references import resolved
from contracts.samples import accepted
from contracts.schemas import BodySchema
from contracts.spec import compile_contract, spec_text
from contracts.world import Key

DOCUMENT: dict[str, Any] = {
    "plain": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 2},
            "size": {"type": ["integer", "null"], "maximum": 5},
            "kind": {"const": "x"},
            "colour": {"enum": ["red", "blue"]},
            "tags": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string", "minLength": 1}},
            "time": {"type": "string", "format": "date-time", "examples": ["2026-04-27T13:35:00Z"]},
            "code": {"type": "string", "pattern": "^[a-z]$", "description": "One small letter."},
        },
    },
    "forms": {
        "oneOf": [
            {"required": ["type", "a", "c"], "properties": {"type": {"const": "A"}, "a": {}, "c": True}},
            {"required": ["type", "b", "c"], "properties": {"type": {"enum": ["B"]}, "b": {"minLength": 1}, "c": True}},
        ]
    },
    "one~/more": {"type": "object", "properties": {"a": {"$ref": "#/plain/properties/name"}}},
    "loop": {"$ref": "#/loop"},
}


@pytest.fixture(scope="module")
def plain() -> BodySchema:
    return BodySchema(DOCUMENT, "/plain")


FAULTS = [
    pytest.param({}, [("name", "required", "nothing", "the field name")], id="missing"),
    pytest.param({"name": 1}, [("name", "type", "1", "a string")], id="type"),
    pytest.param({"name": "a"}, [("name", "minLength", "'a'", "text that is not empty")], id="too-short"),
    pytest.param({"name": "ab", "size": "1"}, [("size", "type", "'1'", "an integer or null")], id="one-of-two-types"),
    pytest.param({"name": "ab", "size": 6}, [("size", "maximum", "6", "maximum")], id="keyword-without-words"),
    pytest.param({"name": "ab", "kind": "y"}, [("kind", "const", "'y'", "one of x")], id="const"),
    pytest.param({"name": "ab", "colour": "x"}, [("colour", "enum", "'x'", "one of red, blue")], id="enum"),
    pytest.param({"name": "ab", "tags": []}, [("tags", "minItems", "[]", "at least one")], id="too-few"),
    pytest.param({"name": "ab", "tags": ["a"] * 3}, [("tags", "maxItems", "3 of them", "at most 2")], id="too-many"),
    pytest.param({"name": "ab", "tags": [1, 2]}, [("tags", "type", "1", "a string")], id="two-items-said-once"),
    pytest.param(
        {"name": "ab", "time": "x"}, [("time", "format", "'x'", "format, as in '2026-04-27T13:35:00Z'")], id="format"
    ),
    pytest.param({"name": "ab", "code": "X"}, [("code", "pattern", "'X'", "One small letter")], id="pattern"),
    pytest.param(
        {"name": 1, "kind": 2},
        [("name", "type", "1", "a string"), ("kind", "const", "2", "one of x")],
        id="two-fields",
    ),
]


@pytest.mark.parametrize(("body", "faults"), FAULTS)
def test_fault_is_said(plain: BodySchema, body: dict[str, object], faults: list[tuple[str, str, str, str]]) -> None:
    found = plain.faults(body)

    assert sorted((fault.field, fault.keyword, fault.got, fault.expected) for fault in found) == sorted(faults)
    assert not plain.is_valid(body)


def test_valid_body_has_no_faults(plain: BodySchema) -> None:
    body = {"name": "ab", "size": None, "kind": "x", "colour": "red", "tags": ["a"], "code": "a", "other": 1}

    assert plain.is_valid(body)
    assert plain.faults(body) == []


def test_only_a_time_is_a_time(plain: BodySchema) -> None:
    found = plain.faults({"name": "ab", "time": "x", "code": "X"})

    assert {fault.field: fault.is_time for fault in found} == {"time": True, "code": False}


FORMS_OF_A_BODY = [
    pytest.param({"type": "A"}, {"type", "a", "c"}, [("a", "required"), ("c", "required")], id="first"),
    pytest.param({"type": "B", "c": 1, "b": ""}, {"type", "b", "c"}, [("b", "minLength")], id="second"),
    pytest.param({"type": "C", "c": 1}, {"type", "c"}, [("type", "const")], id="neither"),
    pytest.param({}, {"type", "c"}, [("c", "required"), ("type", "required")], id="not-said"),
]


@pytest.mark.parametrize(("body", "required", "faults"), FORMS_OF_A_BODY)
def test_body_is_judged_by_the_form_that_it_selects(
    body: dict[str, object], required: set[str], faults: list[tuple[str, str]]
) -> None:
    schema = BodySchema(DOCUMENT, "/forms")

    assert schema.required(body) == required
    assert sorted((fault.field, fault.keyword) for fault in schema.faults(body)) == faults
    assert schema.named == {"type", "a", "b", "c"}


def test_reference_is_followed_through_escapes() -> None:
    assert resolved(DOCUMENT, {"$ref": "#/one~0~1more/properties/a"}) == {"type": "string", "minLength": 2}


REFERENCES = [
    pytest.param("#/missing", id="missing"),
    pytest.param("#/loop", id="endless"),
    pytest.param("other.yaml#/a", id="another-file"),
    pytest.param(5, id="number"),
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_reference_that_leads_nowhere(reference: object) -> None:
    with pytest.raises(LookupError):
        resolved(DOCUMENT, {"$ref": reference})


def test_field_is_answered_for_whatever_breaks_within_it(key: Key) -> None:
    text = spec_text().replace(
        "additionalProperties: true", "propertyNames: {maxLength: 3}\n          additionalProperties: {type: string}", 1
    )
    contract = compile_contract(text, "mine.yaml")
    operation = contract.operation("addUserAnalytics")
    body = json.loads(accepted(operation, key, contract.document)[0].text) | {"metadata": {"long-name": "a", "b": 1}}

    judgement = judge_json(
        operation,
        Document(body),
        key,
        Circumstances(datetime(2026, 4, 27, tzinfo=UTC)),
        contract.limits,
    )

    assert judgement.answer.message == "Invalid metadata."
    assert [breach.rule.id for breach in judgement.breaches] == ["analytics.metadata"]
