"""What ASGI has no words for: bytes that are no answer, connections that break, and waiting for a client to leave."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from starlette.types import Message, Receive, Scope, Send

from tests.mock_server.wire_helpers import GET, PATIENCE, Client, Noting, Running, ask, post, reply, serving

LENGTH = (b"content-length", b"5")
START: Message = {"type": "http.response.start", "status": 200, "headers": [LENGTH]}
PART: Message = {"type": "http.response.body", "body": b"he", "more_body": True}
ALL: Message = {"type": "http.response.body", "body": b"hello"}
RAW: Message = {"type": "wire.raw", "data": b"<raw>"}
CLOSE: Message = {"type": "wire.close"}
RESET: Message = {"type": "wire.reset"}
WAIT: Message = {"type": "wire.wait", "seconds": 0.05}

PROGRAMS: dict[str, tuple[Message, ...]] = {
    "/a": (START, ALL),
    "/close": (CLOSE,),
    "/close-after-head": (START, CLOSE),
    "/close-after-part": (START, PART, CLOSE),
    "/close-after-wait": (START, WAIT, PART, WAIT, CLOSE),
    "/reset": (RESET,),
    "/reset-after-head": (START, RESET),
    "/reset-after-part": (START, PART, RESET),
    "/raw": (RAW, CLOSE),
    "/raw-after-part": (START, PART, RAW, RESET),
    "/raw-after-head": (START, RAW, CLOSE),
    "/wait": (WAIT, START, ALL),
    "/no-wait": ({"type": "wire.wait", "seconds": 0}, START, ALL),
    "/unknown": ({"type": "wire.unknown"},),
    "/after-all": (START, ALL, RESET),
}


async def breaks(scope: Scope, _receive: Receive, send: Send) -> None:
    """Send what the table says for the path."""
    for message in PROGRAMS[scope["path"]]:
        await send(message)


@pytest.fixture(scope="module")
def _certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return trust, folder / "cert.pem", folder / "key.pem"


class Connect:
    """Connects to a server, over TLS where there is something to trust."""

    def __init__(self, running: Running, trust: ssl.SSLContext | None) -> None:
        self._running = running
        self.trust = trust

    def __call__(self) -> Client:
        return self._running.connect(self.trust)


@pytest.fixture(scope="module", params=["http", "https"])
def connect(
    request: pytest.FixtureRequest, parser: str, _certificates: tuple[ssl.SSLContext, Path, Path]
) -> Iterator[Connect]:
    trust, certificate, key = _certificates
    tls = request.param == "https"
    options = {"ssl_certfile": certificate, "ssl_keyfile": key} if tls else {}
    with serving(breaks, Noting(), parser, timeout_graceful_shutdown=1, **options) as running:
        yield Connect(running, trust if tls else None)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """See to it that nothing of this is taken for a failure of the application."""
    yield
    logged = [record.getMessage() for record in caplog.get_records("call") if record.name == "uvicorn.error"]
    assert bool(logged) == ("fails" in request.node.name), logged


# The path, what comes (behind the head, when there is one), and how the connection ends.
BREAKS = [
    pytest.param("/close", b"", "closed", id="close"),
    pytest.param("/close-after-head", b"", "closed", id="close-after-head"),
    pytest.param("/close-after-part", b"he", "closed", id="close-after-part"),
    pytest.param("/close-after-wait", b"he", "closed", id="close-after-wait"),
    pytest.param("/reset", b"", "reset", id="reset"),
    pytest.param("/reset-after-head", b"", "reset", id="reset-after-head"),
    pytest.param("/reset-after-part", b"he", "reset", id="reset-after-part"),
    pytest.param("/raw", b"<raw>", "closed", id="raw"),
    pytest.param("/raw-after-head", b"<raw>", "closed", id="raw-after-head"),
    pytest.param("/raw-after-part", b"he<raw>", "reset", id="raw-after-part"),
]


@pytest.mark.parametrize(("path", "expected", "end"), BREAKS)
def test_a_connection_breaks(path: str, expected: bytes, end: str, connect: Connect) -> None:
    # Whether bytes before a reset arrive must not be a matter of luck.
    for _ in range(10):
        with connect() as client:
            seen, ended = client.send(ask(path)).ending()

        head, _, body = seen.rpartition(b"\r\n\r\n")
        assert (body, bool(head)) == (expected, "-after-" in path)
        # Python's own TLS takes a reset for an end.
        assert ended == ("closed" if connect.trust else end)


@pytest.mark.parametrize("path", ["/reset", "/reset-after-part"])
def test_a_connection_is_reset_below_tls(path: str, connect: Connect) -> None:
    with connect() as client:
        client.send(ask(path))
        with Client(socket.socket(fileno=os.dup(client.raw.fileno()))) as below:
            below.raw.settimeout(PATIENCE)

            assert below.ending()[1] == "reset"


@pytest.mark.parametrize(("path", "end"), [("/close", "closed"), ("/reset", "reset")])
def test_what_came_before_is_answered_and_what_comes_after_is_not(path: str, end: str, connect: Connect) -> None:
    with connect() as client:
        seen, ended = client.send(GET + ask(path) + GET).ending()

    assert (seen.count(b"HTTP/1.1 200"), seen.endswith(b"hello"), ended) == (
        1,
        True,
        "closed" if connect.trust else end,
    )


@pytest.mark.parametrize(("path", "seconds"), [("/wait", 0.05), ("/no-wait", 0.0)])
def test_a_wait_is_no_part_of_an_answer(path: str, seconds: float, connect: Connect) -> None:
    with connect() as client:
        began = time.monotonic()
        answers = [client.send(ask(path)).answer().body for _ in range(2)]

    assert answers == [b"hello", b"hello"]
    assert time.monotonic() - began >= 2 * seconds


def test_an_unknown_message_fails(connect: Connect) -> None:
    with connect() as client:
        assert client.send(ask("/unknown")).answer().status == 500


def test_a_break_after_the_answer_fails_and_harms_nobody(connect: Connect) -> None:
    with connect() as client:
        client.send(ask("/after-all") + GET)

        assert [client.answer().body, client.answer().body] == [b"hello", b"hello"]


# Waiting


class Waiter:
    """An application that waits as the path says, and notes how that ended."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/receive":
            messages = [await receive(), await receive()]
            self.ends.append(messages[1]["type"])
            await send(CLOSE)
            return
        try:
            await send({"type": "wire.wait", "seconds": None if scope["path"] == "/ever" else 0.1})
        except ConnectionError:
            self.ends.append("left")
            # Who waits again is told again.
            with pytest.raises(ConnectionError):
                await send({"type": "wire.wait", "seconds": None})
            await send(CLOSE)
        else:
            self.ends.append("waited")
            await reply(send, b"hello")


