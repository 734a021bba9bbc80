"""Requests as they come: every one once, and again when it is complete, until the client or the fake goes."""

import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from mock_server.control import stream
from mock_server.server import Running, running
from mock_server.storage.database import StorageError
from tests.conftest import ANALYTICS, EVENT, Reply, send
from tests.mock_server.control.asking import DOCUMENT, ask
from tests.mock_server.control.watching import Watched, until

ENTRY = DOCUMENT.validator("/components/schemas/Entry")


class Event(NamedTuple):
    """One event: its name, its number if it has one, and its data."""

    name: str
    number: str
    data: Any


class Reader:
    """Reads the events of one stream."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.response = response

    def line(self) -> str:
        return self.response.readline().decode()

    def next(self) -> Event:
        """Give the next event; fails at the end of the stream."""
        fields: dict[str, str] = {}
        while True:
            line = self.line()
            assert line, "the stream has ended"
            if line == "\n" and fields:
                break
            name, _, value = line.rstrip("\n").partition(": ")
            fields |= {name: value} if name else {}
        found = Event(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
        assert found.name != "request" or ENTRY.is_valid(found.data)
        return found

    def requests(self, count: int) -> list[Event]:
        """Give the next events that are about requests."""
        found: list[Event] = []
        while len(found) < count:
            event = self.next()
            found += [event] if event.name == "request" else []
        return found


@contextmanager
def listening(url: str, query: str = "", **headers: str) -> Iterator[Reader]:
    """Open a stream; its first two events have come, and what is sent from now on is told."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request(
        "GET", f"/_mock/stream{query}", headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    response = connection.getresponse()
    assert (response.status, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    try:
        yield Reader(response)
    finally:
        response.close()
        connection.close()


def event(url: str, **options: Any) -> Reply:  # noqa: ANN401 - as send takes them
    return send(url, ANALYTICS, EVENT, **options)


def test_a_stream_begins_with_where_it_is(own: Running) -> None:
    event(own.url)

    with listening(own.url) as reader:
        first, second = reader.next(), reader.next()

    assert first == Event("hello", "1", {"seq": 1, "evicted": 0})
    assert second == Event("faults", "", {"faults": []})


def test_a_request_is_told_as_in_the_list(own: Running) -> None:
    with listening(own.url) as reader:
        reader.next()
        reply = event(own.url)
        (told,) = reader.requests(1)

    assert told.number == "1"
    assert told.data["id"] == reply.headers["distinct-mock-request"]
    (listed,) = ask(own.url, "GET", "/requests").value["requests"]
    assert told.data | {"completed": True, "milliseconds": 0} == listed | {"milliseconds": 0}


def test_a_request_is_told_again_when_it_is_complete(own: Running) -> None:
    ask(own.url, "POST", "/faults", {"do": "delay:600ms"})
    with listening(own.url) as reader, ThreadPoolExecutor(1) as pool:
        reader.next()
        pool.submit(event, own.url)
        first, second = reader.requests(2)

    assert (first.data["completed"], first.data["milliseconds"], first.number) == (False, None, "1")
    # Without a number: who reconnects must not begin with an old one.
    assert (second.data["completed"], second.number) == (True, "")
    assert second.data["milliseconds"] >= 600
    assert first.data["id"] == second.data["id"]


def test_faults_are_told_when_they_change(own: Running) -> None:
    with listening(own.url) as reader:
        reader.next()
        reader.next()
        armed = ask(own.url, "POST", "/faults", {"do": "500"}).value
        told = [reader.next()]
        event(own.url)
        told += [reader.next(), reader.next()]

    assert told[0] == Event("faults", "", {"faults": [armed]})
    assert sorted(one.name for one in told[1:]) == ["faults", "request"]
    assert [one.data["faults"][0]["remaining"] for one in told if one.name == "faults"] == [1, 0]


FILTERED = [
    pytest.param("?status=400&after=0", [2, 4], id="status"),
    pytest.param("?accepted=true&after=0", [1, 3], id="accepted"),
    pytest.param("?rule=analytics.pair-registered&after=2", [4], id="rule"),
]


@pytest.mark.parametrize(("query", "numbers"), FILTERED)
def test_only_what_fits_is_told(own: Running, query: str, numbers: list[int]) -> None:
    for action in ("opened", "read", "sent", "read"):
        send(own.url, ANALYTICS, EVENT | {"action": action})

    with listening(own.url, query) as reader:
        told = [int(one.number) for one in reader.requests(len(numbers))]

    assert told == numbers


@pytest.mark.parametrize(
    ("query", "last", "numbers"),
    [
        pytest.param("?after=1", "", ["2", "3"], id="after"),
        pytest.param("?after=0", "2", ["3"], id="last-event-id-comes-first"),
        pytest.param("", "1", ["2", "3"], id="last-event-id"),
        pytest.param("", "9000", ["1", "2", "3"], id="of-another-journal"),
        pytest.param("?after=2", "no-number", ["3"], id="no-number"),
        pytest.param("?after=2", "9" * 30, ["3"], id="beyond-numbers"),
    ],
)
def test_a_stream_goes_on_where_it_was(own: Running, query: str, last: str, numbers: list[str]) -> None:
    for _ in range(3):
        event(own.url)

    with listening(own.url, query, Last_Event_ID=last) as reader:
        told = [one.number for one in reader.requests(len(numbers))]

    assert told == numbers


def test_too_many_at_once_are_counted(own: Running) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: event(own.url), range(450)))

    with listening(own.url, "?after=0") as reader:
        names = [reader.next() for _ in range(3)]
        told = reader.requests(199)

    assert [one.name for one in names] == ["hello", "faults", "skipped"]
    assert names[2].data == {"count": 250}
    assert [int(one.number) for one in told] == list(range(251, 450))


