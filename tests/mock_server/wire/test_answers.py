"""Answers: their framing, failing applications, and answers before the request is whole."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.mock_server.wire_helpers import (
    GET,
    Client,
    Noting,
    Running,
    ask,
    post,
    read_body,
    reply,
    serving,
)

LENGTH_5 = (b"content-length", b"5")


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def part(body: bytes, **more: bool) -> Message:
    return {"type": "http.response.body", "body": body, **more}


# What the application does on each path: send a message, raise, or wait for more of the request or for ever.
PROGRAMS: dict[str, tuple[Message | Exception | str, ...]] = {
    "/length": (start(LENGTH_5), part(b"hello")),
    "/parts": (start(LENGTH_5), part(b"he", more_body=True), part(b"llo")),
    "/chunks": (start(), part(b"he", more_body=True), part(b"", more_body=True), part(b"llo")),
    "/large": (start((b"content-length", b"3000000")), part(b"x" * 1_000_000, more_body=True), part(b"x" * 2_000_000)),
    "/own-chunks": (start((b"transfer-encoding", b"chunked")), part(b"hello")),
    "/huge": (start((b"content-length", b"40000000")), *[part(b"x" * 10_000_000, more_body=True)] * 4, part(b"")),
    "/empty": (start(status=204), part(b"")),
    "/odd-status": (start(LENGTH_5, status=299), part(b"hello")),
    "/close": (start(LENGTH_5, (b"Connection", b"close")), part(b"hello")),
    "/late-close": (start(LENGTH_5), part(b"hello", more_body=True), part(b"", close=True)),
    "/raise": (ValueError(),),
    "/raise-after-start": (start(LENGTH_5), ValueError()),
    "/raise-after-part": (start(LENGTH_5), part(b"he", more_body=True), ValueError()),
    "/raise-after-all": (start(LENGTH_5), part(b"hello"), part(b"again")),
    "/nothing": (),
    "/no-start": (part(b"hello"),),
    "/two-starts": (start(LENGTH_5), start(LENGTH_5)),
    "/too-long": (start(LENGTH_5), part(b"hello!")),
    "/too-short": (start(LENGTH_5), part(b"hell")),
    "/bad-name": (start((b"a b", b"c")),),
    "/bad-value": (start((b"a", b"b\r\nc: d")),),
    "/head-first": (start(LENGTH_5), "receive", "receive"),
    "/head-and-sleep": (start(LENGTH_5), "sleep"),
    "/early": (start(LENGTH_5), part(b"hello", more_body=True), "read", part(b"")),
}


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Do what the table says for the path."""
    for step in PROGRAMS[scope["path"]]:
        if isinstance(step, Exception):
            raise step
        if step == "receive":
            await receive()
        elif step == "read":
            await read_body(receive)
        elif step == "sleep":
            await asyncio.sleep(10)
        elif isinstance(step, dict):
            await send(step)


@pytest.fixture(scope="module")
def answering_server(parser: str) -> Iterator[Running]:
    with serving(answers, Noting(), parser, timeout_graceful_shutdown=1) as running:
        yield running


@pytest.fixture
def answering(answering_server: Running) -> Iterator[Client]:
    with answering_server.connect() as client:
        yield client


@pytest.mark.parametrize("path", ["/length", "/parts", "/chunks", "/own-chunks", "/odd-status"])
def test_an_answer_is_framed(answering: Client, path: str) -> None:
    for _ in range(2):
        answer = answering.send(ask(path)).answer()

        assert (answer.body, answer.closes) == (b"hello", False)


def test_head_and_body_come_at_once(answering: Client) -> None:
    answering.send(ask("/length"))

    assert answering.raw.recv(10_000).endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize("path", ["/length", "/parts", "/chunks", "/large", "/empty"])
def test_head_is_answered_without_a_body(answering: Client, path: str) -> None:
    answering.send(ask(path, "HEAD") + ask("/length"))

    length = answering.answer(bodiless=True).headers.get("content-length")
    assert length == {"/length": "5", "/parts": "5", "/large": "3000000"}.get(path)
    assert answering.answer().body == b"hello"


