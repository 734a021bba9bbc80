"""Beginning anew."""

from typing import Any

import pytest

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, Send
from tests.mock_server.control.asking import ask

NOTHING = {"requests": 0, "faults": 0, "sessions": 0, "world": False}


@pytest.fixture
def session(own: Running, post: Send) -> dict[str, Any]:
    """Give a session in a fake in which something happened, inside the session and outside."""
    session: dict[str, Any] = ask(own.url, "POST", "/sessions").value
    for place in ("", f"?session={session['id']}"):
        ask(own.url, "PATCH", f"/world{place}", {"experiences": ["other"]})
    for body in ({"do": "500"}, {"do": "500", "session": session["id"]}):
        ask(own.url, "POST", "/faults", body)
    for key in ("vendor-test-key", session["key"], session["key"]):
        post(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": key})
    return session


def reset(fake: Running, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = ask(fake.url, "POST", "/reset", body)
    assert answer.status == 200, answer.value
    value: dict[str, Any] = answer.value
    return value


@pytest.mark.usefixtures("session")
def test_all_is_forgotten(own: Running) -> None:
    assert reset(own) == {"requests": 3, "faults": 2, "sessions": 1, "world": True}
    assert reset(own) == NOTHING
    assert ask(own.url, "GET", "/sessions").value == {"sessions": []}
    assert ask(own.url, "GET", "/faults").value == {"faults": []}
    assert ask(own.url, "GET", "/world").value["experiences"] == ["47Gop5"]


PARTS = [
    pytest.param("requests", 3, id="requests"),
    pytest.param("faults", 2, id="faults"),
    pytest.param("sessions", 1, id="sessions"),
    pytest.param("world", True, id="world"),
]


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(("what", "count"), PARTS)
def test_a_part_alone_is_forgotten(what: str, count: int, own: Running) -> None:
    assert reset(own, {"what": [what]}) == {**NOTHING, what: count}


def test_what_belongs_to_a_session_is_forgotten(own: Running, session: dict[str, Any], post: Send) -> None:
    assert reset(own, {"session": session["id"]}) == {"requests": 2, "faults": 1, "sessions": 0, "world": True}

    # The session goes on.
    assert post(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": session["key"]}).status == 200
    assert ask(own.url, "GET", "/world").value["experiences"] == ["47Gop5", "other"]
    assert len(ask(own.url, "GET", "/faults").value["faults"]) == 1


def test_an_unknown_session_is_a_fault(own: Running) -> None:
    answer = ask(own.url, "POST", "/reset", {"session": "s-000000000000"})

    assert (answer.status, answer.places) == (400, ["/session"])


def test_a_session_is_not_ended_by_its_reset(own: Running, session: dict[str, Any]) -> None:
    answer = ask(own.url, "POST", "/reset", {"session": session["id"], "what": ["sessions"]})

    assert (answer.status, answer.places) == (400, ["/what"])
