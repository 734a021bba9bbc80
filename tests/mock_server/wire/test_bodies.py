"""Bodies: told to the application when they break off, and never all in memory."""

import asyncio
import contextlib
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.types import Receive, Scope, Send

from tests.mock_server.wire_helpers import (
    CHUNKED,
    GET,
    HOST,
    OFFER,
    Client,
    Noting,
    Running,
    post,
    post_chunked,
    read_body,
    reply,
    serving,
)

BROKEN = [
    pytest.param(b"zz\r\na\r\n0\r\n\r\n", "", id="no-size"),
    pytest.param(b"1\r\na\r\n1\r\nbb\r\n0\r\n\r\n", "ab", id="longer-than-its-size"),
    pytest.param(b"1\r\na\r\n0\r\nno colon\r\n\r\n", "a", id="bad-trailer"),
]


@pytest.mark.parametrize(("chunks", "whole"), BROKEN)
def test_a_broken_body_is_told_to_the_application(server: Running, client: Client, chunks: bytes, whole: str) -> None:
    answer = client.send(b"POST /p HTTP/1.1\r\n%b%b\r\n%b" % (HOST, CHUNKED, chunks)).answer()

    assert (answer.status, answer.seen["body"], answer.closes) == (200, whole, True)
    assert answer.seen["broken"].startswith("not HTTP/1.1: ")
    assert client.rest() == b""
    assert server.edge.refused == []


@pytest.mark.parametrize("noise", [b"1;" + b"x" * 10_000, b"0\r\n" + b"X: y\r\n" * 2000, b"0\r\nX: " + b"y" * 10_000])
def test_what_is_around_chunks_is_bounded(client: Client, noise: bytes) -> None:
    client.send(b"POST /p HTTP/1.1\r\n%b%b\r\n1\r\na\r\n" % (HOST, CHUNKED))
    for start in range(0, len(noise), 1000):
        client.drip(noise[start : start + 10]).send(noise[start + 10 : start + 1000])
    client.half_close()

    answer = client.answer()

    assert answer.seen["body"] == "a"
    assert answer.seen["broken"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(post(b"abc")[:-1], id="length"),
        pytest.param(post(b"abc")[:-3], id="length-nothing"),
        pytest.param(post(b"abc", OFFER)[:-1], id="offer"),
        pytest.param(post_chunked(b"abc")[:-2], id="chunked"),
        pytest.param(post_chunked(b"abc")[:-8], id="chunked-inside"),
        pytest.param(GET + post(b"abc")[:-1], id="pipelined"),
    ],
)
def test_a_body_cut_short_can_be_answered(server: Running, client: Client, sent: bytes) -> None:
    client.send(sent).half_close()
    if sent.startswith(GET):
        client.answer()

    answer = client.answer()

    assert answer.seen["broken"] == "the client ended the connection before the body was whole"
    assert answer.closes
    assert client.rest() == b""
    assert server.edge.refused == []


EXPECT = b"Expect: 100-continue\r\n"


def test_leave_to_send_is_given_when_the_body_is_asked_for(client: Client) -> None:
    sent = post(b"abc", EXPECT)

    assert client.send(sent[:-3]).read(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert client.send(b"abc").answer().seen["body"] == "abc"


def test_a_reader_may_give_up_and_answer(parser: str) -> None:
    async def hasty(_scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await read_body(receive)
        await send({"type": "http.response.start", "status": 408, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"late", "more_body": True})
        await read_body(receive)
        await send({"type": "http.response.body", "body": b""})

    with serving(hasty, Noting(), parser) as server, server.connect() as client:
        sent = post(b"abc")
        answers = [client.send(sent[:-2]).answer(), client.send(sent[-2:] + sent[:-2]).answer()]
        client.send(sent[-2:])

    assert [(answer.status, answer.body) for answer in answers] == [(408, b"late")] * 2


UPLOAD_PARTS = 64


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_reader_that_takes_its_time_does_not_fill_the_memory(parser: str, framing: str) -> None:
    block = bytes(range(256)) * 4096
    part = b"%x\r\n%b\r\n" % (len(block), block) if framing == "chunked" else block
    told = CHUNKED if framing == "chunked" else b"Content-Length: %d\r\n" % (UPLOAD_PARTS * len(block))
    go = threading.Event()
    sizes: list[int] = []

    async def count(_scope: Scope, receive: Receive, send: Send) -> None:
        digest = hashlib.sha256()
        await asyncio.to_thread(go.wait, 10)
        more = True
        while more:
            message = await receive()
            sizes.append(len(message["body"]))
            digest.update(message["body"])
            more = message["more_body"]
        await reply(send, digest.hexdigest().encode())

    with (
        serving(count, Noting(), parser) as server,
        server.connect() as client,
        ThreadPoolExecutor() as pool,
    ):
        client.send(b"POST /p HTTP/1.1\r\n%b%b\r\n" % (HOST, told))
        sending = pool.submit(lambda: [client.send(part) for _ in range(UPLOAD_PARTS)])
        server.soon(server.reading_paused)
        go.set()
        sending.result()
        if framing == "chunked":
            client.send(b"0\r\n\r\n")

        digest = hashlib.sha256()
        for _ in range(UPLOAD_PARTS):
            digest.update(block)
        assert client.answer().body.decode() == digest.hexdigest()
    # What is kept is what one message gives: the bound, and what one receive call brings beyond it.
    assert max(sizes) <= 1 << 19
