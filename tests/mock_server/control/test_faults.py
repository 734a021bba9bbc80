"""Arming answers and network faults, and disarming them."""

import contextlib
import http.client
from typing import Any

import pytest

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, Send
from tests.mock_server.control.asking import Answer, ask

MASKED_BY = "vendor-test-key"


def arm(fake: Running, **body: object) -> Answer:
    return ask(fake.url, "POST", "/faults", body)


def statuses(fake: Running, post: Send, number: int) -> list[int]:
    return [post(fake.url, ANALYTICS, EVENT).status for _ in range(number)]


def test_an_armed_answer_is_given_once(own: Running, post: Send) -> None:
    answer = arm(own, do="internalServerError")

    fault = answer.value
    assert (answer.status, answer.headers["location"]) == (201, f"/_mock/faults/{fault['id']}")
    assert (fault["do"], fault["mode"], fault["next"], fault["remaining"]) == (["internalServerError"], "next", 1, 1)
    assert (fault["active"], fault["documented"], fault["seen"], fault["used"]) == (True, True, 0, 0)
    assert statuses(own, post, 2) == [500, 200]


def test_it_is_counted_down_and_stays_listed(own: Running, post: Send) -> None:
    fault = arm(own, do="500", next=2).value
    statuses(own, post, 1)
    (after_one,) = ask(own.url, "GET", "/faults").value["faults"]
    statuses(own, post, 2)

    used_up = ask(own.url, "GET", f"/faults/{fault['id']}").value

    assert (after_one["used"], after_one["remaining"], after_one["active"]) == (1, 1, True)
    assert (used_up["used"], used_up["remaining"], used_up["active"]) == (2, 0, False)


SCHEDULES = [
    pytest.param({"do": ["500", "pass", "userNotFound"]}, [500, 200, 400, 200], id="series"),
    pytest.param({"do": "500", "next": 3}, [500, 500, 500, 200], id="next"),
    pytest.param({"do": "500", "every": 2}, [200, 500, 200, 500], id="every"),
    pytest.param({"do": "500", "always": True}, [500, 500, 500, 500], id="always"),
    pytest.param({"do": "500", "probability": 1}, [500, 500, 500, 500], id="probability"),
    pytest.param({"do": "500", "always": False}, [500, 200, 200, 200], id="always-not"),
    pytest.param({"do": "500", "operation": "giftAssets"}, [200, 200, 200, 200], id="another-operation"),
    pytest.param({"do": "500", "operation": "addUserAnalytics"}, [500, 200, 200, 200], id="this-operation"),
    pytest.param({"do": "500", "key": MASKED_BY}, [500, 200, 200, 200], id="this-key"),
    pytest.param({"do": "500", "key": "vendor-elsewhere-key"}, [200, 200, 200, 200], id="another-key"),
]


@pytest.mark.parametrize(("body", "expected"), SCHEDULES)
def test_a_schedule_is_kept(body: dict[str, Any], expected: list[int], own: Running, post: Send) -> None:
    armed = arm(own, **body)

    assert armed.status == 201, armed.value
    assert statuses(own, post, 4) == expected


@pytest.mark.parametrize("do", [" 500 ", [" 500 "]], ids=["alone", "in-a-list"])
def test_a_step_is_listed_without_blanks_around_it(do: object, own: Running) -> None:
    assert arm(own, do=do).value["do"] == ["500"]


def test_the_mode_is_told(own: Running) -> None:
    modes = [
        arm(own, do="500", **form).value["mode"] for form in ({"every": 2}, {"probability": 0.5}, {"always": True})
    ]

    assert modes == ["every", "probability", "always"]


def test_a_seed_makes_chance_the_same_each_time(own: Running, post: Send) -> None:
    series = []
    for _ in range(2):
        arm(own, do="500", probability=0.5, seed=7)
        series.append(statuses(own, post, 20))
        ask(own.url, "DELETE", "/faults")

    assert series[0] == series[1]
    assert set(series[0]) == {200, 500}


def test_the_key_is_masked_however_it_is_given(own: Running, post: Send) -> None:
    by_key = arm(own, do="500", key=MASKED_BY).value
    by_mask = arm(own, do="500", key=by_key["key"]).value

    assert "…" in by_key["key"]
    assert by_mask["key"] == by_key["key"]
    assert MASKED_BY not in str(ask(own.url, "GET", "/faults").value)
    assert statuses(own, post, 3) == [500, 500, 200]


