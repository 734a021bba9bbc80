"""What is no clear request is refused, by both parsers alike, so that the client sees the answer."""

import asyncio
import threading
import time

import pytest
from starlette.types import Receive, Scope, Send

from tests.mock_server.wire_helpers import (
    CHUNKED,
    GET,
    GET_B,
    HOST,
    OFFER,
    Client,
    Noting,
    Running,
    echo,
    serving,
)

LONG_DIGITS = b"9" * 30
MALFORMED = [
    pytest.param(b"hello\r\n\r\n", id="garbage"),
    pytest.param(b"hello", id="garbage-without-end"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="tls-hello"),
    pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="http2-preface"),
    pytest.param(b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", id="http2-version"),
    pytest.param(b"GET / HTTP/0.9\r\n" + HOST + b"\r\n", id="http0.9-version"),
    pytest.param(b"GET /\r\n\r\n", id="http0.9"),
    pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no-host"),
    pytest.param(b"GET / HTTP/1.1\r\n" + HOST * 2 + b"\r\n", id="two-hosts"),
    pytest.param(b"GET / HTTP/1.1\r\nHost : fake\r\n\r\n", id="blank-before-colon"),
    pytest.param(b"GET / HTTP/1.1\nHost: fake\n\n", id="lf-only"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: fake\n\r\n", id="one-bare-lf"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: fake\r\nX: a\r\n b\r\n\r\n", id="folded"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: fake\r\nX: a\rb\r\n\r\n", id="bare-cr"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: fake\r\nX: a\x00b\r\n\r\n", id="nul"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: fake\r\nX: a\x01b\r\n\r\n", id="control-character"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: fake\r\nno colon\r\n\r\n", id="no-colon"),
    pytest.param("GET /é HTTP/1.1\r\nHost: fake\r\n\r\n".encode(), id="non-ascii-target"),
    pytest.param(b"GET /\x01 HTTP/1.1\r\nHost: fake\r\n\r\n", id="control-in-target"),
    pytest.param(b"GET /a b HTTP/1.1\r\nHost: fake\r\n\r\n", id="blank-in-target"),
    pytest.param(b"GET /a#b HTTP/1.1\r\nHost: fake\r\n\r\n", id="fragment"),
    pytest.param(b"GET nowhere HTTP/1.1\r\nHost: fake\r\n\r\n", id="no-target"),
    pytest.param(b"GET http://fa\\ke/ HTTP/1.1\r\nHost: fake\r\n\r\n", id="no-authority"),
    pytest.param(b"GET ftp://fake/ HTTP/1.1\r\nHost: fake\r\n\r\n", id="ftp"),
    pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: fake\r\n\r\n", id="asterisk"),
    pytest.param(b"CONNECT fake:1 HTTP/1.1\r\nHost: fake\r\n\r\n", id="connect"),
    pytest.param(b"get / HTTP/1.1\r\nHost: fake\r\n\r\n", id="lower-case-method"),
    pytest.param(b"INVENT / HTTP/1.1\r\nHost: fake\r\n\r\n", id="unknown-method"),
    pytest.param(b"SOURCE / ICE/1.0\r\n\r\n", id="another-protocol"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n" + CHUNKED + b"\r\n0\r\n\r\n", id="both"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"Content-Length: 1\r\n\r\n0\r\n\r\n", id="both-turned"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", id="two-lengths"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 2\r\n\r\nab", id="list-of-lengths"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\ncontent-length: 1\r\n\r\na", id="length-twice"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 1\r\n\r\na", id="list-of-one-length"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\na", id="signed-length"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length:\r\n\r\na", id="empty-length"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: " + LONG_DIGITS + b"\r\n\r\n", id="huge-length"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", id="gzip"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, chunked\r\n\r\n", id="chunked-chunked"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + CHUNKED * 2 + b"\r\n0\r\n\r\n", id="two-codings"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity\r\n\r\n", id="identity"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding:\r\n\r\n", id="empty-coding"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + OFFER + b"Transfer-Encoding: gzip\r\n\r\n", id="offer-and-gzip"),
    pytest.param(b"POST / HTTP/1.1\r\n" + HOST + OFFER + CHUNKED + b"Content-Length: 1\r\n\r\na", id="offer-and-both"),
    pytest.param(b"POST / HTTP/1.1\r\n" + OFFER + b"Content-Length: 1\r\n\r\na", id="offer-and-no-host"),
    pytest.param(b"POST / HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n0\r\n\r\n", id="chunked-in-1.0"),
]  # fmt: skip


@pytest.mark.parametrize("sent", MALFORMED)
def test_what_is_no_clear_request_is_refused(server: Running, client: Client, sent: bytes) -> None:
    answer = client.send(sent).answer()

    assert (answer.status, answer.body, answer.closes) == (400, b"http", True)
    assert client.rest() == b""
    assert server.edge.checks == ["http"]


@pytest.mark.parametrize("sent", MALFORMED)
def test_a_refusal_quotes_nothing(server: Running, client: Client, sent: bytes) -> None:
    secret = b"X-Api-Key: s3cr3t-w0rd\r\n"
    client.send(sent.replace(b"\r\n", b"\r\n" + secret, 1)).answer()

    [(_, got)] = server.edge.refused

    assert got
    assert "s3cr3t" not in got


def test_a_refused_client_that_sends_on_sees_the_answer(client: Client) -> None:
    client.send(b"hello\r\n\r\n")
    client.send(b"x" * 3_000_000).half_close()

    assert client.rest().endswith(b"\r\n\r\nhttp")


def test_a_refused_client_that_stays_is_cut_off(
    server: Running, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_server.wire.connection._LINGER_SECONDS", 0.3)
    client.send(b"hello\r\n\r\n").answer()
    began = time.monotonic()

    assert client.rest() == b""
    server.soon(lambda: not server.connections)
    assert 0.2 < time.monotonic() - began < 1.5


def test_garbage_behind_a_request_in_flight_gets_no_answer(parser: str) -> None:
    go = threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.to_thread(go.wait, 10)
        await echo(scope, receive, send)

    with serving(slow, Noting(), parser) as server, server.connect() as client:
        client.send(GET + GET_B + b"hello\r\n\r\n" + b"x" * 100_000)
        go.set()

        assert [client.answer().seen["path"], client.answer().seen["path"]] == ["/a", "/b"]
        assert client.rest() == b""
        assert server.edge.refused == []