def test_a_quiet_stream_shows_that_it_is_there(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_COMMENT_SECONDS", 0.1)
    monkeypatch.setattr(stream, "_LOOK_SECONDS", 0.05)

    with listening(own.url) as reader:
        reader.next()
        reader.next()
        lines = [reader.line() for _ in range(4)]

    assert lines == [": still here\n", "\n"] * 2


def test_an_end_that_is_never_told_is_forgotten(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_MOST_OPEN", 1)
    ask(own.url, "POST", "/faults", {"do": "delay:600ms", "next": 2})

    with listening(own.url) as reader, ThreadPoolExecutor(2) as pool:
        reader.next()
        replies = [pool.submit(event, own.url) for _ in range(2)]
        told = reader.requests(3)
        event(own.url)
        told += reader.requests(1)

    assert [one.result().status for one in replies] == [200, 200]
    # The first of the two is told no end, since only one was remembered.
    assert [(one.data["seq"], one.data["completed"]) for one in told] == [
        (1, False),
        (2, False),
        (2, True),
        (3, True),
    ]


def test_a_request_that_is_gone_has_no_end(own: Running) -> None:
    ask(own.url, "POST", "/faults", {"do": "delay:900ms"})
    with listening(own.url) as reader, ThreadPoolExecutor(1) as pool:
        reader.next()
        reply = pool.submit(event, own.url)
        (first,) = reader.requests(1)
        ask(own.url, "DELETE", "/requests")
        assert reply.result().status == 200
        event(own.url)
        (second,) = reader.requests(1)

    assert (first.data["completed"], second.data["seq"]) == (False, first.data["seq"] + 1)


def test_a_stream_ends_with_its_client(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(own, monkeypatch)
    with listening(own.url) as reader:
        reader.next()
        until(lambda: watched.waiting == 1)

    until(lambda: watched.waiting == 0)


def test_a_stream_ends_with_the_fake() -> None:
    with running() as fake:
        connection = http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=20)
        connection.request("GET", "/_mock/stream")
        response = connection.getresponse()
        response.readline()
        begin = time.monotonic()
    rest = response.read()
    connection.close()

    # The fake would give up on it after 5 s. The end of the body is whole, or reading would fail.
    assert time.monotonic() - begin < 4
    assert rest.endswith(b"\n\n")


def test_a_stream_ends_with_its_journal(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(own.url) as reader:
        reader.next()
        reader.next()

        def fail(*_: object, **__: object) -> None:
            raise StorageError("no space")

        monkeypatch.setattr(own.fake.journal, "find", fail)
        assert reader.response.read() == b""


def test_a_wrong_filter_is_a_problem(own: Running) -> None:
    answer = ask(own.url, "GET", "/stream?operation=gift")

    assert (answer.status, answer.places) == (400, ["?operation"])


def test_head_gets_no_events(own: Running) -> None:
    connection = http.client.HTTPConnection(urlsplit(own.url).netloc, timeout=20)
    connection.request("HEAD", "/_mock/stream")

    response = connection.getresponse()

    assert (response.status, response.read()) == (200, b"")
    connection.close()


def test_curl_shows_events_as_they_come(own: Running) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = ["curl", "-sN", f"{own.url}/_mock/stream"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        assert curl.stdout is not None
        lines = [curl.stdout.readline() for _ in range(4)]
        event(own.url)
        lines += [curl.stdout.readline() for _ in range(6)]
        curl.terminate()

    assert lines[:2] == ["event: hello\n", "id: 0\n"]
    assert "event: request\n" in lines