def test_a_sessions_fault_hits_its_key_alone(own: Running, post: Send) -> None:
    session = ask(own.url, "POST", "/sessions").value
    arm(own, do="500", session=session["id"])

    outside = post(own.url, ANALYTICS, EVENT)
    inside = post(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": session["key"]})

    assert (outside.status, inside.status) == (200, 500)


def test_what_no_document_names_is_told_apart(own: Running, post: Send) -> None:
    fault = arm(own, do="tooManyRequests:5").value

    reply = post(own.url, ANALYTICS, EVENT)

    assert fault["documented"] is False
    assert (reply.status, reply.headers["retry-after"]) == (429, "5")


NOTHING_SENT = ["close", "reset:before", "garbage"]
SOMETHING_SENT = ["reset:during+500", "truncate", "reset:after"]


@pytest.mark.parametrize("step", [*NOTHING_SENT, *SOMETHING_SENT])
def test_an_answer_that_never_went_out_is_in_no_record(step: str, own: Running, post: Send) -> None:
    arm(own, do=step)

    with contextlib.suppress(OSError, http.client.HTTPException):
        post(own.url, ANALYTICS, EVENT)

    (entry,) = ask(own.url, "GET", "/requests?full=true").value["requests"]
    is_sent = step in SOMETHING_SENT
    assert ((entry["status"] or 0) > 0, entry["answer"] is not None) == (is_sent, is_sent)
    assert (entry["response"]["headers"] != []) is is_sent
    # It was taken all the same, as by a server whose answer is lost.
    assert entry["accepted"] is ("500" not in step)


WRONG = [
    pytest.param({}, "/do", id="nothing"),
    pytest.param({"do": 500}, "/do", id="number"),
    pytest.param({"do": "500", "session": "s-000000000000"}, "/session", id="unknown-session"),
    pytest.param({"do": "500", "key": "nokey", "always": True}, "/key", id="unknown-key"),
    pytest.param({"do": "500", "key": "…"}, "/key", id="mask-of-no-key"),
    pytest.param({"do": "500", "probability": 2}, "/probability", id="more-than-certain"),
]


@pytest.mark.parametrize(("body", "place"), WRONG)
def test_what_is_wrong_is_told(body: dict[str, Any], place: str, own: Running) -> None:
    answer = arm(own, **body)

    assert (answer.status, answer.places) == (400, [place])
    assert ask(own.url, "GET", "/faults").value == {"faults": []}


MISFITS = [
    pytest.param({"do": "nonsense"}, "/do", "nonsense", id="unknown-answer"),
    pytest.param({"do": "500", "operation": "giftAsets"}, "/operation", "giftAsets", id="unknown-operation"),
    pytest.param({"do": "500", "next": 1, "every": 2}, "/every", "beside next", id="two-schedules"),
    pytest.param({"do": ["500", "404"], "every": 2}, "/do", "with every", id="a-series-at-intervals"),
    pytest.param({"do": "500", "seed": 2}, "/seed", "only a probability", id="seed-without-chance"),
]


@pytest.mark.parametrize(("body", "place", "words"), MISFITS)
def test_what_makes_no_sense_is_refused(body: dict[str, Any], place: str, words: str, own: Running) -> None:
    answer = arm(own, **body)

    assert (answer.status, answer.places) == (400, [place])
    assert words in answer.detail
    assert ask(own.url, "GET", "/faults").value == {"faults": []}


def test_a_fault_is_disarmed(own: Running, post: Send) -> None:
    fault = arm(own, do="500").value["id"]

    gone = ask(own.url, "DELETE", f"/faults/{fault}")

    assert gone.status == 204
    assert statuses(own, post, 1) == [200]
    assert ask(own.url, "GET", f"/faults/{fault}").status == 404
    assert ask(own.url, "DELETE", f"/faults/{fault}").status == 404


def test_all_are_disarmed_or_those_of_a_session(own: Running) -> None:
    session = ask(own.url, "POST", "/sessions").value["id"]
    arm(own, do="500")
    arm(own, do="500", session=session)
    arm(own, do="500", session=session)

    listed = ask(own.url, "GET", f"/faults?session={session}").value["faults"]
    of_session = ask(own.url, "DELETE", f"/faults?session={session}")
    rest = ask(own.url, "DELETE", "/faults")

    assert [fault["session"] for fault in listed] == [session, session]
    assert (of_session.value, rest.value) == ({"deleted": 2}, {"deleted": 1})
    assert ask(own.url, "GET", "/faults?session=s-000000000000").status == 404
    assert ask(own.url, "DELETE", "/faults?session=s-000000000000").status == 404


def test_an_unknown_fault(own: Running) -> None:
    answer = ask(own.url, "GET", "/faults/f-99")

    assert (answer.status, answer.detail) == (404, "no armed fault 'f-99'; GET /_mock/faults lists them")
