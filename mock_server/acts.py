"""Plays a step to one request: reads it slowly or not to its end, and answers late, in part, wrongly or not at all."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from random import Random

from starlette.types import Message, Receive, Send

from mock_server.endings import Played, Reply, end, wait
from mock_server.fault_amounts import LONGEST_MS
from mock_server.network_faults import ReadingKind
from mock_server.request import Request
from mock_server.steps import Step
from mock_server.undocumented import ArmedAnswer, undocumented_status

__all__ = ["Play", "Played", "PlayedOutError"]


class PlayedOutError(Exception):
    """The connection was reset while the request was read, as its step says; there is no answer."""


class Play:
    """A step that is played for one request; what varies is drawn from `random`.

    `answer` is what the step has sent in place of the judged answer, if anything. A client counts as gone when it has
    ended its side while it is kept waiting, be it that it would still read. When the server stops, nothing is waited
    for any more.
    """

    def __init__(self, step: Step, random: Random | None = None) -> None:
        self.step = step
        self.answer: ArmedAnswer | None = step.answer
        self._random = random or Random()  # noqa: S311 - chance, no secret
        self._answering = False

    def refuses_expect(self, request: Request) -> bool:
        """Say whether the request asked before sending its body, and the step says no: `answer` is then a 417."""
        reading = self.step.reading
        refuses = reading is not None and reading.kind is ReadingKind.EXPECT and request.waits_for_go_ahead
        if refuses:
            self.answer = undocumented_status(HTTPStatus.EXPECTATION_FAILED)
        return refuses

    def reading(self, receive: Receive, send: Send) -> Receive:
        """Give what to read the request with. It raises PlayedOutError when the step cuts the connection.

        What is read once the answer is begun is read as ever.
        """
        reading = self.step.reading
        if reading is None or reading.kind is ReadingKind.EXPECT:
            return receive
        act = _cut if reading.kind is ReadingKind.CUT else _slow_down
        loop = asyncio.get_running_loop()
        began, size = loop.time(), 0

        async def read() -> Message:
            nonlocal size
            message = await receive()
            if self._answering or message["type"] != "http.request":
                return message
            size += len(message.get("body", b""))
            left = await act(send, reading.amount, size, loop.time() - began)
            return {"type": "http.disconnect"} if left else message

        return read

    async def send(
        self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, send: Send, *, has_more: bool = False
    ) -> Played:
        """Send an answer as the step says; `headers` must have its content-length.

        When all of it went out and the request `has_more`, the answer is left open until its client is done.
        """
        self._answering = True
        if status == HTTPStatus.NO_CONTENT:
            headers = [header for header in headers if header[0] != b"content-length"]
        reply = Reply(status, headers, body, send, has_more)
        try:
            if self.step.delay is not None:
                milliseconds = self._random.uniform(self.step.delay.least, self.step.delay.most)
                await wait(send, milliseconds / 1000)
            return await end(reply, self.step.ending)
        except ConnectionError:
            await send({"type": "wire.close"})
            return Played.LEFT


# While a request is read. They say whether the client left; `size` bytes were read in `taken` seconds.


async def _cut(send: Send, most: int, size: int, taken: float) -> bool:  # noqa: ARG001 - one signature for both
    if size < most:
        return False
    await send({"type": "wire.reset"})
    raise PlayedOutError


async def _slow_down(send: Send, rate: int, size: int, taken: float) -> bool:
    try:
        await wait(send, min(size / rate - taken, LONGEST_MS / 1000))
    except ConnectionError:
        await send({"type": "wire.close"})
        return True
    return False
