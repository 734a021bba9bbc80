"""A request of the journal explained: the rule behind each remark, the one that was answered, what was sent."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.operations import Contract
from contracts.world import Key
from mock_server.explanation import correction, explained, sent_message, sent_value
from mock_server.storage.entry import Armed, Entry, Remark
from tests.conftest import EVENT
from tests.mock_server.made_entries import file, gift, made, part

NOW = datetime(2026, 5, 1, tzinfo=UTC)
USER = Remark("analytics.user-known", "email", "'x'", "a user of this world", "", is_flag=False)
PAIR = Remark("analytics.pair-registered", "action", "'read'", "a registered pair", "", is_flag=False)
QUERY = Remark("analytics.no-query", "query", "'a=1'", "no query string", "", is_flag=True)
REFUSAL: dict[str, Any] = {
    "status": 400,
    "answer": "invalidFeatureAction",
    "accepted": False,
    "broken": ("analytics.pair-registered",),
    "sent_body": b'{"statusCode":400,"message":"Invalid feature/action.","data":null}',
}


def test_each_remark_has_its_rule(contract: Contract) -> None:
    entry = made(remarks=(PAIR, QUERY), **REFUSAL)

    found = explained(entry, contract)

    assert [(one.rule.id if one.rule else "", one.answered, one.message) for one in found] == [
        ("analytics.pair-registered", True, "Invalid feature/action."),
        ("analytics.no-query", False, ""),
    ]


DECIDING = [
    pytest.param({}, "invalidFeatureAction", [False, True], id="by-its-answer"),
    pytest.param({}, "userNotFound", [True, False], id="the-first"),
    pytest.param({"armed": Armed("f-1", "userNotFound", documented=True)}, "userNotFound", [False, False], id="armed"),
    pytest.param({}, "", [False, False], id="client-left"),
]


@pytest.mark.parametrize(("changes", "answer", "answered"), DECIDING)
def test_one_breach_is_the_one_that_was_answered(
    contract: Contract, changes: dict[str, Any], answer: str, answered: list[bool]
) -> None:
    entry = made(remarks=(USER, PAIR), **{**REFUSAL, "answer": answer, **changes})

    assert [one.answered for one in explained(entry, contract)] == answered


def test_the_message_that_was_sent_has_its_limit(contract: Contract) -> None:
    remark = Remark("gift.asset-count", "assets", "a file number 11", "at most 10", "", is_flag=False)
    message = "No more than 10 assets can be uploaded in a single request."
    body = json.dumps({"statusCode": 400, "message": message, "data": None}).encode()
    entry = gift(remarks=(remark,), answer="tooManyAssets", status=400, sent_body=body)

    assert explained(entry, contract)[0].message == message


def test_a_rule_that_is_gone_is_still_told(contract: Contract) -> None:
    found = explained(made(remarks=(USER._replace(rule="old.rule"),), answer="userNotFound"), contract)

    assert [(one.rule, one.answered, one.message) for one in found] == [(None, False, "")]


def test_without_detail_nothing_is_explained(contract: Contract, key: Key) -> None:
    entry = replace(made(), detail=None, broken=("analytics.user-known",))

    assert explained(entry, contract) == []
    assert sent_message(entry) == ""
    assert correction(entry, contract, key, NOW).request is None


MESSAGES = [
    pytest.param(b"<html>", "", id="no-json"),
    pytest.param(b"[1]", "", id="no-object"),
    pytest.param(b"{}", "", id="no-message"),
    pytest.param(b'{"message": "Hello."}', "Hello.", id="message"),
]


@pytest.mark.parametrize(("body", "message"), MESSAGES)
def test_the_message_is_read_from_the_answer(body: bytes, message: str) -> None:
    assert sent_message(made(sent_body=body)) == message


VALUES = [
    pytest.param(made(), EVENT, id="json"),
    pytest.param(made(body=b'{"a": NaN}'), None, id="no-json"),
    pytest.param(made(body=b"[]"), None, id="list"),
    pytest.param(made(size=10**6), None, id="not-all-kept"),
    pytest.param(gift(parts=[part("userId", "u"), file("assets", "a")]), {"userId": "u"}, id="form"),
]


@pytest.mark.parametrize(("entry", "value"), VALUES)
def test_what_was_sent_is_read_as_an_object(contract: Contract, entry: Entry, value: object) -> None:
    assert entry.detail is not None
    assert sent_value(entry.detail, entry.size, contract.limits) == value


def test_a_request_that_broke_rules_is_corrected(contract: Contract, key: Key) -> None:
    entry = made(body={**EVENT, "action": "read"}, remarks=(PAIR, QUERY), **REFUSAL)

    found = correction(entry, contract, key, NOW)

    assert found.changes == ("action: 'read' -> 'opened'",)
    assert found.request is not None
    assert json.loads(found.request.text) == EVENT


def test_a_form_that_broke_rules_is_corrected(contract: Contract, key: Key) -> None:
    remark = Remark("gift.event-known", "eventId", "'x'", "an event", "", is_flag=False)
    parts = [part("userId", "user-john-doe"), part("eventId", "x"), file("assets", "a.gif")]
    entry = gift(parts=parts, remarks=(remark,), broken=("gift.event-known",))

    found = correction(entry, contract, key, NOW)

    assert found.changes == ("eventId: 'x' -> 'summer-gala'",)
    assert [kept.sha256 for kept in found.kept.values()] == ["ab" * 32]


def test_an_accepted_request_needs_no_correction(contract: Contract, key: Key) -> None:
    found = correction(made(remarks=(QUERY,), flagged=("analytics.no-query",)), contract, key, NOW)

    assert (found.request, found.reason) == (None, "nothing in it has to be corrected")


def test_a_key_with_a_fixed_answer_is_told(contract: Contract, key: Key) -> None:
    entry = made(body={**EVENT, "action": "read"}, remarks=(PAIR,), **REFUSAL)

    found = correction(entry, contract, replace(key, answer="internalServerError"), NOW)

    assert found.changes[-1] == "key: this one always gets internalServerError, whatever is sent"
