"""Network faults as clients see them: raw sockets, requests, httpx and Node, served by a small application."""

import asyncio
import select
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import requests
from starlette.types import Message, Receive, Scope, Send

from contracts.model import Answer
from mock_server.acts import Play, Played, PlayedOutError
from mock_server.request import ClientLeftError, Request
from mock_server.steps import read_step
from tests.mock_server.wire_helpers import PATIENCE, Noting, Running, post, serving

FAULT_MJS = Path(__file__).parent / "clients" / "fault.mjs"
BODY = b'{"statusCode":500,"message":"Internal server error.","data":null}'
ANSWERS = {
    "accepted": Answer("accepted", 200, "Fine.", b'{"statusCode":200,"message":"Fine.","data":null}'),
    "internalServerError": Answer("internalServerError", 500, "Internal server error.", BODY),
}


@dataclass
class Player:
    """An application that plays the step that stands in the path, and notes how that went."""

    outcomes: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        play = Play(read_step(scope["path"][1:], ANSWERS))
        request = Request(scope, receive, b"key")
        request.receive = play.reading(receive, send)
        try:
            # As an endpoint refuses a request by its head alone.
            early = play.refuses_expect(request) or request.query == "early"
            size = 0 if early else len(await request.rest(b"", 1 << 40))
            answer = play.answer or ANSWERS["accepted"]
            headers = [*getattr(answer, "headers", ()), (b"content-length", b"%d" % len(answer.body))]
            headers.append((b"read", b"%d" % size))
            played = await play.send(answer.status, headers, answer.body, send, has_more=request.has_more)
            self.outcomes.append(played.value)
            if request.has_more and played is Played.ANSWERED:
                await request.rest(b"", 1 << 40)
                await send({"type": "http.response.body", "body": b""})
        except (ClientLeftError, PlayedOutError) as error:
            self.outcomes.append(type(error).__name__)


@dataclass
class Stage:
    """A running server with a player."""

    player: Player
    running: Running

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running.port}/"

    def outcome(self) -> str:
        self.running.soon(lambda: bool(self.player.outcomes))
        return self.player.outcomes.pop()


