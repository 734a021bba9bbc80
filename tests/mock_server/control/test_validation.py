"""What the control API refuses before anything is done, and how it says so."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from mock_server.control.validation import MOST_BYTES
from mock_server.server import Running
from mock_server.storage.database import StorageError
from tests.mock_server.control.asking import ask

DEEP = b'{"do":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
TWICE = b'{"do": "500", "do": "404"}'
BODIES = [
    pytest.param(b"", 400, "no body; expected JSON", id="none"),
    pytest.param(b"{", 400, "the body is no JSON: ", id="cut"),
    pytest.param(b"{'do': 1}", 400, "the body is no JSON: ", id="not-quite-JSON"),
    pytest.param(b'{"do": NaN}', 400, "the body is no JSON: NaN is no JSON value", id="NaN"),
    pytest.param(
        b'{"next": %s}' % (b"9" * 5000),
        400,
        "the body has a number of 5000 digits; at most 308 are read",
        id="number-without-end",
    ),
    pytest.param(b'{"x": -1e400}', 400, "the body has the number -1e400, which is beyond a double", id="beyond-all"),
    pytest.param(b'{"do": "\xff"}', 400, "the body is not UTF-8: invalid start byte at byte 8", id="not-UTF-8"),
    pytest.param(b'["500"]', 400, "the body: got a JSON list, expected a JSON object", id="list"),
    pytest.param(b"7", 400, "the body: got a JSON number, expected a JSON object", id="number"),
    pytest.param(b"null", 400, "the body: got a JSON null, expected a JSON object", id="null"),
    pytest.param(DEEP, 400, "the body is nested too deep", id="deep"),
    pytest.param(TWICE, 400, "the body is no JSON: the member 'do' stands twice in one object", id="twice"),
    pytest.param(b" " * (MOST_BYTES + 1), 413, "the body has more than 1048576 bytes", id="too-large"),
    pytest.param(b" " * 9_000_000, 413, "the body has more than 1048576 bytes", id="far-too-large"),
]


@pytest.mark.parametrize(("body", "status", "words"), BODIES)
def test_a_body_that_cannot_be_read(body: bytes, status: int, words: str, fake: Running) -> None:
    answer = ask(fake.url, "POST", "/faults", body)

    assert answer.status == status
    assert answer.detail.startswith(words)


def test_the_largest_body_is_read(fake: Running) -> None:
    body = json.dumps({"do": "no-such-answer"}).encode()

    answer = ask(fake.url, "POST", "/faults", body + b" " * (MOST_BYTES - len(body)))

    assert answer.status == 400
    assert "no-such-answer" in answer.detail


def test_a_body_in_chunks_is_bounded_too(fake: Running) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(fake.url).port or 0), timeout=20) as client:
        client.sendall(
            b"POST /_mock/faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        client.sendall((b"80000\r\n" + b" " * 0x80000 + b"\r\n") * 3 + b"0\r\n\r\n")
        answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_who_waits_for_leave_to_send_too_much_is_refused_at_once(fake: Running) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(fake.url).port or 0), timeout=20) as client:
        client.sendall(
            b"POST /_mock/faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99999999999999999999999999\r\nExpect: 100-continue\r\n\r\n".replace(b"9" * 20, b"2")
        )
        answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


def test_a_body_that_was_cut_short_is_told_so(fake: Running) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(fake.url).port or 0), timeout=20) as client:
        client.sendall(
            b"POST /_mock/faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b'Content-Length: 100\r\n\r\n{"do": '
        )
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"the body was cut short: " in answer


def test_an_integer_may_be_written_with_a_fraction_or_an_exponent(own: Running) -> None:
    session = ask(own.url, "POST", "/sessions", b'{"assetBytes": 1e3, "seconds": 6E1}')
    fault = ask(own.url, "POST", "/faults", b'{"do": "500", "next": 2.0}').value

    assert session.status == 201
    assert (fault["next"], type(fault["next"])) == (2, int)


TYPES = [
    pytest.param("application/json; charset=utf-8", 201, id="with-a-parameter"),
    pytest.param("Application/JSON", 201, id="in-another-case"),
    pytest.param("text/plain", 415, id="what-a-form-of-another-site-may-send"),
    pytest.param("application/x-www-form-urlencoded", 415, id="form"),
    pytest.param("", 415, id="none"),
]


@pytest.mark.parametrize(("kind", "status"), TYPES)
def test_the_content_type_has_to_be_json(kind: str, status: int, own: Running) -> None:
    answer = ask(own.url, "POST", "/sessions", {}, headers={"Content-Type": kind})

    assert answer.status == status


HALF = "x\ud83d"
HALVES = [
    pytest.param("PATCH", "/world", {"users": [{"id": HALF}]}, "/users/0/id", id="world"),
    pytest.param("POST", "/sessions", {"world": {"pairs": {"a": [HALF]}}}, "/world/pairs/a/0", id="world-of-a-session"),
    pytest.param("POST", "/sessions", {"name": HALF}, "/name", id="name-of-a-session"),
    pytest.param("POST", "/faults", {"do": "500", "key": HALF}, "/key", id="key-of-a-fault"),
    pytest.param("POST", "/faults", {"do": "500", "session": HALF}, "/session", id="session-of-a-fault"),
    pytest.param("POST", "/wait", {"match": {"path": HALF}, "seconds": 0}, "/match/path", id="wait"),
    pytest.param("POST", "/verify", {"none": HALF}, "/none", id="verify"),
    pytest.param("POST", "/verify", {"match": {"body": {"a/b": [1, {HALF: 1}]}}}, "/match/body/a~1b/1", id="name"),
    pytest.param("POST", "/reset", {"session": HALF}, "/session", id="reset"),
    pytest.param("POST", "/reset", {HALF: 1}, "", id="name-of-a-member"),
]


@pytest.mark.parametrize(("method", "path", "body", "place"), HALVES)
def test_half_of_a_pair_is_no_text(method: str, path: str, body: object, place: str, own: Running) -> None:
    answer = ask(own.url, method, path, body)

    assert (answer.status, answer.places) == (400, [place])
    assert "a lone surrogate" in answer.detail
    assert ask(own.url, "GET", "/world").status == 200


def test_a_whole_pair_is_text(own: Running) -> None:
    assert ask(own.url, "POST", "/sessions", {"name": "\U0001f600 \\ud83d"}).value["name"] == "\U0001f600 \\ud83d"


QUERIES = [
    pytest.param("/requests?limit=x", "?limit", "'x'", "an integer ≥ 1 and ≤ 1000", id="no-number"),
    pytest.param("/requests?limit=1001", "?limit", "1001", "an integer ≥ 1 and ≤ 1000", id="too-many"),
    pytest.param("/requests?limit=", "?limit", "''", "an integer ≥ 1 and ≤ 1000", id="empty"),
    pytest.param("/requests?accepted=yes", "?accepted", "'yes'", "true or false", id="truth"),
    pytest.param("/requests?order=up", "?order", "'up'", "one of newest, oldest", id="one-of-some"),
    pytest.param("/requests?since=now", "?since", "'now'", "text that is a date and time", id="time"),
    pytest.param("/requests?limit=1&limit=2", "?limit", "it twice", "it once", id="twice"),
    pytest.param("/world?sesion=s-1", "?sesion", "a parameter that there is not", "one of session", id="misspelled"),
]


@pytest.mark.parametrize(("path", "place", "got", "expected"), QUERIES)
def test_a_query_that_does_not_fit(path: str, place: str, got: str, expected: str, fake: Running) -> None:
    answer = ask(fake.url, "GET", path)

    (wrong,) = answer.value["errors"]
    assert (answer.status, wrong["place"], wrong["got"]) == (400, place, got)
    assert wrong["expected"].startswith(expected)
    assert place in answer.detail


def test_faults_of_query_and_body_are_told_together(fake: Running) -> None:
    answer = ask(fake.url, "PATCH", "/world?x=1", {"users": 1, "y": 2})

    assert sorted(answer.places) == ["/users", "/y", "?x"]


NOWHERE = [
    pytest.param("/sesions", "/_mock/sessions", id="misspelled"),
    pytest.param("/sessions/", "/_mock/sessions", id="slash-at-the-end"),
    pytest.param("/sessions/a%2Fb", "/_mock/sessions", id="encoded-slash"),
]


@pytest.mark.parametrize(("path", "near"), NOWHERE)
def test_an_unknown_path_is_told_what_is_near(path: str, near: str, fake: Running) -> None:
    answer = ask(fake.url, "GET", path)

    assert answer.status == 404
    assert near in answer.detail


def test_head_is_answered_as_get_without_the_body(fake: Running) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(fake.url).port or 0), timeout=20) as client:
        client.sendall(b"HEAD /_mock/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n")


def test_a_failure_of_ours_is_a_problem_without_a_traceback(
    own: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a detail that is nobody's business")

    monkeypatch.setattr(own.fake.sessions, "all", fail)

    answer = ask(own.url, "GET", "/sessions")

    assert (answer.status, answer.detail) == (500, "the control API failed; the log of the fake says how")
    assert "nobody's business" in caplog.text


def test_a_database_that_fails_is_told_as_what_it_is(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise StorageError("disk I/O error")

    monkeypatch.setattr(own.fake.sessions, "all", fail)

    answer = ask(own.url, "GET", "/sessions")

    assert (answer.status, answer.detail) == (503, "the journal cannot be used: disk I/O error")


def test_the_control_api_is_not_journaled(own: Running) -> None:
    ask(own.url, "GET", "/health")
    ask(own.url, "GET", "/nowhere")

    assert own.fake.journal.last_seq() == 0