@pytest.fixture
def waiter() -> Waiter:
    return Waiter()


@pytest.fixture
def waiting(parser: str, waiter: Waiter) -> Iterator[Running]:
    with serving(waiter, Noting(), parser, timeout_graceful_shutdown=60) as running:
        yield running


LEAVING: list[object] = [
    pytest.param(lambda client: client.half_close(), id="ends-its-side"),
    pytest.param(lambda client: client.reset(), id="resets"),
]


@pytest.mark.parametrize("leave", LEAVING)
def test_a_wait_ends_when_the_client(leave: Callable[[Client], object], waiting: Running, waiter: Waiter) -> None:
    with waiting.connect() as client:
        client.send(ask("/ever"))
        waiting.soon(waiting.busy)
        leave(client)
        waiting.soon(lambda: not waiting.connections)

    assert waiter.ends == ["left"]


def test_a_wait_does_not_end_with_more_of_the_request(waiting: Running, waiter: Waiter) -> None:
    with waiting.connect() as client:
        began = time.monotonic()
        client.drip(post(b"x" * 100, path="/some-time"))

        assert client.answer().body == b"hello"
        assert time.monotonic() - began >= 0.1
    assert waiter.ends == ["waited"]


def test_a_wait_notices_who_leaves_though_nothing_is_read(parser: str) -> None:
    ends: list[str] = []

    async def wait_and_read(_scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while True:
                await send({"type": "wire.wait", "seconds": 0.02})
        except ConnectionError:
            ends.append("left")
        await send(CLOSE)
        assert await receive() == {"type": "http.disconnect"}

    with serving(wait_and_read, Noting(), parser) as running, running.connect() as client:
        client.raw.settimeout(0)
        client.raw.send(post(bytes(4_000_000)))
        running.soon(running.reading_paused)
        client.reset()
        running.soon(lambda: not running.connections)

    assert ends == ["left"]


# What waits when the server stops, and what becomes of it.
STOPPING = [
    pytest.param("/ever", "waited", b"hello", id="wait"),
    pytest.param("/receive", "http.disconnect", b"", id="receive"),
]


@pytest.mark.parametrize(("path", "end", "body"), STOPPING)
def test_a_server_that_stops_ends_what_only_waits(
    path: str, end: str, body: bytes, waiting: Running, waiter: Waiter
) -> None:
    with waiting.connect() as client, waiting.connect() as pipelining:
        client.send(ask(path))
        pipelining.send(ask("/some-time") + ask(path))
        waiting.soon(lambda: len(waiting.server.server_state.tasks) == 2)
        waiting.stop()

        assert sorted(waiter.ends) == sorted([end, "waited", end])
        assert client.rest().endswith(body)
        assert pipelining.answer().body == b"hello"
        assert pipelining.rest().endswith(body)


def test_an_upload_goes_on_when_the_server_stops(parser: str) -> None:
    begun = threading.Event()

    async def count(_scope: Scope, receive: Receive, send: Send) -> None:
        size, more = 0, True
        while more:
            begun.set()
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
        await reply(send, b"%d" % size)

    with serving(count, Noting(), parser, timeout_graceful_shutdown=60) as running, running.connect() as client:
        sent = post(b"x" * 1000)
        client.send(sent[:-500])
        running.soon(begun.is_set)
        running.server.should_exit = True
        running.soon(lambda: any(not line._latest.keep_alive for line in running.connections))  # noqa: SLF001 - it was told
        answer = client.send(sent[-500:]).answer()

    assert (answer.status, answer.body) == (200, b"1000")
