"""Whose request it is."""

from typing import Any

import pytest

from contracts.operations import Contract
from contracts.subject import subject
from contracts.world import Key

JOHN, JANE = "user-john-doe", "user-jane-roe"

CASES: list[Any] = [
    pytest.param("addUserAnalytics", {"userId": JOHN}, (JOHN, ""), id="by-id"),
    pytest.param("addUserAnalytics", {"email": "JANE.ROE@example.com"}, (JANE, ""), id="by-email-in-any-case"),
    pytest.param("addUserAnalytics", {"phone": "+14155552671"}, (JOHN, ""), id="by-phone"),
    pytest.param(
        "addUserAnalytics",
        {"phone": "+442071838750", "userId": JOHN},
        (JOHN, ""),
        id="the-first-in-the-documents-order",
    ),
    pytest.param("addUserAnalytics", {"userId": "nobody", "phone": "+14155552671"}, (JOHN, ""), id="the-first-known"),
    pytest.param("addUserAnalytics", {"userId": "nobody"}, ("", ""), id="nobody"),
    pytest.param("addUserAnalytics", {"userId": 5, "email": None, "phone": []}, ("", ""), id="no-texts"),
    pytest.param("addUserAnalytics", {"userId": JOHN, "eventId": "summer-gala"}, (JOHN, ""), id="no-event-of-its-own"),
    pytest.param(
        "captureAnalytics", {"userId": JOHN, "eventValue": "opening-match"}, (JOHN, "opening-match"), id="value"
    ),
    pytest.param("captureAnalytics", {}, ("", ""), id="empty"),
    pytest.param("giftAssets", {"userId": JOHN, "eventId": "summer-gala"}, (JOHN, "summer-gala"), id="gift"),
]


@pytest.mark.parametrize(("operation", "body", "expected"), CASES)
def test_the_first_known_identifier_names_the_user(
    operation: str, body: dict[str, Any], expected: tuple[str, str], contract: Contract, key: Key
) -> None:
    assert subject(contract.operation(operation), body, key) == expected
