"""A client behind a process that lives through the run and speaks the protocol, a JSON object a line."""

import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self

from conformance.clients.child import Child, EndedError, FloodError, Line
from conformance.clients.client import AdapterError, Order
from conformance.clients.noise import FLOOD, Noise
from conformance.clients.protocol import HELLO_REPLY, REPLY, VERSION, call_message, line_of, read, remarks
from conformance.clients.replies import capabilities, complaint, hidden, reply_of
from conformance.model import Capabilities, Outcome, Reply
from contracts.operations import Contract

MOST_FAILURES = 3
"""So many hangs and crashes in a row, and it is not started again."""

_START_SECONDS = 30.0
_BYE_SECONDS = 3.0
# As many keys as may still turn up: in a late word of a call before, for one.
_KEYS = 4
_LAST_LINES = 15
_MOST_AWAITED = 5

Listen = Callable[[str, str], None]
"""Takes what was said: ">" for what the adapter was told and "<" for what came from it, and the line."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call that is not answered yet: its place among the orders, since when, and until when."""

    place: int
    began: float
    until: float


class _FailedError(Exception):
    """The client did not come back; with its outcome."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class JsonLinesClient:
    """A client behind an adapter that `words` start; `listen` hears all that is said."""

    def __init__(
        self,
        words: Sequence[str],
        contract: Contract,
        *,
        listen: Listen | None = None,
        start_seconds: float = _START_SECONDS,
    ) -> None:
        self._words = words
        self._operations = frozenset(operation.id for operation in contract.operations.values())
        self._listen = listen
        self._start_seconds = start_seconds
        self._child: Child | None = None
        self._number = 0
        self._failures = 0
        self._keys: deque[str] = deque(maxlen=_KEYS)
        self._noise = Noise()
        self.can = Capabilities(self._operations)

    def __enter__(self) -> Self:
        """Start the process, and ask it who it is."""
        self._started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye, and end what does not go by itself."""
        self.close()

    def close(self) -> bool:
        """Say goodbye; says whether the adapter went by itself, and in time."""
        child, self._child = self._child, None
        if child is None:
            return True
        self._say(child, {"id": self._next(), "cmd": "bye"})
        return child.end(_BYE_SECONDS)

    def call(self, orders: Sequence[Order]) -> list[Reply]:
        """Ask for calls, as many at once as the client takes."""
        replies: dict[int, Reply] = {}
        waiting = deque(enumerate(orders))
        asked: dict[int, _Asked] = {}
        while waiting or asked:
            child = self._started()
            while waiting and len(asked) < self.can.concurrency:
                place, order = waiting.popleft()
                asked[self._ask(child, order)] = _Asked(place, *_span(order.deadline))
            try:
                number, message = self._message(child, min(each.until for each in asked.values()), asked)
            except _FailedError as error:
                replies |= {each.place: self._failed(error, each) for each in asked.values()}
                asked.clear()
            else:
                done = asked.pop(number)
                replies[done.place] = self._reply(message, done, child)
        return [replies[place] for place in range(len(orders))]

    def drain(self, deadline: float) -> Reply:
        """Ask the client to finish what it does in the background."""
        child = self._started()
        number = self._next()
        self._say(child, {"id": number, "cmd": "drain"})
        asked = {number: _Asked(0, *_span(deadline))}
        try:
            _, message = self._message(child, asked[number].until, asked)
        except _FailedError as error:
            return self._failed(error, asked[number])
        return self._reply(message, asked[number], child)

    # Starting and ending

    def _started(self) -> Child:
        if self._child is not None:
            return self._child
        if self._failures >= MOST_FAILURES:
            raise AdapterError(f"the client hung or crashed {MOST_FAILURES} times in a row")
        child = self._child = Child(self._words)
        number = self._next()
        self._say(child, {"id": number, "cmd": "hello", "protocol": VERSION, "suite": version("distinct-mock")})
        try:
            asked = {number: _Asked(0, *_span(self._start_seconds))}
            _, about = self._message(child, asked[number].until, asked, HELLO_REPLY)
            self.can = self._capabilities(about)
        except _FailedError as error:
            last = "\n".join(child.errors().strip().splitlines()[-_LAST_LINES:])
            self._end()
            said = f"the adapter did not answer hello: {error}" + (f"\n{last}" if last else "")
            raise AdapterError(complaint(said, self._keys)) from None
        except AdapterError as error:
            self._end()
            raise AdapterError(complaint(str(error), self._keys)) from None
        return child

    def _capabilities(self, said: dict[str, Any]) -> Capabilities:
        named = frozenset(said["operations"])
        unknown = named - self._operations
        if unknown:
            raise AdapterError(
                f"the answer to hello: operations: got {sorted(unknown)}, expected some of {sorted(self._operations)}"
            )
        can = capabilities(said.get("capabilities", {}), named, said.get("client", {}))
        return replace(can, remarks=tuple(remarks(said, HELLO_REPLY)))

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
        self._child = None

    # Talking

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _say(self, child: Child, message: dict[str, Any]) -> None:
        line = line_of(message)
        self._heard(">", line)
        child.say(line)

    def _ask(self, child: Child, order: Order) -> int:
        number = self._next()
        if order.config.api_key not in self._keys:
            self._keys.append(order.config.api_key)
        self._say(child, call_message(number, order))
        return number

    def _message(
        self, child: Child, until: float, asked: dict[int, _Asked], definition: str = REPLY
    ) -> tuple[int, dict[str, Any]]:
        """Wait for the next answer to one of the messages that were asked."""
        while True:
            line = self._line(child, until)
            self._heard("<", line.content)
            if not (line.whole and line.content.lstrip().startswith(b"{")):
                self._noise.add(line.content)
                continue
            try:
                return _answer(line, definition, asked)
            except AdapterError as error:
                self._end()
                raise AdapterError(complaint(str(error), self._keys)) from None

    def _line(self, child: Child, until: float) -> Line:
        try:
            line = child.next_line(until)
        except FloodError as error:
            raise _FailedError(Outcome.HANG, f"it {error}") from None
        except EndedError as error:
            raise _FailedError(Outcome.CRASH, f"it {error}") from None
        if line is None:
            raise _FailedError(Outcome.HANG, "no reply in time")
        if self._noise.is_flood:
            raise _FailedError(Outcome.HANG, f"it wrote {FLOOD}")
        return line

    # Replies

    def _reply(self, message: dict[str, Any], asked: _Asked, child: Child) -> Reply:
        self._failures = 0
        status, attempts = message.get("status"), message.get("attempts")
        return reply_of(
            Outcome(message["outcome"]),
            self._keys,
            time.monotonic() - asked.began,
            status=None if status is None else int(status),
            message=message.get("message") or "",
            attempts=None if attempts is None else int(attempts),
            detail=message.get("detail") or {},
            noise=self._noise.take(child.errors()),
        )

    def _failed(self, error: _FailedError, asked: _Asked) -> Reply:
        """Make the reply of a client that did not come back, and end it."""
        seconds = time.monotonic() - asked.began
        noise = ""
        if self._child is not None:
            noise = self._noise.take(self._child.errors())
            self._failures += 1
            self._end()
        return reply_of(error.outcome, self._keys, seconds, message=str(error), noise=noise)

    def _heard(self, direction: str, line: bytes) -> None:
        if self._listen:
            self._listen(direction, hidden(line.decode(errors="backslashreplace").rstrip(), self._keys))


def _span(seconds: float) -> tuple[float, float]:
    began = time.monotonic()
    return began, began + seconds


def _answer(line: Line, definition: str, asked: Collection[int]) -> tuple[int, dict[str, Any]]:
    place = f"line {line.number} of the adapter's output"
    message = read(line.content, definition, place)
    number = int(message["id"])
    if number not in asked:
        awaited = " or ".join(str(one) for one in sorted(asked)[:_MOST_AWAITED])
        raise AdapterError(f"{place}: id: got {number}, expected {awaited}, which is not answered yet")
    return number, message