def test_no_content_has_no_framing(answering: Client) -> None:
    answer = answering.send(ask("/empty") + ask("/length")).answer(bodiless=True)

    assert (answer.status, sorted(answer.headers)) == (204, ["date", "server"])
    assert answering.answer().body == b"hello"


def test_a_large_answer_is_whole(answering: Client) -> None:
    assert answering.send(ask("/large")).answer().body == b"x" * 3_000_000


def test_an_application_waits_for_a_client_that_reads_slowly(answering_server: Running, answering: Client) -> None:
    answering.send(ask("/huge"))
    answering_server.soon(lambda: any(line.flow.write_paused for line in answering_server.connections))

    assert answering.answer().body == b"x" * 40_000_000
    assert answering.send(ask("/length")).answer().body == b"hello"


@pytest.mark.parametrize("path", ["/length", "/chunks"])
def test_http_1_0_gets_no_chunks(answering: Client, path: str) -> None:
    answer = answering.send(ask(path, version="1.0")).answer()

    assert (answer.body, answer.closes) == (b"hello", True)
    assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize(("path", "told"), [("/close", "close"), ("/late-close", None)])
def test_the_application_may_close(answering: Client, path: str, told: str | None) -> None:
    answer = answering.send(ask(path)).answer()

    assert (answer.body, answer.headers.get("connection")) == (b"hello", told)
    assert answering.rest() == b""


NO_ANSWER = [
    "/raise", "/raise-after-start", "/nothing", "/no-start", "/two-starts", "/too-long", "/too-short", "/bad-name",
    "/bad-value",
]  # fmt: skip


@pytest.mark.parametrize("path", NO_ANSWER)
def test_a_failing_application_is_answered_for(answering: Client, path: str) -> None:
    answer = answering.send(ask(path)).answer()

    assert (answer.status, answer.body, answer.closes) == (500, b'{"failed": true}', True)
    assert answering.rest() == b""


def test_a_failure_inside_an_answer_cuts_it(answering: Client) -> None:
    answering.send(ask("/raise-after-part")).head()

    assert answering.rest() == b"he"


def test_a_failure_after_an_answer_harms_nobody(answering: Client) -> None:
    answering.send(ask("/raise-after-all") + ask("/length"))

    assert [answering.answer().body, answering.answer().body] == [b"hello", b"hello"]


@pytest.mark.parametrize("path", ["/head-first", "/head-and-sleep"])
def test_a_head_does_not_wait_for_ever_for_its_body(answering: Client, path: str) -> None:
    assert answering.send(ask(path)).head()[0] == 200


def test_an_early_answer_is_on_the_wire_at_once(answering: Client) -> None:
    head, _, body = post(b"abc", path="/early").partition(b"\r\n\r\n")

    assert answering.send(head + b"\r\n\r\n").answer().body == b"hello"
    assert answering.send(body + ask("/length")).answer().body == b"hello"


def test_the_rest_of_a_body_is_dropped_after_an_early_answer(answering: Client) -> None:
    sent = post(b"x" * 3_000_000, path="/length")

    assert answering.send(sent + ask("/parts")).answer().body == b"hello"
    assert answering.answer().body == b"hello"


def test_a_closing_early_answer_is_seen_by_who_still_sends(answering: Client) -> None:
    answering.send(post(b"x" * 3_000_000, path="/close")).half_close()

    assert answering.rest().endswith(b"hello")


def test_leave_to_send_is_not_given_when_nobody_asks(answering: Client) -> None:
    answering.send(post(b"abc", b"Expect: 100-continue\r\n", path="/close")[:-3])

    assert answering.rest().startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_that_nobody_read_does_not_block_the_next_request(parser: str) -> None:
    go = threading.Event()

    async def answer_unread(_scope: Scope, _receive: Receive, send: Send) -> None:
        await asyncio.to_thread(go.wait, 10)
        await reply(send, b"hello")

    with serving(answer_unread, Noting(), parser) as server, server.connect() as client, ThreadPoolExecutor() as pool:
        sending = pool.submit(client.send, post(b"x" * 20_000_000) + GET)
        server.soon(server.reading_paused)
        go.set()
        sending.result()

        assert [client.answer().body, client.answer().body] == [b"hello", b"hello"]
