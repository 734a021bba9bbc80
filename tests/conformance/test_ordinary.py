"""An ordinary intent is one that no client has a reason to refuse."""

from typing import Any

import pytest

from conformance.model import File, Intent
from conformance.ordinary import REAL_PHONES, is_ordinary
from conformance.trials.smoke import valid_intents
from contracts.operations import Contract

ARGS = [
    pytest.param({"userId": "user-1", "email": None}, True, id="not-given"),
    pytest.param({"userId": ""}, False, id="empty"),
    pytest.param({"userId": "  "}, False, id="blanks"),
    pytest.param({"userId": "user\x00"}, False, id="control-character"),
    pytest.param({"userId": 7}, False, id="number"),
    pytest.param({"userId": "u" * 65}, False, id="long"),
    pytest.param({"email": "john+a@mail.example.com"}, True, id="email"),
    pytest.param({"email": "john@localhost"}, False, id="email-without-domain"),
    pytest.param({"phone": REAL_PHONES[0]}, True, id="real-phone"),
    pytest.param({"phone": "+9991234567"}, False, id="phone-of-nowhere"),
    pytest.param({"capturedAt": "2026-04-27T13:35:00.25+02:00"}, True, id="time"),
    pytest.param({"capturedAt": "2016-12-31T23:59:60Z"}, False, id="leap-second"),
    pytest.param({"capturedAt": "0999-04-27T13:35:00Z"}, False, id="long-ago"),
    pytest.param({"capturedAt": "2027-04-27T13:35:00Z"}, False, id="to-come"),
    pytest.param({"recordCapturedAt": "2026-05-27T13:35:00Z"}, False, id="later-than-the-example"),
    pytest.param({"capturedAt": "2025-04-27T13:35:00Z"}, False, id="a-year-before"),
    pytest.param({"metadata": {"a": [1, {"b": None}], "c": 1.5}}, True, id="metadata"),
    pytest.param({"metadata": {}}, False, id="no-metadata"),
    pytest.param({"metadata": {"": 1}}, False, id="nameless"),
    pytest.param({"metadata": {"a": 2**53}}, False, id="large-number"),
    pytest.param({"metadata": {"a": [[[[[1]]]]]}}, False, id="deep"),
    pytest.param({"metadata": {"a": {1}}}, False, id="no-json"),
    pytest.param({"metadata": [1]}, False, id="list"),
]


@pytest.mark.parametrize(("args", "expected"), ARGS)
def test_arguments(args: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a column
    assert is_ordinary(Intent("addUserAnalytics", args)) is expected


FILES = [
    pytest.param((File("a.gif", "image/gif", 64),), True, id="gif"),
    pytest.param((File("a.gif", "image/gif", 0),), False, id="empty"),
    pytest.param((File("a b.gif", "image/gif", 64),), False, id="name-with-a-blank"),
    pytest.param((File("a.gif", "image/png", 64),), False, id="declared-as-another"),
    pytest.param((File("a.gif", "image/gif", 64, head=b"abc"),), False, id="unknown-content"),
    pytest.param((File("a.gif", "image/gif", 50_000_000),), False, id="large"),
    pytest.param((File("a.gif", "image/gif", 64),) * 11, False, id="many"),
]


@pytest.mark.parametrize(("files", "expected"), FILES)
def test_files(files: tuple[File, ...], expected: bool) -> None:  # noqa: FBT001 - a column
    assert is_ordinary(Intent("giftAssets", {"userId": "u", "eventId": "e"}, files)) is expected


def test_the_examples_of_the_spec_are(contract: Contract) -> None:
    assert all(map(is_ordinary, valid_intents(contract)))
