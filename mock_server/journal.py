"""Keeps what came and what was answered, in memory and bounded."""

from collections import deque
from collections.abc import Hashable, Iterator
from typing import Protocol

from mock_server.exchange import Exchange

_FINGERPRINTS = 10_000


class Journal(Protocol):
    """What the fake asks of its journal."""

    def record(self, exchange: Exchange) -> None:
        """Take an exchange before its answer goes out."""

    def complete(self, exchange: Exchange) -> None:
        """Take note that an exchange is over: its duration, and whether the client stayed."""

    def came_before(self, fingerprint: Hashable, at: float, within: float) -> bool:
        """Remember a request, and say whether the same came within so many seconds; `at` is in seconds too."""

    def __iter__(self) -> Iterator[Exchange]:
        """Give the exchanges that are kept, the oldest first."""


class MemoryJournal:
    """A journal of the last exchanges. `evicted` counts those that had to make room."""

    def __init__(self, entries: int = 10_000) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=entries)
        self._seen: dict[Hashable, float] = {}
        self.evicted = 0

    def record(self, exchange: Exchange) -> None:
        """Take an exchange before its answer goes out; the oldest one makes room."""
        if len(self._exchanges) == self._exchanges.maxlen:
            self.evicted += 1
        self._exchanges.append(exchange)

    def complete(self, exchange: Exchange) -> None:
        """Nothing to do: the exchange that was recorded is the one that was completed."""

    def came_before(self, fingerprint: Hashable, at: float, within: float) -> bool:
        """Remember a request, and say whether the same came within so many seconds."""
        before = self._seen.get(fingerprint)
        self._seen[fingerprint] = at
        if len(self._seen) > _FINGERPRINTS:
            # Once in a while half of them go, which is cheaper than to keep them in order.
            self._seen = dict(list(self._seen.items())[_FINGERPRINTS // 2 :])
        return before is not None and at - before <= within

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)
