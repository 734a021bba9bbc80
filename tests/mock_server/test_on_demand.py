"""What a request asks for itself in its Prefer header."""

import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.operations import Contract
from mock_server.on_demand import PreferenceError, preferences, preferred
from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, Send
from tests.test_properties import SAME_EVERYWHERE

OPERATION = "addUserAnalytics"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], {}),
        ([""], {}),
        (["code=500"], {"code": "500"}),
        (["Code = 500"], {"code": "500"}),
        (['example="userNotFound"'], {"example": "userNotFound"}),
        (["code=500, example=x"], {"code": "500", "example": "x"}),
        (["respond-async, wait=10; max=3, code=500"], {"respond-async": "", "wait": "10", "code": "500"}),
        (["code=500; note=x"], {"code": "500"}),
        (['example="a, b", code=1'], {"example": "a, b", "code": "1"}),
        (["code=500", "code=401", "example=x"], {"code": "500", "example": "x"}),
        (["code=500, code=401"], {"code": "500"}),
        (["code="], {"code": ""}),
        ([", ,code=500,,"], {"code": "500"}),
    ],
)
def test_preferences_are_read_by_name(headers: list[str], expected: Mapping[str, str]) -> None:
    assert preferences(headers) == expected


@pytest.mark.parametrize(
    ("headers", "step"),
    [
        (["code=500"], "500"),
        (["example=userNotFound"], "userNotFound"),
        (["code=400, example=userNotFound"], "userNotFound"),
        (["example=reset:before"], "reset:before"),
        (['example="delay:5ms+500"'], "delay:5ms+500"),
        (["return=minimal"], None),
        ([], None),
    ],
)
def test_the_step_that_is_asked_for(headers: list[str], step: str | None, contract: Contract) -> None:
    found = preferred(headers, contract.operation(OPERATION))

    assert (found.text if found else None) == step


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (["code=999"], "Prefer: got '999', expected"),
        (["code="], "Prefer: got ''"),
        (["example=userNotFoundd"], "near it: userNotFound"),
        # Of the contract, but of another operation.
        (["example=assetsUploaded"], "Prefer: got 'assetsUploaded'"),
        (["code=500, example=userNotFound"], "code=500 beside example=userNotFound, whose status is 400"),
        (["code=500, example=pass"], "code=500 beside example=pass, whose status is none of its own"),
    ],
)
def test_what_there_is_not_is_refused(headers: list[str], words: str, contract: Contract) -> None:
    with pytest.raises(PreferenceError) as raised:
        preferred(headers, contract.operation(OPERATION))

    assert words in str(raised.value)


@SAME_EVERYWHERE
@given(st.lists(st.text(st.characters(max_codepoint=255)), max_size=3))
def test_any_header_is_read(headers: list[str]) -> None:
    assert all(name == name.lower() and name for name in preferences(headers))


@pytest.mark.parametrize(
    "header", ["=" + " " * 60_000 + "=", "a" * 60_000, '"' * 60_000, "=," * 30_000, "a=;" * 20_000]
)
def test_a_hostile_header_takes_no_time(header: str) -> None:
    began = time.process_time()

    preferences([header])

    assert time.process_time() - began < 0.5


# Over the wire


def test_an_answer_is_played_to_a_valid_request_which_is_judged_all_the_same(fake: Running, post: Send) -> None:
    reply = post(fake.url, ANALYTICS, EVENT, headers={"Prefer": "code=500"})

    assert (reply.status, reply.message, reply.broken) == (500, "Internal server error.", [])
    assert reply.headers["distinct-mock-armed"] == "prefer 500"


def test_what_is_broken_is_told_beside_an_answer_that_is_played(fake: Running, post: Send) -> None:
    reply = post(
        fake.url, ANALYTICS, {**EVENT, "email": "no-one@example.com"}, headers={"Prefer": "example=tooManyRequests:7"}
    )

    assert (reply.status, reply.broken, reply.headers["retry-after"]) == (429, ["analytics.user-known"], "7")
    assert reply.headers["distinct-mock-armed"] == "prefer tooManyRequests:7 (not documented)"


def test_a_refused_preference_looks_like_no_answer_of_distinct(fake: Running, post: Send) -> None:
    reply = post(fake.url, ANALYTICS, EVENT, headers={"Prefer": "example=nonsense"})

    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert "got 'nonsense'" in reply.text