@pytest.fixture(scope="session", params=["httptools", "h11"])
def parser(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def _stage(parser: str) -> Iterator[Stage]:
    player = Player()
    with serving(player, Noting(body_seconds=PATIENCE), parser, timeout_graceful_shutdown=5) as running:
        yield Stage(player, running)


@pytest.fixture
def stage(_stage: Stage, caplog: pytest.LogCaptureFixture) -> Iterator[Stage]:
    """Give the stage; nothing that is played on it is a failure of the application."""
    _stage.player.outcomes.clear()
    yield _stage
    assert [record.getMessage() for record in caplog.get_records("call") if record.name.startswith("uvicorn")] == []


def request_for(step: str, *headers: bytes, body: bytes = b'{"a":1}') -> bytes:
    return post(body, *headers, path=f"/{step}")


WHOLE = BODY
HALF = BODY[: len(BODY) // 2]

# The step, what of the body comes (None: not even a head), how the connection ends, how the player's sending went.
ENDS = [
    pytest.param("reset:before", None, "reset", "ended", id="reset-before"),
    pytest.param("reset:during+500", HALF, "reset", "ended", id="reset-during"),
    pytest.param("reset:after+500", WHOLE, "reset", "ended", id="reset-after"),
    pytest.param("delay:10ms+reset:before", None, "reset", "ended", id="delayed-reset"),
    pytest.param("close", None, "closed", "ended", id="close"),
    pytest.param("truncate+500", HALF, "closed", "ended", id="truncate"),
    pytest.param("truncate:3+500", BODY[:3], "closed", "ended", id="truncate-to-3"),
    pytest.param("truncate:0+500", b"", "closed", "ended", id="truncate-to-none"),
    pytest.param("truncate:1MB+500", BODY[:-1], "closed", "ended", id="truncate-to-more-than-there-is"),
    pytest.param("cut:7", None, "reset", "PlayedOutError", id="cut"),
    pytest.param("cut:0", None, "reset", "PlayedOutError", id="cut-at-once"),
]


@pytest.mark.parametrize(("step", "body", "end", "outcome"), ENDS)
def test_a_connection_ends_as_the_step_says(
    step: str, body: bytes | None, end: str, outcome: str, stage: Stage
) -> None:
    # Whether bytes before a reset arrive must not be a matter of luck.
    for _ in range(5):
        with stage.running.connect() as client:
            seen, ended = client.send(request_for(step)).ending()

        head, _, came = seen.partition(b"\r\n\r\n")
        assert ended == end
        assert (came if head else None) == body
        assert (b"content-length: %d\r\n" % len(BODY) in head + b"\r\n") == (body is not None)
        assert stage.outcome() == outcome


def test_garbage_is_no_http(stage: Stage) -> None:
    with stage.running.connect() as client:
        seen, end = client.send(request_for("garbage")).ending()

    assert (seen[:3], b"HTTP/" in seen, b"\n" in seen, end) == (b"\x00\xff\xfe", False, False, "closed")


WHOLE_ANSWERS = [
    pytest.param("pass", 200, id="pass"),
    pytest.param("500", 500, id="status"),
    pytest.param("internalServerError", 500, id="name"),
    pytest.param("418", 418, id="undocumented-status"),
    pytest.param("drip:1kB+500", 500, id="drip"),
    pytest.param("chunked+500", 500, id="chunked"),
    pytest.param("chunked:1+delay:1ms", 200, id="delay-and-chunks"),
    pytest.param("delay:1ms+drip:1MB", 200, id="delay-and-drip"),
    pytest.param("read:1MB+500", 500, id="read"),
    pytest.param("cut:8", 200, id="cut-behind-the-body"),
    pytest.param("expect", 200, id="expect-without-being-asked"),
]


@pytest.mark.parametrize(("step", "status"), WHOLE_ANSWERS)
def test_a_whole_answer_leaves_the_connection_open(step: str, status: int, stage: Stage) -> None:
    with stage.running.connect() as client:
        for _ in range(2):
            answer = client.send(request_for(step)).answer()

            assert (answer.status, answer.headers["read"], answer.closes) == (status, "7", False)
            assert stage.outcome() == "answered"


def test_no_content_has_no_length(stage: Stage) -> None:
    with stage.running.connect() as client:
        answer = client.send(request_for("204") + request_for("500")).answer(bodiless=True)

        assert (answer.status, answer.headers.get("content-length")) == (204, None)
        assert client.answer().body == BODY


UNDOCUMENTED = [
    pytest.param("tooManyRequests:7", 429, "retry-after", "7", id="too-many-requests"),
    pytest.param("serviceUnavailable", 503, "retry-after", "1", id="service-unavailable"),
    pytest.param("badGateway", 502, "content-type", "text/html", id="bad-gateway"),
    pytest.param("gatewayTimeout", 504, "content-type", "text/html", id="gateway-timeout"),
    pytest.param("redirect", 307, "location", "/moved", id="redirect"),
    pytest.param("found:/a", 302, "location", "/a", id="found"),
    pytest.param("created", 201, "content-type", "application/json", id="created"),
    pytest.param("moreFields", 200, "content-type", "application/json", id="more-fields"),
    pytest.param("emptyBody", 200, "content-length", "0", id="empty-body"),
    pytest.param("malformedJson", 200, "content-length", "14", id="malformed-json"),
    pytest.param("htmlRefusal", 400, "content-type", "text/html", id="html-refusal"),
    pytest.param("emptyRefusal", 400, "content-length", "0", id="empty-refusal"),
    pytest.param("malformedRefusal", 400, "content-length", "14", id="malformed-refusal"),
    pytest.param("listRefusal", 400, "content-type", "application/json", id="list-refusal"),
    pytest.param("htmlError", 500, "content-type", "text/html", id="html-error"),
    pytest.param("emptyError", 500, "content-length", "0", id="empty-error"),
]


@pytest.mark.parametrize(("step", "status", "header", "value"), UNDOCUMENTED)
def test_undocumented_answers_are_what_gateways_send(
    step: str, status: int, header: str, value: str, stage: Stage
) -> None:
    response = requests.post(stage.url + step, data=b"{}", timeout=PATIENCE, allow_redirects=False)

    assert (response.status_code, response.headers[header]) == (status, value)


# Time

AT_LEAST = [
    pytest.param("delay:200ms", 0.2, id="delay"),
    pytest.param("delay:200ms-300ms", 0.2, id="delay-from-a-range"),
    pytest.param("delay:1.2s", 1.2, id="delay-of-several-steps"),
    pytest.param("drip:200+500", len(BODY) / 200, id="drip"),
    pytest.param("read:20+delay:50ms", 7 / 20 + 0.05, id="slow-reading-and-delay"),
]


@pytest.mark.parametrize(("step", "seconds"), AT_LEAST)
def test_it_takes_its_time(step: str, seconds: float, stage: Stage) -> None:
    with stage.running.connect() as client:
        began = time.monotonic()
        client.send(request_for(step)).answer()

        assert time.monotonic() - began >= seconds
        assert stage.outcome() == "answered"


async def _played(step: str, seed: int = 1, headers: Sequence[tuple[bytes, bytes]] = ()) -> list[Message]:
    messages: list[Message] = []

    async def note(message: Message) -> None:
        messages.append(message)

    play = Play(read_step(step, ANSWERS), Random(seed))  # noqa: S311 - chance, no secret
    await play.send(500, headers, BODY, note)
    return messages


def waited(messages: list[Message]) -> float:
    return sum(float(message["seconds"]) for message in messages if message["type"] == "wire.wait")


def test_a_range_is_drawn_from_a_seed() -> None:
    one, again, other = (waited(asyncio.run(_played("delay:1s-600s", seed))) for seed in (1, 1, 2))

    assert one == again != other
    assert 1 <= one <= 600


RATES = [pytest.param(1, 1, id="slowest"), pytest.param(100, 5, id="pieces"), pytest.param(10**6, 65, id="at-once")]


@pytest.mark.parametrize(("rate", "piece"), RATES)
def test_a_drip_comes_in_pieces(rate: int, piece: int) -> None:
    messages = asyncio.run(_played(f"drip:{rate}"))

    pieces = [message["body"] for message in messages if message["type"] == "http.response.body"]
    assert b"".join(pieces) == BODY
    assert {len(one) for one in pieces[:-1]} == {piece}
    assert waited(messages) == pytest.approx(len(BODY) / rate)


CHUNKS = [pytest.param(1, 65, id="bytes"), pytest.param(8, 9, id="pieces"), pytest.param(10**6, 1, id="one")]


@pytest.mark.parametrize(("size", "count"), CHUNKS)
def test_chunks_come_without_a_length(size: int, count: int) -> None:
    messages = asyncio.run(_played(f"chunked:{size}", headers=((b"content-length", b"65"), (b"x", b"y"))))

    pieces = [message["body"] for message in messages if message["type"] == "http.response.body"]
    assert messages[0]["headers"] == [(b"x", b"y")]
    assert (b"".join(pieces), pieces[-1], len(pieces)) == (BODY, b"", count + 1)


def test_chunks_are_chunks_on_the_wire(stage: Stage) -> None:
    response = requests.post(stage.url + "chunked+500", data=b"{}", timeout=PATIENCE)

    assert (response.status_code, response.headers["transfer-encoding"], response.content) == (500, "chunked", BODY)
    assert "content-length" not in response.headers


def test_a_slowly_read_upload_stalls_its_client(stage: Stage) -> None:
    body = bytes(30_000_000)
    with stage.running.connect() as client:
        client.raw.settimeout(0)
        client.raw.send(request_for("read:64KiB", body=body)[:-1])
        sent, began = 0, time.monotonic()
        # It stalls when nothing more can be sent for longer than the reader takes for a chunk of the event loop.
        while select.select([], [client.raw], [], 0.5)[1]:
            sent += client.raw.send(body[: 1 << 16])
            assert time.monotonic() - began < PATIENCE
        client.reset()

    assert sent < len(body)
    assert stage.outcome() == "ClientLeftError"


def test_slow_reading_is_not_a_late_body(parser: str) -> None:
    size = 8_000_000
    # It takes three seconds, twice as long as a body may take that is not read slowly.
    with (
        serving(Player(), Noting(body_seconds=1.5), parser) as running,
        running.connect() as client,
        ThreadPoolExecutor() as pool,
    ):
        pool.submit(client.send, request_for("read:2666667", body=bytes(size)))
        answer = client.answer()

    assert (answer.status, answer.headers["read"]) == (200, str(size))


# Clients that ask first


EXPECT = b"Expect: 100-continue\r\n"


def test_leave_to_send_is_refused(stage: Stage) -> None:
    with stage.running.connect() as client:
        head = request_for("expect", EXPECT).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

        assert client.send(head).head()[0] == 417


@pytest.mark.parametrize("step", ["cut:3", "read:1MB+reset:before"])
def test_leave_to_send_is_given_by_other_steps(step: str, stage: Stage) -> None:
    head, _, body = request_for(step, EXPECT).partition(b"\r\n\r\n")
    with stage.running.connect() as client:
        assert client.send(head + b"\r\n\r\n").head()[0] == 100
        seen, end = client.send(body).ending()

    assert (seen, end) == (b"", "reset")


# Uploads that are not read


def test_an_early_answer_of_a_step_is_seen_by_who_still_sends(stage: Stage) -> None:
    body = bytes(20_000_000)
    with stage.running.connect() as client, ThreadPoolExecutor() as pool:
        sending = pool.submit(client.send, request_for("delay:100ms+500?early", body=body))
        answer = client.answer()
        sending.result()

        assert (answer.status, answer.body) == (500, BODY)
        assert client.send(request_for("200")).answer().status == 200


@pytest.mark.parametrize("step", ["cut:1", "read:1"])
def test_what_is_read_after_an_answer_is_read_as_ever(step: str, stage: Stage) -> None:
    with stage.running.connect() as client:
        client.send(request_for(f"{step}?early", body=bytes(100_000)) + request_for("500"))

        assert [client.answer().status, client.answer().status] == [200, 500]


def test_an_upload_is_cut_in_the_middle(stage: Stage) -> None:
    with stage.running.connect() as client, pytest.raises((ConnectionResetError, BrokenPipeError)):
        client.send(request_for("cut:1000000", body=bytes(50_000_000)))

    assert stage.outcome() == "PlayedOutError"


# Clients that leave, and a server that stops


WAITING = [
    pytest.param("hang", id="hang"),
    pytest.param("delay:600s", id="delay"),
    pytest.param("drip:1+500", id="drip"),
    pytest.param("read:1+500", id="read"),
]


def leave_by_closing(raw: socket.socket) -> None:
    raw.shutdown(socket.SHUT_WR)


def leave_by_reset(raw: socket.socket) -> None:
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()


@pytest.mark.parametrize("leave", [leave_by_closing, leave_by_reset])
@pytest.mark.parametrize("step", WAITING)
def test_nothing_goes_on_for_a_client_that_left(step: str, leave: Any, stage: Stage) -> None:  # noqa: ANN401 - one of two
    raw = socket.create_connection(("127.0.0.1", stage.running.port), timeout=PATIENCE)
    with raw:
        raw.sendall(request_for(step))
        stage.running.soon(stage.running.busy)
        leave(raw)

        assert stage.outcome() == ("ClientLeftError" if step.startswith("read") else "left")
        stage.running.soon(lambda: not stage.running.connections)


# What the player says, and what the client gets, when the server stops.
STOPS = [
    pytest.param("hang", "ended", None, id="hang"),
    pytest.param("delay:600s+500", "answered", BODY, id="delay"),
    pytest.param("drip:1+500", "answered", BODY, id="drip"),
    pytest.param("read:1+500", "answered", BODY, id="read"),
]


@pytest.mark.parametrize(("step", "outcome", "body"), STOPS)
def test_a_server_that_stops_waits_no_more(step: str, outcome: str, body: bytes | None, parser: str) -> None:
    player = Player()
    # A grace of a minute: what ends within the patience of a test has ended by itself.
    with (
        serving(player, Noting(), parser, timeout_graceful_shutdown=60) as running,
        running.connect() as client,
        running.connect() as waiting,
    ):
        client.send(request_for(step))
        waiting.send(request_for("delay:100ms") + request_for("hang"))
        running.soon(lambda: len(running.server.server_state.tasks) == 2)
        running.stop()
        seen, end = client.ending()

        assert (outcome in player.outcomes, end) == (True, "closed")
        assert (seen.partition(b"\r\n\r\n")[2] if seen else None) == body
        assert waiting.answer().status == 200
        assert waiting.rest() == b""


# Real clients

TERMINATED = requests.exceptions.ChunkedEncodingError
CUT_OFF = requests.exceptions.ConnectionError
ECONNRESET, OTHER_SIDE, NOT_HTTP = "ECONNRESET", "UND_ERR_SOCKET", "HPE_INVALID_CONSTANT"

# What requests, httpx and Node's fetch make of a step.
SEEN = [
    pytest.param("reset:before", CUT_OFF, httpx.ReadError, ECONNRESET, id="reset-before"),
    pytest.param("reset:during+500", TERMINATED, httpx.ReadError, ECONNRESET, id="reset-during"),
    pytest.param("close", CUT_OFF, httpx.RemoteProtocolError, OTHER_SIDE, id="close"),
    pytest.param("garbage", CUT_OFF, httpx.RemoteProtocolError, NOT_HTTP, id="garbage"),
    pytest.param("truncate+500", TERMINATED, httpx.RemoteProtocolError, OTHER_SIDE, id="truncate"),
    pytest.param("cut:7", CUT_OFF, httpx.ReadError, ECONNRESET, id="cut"),
]


@pytest.mark.parametrize(("step", "with_requests", "with_httpx", "_code"), SEEN)
def test_python_clients_see_it(
    step: str, with_requests: type[Exception], with_httpx: type[Exception], _code: str, stage: Stage
) -> None:
    with pytest.raises(with_requests):
        requests.post(stage.url + step, data=b'{"a":1}', timeout=PATIENCE)
    with pytest.raises(with_httpx):
        httpx.post(stage.url + step, content=b'{"a":1}', timeout=PATIENCE)


@pytest.mark.parametrize("step", ["hang", "delay:600s", "drip:1+500", "read:1"])
def test_python_clients_run_out_of_time(step: str, stage: Stage) -> None:
    with pytest.raises((requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError), match="timed out"):
        requests.post(stage.url + step, data=b'{"a":1}', timeout=0.2)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(stage.url + step, content=b'{"a":1}', timeout=0.2)

    outcome = "ClientLeftError" if step.startswith("read") else "left"
    assert [stage.outcome(), stage.outcome()] == [outcome, outcome]


def test_a_pooled_connection_is_gone_after_a_reset(stage: Stage) -> None:
    step = "reset:after+500"

    response = requests.post(stage.url + step, data=b'{"a":1}', timeout=PATIENCE)

    assert (response.status_code, response.content, stage.outcome()) == (500, BODY, "ended")


NODE_SEES = [
    *SEEN,
    pytest.param("drip:1kB+500", None, None, BODY, id="drip"),
    pytest.param("delay:50ms+500", None, None, BODY, id="delay"),
]


@pytest.mark.parametrize(("step", "_requests", "_httpx", "expected"), NODE_SEES)
def test_node_sees_it(step: str, _requests: object, _httpx: object, expected: str | bytes, stage: Stage) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")

    done = subprocess.run([node, FAULT_MJS, stage.url + step], capture_output=True, text=True, timeout=60, check=True)

    wanted = f"answered 500 {expected.decode()}" if isinstance(expected, bytes) else f"failed {expected}"
    assert done.stdout.strip() == wanted
