"""Sessions: made, used, judged and ended."""

import re
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, Reply, Send
from tests.mock_server.control.asking import ask


def create(fake: Running, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = ask(fake.url, "POST", "/sessions", body)
    assert answer.status == 201, answer.value
    value: dict[str, Any] = answer.value
    return value


def sent(fake: Running, post: Send, session: dict[str, Any], body: dict[str, Any]) -> Reply:
    return post(fake.url, ANALYTICS, body, headers={"x-distinct-api-key": session["key"]})


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that another thread brings about."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("the condition did not come about within 10 s")


def test_a_session_begins_with_nothing_and_has_a_key_that_works(own: Running, post: Send) -> None:
    answer = ask(own.url, "POST", "/sessions")

    session = answer.value
    assert (answer.status, answer.headers["location"]) == (201, f"/_mock/sessions/{session['id']}")
    assert (session["name"], session["ended"], session["requests"], session["faults"]) == ("", None, 0, 0)
    assert sent(own, post, session, EVENT).status == 200


def test_a_session_lives_for_a_day_unless_asked_otherwise(own: Running) -> None:
    usual, short = create(own), create(own, {"name": "short", "seconds": 60})

    assert lifetime(usual) == 86_400
    assert lifetime(short) == 60
    assert short["name"] == "short"


def lifetime(session: dict[str, Any]) -> int:
    created, expires = (datetime.fromisoformat(session[name]) for name in ("created", "expires"))
    return round((expires - created).total_seconds())


def test_times_are_utc_with_milliseconds(own: Running) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", create(own)["created"])


def test_the_key_is_told_once_and_masked_from_then_on(own: Running) -> None:
    session = create(own)

    listed = ask(own.url, "GET", "/sessions").value["sessions"]
    alone = ask(own.url, "GET", f"/sessions/{session['id']}").value

    key = session.pop("key")
    assert listed == [session]
    assert alone == session
    assert session["masked"].startswith("dmk_…")
    assert key not in str(listed)


def test_sessions_are_counted_apart(own: Running, post: Send) -> None:
    one, other = create(own), create(own)

    sent(own, post, one, EVENT)
    sent(own, post, one, {})
    ask(own.url, "POST", "/faults", {"do": "500", "session": other["id"]})

    counts = {
        each["id"]: (each["requests"], each["faults"]) for each in ask(own.url, "GET", "/sessions").value["sessions"]
    }
    assert counts == {one["id"]: (2, 0), other["id"]: (0, 1)}


OPTIONS = [
    pytest.param({"answer": "internalServerError"}, 500, id="answer"),
    pytest.param({"allow": ["192.0.2.1"]}, 403, id="allow"),
    pytest.param({"allow": ["127.0.0.0/8"]}, 200, id="allowed"),
    pytest.param({"world": {"users": [{"id": "user-john-doe", "phone": "+1415"}]}}, 400, id="world"),
    pytest.param({"world": {"pairs": {"other": ["one"]}}}, 200, id="pairs-are-added"),
]


@pytest.mark.parametrize(("body", "status"), OPTIONS)
def test_a_session_has_its_own_settings(body: dict[str, Any], status: int, own: Running, post: Send) -> None:
    session = create(own, body)

    assert sent(own, post, session, EVENT).status == status
    assert post(own.url, ANALYTICS, EVENT).status == 200


WRONG = [
    pytest.param({"seconds": 0}, "/seconds", id="no-time"),
    pytest.param({"seconds": 1e9}, "/seconds", id="too-long"),
    pytest.param({"assetBytes": 0}, "/assetBytes", id="no-bytes"),
    pytest.param({"world": {"keys": [{"key": "k"}]}}, "/world/keys", id="another-key"),
    pytest.param({"world": {"user": []}}, "/world/user", id="misspelled-table"),
]


@pytest.mark.parametrize(("body", "place"), WRONG)
def test_what_is_wrong_with_a_session_is_told(body: dict[str, Any], place: str, own: Running) -> None:
    answer = ask(own.url, "POST", "/sessions", body)

    assert (answer.status, answer.places) == (400, [place])
    assert ask(own.url, "GET", "/sessions").value["sessions"] == []


MISFITS = [
    pytest.param({"answer": "nonsense"}, "nonsense", id="answer"),
    pytest.param({"allow": ["here"]}, "here", id="address"),
    pytest.param({"world": {"users": [{"id": "u", "events": ["nowhere"]}]}}, "nowhere", id="event"),
]


@pytest.mark.parametrize(("body", "words"), MISFITS)
def test_what_does_not_fit_makes_no_session(body: dict[str, Any], words: str, own: Running) -> None:
    answer = ask(own.url, "POST", "/sessions", body)

    assert answer.status == 400
    assert words in answer.detail
    assert ask(own.url, "GET", "/sessions").value["sessions"] == []


def test_an_ended_session_is_unknown_and_its_requests_stay(own: Running, post: Send) -> None:
    session = create(own)
    sent(own, post, session, EVENT)

    ended = ask(own.url, "DELETE", f"/sessions/{session['id']}")
    again = ask(own.url, "DELETE", f"/sessions/{session['id']}")

    assert (ended.status, again.status) == (204, 204)
    assert sent(own, post, session, EVENT).status == 401
    shown = ask(own.url, "GET", f"/sessions/{session['id']}").value
    assert shown["ended"] is not None
    assert shown["requests"] == 1


def test_a_session_expires(own: Running, post: Send) -> None:
    session = create(own, {"seconds": 0.05})

    until(lambda: sent(own, post, session, EVENT).status == 401)


@pytest.mark.parametrize("place", ["/sessions/s-000000000000", "/sessions/s-000000000000/verdict"])
def test_an_unknown_session(place: str, own: Running) -> None:
    answer = ask(own.url, "GET", place)

    assert (answer.status, answer.detail) == (404, "no session 's-000000000000'; GET /_mock/sessions lists them")


def test_ending_an_unknown_session(own: Running) -> None:
    assert ask(own.url, "DELETE", "/sessions/s-000000000000").status == 404


def test_the_verdict_of_a_session_is_about_its_requests_alone(own: Running, post: Send) -> None:
    session = create(own)
    post(own.url, ANALYTICS, {})
    for body in (EVENT, {**EVENT, "action": "read"}, {**EVENT, "action": "read", "capturedAt": "x"}):
        sent(own, post, session, body)

    verdict = ask(own.url, "GET", f"/sessions/{session['id']}/verdict").value

    assert verdict == {
        "session": session["id"],
        "requests": 3,
        "accepted": 1,
        "refused": 2,
        "evicted": 0,
        "rules": [{"id": "analytics.pair-registered", "count": 2}, {"id": "analytics.captured-at", "count": 1}],
        "flags": [],
        "answers": [
            {"name": "invalidFeatureAction", "status": 400, "count": 2},
            {"name": "userAnalyticsAdded", "status": 200, "count": 1},
        ],
        "clean": False,
        "complete": True,
    }


def test_a_flag_leaves_a_verdict_clean(own: Running, post: Send) -> None:
    session = create(own)
    post(own.url, f"{ANALYTICS}?x=1", EVENT, headers={"x-distinct-api-key": session["key"]})

    verdict = ask(own.url, "GET", f"/sessions/{session['id']}/verdict").value

    assert verdict["flags"] == [{"id": "analytics.no-query", "count": 1}]
    assert verdict["clean"] is True


def test_a_verdict_over_many_requests_counts_each(own: Running, post: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.control.reading._PAGE", 2)
    session = create(own)
    for _ in range(5):
        sent(own, post, session, {})

    verdict = ask(own.url, "GET", f"/sessions/{session['id']}/verdict").value

    assert (verdict["requests"], verdict["refused"]) == (5, 5)


def test_no_requests_are_no_breach(own: Running) -> None:
    verdict = ask(own.url, "GET", f"/sessions/{create(own)['id']}/verdict").value

    assert (verdict["requests"], verdict["clean"], verdict["answers"]) == (0, True, [])
