"""Checks behind a schema that was loosened: whatever it lets through is judged, and nothing raises."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.case import Circumstances
from contracts.json_body import Document
from contracts.judge import judge_json
from contracts.model import Judgement
from contracts.operations import Contract
from contracts.spec import compile_contract, spec_text
from contracts.world import Key

NOW = Circumstances(datetime(2026, 4, 27, 14, tzinfo=UTC))
SAME_EVERYWHERE = settings(derandomize=True, database=None)
ANALYTICS: dict[str, Any] = {
    "email": "john.doe@example.com",
    "feature": "page_visit",
    "action": "viewed",
    "experienceId": "47Gop5",
    "capturedAt": "2026-04-27T13:35:00Z",
}


@pytest.fixture(scope="module")
def loose() -> Contract:
    """Compile the spec without a word about what a value is, but for the type that selects a form."""
    described = r"^ +(type: (string|object|array)|minLength: .*|pattern: .*|format: date-time)\n"
    text = re.sub(described, "", spec_text(), flags=re.MULTILINE)
    return compile_contract(text, "loose.yaml")


def judged(contract: Contract, operation_id: str, body: dict[str, Any], key: Key) -> Judgement:
    return judge_json(contract.operation(operation_id), Document(body), key, NOW, contract.limits)


# That a value is a text is the schema's to say: a check of ids passes over what is none.
LOOSE = [
    pytest.param({}, [], [], id="right"),
    pytest.param({"email": 5}, ["user-known"], [], id="email-number"),
    pytest.param({"email": None}, ["identifier-sent", "user-known"], [], id="email-null"),
    pytest.param({"feature": ["page_visit"]}, [], [], id="feature-list"),
    pytest.param({"action": 1}, [], [], id="action-number"),
    pytest.param({"experienceId": {}}, [], [], id="experience-object"),
    pytest.param({"capturedAt": "yesterday"}, [], [], id="time-that-is-none"),
    pytest.param({"capturedAt": 1777296900}, [], [], id="time-number"),
    pytest.param({"capturedAt": "1999-12-31"}, [], ["plausible-time"], id="date-far-back"),
    pytest.param({"metadata": []}, [], ["metadata-filled"], id="metadata-empty-list"),
]


@pytest.mark.parametrize(("fields", "broken", "flags"), LOOSE)
def test_value_of_any_type_is_checked(
    loose: Contract, key: Key, fields: dict[str, Any], broken: list[str], flags: list[str]
) -> None:
    judgement = judged(loose, "addUserAnalytics", ANALYTICS | fields, key)

    assert [breach.rule.id.removeprefix("analytics.") for breach in judgement.breaches] == broken
    assert [flag.rule.id.removeprefix("analytics.") for flag in judgement.flags] == flags


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)
FIELDS = {
    "addUserAnalytics": [*ANALYTICS, "userId", "phone", "metadata"],
    "captureAnalytics": ["type", "eventValue", "email", "recordCapturedAt", "sessionId", "registrationPageValue"],
}


@pytest.mark.parametrize("operation_id", FIELDS)
@SAME_EVERYWHERE
@given(data=st.data())
def test_any_object_is_judged(
    loose: Contract, contract: Contract, key: Key, operation_id: str, data: st.DataObject
) -> None:
    body = data.draw(st.dictionaries(st.sampled_from(FIELDS[operation_id]), values))

    judgements = [judged(spec, operation_id, body, key) for spec in (loose, contract)]

    assert all(judgement.answer.status in {200, 400} for judgement in judgements)
