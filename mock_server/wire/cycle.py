"""One request and its answer, as an ASGI application meets them."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Protocol

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from mock_server.wire.answer import Framing
from mock_server.wire.edge import Edge
from mock_server.wire.outgoing import Outgoing, Round

_LARGE = 1 << 16
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_error_log = logging.getLogger("uvicorn.error")


class Line(Protocol):
    """What a cycle needs of its connection."""

    loop: asyncio.AbstractEventLoop
    out: Outgoing
    end_of_round: ClassVar[Round]
    flow: FlowControl
    server_state: ServerState
    edge: ClassVar[Edge]

    @property
    def ended(self) -> bool:
        """Whether the client said that it will send no more."""

    def regulate(self) -> None:
        """Read on, or stop reading, as the unread body asks for."""

    def give_time(self) -> None:
        """Let the time begin anew in which the body has to come."""

    def finish(self, cycle: "Cycle") -> None:
        """Go on after an answer that is complete."""


class Cycle:
    """One request and its answer.

    `receive` gives one message more than ASGI knows: a body that ends without being whole is told by
    `{"type": "http.request", "body": b"", "more_body": False, "broken": "<why>", "late": False}`, and an answer is
    still possible; `late` says whether it was only time that ran out.
    `send` takes one key more: `"close": True` in a body message closes the connection after the answer.

    It also takes what ASGI has no words for, at any time before the answer is complete:

    - `{"type": "wire.raw", "data": bytes}` writes bytes as they are, at once, in place of an answer or of its rest.
    - `{"type": "wire.close"}` writes what is there and closes the connection, whatever of the answer is out.
    - `{"type": "wire.reset"}` writes what is there and resets the connection.
    - `{"type": "wire.wait", "seconds": float | None}` waits that long, or for ever. It raises ConnectionError when the
      client left or ended its side, and returns early when the server stops.

    With a close or a reset the request is over; there is nothing more to send.
    """

    # One of these is built for every request.
    __slots__ = (
        "_body_told", "_broken", "_chunks", "_event", "_framing", "_head", "_late", "_leaving", "_line", "_task",
        "_waits_for_leave", "buffered", "complete", "disconnected", "keep_alive", "more_body", "scope",
    )  # fmt: skip

    def __init__(self, line: Line, scope: Scope, *, keep_alive: bool, waits_for_leave: bool) -> None:
        self.scope = scope
        self.keep_alive = keep_alive
        self.more_body = True
        self.buffered = 0
        self.complete = False
        self.disconnected = False
        self._line = line
        self._waits_for_leave = waits_for_leave
        self._leaving = False
        self._chunks: list[bytes] = []
        self._body_told = False
        self._broken: str | None = None
        self._late = False
        self._event: asyncio.Event | None = None
        self._framing: Framing | None = None
        self._head: bytes | None = None

    def start(self, app: ASGIApp) -> None:
        """Let the application answer, in a task that uvicorn waits for when it stops."""
        self._task = self._line.loop.create_task(self._run(app))
        self._line.server_state.tasks.add(self._task)

    async def _run(self, app: ASGIApp) -> None:
        """Where the application fails, answer for it or cut the connection."""
        try:
            await app(self.scope, self.receive, self.send)
        except asyncio.CancelledError:
            self._line.out.close()
            raise
        except Exception:  # noqa: BLE001 - whatever it was, the client must not wait for ever
            _error_log.exception("exception in the ASGI application")
            self._fail()
        else:
            if not self.complete and not self.disconnected:
                _error_log.error("the ASGI application returned before its answer was complete")
                self._fail()
        finally:
            # A callback for when the task is done would cost a round of the loop per request.
            self._line.server_state.tasks.discard(self._task)

    # What the connection tells

    def take(self, chunk: bytes) -> None:
        """Keep a part of the body until it is asked for."""
        if self.complete:
            return
        self._chunks.append(chunk)
        self.buffered += len(chunk)
        self.wake()

    def end_body(self) -> None:
        """Note that the body is whole."""
        self.more_body = False
        self.wake()

    def break_off(self, why: str, *, late: bool = False) -> None:
        """Note that the body will not become whole."""
        self._broken, self._late = why, late
        self.keep_alive = False
        self.wake()

    def hang_up(self) -> None:
        """Note that the client is gone."""
        self.disconnected = True
        self.wake()

    def leave(self) -> None:
        """Tell whoever only waits to end it: the server stops."""
        self._leaving = True
        self.wake()

    def wake(self) -> None:
        """Have whoever waits look again."""
        if self._event is not None:
            self._event.set()

    # What the application calls

    async def receive(self) -> Message:
        """Give what is there of the body, or wait for more of it; after it, wait for the end of the connection."""
        if self._waits_for_leave:
            self._waits_for_leave = False
            self._line.out.write(_CONTINUE)
        while True:
            message = self._next_message()
            if message is not None:
                return message
            await self._woken()

    async def _woken(self) -> None:
        if self._event is None:
            self._event = asyncio.Event()
        self._event.clear()
        await self._event.wait()

    def _next_message(self) -> Message | None:
        if self.disconnected or self.complete:
            return {"type": "http.disconnect"}
        if self._chunks or not (self.more_body or self._body_told):
            body = self._take()
            more = self.more_body or bool(self._chunks)
            self._body_told = not more
            return {"type": "http.request", "body": body, "more_body": more}
        if self._broken is not None:
            why, self._broken = self._broken, None
            return {"type": "http.request", "body": b"", "more_body": False, "broken": why, "late": self._late}
        # An upload in progress may still be answered; who has read all of one waits for nothing but the client's end.
        stops = self._leaving and (self._line.ended or not self.more_body)
        return {"type": "http.disconnect"} if stops else None

    def _take(self) -> bytes:
        """Take the next large chunk, or all the small ones at once: large ones are not worth a copy."""
        chunks = self._chunks
        if len(chunks) == 1 or (chunks and len(chunks[0]) >= _LARGE):
            body = chunks.pop(0)
        else:
            body = b"".join(chunks)
            chunks.clear()
        self.buffered -= len(body)
        if self._line.flow.read_paused:
            self._line.regulate()
        return body

    async def send(self, message: Message) -> None:
        """Take the next part of the answer."""
        if self._line.flow.write_paused and not self.disconnected:
            await self._line.flow.drain()
        kind = message["type"]
        if self.disconnected:
            if kind == "wire.wait":
                raise ConnectionAbortedError("the client left")
        elif self._framing is None and kind == "http.response.start":
            self._start(message)
        elif self._framing is not None and kind == "http.response.body" and not self.complete:
            self._continue(self._framing, message)
        else:
            await self._do_otherwise(kind, message)

    async def _do_otherwise(self, kind: str, message: Message) -> None:
        """Take what ASGI does not know, and refuse what does not fit."""
        if self.complete:
            raise RuntimeError(f"unexpected ASGI message {kind!r} after the answer was complete")
        if kind not in _ACTS:
            expected = "http.response.start" if self._framing is None else "http.response.body"
            raise RuntimeError(f"expected ASGI message {expected!r}, got {kind!r}")
        await _ACTS[kind](self, message)

    def flush(self) -> None:
        """Let the head go out, when it still waits for a body to go with it."""
        head, self._head = self._head, None
        if head is not None:
            self._line.out.write(head)

    def _start(self, message: Message) -> None:
        framing = Framing(self.scope["method"], keep_alive=self.keep_alive)
        knows_chunks = self.scope["http_version"] != "1.0"
        defaults = self._line.server_state.default_headers
        self._head = framing.head(message["status"], message.get("headers", ()), defaults, knows_chunks=knows_chunks)
        self._framing = framing
        self.keep_alive = framing.keep_alive
        self._waits_for_leave = False
        # It goes out with the first of the body, or at the end of the round when the application only waits now.
        self._line.end_of_round.add(self, self._line.loop)

    def _continue(self, framing: Framing, message: Message) -> None:
        more = message.get("more_body", False)
        if message.get("close"):
            self.keep_alive = False
        body = framing.body(message.get("body", b""), more=more)
        head, self._head = self._head, None
        self._line.out.write(body if head is None else head + body)
        if not more:
            self._finish()

    def _finish(self) -> None:
        self.complete = True
        self._chunks.clear()
        self.buffered = 0
        self.wake()
        self._line.finish(self)

    # What ASGI has no words for

    async def _write_raw(self, message: Message) -> None:
        self.flush()
        self._line.out.write(message["data"])
        self._line.out.flush()

    async def _close(self, _message: Message) -> None:
        self.flush()
        self._line.out.close()
        self.keep_alive = False
        self._finish()

    async def _reset(self, _message: Message) -> None:
        self.flush()
        self._line.out.reset()
        self.keep_alive = False
        self._finish()

    async def _wait(self, message: Message) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(message["seconds"]):
                # A client that ended its side might still read, but those that give up look just the same.
                while not (self.disconnected or self._line.ended or self._leaving):
                    await self._woken()
        if self.disconnected or self._line.ended or (self._line.flow.read_paused and self._line.out.is_hung_up()):
            raise ConnectionAbortedError("the client left")
        if self.more_body:
            # That it is late is not its client's doing.
            self._line.give_time()

    def _fail(self) -> None:
        """Answer 500 when nothing of an answer is out yet; else the cut answer shows that something went wrong."""
        if self.disconnected or self.complete:
            return
        if self._framing is not None and self._head is None:
            self._line.out.close()
            return
        body = self._line.edge.failure
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        self.keep_alive = False
        self._start({"type": "http.response.start", "status": 500, "headers": headers})
        assert self._framing is not None  # noqa: S101 - it was just made
        self._continue(self._framing, {"type": "http.response.body", "body": body})


_ACTS: Mapping[str, Callable[[Cycle, Message], Awaitable[None]]] = {
    "wire.raw": Cycle._write_raw,  # noqa: SLF001 - the table belongs to the class
    "wire.close": Cycle._close,  # noqa: SLF001
    "wire.reset": Cycle._reset,  # noqa: SLF001
    "wire.wait": Cycle._wait,  # noqa: SLF001
}
