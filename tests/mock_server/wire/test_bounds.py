"""Heads are bounded in size and in time."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from tests.mock_server.wire_helpers import (
    GET,
    GET_B,
    HOST,
    Client,
    Noting,
    Running,
    echo,
    post,
    serving,
)


def padded(size: int, *, headers: int = 1) -> bytes:
    """A head of that many bytes."""
    start = b"GET /a HTTP/1.1\r\n" + HOST
    room = size - len(start) - 2
    share = room // headers
    lines = [b"X%04d: " % number + b"x" * (share - 9) + b"\r\n" for number in range(headers)]
    lines[-1] = lines[-1][:-2] + b"x" * (room - share * headers) + b"\r\n"
    head = start + b"".join(lines) + b"\r\n"
    assert len(head) == size
    return head


@pytest.mark.parametrize("cut", [1, 1000, 100_000])
@pytest.mark.parametrize("headers", [1, 200])
def test_a_head_at_its_bound_passes(client: Client, cut: int, headers: int) -> None:
    head = padded(4096, headers=headers)
    sent = head + post(b"x" * 5000) + head + GET_B

    for start in range(0, len(sent), cut):
        client.send(sent[start : start + cut])

    assert [client.answer().seen["path"] for _ in range(4)] == ["/a", "/p", "/a", "/b"]


@pytest.mark.parametrize("cut", [1, 1000, 100_000])
@pytest.mark.parametrize("headers", [1, 200])
@pytest.mark.parametrize("before", [b"", post(b"x" * 5000)], ids=["first", "second"])
def test_a_head_over_its_bound_is_refused(
    server: Running, client: Client, cut: int, headers: int, before: bytes
) -> None:
    client.send(before)
    if before:
        client.answer()
    head = padded(4097, headers=headers)

    for start in range(0, len(head), cut):
        client.send(head[start : start + cut])

    assert client.answer().body == b"header-size"
    assert client.rest() == b""
    assert server.edge.refused == [("header-size", "more than 4096 bytes of request line and headers")]


ENDLESS = [
    pytest.param(b"GET /", b"a" * 1000, id="target"),
    pytest.param(b"GET / HTTP/1.1\r\n" + HOST + b"X: ", b"a" * 1000, id="header"),
    pytest.param(b"GET / HTTP/1.1\r\n" + HOST + b"X:", b" " * 1000, id="blanks"),
    pytest.param(b"GET / HTTP/1.1\r\n" + HOST, b"a", id="name"),
    pytest.param(b"GET / HTTP/1.1\r\n" + HOST, b"X: y\r\n" * 200, id="headers"),
    pytest.param(b"", b"\r\n" * 500, id="blank-lines"),
]


@pytest.mark.parametrize(("start", "more"), ENDLESS)
def test_a_head_without_end_is_refused(server: Running, client: Client, start: bytes, more: bytes) -> None:
    client.send(start)
    for _ in range(0, 6000, len(more)):
        client.send(more)

    assert client.answer().body == b"header-size"
    assert server.edge.checks == ["header-size"]


@pytest.fixture(scope="module")
def _hasty_server(parser: str) -> Iterator[Running]:
    with serving(echo, Noting(header_seconds=0.3), parser, timeout_keep_alive=1) as running:
        yield running


@pytest.fixture
def hasty(_hasty_server: Running) -> Running:
    _hasty_server.edge.refused.clear()
    return _hasty_server


@pytest.mark.parametrize("before", [b"", post(b"abc")], ids=["first", "second"])
def test_a_slow_head_is_refused(hasty: Running, before: bytes) -> None:
    with hasty.connect() as client:
        if before:
            client.send(before).answer()
        began = time.monotonic()
        client.send(GET[:-2])

        assert client.answer().body == b"headers-in-time"
        assert 0.25 < time.monotonic() - began < 0.9
        assert hasty.edge.refused == [("headers-in-time", "no end of the headers within 0.3 s")]


def test_dripping_gives_a_head_no_more_time(hasty: Running) -> None:
    with hasty.connect() as client:
        began = time.monotonic()
        client.send(b"GET /a HTTP/1.1\r\n")
        client.raw.settimeout(0.02)
        while True:
            try:
                if client.raw.recv(1, socket.MSG_PEEK):
                    break
            except TimeoutError:
                client.send(b"x")
            assert time.monotonic() - began < 5
        client.raw.settimeout(5)

        assert client.answer().body == b"headers-in-time"
        assert time.monotonic() - began < 0.9


def test_a_connection_that_says_nothing_is_closed(hasty: Running) -> None:
    with hasty.connect() as client:
        assert client.rest() == b""
        assert hasty.edge.refused == []


def test_the_time_is_for_the_head_alone(hasty: Running) -> None:
    with hasty.connect() as client:
        sent = post(b"abc")
        client.send(sent[:-1])
        threading.Event().wait(0.5)

        assert client.send(sent[-1:]).answer().seen["body"] == "abc"
        threading.Event().wait(0.5)
        assert client.send(GET).answer().seen["path"] == "/a"


def test_a_resting_connection_is_closed_in_its_time(hasty: Running) -> None:
    with hasty.connect() as client:
        client.send(GET).answer()
        threading.Event().wait(0.6)
        client.send(GET).answer()
        began = time.monotonic()

        assert client.rest() == b""
        assert 0.9 < time.monotonic() - began < 2


def test_a_slow_head_behind_a_request_in_flight(parser: str) -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.6)
        await echo(scope, receive, send)

    with serving(slow, Noting(header_seconds=0.3), parser) as server, server.connect() as client:
        answer = client.send(GET + GET_B[:-2]).answer()

        assert (answer.seen["path"], answer.closes) == ("/a", True)
        assert client.rest() == b""
        assert server.edge.refused == []


def test_the_time_of_a_head_ends_with_it(parser: str) -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.6)
        await echo(scope, receive, send)

    with serving(slow, Noting(header_seconds=0.3), parser) as server, server.connect() as client:
        sent = post(b"", b"Connection: close\r\n")
        client.send(sent[:-3])
        server.soon(server.inside_a_head)

        assert client.send(sent[-3:]).answer().seen["path"] == "/p"
