"""How connections end: clients that leave or half-close, and a server that stops."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.mock_server.wire_helpers import (
    GET,
    GET_B,
    Client,
    Noting,
    Running,
    ask,
    post,
    reply,
    serving,
)


def test_a_head_cut_short_is_refused(server: Running, client: Client) -> None:
    answer = client.send(GET[:-2]).half_close().answer()

    assert (answer.body, server.edge.refused) == (
        b"http",
        [("http", "the client ended the connection inside of a head")],
    )


def test_a_client_that_says_nothing_gets_nothing(server: Running, client: Client) -> None:
    assert client.half_close().rest() == b""
    assert server.edge.refused == []


def test_a_half_closed_client_gets_all_its_answers(client: Client) -> None:
    client.send(GET + post(b"abc") + GET_B).half_close()

    assert [client.answer().seen["path"] for _ in range(3)] == ["/a", "/p", "/b"]
    assert client.rest() == b""


def test_a_reset_is_a_disconnect(parser: str) -> None:
    messages: list[Message] = []

    async def listen(_scope: Scope, receive: Receive, send: Send) -> None:
        messages.append(await receive())
        messages.append(await receive())
        await reply(send, b"nobody reads this")

    with serving(listen, Noting(), parser) as server:
        server.connect().send(post(b"abc")[:-1]).reset()
        server.soon(lambda: len(messages) == 2)
        server.connect().send(GET).reset()
        server.soon(lambda: len(messages) == 4 and not server.connections)

    assert messages[1] == messages[3] == {"type": "http.disconnect"}


@pytest.fixture
def stopping(parser: str) -> Iterator[Running]:
    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/hang":
            while (await receive())["type"] != "http.disconnect":
                pass
        else:
            await asyncio.sleep(0.3)
            await reply(send, b"done")

    with serving(wait, Noting(), parser) as running:
        yield running


def test_stopping_closes_what_rests_lingers_or_begins(stopping: Running) -> None:
    with stopping.connect() as resting, stopping.connect() as lingering, stopping.connect() as beginning:
        resting.send(GET).answer()
        lingering.send(b"hello\r\n\r\n").answer()
        beginning.send(GET[:-2])
        stopping.soon(stopping.inside_a_head)
        began = time.monotonic()
        stopping.stop()

        assert time.monotonic() - began < 1
        assert [resting.rest(), lingering.rest(), beginning.rest()] == [b""] * 3


def test_stopping_lets_answers_out(stopping: Running) -> None:
    with stopping.connect() as client:
        client.send(GET + GET_B)
        stopping.soon(stopping.busy)
        stopping.stop()

        assert [client.answer().body, client.answer().body, client.rest()] == [b"done", b"done", b""]


def test_stopping_ends_who_waits_for_a_client_that_left(stopping: Running) -> None:
    with stopping.connect() as client:
        client.send(ask("/hang")).half_close()
        stopping.soon(stopping.half_closed)
        stopping.stop()

        assert b"500" in client.rest()
