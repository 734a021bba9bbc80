"""How long a connection waits: for a head, for the next request, and for the client to go."""

import asyncio
from collections.abc import Callable


class Patience:
    """The timers of one connection, built so that an ordinary request sets none.

    Heads come whole as a rule, and are then not timed. The time between requests is looked up when its timer ends,
    rather than the timer being set anew for every request.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, head_seconds: float, idle_seconds: float) -> None:
        self._loop = loop
        self._head_seconds = head_seconds
        self._idle_seconds = idle_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._timing_head = False
        self._body_timer: asyncio.TimerHandle | None = None
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    def wait_for_head(self, late: Callable[[], None], *, begun: bool, anew: bool = False) -> None:
        """Call `late` unless the head is there in time; only `anew`, or with its first bytes, time begins again."""
        if self._timing_head and not anew:
            return
        self._timing_head = begun
        self._set(self._head_seconds, late)

    def head_came(self) -> None:
        """Stop the time of a head."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._timing_head = False

    def wait_for_body(self, seconds: float, late: Callable[[], None]) -> None:
        """Call `late` unless `body_came` is called in time; time runs from the first call of this for a body."""
        if self._body_timer is None:
            self._body_timer = self._loop.call_later(seconds, late)

    def body_came(self) -> None:
        """Stop the time of a body."""
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def wait_for_request(self, idle: Callable[[], None]) -> None:
        """Call `idle` when no later call of this comes for as long as a connection may rest."""
        self._idle_since = self._loop.time()
        if self._idle_timer is None:
            self._idle_timer = self._loop.call_later(self._idle_seconds, self._look, idle)

    def _look(self, idle: Callable[[], None]) -> None:
        rest = self._idle_since + self._idle_seconds - self._loop.time()
        self._idle_timer = self._loop.call_later(rest, self._look, idle) if rest > 0 else None
        if self._idle_timer is None:
            idle()

    def wait_for_end(self, seconds: float, late: Callable[[], None]) -> None:
        """Call `late` after that time, and nothing else any more."""
        self.stop()
        self._set(seconds, late)

    def stop(self) -> None:
        """Call nothing any more."""
        self.head_came()
        self.body_came()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _set(self, seconds: float, late: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, late)
