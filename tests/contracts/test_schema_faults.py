"""What is found wrong with a body is what the library finds, field by field and keyword by keyword."""

from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.operations import Contract
from contracts.schema_faults import FaultFinder, SchemaFault

TEXT = st.sampled_from(["", "a", "ab", "+14155552671", "2026-04-27T13:35:00Z", "2026-04-27", "\u00e9" * 3, "UPLOAD"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.floats(-2, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)

FIELDS: dict[str, Any] = {
    "text": {"type": "string", "minLength": 2, "maxLength": 8, "pattern": "^[a-z+]"},
    "time": {"$ref": "#/defs/time"},
    "number": {"type": ["integer", "null"], "minimum": 1, "exclusiveMaximum": 5, "multipleOf": 2},
    "choice": {"enum": ["a", 1, None]},
    "only": {"const": "ab", "description": "Two letters."},
    "list": {
        "type": "array",
        "minItems": 1,
        "maxItems": 2,
        "uniqueItems": True,
        "items": {"type": "string", "minLength": 1},
    },
    "bag": {"type": "object", "maxProperties": 1, "additionalProperties": {"enum": ["a"]}},
    "either": {"anyOf": [{"type": "string"}, {"minimum": 5}]},
    "referring": {"$ref": "#/defs/time", "maxLength": 3},
    "twice": {"$ref": "#/defs/short"},
    "anything": True,
    "nothing": False,
}
DOCUMENT: dict[str, Any] = {
    "defs": {
        "time": {"type": "string", "format": "date-time", "examples": ["2026-04-27T13:35:00Z"]},
        "short": {"$ref": "#/defs/time", "maxLength": 3},
    },
    "body": {
        "type": "object",
        "required": ["text", "number"],
        "properties": FIELDS,
        "if": {"required": ["list"]},
        "then": {"required": ["bag", "text"], "properties": {"bag": {"minProperties": 1}}},
    },
}
BODY: dict[str, Any] = DOCUMENT["body"]


def by_the_library(document: dict[str, Any], pointer: str, body: Mapping[str, object]) -> set[tuple[str, str]]:
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": f"urn:spec#{pointer}"},
        registry=jsonschema_rs.Registry([("urn:spec", document)]),
        validate_formats=True,
        formats={"binary": lambda _: True},
    )
    return set(places(validator.iter_errors(body)))


def places(errors: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for error in errors:
        field = error.instance_path[0] if error.instance_path else error.kind.as_dict()["property"]
        yield field, error.kind.name


def found(finder: FaultFinder, body: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(fault.field, fault.keyword) for fault in finder.faults(body)]


FINDER = FaultFinder(DOCUMENT, [BODY], {})


@given(st.dictionaries(st.sampled_from([*FIELDS, "other"]), VALUES))
@example({"referring": "+14155552671", "twice": "+14155552671"})
def test_finds_what_the_library_finds(body: dict[str, object]) -> None:
    listed = found(FINDER, body)

    assert len(set(listed)) == len(listed)
    assert set(listed) == by_the_library(DOCUMENT, "/body", body)


ANALYTICS = ["userId", "email", "phone", "feature", "action", "experienceId", "capturedAt", "metadata", "other"]


@given(body=st.dictionaries(st.sampled_from(ANALYTICS), VALUES))
def test_finds_what_the_library_finds_by_the_spec(contract: Contract, body: dict[str, object]) -> None:
    schema = contract.operation("addUserAnalytics").schema
    listed = {(fault.field, fault.keyword) for fault in schema.faults(body)}

    assert listed == by_the_library(contract.document, "/components/schemas/UserAnalytics", body)
    assert schema.is_valid(body) == (not listed)


def fault(body: Mapping[str, object], field: str) -> SchemaFault:
    (one,) = (fault for fault in FINDER.faults({"text": "ab", "number": 2, **body}) if fault.field == field)
    return one


SAID = [
    pytest.param({"list": ["a", ""], "bag": {"a": "a"}}, "list", ("minLength", "''", 1), id="within-a-list"),
    pytest.param({"bag": {"a": "b"}}, "bag", ("enum", "'b'", 0), id="within-an-object"),
    pytest.param({"list": ["a"], "bag": {}}, "bag", ("minProperties", "{}", 1), id="on-condition"),
    pytest.param({"list": ["a"]}, "bag", ("required", "nothing", 0), id="missing-on-condition"),
    pytest.param({"list": ["a", "b", "c"], "bag": {"a": "a"}}, "list", ("maxItems", "3 of them", 2), id="too-many"),
    pytest.param({"either": 1}, "either", ("anyOf", "1", 0), id="keyword-that-is-not-judged-alone"),
    pytest.param({"nothing": 1}, "nothing", ("falseSchema", "1", 0), id="field-that-may-not-be"),
]


@pytest.mark.parametrize(("body", "field", "said"), SAID)
def test_fault_says_what_was_got(body: dict[str, object], field: str, said: tuple[str, str, int]) -> None:
    one = fault(body, field)

    assert (one.keyword, one.got, one.limit) == said


EXPECTED = [
    pytest.param({"choice": "z"}, "choice", "one of a, 1, None", id="enum"),
    pytest.param({"only": "z"}, "only", "one of ab", id="const"),
    pytest.param({"bag": {"a": "b"}}, "bag", "one of a", id="enum-within"),
    pytest.param({"list": [1], "bag": {"a": "a"}}, "list", "a string", id="type-within"),
    pytest.param({"list": "a", "bag": {"a": "a"}}, "list", "a list", id="type"),
]


@pytest.mark.parametrize(("body", "field", "expected"), EXPECTED)
def test_fault_says_what_was_expected(body: dict[str, object], field: str, expected: str) -> None:
    assert fault(body, field).expected == expected


def test_values_of_other_forms_are_expected_too() -> None:
    finder = FaultFinder(DOCUMENT, [BODY], {"only": ["ab", "cd"]})

    assert [fault.expected for fault in finder.faults({"text": "ab", "number": 2, "only": "x"})] == ["one of ab, cd"]
