"""Mending with judges that no spec of ours has: the last resort, and an end in any case."""

from typing import Any

import pytest

from contracts.mending import changes, mended
from contracts.model import Breach, Judgement
from contracts.operations import Contract, Operation
from contracts.proposals import Body
from contracts.world import Key

EXAMPLE = {"type": "PHOTO_VIEWED_BY_USER", "eventValue": "opening-match", "email": "john.doe@example.com"}


@pytest.fixture
def operation(contract: Contract) -> Operation:
    return contract.operation("captureAnalytics")


def breach(operation: Operation, field: str) -> Judgement:
    rule = operation.by_check["known-event-value"]
    return Judgement(rule.refusal, (Breach(rule, field, "it", "that"),))


def test_an_example_is_the_last_resort(operation: Operation, key: Key) -> None:
    sent = {"type": "PHOTO_DOWNLOADED_BY_USER", "eventValue": "x", "mine": 1}

    def judge(body: Body) -> Judgement:
        # What is wrong has no field to mend.
        return operation.nothing_broken if "email" in body else breach(operation, "the whole")

    found = mended(operation, key, sent, [EXAMPLE], judge)

    assert found == EXAMPLE | {"type": "PHOTO_DOWNLOADED_BY_USER", "mine": 1}


def test_what_is_never_accepted_is_not_mended(operation: Operation, key: Key) -> None:
    tried: list[Body] = []

    def judge(body: Body) -> Judgement:
        tried.append(body)
        # Each change is answered with another complaint.
        return breach(operation, ("eventValue", "email")[len(tried) % 2])

    assert mended(operation, key, EXAMPLE, [EXAMPLE], judge) is None
    assert len(tried) < 500


def test_no_example_of_the_form_is_no_correction(operation: Operation, key: Key) -> None:
    visit = {"type": "REGISTRATION_PAGE_VISIT"}

    found = mended(operation, key, visit, [EXAMPLE], lambda _: breach(operation, "eventValue"))

    assert found is None


CHANGES: list[Any] = [
    pytest.param({"a": 1}, {"a": 1}, [], id="nothing"),
    pytest.param({"a": 1}, {"a": True}, ["a: 1 -> True"], id="one-is-not-true"),
    pytest.param({}, {"a": ""}, ["a: '' added"], id="added"),
    pytest.param({"a": None}, {}, ["a: None left out"], id="left-out"),
    pytest.param({"email": "a"}, {"email": "b"}, ["email: 'a' -> 'b', a user of this world"], id="user"),
    pytest.param({"a": "x" * 500}, {}, [f"a: '{'x' * 38}…{'x' * 38}' left out"], id="long"),
]


@pytest.mark.parametrize(("sent", "corrected", "words"), CHANGES)
def test_changes_are_said_field_by_field(sent: Body, corrected: Body, words: list[str]) -> None:
    assert list(changes(sent, corrected)) == words
