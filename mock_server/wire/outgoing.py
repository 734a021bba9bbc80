"""What goes out over the connections, collected for a round of the event loop and then written in one go."""

import asyncio
import contextlib
import select
import socket
import struct
from typing import Protocol

# From here on a copy would cost more than a second call.
_JOINED_BYTES = 1 << 16

# Linger for no time: a close then resets the connection.
_NO_LINGER = struct.pack("ii", 1, 0)

# Where the system can tell that the other side has ended, though there is still something to read.
_ENDED = getattr(select, "POLLRDHUP", 0)


class Flushed(Protocol):
    """Something that is to be written at the end of a round."""

    def flush(self) -> None:
        """Write what is there now."""


class Round:
    """What is to be written at the end of this round of the event loop.

    To write at once would wake one client after another while the next request is being judged, and each waking costs
    more than the judging. Written together, answers find their clients awake.
    """

    def __init__(self) -> None:
        self._waiting: list[Flushed] = []

    def add(self, waiting: Flushed, loop: asyncio.AbstractEventLoop) -> None:
        """Have it flushed when everything that is ready to run has run."""
        if not self._waiting:
            loop.call_soon(self.flush)
        self._waiting.append(waiting)

    def flush(self) -> None:
        """Write what all of them have."""
        flushed, self._waiting = self._waiting, []
        for waiting in flushed:
            waiting.flush()


class Outgoing:
    """The writing side of one connection's transport. What is written stays in order, whenever it goes out."""

    __slots__ = ("_loop", "_pending", "_round", "_transport")

    def __init__(self, transport: asyncio.Transport, end: Round, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._round = end
        self._loop = loop
        self._pending = b""

    def write(self, data: bytes) -> None:
        """Write at the end of this round; large data at once."""
        if len(data) > _JOINED_BYTES:
            self.flush()
            self._transport.write(data)
            return
        if not self._pending:
            self._round.add(self, self._loop)
        self._pending += data

    def flush(self) -> None:
        """Write what is there now."""
        data, self._pending = self._pending, b""
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def end(self) -> None:
        """Write what is there, and say that nothing more will come, where the transport can say that."""
        self.flush()
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def close(self) -> None:
        """Write what is there, and close."""
        self.flush()
        self._transport.close()

    def reset(self) -> None:
        """Write what is there, and reset the connection; what the system cannot take at once is lost."""
        self.flush()
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):  # the client may be gone already
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    def is_hung_up(self) -> bool:
        """Ask the system whether the other side has ended: while nothing is read, the transport does not notice."""
        raw = self._transport.get_extra_info("socket")
        if raw is None or raw.fileno() < 0 or not _ENDED:
            return False
        poll = select.poll()
        poll.register(raw.fileno(), _ENDED)
        return bool(poll.poll(0))

    def is_closing(self) -> bool:
        """Whether the connection is closed or about to be."""
        return self._transport.is_closing()
