"""How an answer ends: whole, late in pieces, cut short, or not at all."""

import contextlib
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from starlette.types import Send

from mock_server.network_faults import Ending, EndingKind

# The longest wait at a time. Each gives an unfinished body its time anew, which a longer one could use up.
_STEP_SECONDS = 1.0
_DRIP_SECONDS = 0.05
# Between two chunks, so that they do not arrive as one.
_CHUNK_SECONDS = 0.005
# Before a reset, as some systems drop what came when they are told of one: a client that waits has read it by then.
_SETTLE_SECONDS = 0.05
_GARBAGE = b"\x00\xff\xfenot HTTP\x80" * 4


class Played(Enum):
    """How the sending of an answer went: all of it out, the connection ended with it, or the client gone before."""

    ANSWERED = "answered"
    ENDED = "ended"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be sent, and where to. `has_more` leaves a whole answer open until its client is done."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    send: Send
    has_more: bool

    async def begin(self) -> None:
        """Send the head."""
        await self.send({"type": "http.response.start", "status": self.status, "headers": self.headers})

    async def part(self, body: bytes, *, more: bool = True) -> None:
        """Send a piece of the body."""
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def reset(self) -> Played:
        """Reset the connection."""
        await self.send({"type": "wire.reset"})
        return Played.ENDED

    async def close(self) -> Played:
        """Close the connection."""
        await self.send({"type": "wire.close"})
        return Played.ENDED


async def wait(send: Send, seconds: float) -> None:
    """Wait; raises ConnectionError when the client leaves."""
    # Counted beforehand: a server that stops has each of them end at once.
    steps = math.ceil(seconds / _STEP_SECONDS)
    for _ in range(steps):
        await send({"type": "wire.wait", "seconds": seconds / steps})


async def end(reply: Reply, ending: Ending | None) -> Played:
    """Send a reply as its ending says, or whole when there is none; raises ConnectionError when the client leaves."""
    if ending is None:
        return await _send_whole(reply, None)
    return await _ENDINGS[ending.kind](reply, ending.amount)


async def _send_whole(reply: Reply, _: int | None) -> Played:
    await reply.begin()
    await reply.part(reply.body, more=reply.has_more)
    return Played.ANSWERED


async def _reset_before(reply: Reply, _: int | None) -> Played:
    return await reply.reset()


async def _reset_during(reply: Reply, _: int | None) -> Played:
    return await _reset_behind(reply, reply.body[: len(reply.body) // 2])


async def _reset_after(reply: Reply, _: int | None) -> Played:
    return await _reset_behind(reply, reply.body)


async def _reset_behind(reply: Reply, body: bytes) -> Played:
    await reply.begin()
    await reply.part(body)
    with contextlib.suppress(ConnectionError):  # it has read what there is to read
        await wait(reply.send, _SETTLE_SECONDS)
    return await reply.reset()


async def _close(reply: Reply, _: int | None) -> Played:
    return await reply.close()


async def _send_garbage(reply: Reply, _: int | None) -> Played:
    await reply.send({"type": "wire.raw", "data": _GARBAGE})
    return await reply.close()


async def _truncate(reply: Reply, most: int | None) -> Played:
    # At least one byte is missing, whatever is asked for.
    size = len(reply.body) // 2 if most is None else min(most, len(reply.body) - 1)
    await reply.begin()
    await reply.part(reply.body[:size])
    return await reply.close()


async def _drip(reply: Reply, rate: int | None) -> Played:
    assert rate is not None  # noqa: S101 - a drip always has one
    await reply.begin()
    size = max(1, int(rate * _DRIP_SECONDS))
    for start in range(0, len(reply.body), size):
        piece = reply.body[start : start + size]
        await wait(reply.send, len(piece) / rate)
        await reply.part(piece)
    await reply.part(b"", more=reply.has_more)
    return Played.ANSWERED


async def _send_chunks(reply: Reply, size: int | None) -> Played:
    assert size is not None  # noqa: S101 - chunks always have one
    # Without a length, chunks are what is left to tell the end by.
    headers = [header for header in reply.headers if header[0] != b"content-length"]
    chunked = replace(reply, headers=headers)
    await chunked.begin()
    for start in range(0, len(reply.body), size):
        await chunked.part(reply.body[start : start + size])
        await wait(reply.send, _CHUNK_SECONDS)
    await chunked.part(b"", more=reply.has_more)
    return Played.ANSWERED


async def _hang(reply: Reply, _: int | None) -> Played:
    await reply.send({"type": "wire.wait", "seconds": None})
    return await reply.close()


_ENDINGS: Mapping[EndingKind, Callable[[Reply, int | None], Awaitable[Played]]] = {
    EndingKind.RESET_BEFORE: _reset_before,
    EndingKind.RESET_DURING: _reset_during,
    EndingKind.RESET_AFTER: _reset_after,
    EndingKind.CLOSE: _close,
    EndingKind.GARBAGE: _send_garbage,
    EndingKind.TRUNCATE: _truncate,
    EndingKind.DRIP: _drip,
    EndingKind.CHUNKED: _send_chunks,
    EndingKind.HANG: _hang,
}
