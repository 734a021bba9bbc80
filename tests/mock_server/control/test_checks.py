"""Waiting for requests, and checking that they were sent."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from contracts.samples import SamplePart, encoded
from contracts.world import masked
from mock_server.server import Running, running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.control.asking import ask
from tests.mock_server.control.watching import Watched, until


def event(url: str, **changes: object) -> str:
    return send(url, ANALYTICS, EVENT | changes).headers["distinct-mock-request"]


@pytest.fixture(scope="module")
def filled() -> Iterator[str]:
    """Give a fake that got three events and a gift: opened, sent, read (which is refused)."""
    with running() as fake:
        for action in ("opened", "sent", "read"):
            event(fake.url, action=action)
        texts = (SamplePart("userId", "user-john-doe"), SamplePart("eventId", "summer-gala"))
        content_type, body = encoded((*texts, SamplePart("assets", "GIF89a", "a.gif", "image/gif")))
        send(fake.url, "/api/v1/vendor/user/assets", body, headers={"Content-Type": content_type})
        yield fake.url


OPENED: dict[str, Any] = {"body": {"action": "opened"}}
SENT: dict[str, Any] = {"body": {"action": "sent"}}
READ: dict[str, Any] = {"status": 400}
VERIFIED = [
    pytest.param({"match": {}}, 4, "at least 1", id="any"),
    pytest.param({"match": OPENED, "count": 1}, 1, "exactly 1", id="exactly"),
    pytest.param(
        {"match": {"body": {"email": EVENT["email"]}}, "atLeast": 2, "atMost": 3}, 3, "between 2 and 3", id="range"
    ),
    pytest.param({"match": {"operation": "captureAnalytics"}, "atMost": 0}, 0, "at most 0", id="at-most"),
    pytest.param({"match": {"operation": "captureAnalytics"}, "count": 0}, 0, "none", id="exactly-none"),
    pytest.param({"none": {"status": 500}}, 0, "none", id="none"),
    pytest.param({"none": {"answer": "tooManyRequests"}}, 0, "none", id="undocumented-answer"),
    pytest.param({"none": {"answer": "418"}}, 0, "none", id="status-as-an-answer"),
    pytest.param({"none": {"key": "vendor-elsewhere-key"}}, 0, "none", id="key-that-was-not-used"),
    pytest.param({"sequence": [OPENED, READ]}, 2, "2 requests in this order", id="sequence"),
    pytest.param({"match": {"parts": [{"filename": "a.gif", "size": 6}]}}, 1, "at least 1", id="part"),
    pytest.param({"match": {"headers": {"Content-Type": "application/json"}}}, 3, "at least 1", id="header"),
    pytest.param(
        {"match": {"headers": {"X-Distinct-Api-Key": "vendor-test-key"}}}, 4, "at least 1", id="secret-header"
    ),
    pytest.param({"match": {"key": "vendor-test-key", "user": "user-john-doe"}}, 3, "at least 1", id="key-and-user"),
]


@pytest.mark.parametrize(("body", "count", "expected"), VERIFIED)
def test_what_was_sent_is_verified(filled: str, body: dict[str, Any], count: int, expected: str) -> None:
    value = ask(filled, "POST", "/verify", body).value

    assert (value["verified"], value["count"], value["expected"], value["nearest"]) == (True, count, expected, None)


NOT_VERIFIED = [
    pytest.param({"match": {"operation": "captureAnalytics"}}, 0, 4, ["operation"], id="operation"),
    pytest.param(
        {"match": {"body": EVENT | {"action": "viewed"}, "status": 200}}, 0, 2, ["body/action"], id="latest-of-the-near"
    ),
    pytest.param({"match": OPENED, "count": 2}, 1, 3, ["body/action"], id="too-few"),
    pytest.param({"match": READ | OPENED}, 0, 3, ["body/action"], id="search-and-body"),
    pytest.param({"match": {"parts": [{"filename": "a.gif", "size": 7}]}}, 0, 4, ["parts/0/size"], id="part"),
    pytest.param({"sequence": [SENT, OPENED]}, 1, 3, ["body/action"], id="sequence"),
    pytest.param({"match": OPENED, "atMost": 0}, 1, None, [], id="too-many"),
    pytest.param({"none": READ}, 1, None, [], id="none"),
    pytest.param({"none": {"method": "post", "status": 400}}, 1, None, [], id="method-in-lower-case"),
    pytest.param({"none": {"answer": "invalidFeatureAction"}}, 1, None, [], id="answer"),
]


@pytest.mark.parametrize(("body", "count", "near", "differs"), NOT_VERIFIED)
def test_what_was_not_sent_has_a_nearest_miss(
    filled: str, body: dict[str, Any], count: int, near: int | None, differs: list[str]
) -> None:
    value = ask(filled, "POST", "/verify", body).value

    assert (value["verified"], value["count"]) == (False, count)
    nearest = value["nearest"] or {"request": {"seq": None}, "differs": []}
    assert nearest["request"]["seq"] == near
    assert [one["field"] for one in nearest["differs"]] == differs


def test_the_reason_names_the_place_in_a_sequence(filled: str) -> None:
    value = ask(filled, "POST", "/verify", {"sequence": [SENT, OPENED]}).value

    first, second = (one["id"] for one in ask(filled, "GET", "/requests?order=oldest&limit=2").value["requests"])
    assert value["reason"] == (
        f"number 2 of the sequence did not come after {second}, which was number 1; before that came {first}"
    )


WRONG = [
    pytest.param({"match": {"operation": "gift"}}, ["/match/operation"], id="operation"),
    pytest.param({"none": {"rule": "gift"}}, ["/none/rule"], id="rule"),
    pytest.param({"none": {"session": "s-0"}}, ["/none/session"], id="session"),
    pytest.param({"sequence": [{}, {"until": "2016-12-31T23:59:60Z"}]}, ["/sequence/1/until"], id="time"),
    pytest.param({"none": {"answer": "userNotFoud"}}, ["/none/answer"], id="answer"),
    pytest.param({"none": {"method": "PSOT"}}, ["/none/method"], id="method"),
    pytest.param({"none": {"key": "typo"}}, ["/none/key"], id="key"),
    pytest.param({"none": {"key": "…"}}, ["/none/key"], id="mask-of-no-key"),
    pytest.param({"sequence": [{}], "session": "s-0"}, ["/session"], id="session-of-a-sequence"),
    pytest.param({"match": {}, "session": "s-0"}, ["/session"], id="session-of-a-match"),
    pytest.param({"none": {"session": "s-1"}, "session": "s-0"}, ["/session"], id="session-of-all"),
    pytest.param({"sequence": [{}], "atLeast": 5, "count": 9}, ["/count", "/atLeast"], id="bounds-of-a-sequence"),
    pytest.param({"sequence": [{}], "atMost": 0}, ["/atMost"], id="most-of-a-sequence"),
    pytest.param({"match": {}, "count": 1, "atLeast": 1}, ["/count"], id="count-and-bound"),
    pytest.param({"match": {}, "atLeast": 2, "atMost": 1}, ["/atMost"], id="no-range"),
    pytest.param({"none": {}, "count": 1}, ["/count"], id="count-of-none"),
]


@pytest.mark.parametrize(("body", "places"), WRONG)
def test_what_can_never_be_verified_is_refused(filled: str, body: dict[str, Any], places: list[str]) -> None:
    answer = ask(filled, "POST", "/verify", body)

    assert answer.status == 400
    assert answer.places == places


def test_a_session_is_verified_alone(own: Running) -> None:
    session = ask(own.url, "POST", "/sessions").value
    event(own.url)
    send(own.url, ANALYTICS, EVENT | {"action": "sent"}, headers={"x-distinct-api-key": session["key"]})

    bodies: list[dict[str, Any]] = [{"match": {}}, {"none": OPENED}, {"sequence": [SENT]}, {"match": OPENED}]
    values = [ask(own.url, "POST", "/verify", {**body, "session": session["id"]}).value for body in bodies]

    assert [(value["verified"], value["count"]) for value in values] == [(True, 1), (True, 0), (True, 1), (False, 0)]
    assert values[-1]["nearest"]["request"]["session"] == session["id"]


def test_what_is_near_is_told(filled: str) -> None:
    answer = ask(filled, "POST", "/verify", {"none": {"answer": "userNotFoud", "key": "vendor-test-kay"}})

    assert "userNotFound" in answer.detail
    assert masked("vendor-test-key") in answer.detail
    assert "vendor-test-kay" not in answer.detail


def test_nothing_came_at_all(own: Running) -> None:
    value = ask(own.url, "POST", "/verify", {"match": {}}).value

    assert (value["reason"], value["nearest"]) == ("0 requests matched, and no other came", None)


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    """Give a fake that keeps two requests, and got one that was refused and then four that were taken."""
    with running(Settings(port=0, log_level="error", journal_entries=2)) as fake:
        for action in ("read", *["opened"] * 4):
            event(fake.url, action=action)
        yield fake.url


NOT_KNOWN = [
    pytest.param({"none": READ}, False, "0 requests matched", id="none"),
    pytest.param({"match": READ, "count": 0}, False, "0 requests matched", id="exactly-none"),
    pytest.param({"match": READ, "atMost": 3}, False, "0 requests matched", id="at-most"),
    pytest.param({"match": OPENED, "count": 2}, False, "2 requests matched", id="exactly"),
    pytest.param({"match": OPENED, "atLeast": 1, "atMost": 5}, False, "2 requests matched", id="range"),
    pytest.param({"match": OPENED, "count": 4}, False, "2 requests matched", id="too-few"),
    pytest.param({"sequence": [READ, OPENED]}, False, "number 1 of the sequence did not come", id="sequence"),
    pytest.param({"match": OPENED, "atLeast": 2}, True, "2 requests matched", id="at-least"),
    pytest.param({"sequence": [OPENED, OPENED]}, True, "they were ", id="sequence-that-came"),
]


@pytest.mark.parametrize(("body", "verified", "reason"), NOT_KNOWN)
def test_what_was_evicted_may_have_matched(small: str, body: dict[str, Any], *, verified: bool, reason: str) -> None:
    value = ask(small, "POST", "/verify", body).value

    assert (value["verified"], value["evicted"]) == (verified, 3)
    assert value["reason"].startswith(reason)
    assert value["reason"].endswith("; 3 older ones were evicted, and nothing is known of them") is not verified


def test_what_others_lost_is_nothing_to_a_session(small: str) -> None:
    session = ask(small, "POST", "/sessions").value["id"]

    value = ask(small, "POST", "/verify", {"none": {}, "session": session}).value

    assert (value["verified"], value["evicted"]) == (True, 0)


def test_many_requests_are_looked_at(own: Running) -> None:
    # More than one page of the journal.
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: event(own.url, metadata={"n": n}), range(520)))

    values = [
        ask(own.url, "POST", "/verify", {"match": match, "count": count}).value
        for match, count in (({"body": {"metadata": {"n": 519}}}, 1), (OPENED, 520))
    ]

    assert [value["verified"] for value in values] == [True, True]


# Waiting


def test_what_has_come_is_not_waited_for(filled: str) -> None:
    value = ask(filled, "POST", "/wait", {"match": {"status": 200}, "count": 3, "seconds": 0}).value

    assert (value["met"], value["count"], [one["seq"] for one in value["requests"]]) == (True, 3, [1, 2, 4])


def test_a_wait_ends_when_enough_have_come(own: Running) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, own.url, "POST", "/wait", {"match": OPENED, "count": 2, "seconds": 60})
        event(own.url)
        event(own.url, action="sent")
        assert not waiting.done()
        event(own.url)
        value = waiting.result(timeout=20).value

    assert (value["count"], [one["seq"] for one in value["requests"]]) == (2, [1, 3])


def test_a_wait_that_is_over_tells_the_nearest(own: Running) -> None:
    event(own.url, action="sent")
    begin = time.monotonic()

    answer = ask(own.url, "POST", "/wait", {"match": OPENED, "seconds": 0.2})

    assert time.monotonic() - begin >= 0.2
    assert answer.status == 408
    assert answer.detail == "0 requests matched in time, expected at least 1"
    assert (answer.value["count"], answer.value["expected"]) == (0, "at least 1")
    (difference,) = answer.value["nearest"]["differs"]
    assert difference == {"field": "body/action", "got": "'sent'", "expected": "'opened'"}


def test_a_wait_for_what_there_is_not_is_refused(own: Running) -> None:
    assert ask(own.url, "POST", "/wait", {"match": {"rule": "x"}}).places == ["/match/rule"]


def begin_waiting(url: str) -> socket.socket:
    """Ask to wait for a minute, and don't read the answer; returns when the fake waits."""
    parts = urlsplit(url)
    connection = socket.create_connection((str(parts.hostname), parts.port or 0), timeout=20)
    body = b'{"match":{"status":599},"seconds":60}'
    head = f"POST /_mock/wait HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def test_a_wait_ends_with_its_client(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(own, monkeypatch)
    connection = begin_waiting(own.url)
    until(lambda: watched.waiting == 1)

    connection.close()

    until(lambda: watched.waiting == 0)


def test_a_wait_ends_with_the_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[bytes] = []
    with running() as fake:
        watched = Watched(fake, monkeypatch)
        connection = begin_waiting(fake.url)
        until(lambda: watched.waiting == 1)
        reader = threading.Thread(target=lambda: answers.append(connection.recv(65536)))
        reader.start()
        begin = time.monotonic()
    reader.join(timeout=10)
    connection.close()

    # The fake would give up on it after 5 s.
    assert time.monotonic() - begin < 4
    assert answers[0].startswith(b"HTTP/1.1 503 ")
