"""One connection: requests in, answers out in their order, and an answer to what cannot be served."""

import asyncio
import contextlib
import socket
from collections import deque
from typing import Any, ClassVar

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from mock_server.wire.cycle import Cycle
from mock_server.wire.edge import Edge
from mock_server.wire.heads import Headers, Malformed, agree, head_size
from mock_server.wire.outgoing import Outgoing, Round
from mock_server.wire.parsing import Parser
from mock_server.wire.patience import Patience
from mock_server.wire.scope import connection_scope, request_scope

# Of a body that nobody has read so far; one receive chunk of the event loops, so that reading and handling overlap.
_UNREAD_BYTES = 1 << 18

# After the last answer: long enough for a client to stop sending and read it.
_LINGER_SECONDS = 2.0


class Connection(asyncio.Protocol):
    """One connection: takes requests apart, has them answered in order, and refuses what it cannot serve.

    `_latest` is the request that was read last, `_active` the one that is being answered; with pipelining there may
    be others between them. Once it is `_deaf`, whatever comes is dropped.
    """

    edge: ClassVar[Edge]
    parser_type: ClassVar[type[Parser]]
    end_of_round: ClassVar[Round]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if not config.loaded:
            config.load()
        self.loop = _loop or asyncio.get_event_loop()
        self.transport: asyncio.Transport
        self.out: Outgoing
        self.flow: FlowControl
        self._app = config.loaded_app
        self._config = config
        self._app_state = app_state
        self.server_state = server_state
        self._connections: set[Any] = server_state.connections  # uvicorn's type names its own classes only
        self._scope: Scope = {}
        self._parser = self.parser_type(self)
        self._latest: Cycle | None = None
        self._active: Cycle | None = None
        self._queue: deque[Cycle] = deque()
        self._patience = Patience(
            self.loop, head_seconds=self.edge.header_seconds, idle_seconds=config.timeout_keep_alive
        )
        # Bytes that came since the parser last told anything, and bytes of the packet at hand.
        self._untold = self._packet = 0
        self._told = self._deaf = self._stray = self._ended = False

    # What the transport tells

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # it is a stream
        """Begin, with the time running in which a head must come."""
        self._connections.add(self)
        self.transport = transport
        self.out = Outgoing(transport, self.end_of_round, self.loop)
        self.flow = FlowControl(transport)
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family in {socket.AF_INET, socket.AF_INET6}:
            # asyncio leaves Nagle's algorithm on where the listening socket was made without a protocol number.
            with contextlib.suppress(OSError):  # the client may be gone already
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._scope = connection_scope(transport, self._config)
        self._patience.wait_for_head(self._late, begun=False)

    def data_received(self, data: bytes) -> None:
        """Read on, and watch over heads that are not whole yet."""
        if self._deaf:
            self._stray = True
            return
        self._told = False
        self._packet = len(data)
        try:
            self._parser.feed(data)
        except Malformed as wrong:
            self._give_up(wrong)
            return
        self._watch()

    def _watch(self) -> None:
        """Bound what is not whole yet, in size and in time."""
        self._untold = 0 if self._told else self._untold + self._packet
        if self._deaf:
            self._stray = self._parser.partial
            self._patience.head_came()
        elif self._untold > self.edge.header_bytes:
            self._give_up(self._oversize())
        elif self._parser.partial:
            self._patience.wait_for_head(self._late, begun=True, anew=self._told)
        elif self._told:
            self._patience.head_came()
        if self._latest is not None and self._latest.more_body and not self._deaf:
            self._patience.wait_for_body(self.edge.body_seconds, self._body_late)

    def eof_received(self) -> bool:
        """Take it that the client will send no more; say whether the connection stays open for an answer."""
        self._ended = True
        latest = self._latest
        if not self._deaf:
            if self._parser.partial:
                self._give_up(Malformed("the client ended the connection inside of a head"))
            elif latest is not None and latest.more_body:
                self._give_up(Malformed("the client ended the connection before the body was whole"))
        if self._active is None or latest is None:
            # The transport closes itself now, and with that takes nothing more to write.
            self.out.flush()
            return False
        latest.keep_alive = False
        self._active.wake()
        # With TLS the event loop closes the connection whatever is said here.
        return bool(self._scope["scheme"] == "http")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why does not matter
        """Tell the application, and let go of everything that refers back to this connection."""
        self._connections.discard(self)
        self._deaf = True
        self._patience.stop()
        if self._active is not None:
            self._active.hang_up()
        self._active = self._latest = None
        self._queue.clear()
        self.flow.resume_writing()
        self._parser.drop()

    def pause_writing(self) -> None:
        """Have the application wait: the client reads slower than it sends."""
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        """Let the application go on sending."""
        self.flow.resume_writing()

    # What the server tells

    def shutdown(self) -> None:
        """Close now, or after the answers to the requests that were read."""
        if self._active is None or self._latest is None:
            self.out.close()
            return
        self._latest.keep_alive = False
        for cycle in (self._active, *self._queue):
            cycle.leave()

    # What the parser tells

    def on_head(self, method: str, target: bytes, version: str, headers: Headers) -> None:
        """Check a head that is whole, and have the request served when its turn comes."""
        self._told = True
        if self._latest is not None and not self._latest.keep_alive:
            raise Malformed("a request after the last one")
        # Most heads cannot be too large, as no more bytes than that came: then there is nothing to add up.
        most = self._untold + self._packet
        if most > self.edge.header_bytes and head_size(method, target, headers) > self.edge.header_bytes:
            raise self._oversize()
        keep_alive, waits = agree(method, version, headers)
        scope = request_scope(self._scope, self._app_state, method, target, version, headers)
        cycle = self._latest = Cycle(self, scope, keep_alive=keep_alive, waits_for_leave=waits)
        if self._active is None:
            self._active = cycle
            cycle.start(self._app)
        else:
            self._queue.append(cycle)
            self.regulate()

    def on_body(self, chunk: bytes) -> None:
        """Hand a part of the body to the latest request."""
        self._told = True
        cycle = self._latest
        if cycle is None:
            return
        cycle.take(chunk)
        if cycle.buffered > _UNREAD_BYTES:
            self.flow.pause_reading()

    def on_end(self) -> None:
        """Note that the latest request is whole."""
        self._told = True
        self._patience.body_came()
        if self._latest is not None:
            self._latest.end_body()
            self._deaf = not self._latest.keep_alive

    # What the cycles ask for

    @property
    def ended(self) -> bool:
        """Whether the client said that it will send no more."""
        return self._ended

    def give_time(self) -> None:
        """Let the time begin anew in which the body has to come."""
        if self._latest is not None and self._latest.more_body and not self._deaf:
            self._patience.body_came()
            self._patience.wait_for_body(self.edge.body_seconds, self._body_late)

    def regulate(self) -> None:
        """Read on unless requests wait for their turn, or too much of a body for its reader."""
        latest = self._latest
        if not self._deaf and (self._queue or (latest is not None and latest.buffered > _UNREAD_BYTES)):
            self.flow.pause_reading()
        else:
            self.flow.resume_reading()

    def finish(self, cycle: Cycle) -> None:
        """Go on after an answer: with the next request, with waiting for one, or to the end."""
        self.server_state.total_requests += 1
        self._active = None
        if self.out.is_closing():
            return
        if not cycle.keep_alive:
            if cycle.more_body or self._stray or self._queue:
                self._linger()
            else:
                self.out.close()
            return
        if self._queue:
            self._active = self._queue.popleft()
            self._active.start(self._app)
        else:
            self._patience.wait_for_request(self._idle)
        if self.flow.read_paused:
            self.regulate()

    # The ends of a connection

    def _oversize(self) -> Malformed:
        return Malformed(f"more than {self.edge.header_bytes} bytes of request line and headers", "header-size")

    def _late(self) -> None:
        if self._parser.partial:
            seconds = self.edge.header_seconds
            self._give_up(Malformed(f"no end of the headers within {seconds:g} s", "headers-in-time"))
        else:
            self.out.close()

    def _body_late(self) -> None:
        latest = self._latest
        if latest is None or not latest.more_body:
            return
        if latest.complete:
            # The answer is out, and its client had all that time to end its body.
            self.out.close()
            return
        self._deaf = self._stray = True
        self.flow.resume_reading()
        latest.break_off(f"no end of the body within {self.edge.body_seconds:g} s", late=True)

    def _idle(self) -> None:
        if self._active is None and not self._parser.partial:
            self.out.close()

    def _give_up(self, wrong: Malformed) -> None:
        """Read no further. Who is told depends on what the connection was at."""
        self._deaf = self._stray = True
        self._patience.head_came()
        self.flow.resume_reading()
        latest = self._latest
        if latest is not None and latest.more_body and not latest.complete:
            latest.break_off(wrong.got)
        elif latest is not None and self._active is not None:
            # What follows a good request may be its miscounted body. It is answered; the rest gets no answer.
            latest.keep_alive = False
        else:
            if latest is None or not latest.more_body:
                self.out.write(self.edge.refuse(wrong.check, wrong.got, self._scope["client"]))
            self._linger()

    def _linger(self) -> None:
        """Close after the client has seen the answer: unread bytes at a close would have it reset the connection."""
        self._deaf = True
        self.flow.resume_reading()
        if self._ended:
            self.out.close()
            return
        with contextlib.suppress(OSError):
            self.out.end()
        self._patience.wait_for_end(_LINGER_SECONDS, self.out.close)
