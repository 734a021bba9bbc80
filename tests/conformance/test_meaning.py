"""What is wrong with an intent when it is sent as it stands."""

from typing import Any

import pytest

from conformance.meaning import meant, wrong_with
from conformance.model import File, Intent
from contracts.operations import Contract

EVENT: dict[str, Any] = {
    "userId": "u", "feature": "page_visit", "action": "viewed", "experienceId": "x",
    "capturedAt": "2024-01-01T00:00:00Z",
}  # fmt: skip
GIF = File("a.gif", "image/gif", 20)

EVENTS = [
    pytest.param({}, [], id="right"),
    pytest.param({"email": None, "phone": "", "metadata": None}, [], id="empty-optional-fields"),
    pytest.param({"userId": None}, ["analytics.identifier-sent"], id="no-identifier"),
    pytest.param({"action": "opened"}, ["analytics.pair-registered"], id="cross-pair"),
    pytest.param({"phone": "0171 23"}, ["analytics.phone"], id="phone"),
    pytest.param({"capturedAt": None}, ["analytics.captured-at"], id="required-and-empty"),
    pytest.param({"userId": 5}, ["analytics.user-id"], id="no-text"),
    pytest.param({"experienceId": "\ud800"}, ["analytics.experience-known", "analytics.plain-json"], id="surrogate"),
    pytest.param({"metadata": {"a": float("nan")}}, ["analytics.body"], id="nan"),
]


@pytest.mark.parametrize(("change", "rules"), EVENTS)
def test_an_event_breaks_these_rules(contract: Contract, change: dict[str, Any], rules: list[str]) -> None:
    intent = Intent("addUserAnalytics", {**EVENT, **change})

    assert [breach.rule.id for breach in wrong_with(intent, contract)] == rules


GIFTS = [
    pytest.param({}, (GIF,), [], id="right"),
    pytest.param({"userId": ""}, (GIF,), ["gift.user-known"], id="no-user"),
    pytest.param({}, (), ["gift.assets-present"], id="no-file"),
    pytest.param({}, (GIF,) * 10, [], id="ten-files"),
    pytest.param({}, (GIF,) * 11, ["gift.asset-count"], id="eleven-files"),
    pytest.param({}, (File("a.gif", "image/gif", 0),), ["gift.assets-present"], id="empty-file"),
    pytest.param({}, (File("a.mp4", "video/mp4", 52_428_800),), [], id="fifty-megabytes"),
    pytest.param({}, (File("a.mp4", "video/mp4", 52_428_801),), ["gift.asset-size"], id="one-byte-more"),
    pytest.param({}, (File("a.pdf", "application/pdf", 9, b"%PDF-1.7"),), ["gift.asset-media"], id="no-media"),
]


@pytest.mark.parametrize(("change", "files", "rules"), GIFTS)
def test_a_gift_breaks_these_rules(
    contract: Contract, change: dict[str, Any], files: tuple[File, ...], rules: list[str]
) -> None:
    intent = Intent("giftAssets", {"userId": "u", "eventId": "e", **change}, files)

    assert [breach.rule.id for breach in wrong_with(intent, contract)] == rules


def test_what_is_empty_is_not_meant() -> None:
    intent = Intent("addUserAnalytics", {"a": None, "b": "", "c": 0, "d": {}, "e": " ", "f": False})

    assert meant(intent) == {"c": 0, "d": {}, "e": " ", "f": False}
