"""The requests that are not stored yet, and the numbers that they will have."""

from collections import deque
from itertools import islice

from mock_server.exchange import Exchange


class Waiting:
    """Exchanges in their order, the oldest first. `weight` is about how many bytes they take.

    `gone` counts those that went before they were stored, since others were. Their numbers stay theirs, so that one
    which a client was told never becomes another's.
    """

    def __init__(self) -> None:
        self.weight = 0
        self.gone = 0
        self._exchanges: deque[Exchange] = deque()

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self._exchanges)

    @property
    def oldest(self) -> Exchange | None:
        """The one that waits longest."""
        return self._exchanges[0] if self._exchanges else None

    def add(self, exchange: Exchange) -> None:
        """Let another one wait."""
        self._exchanges.append(exchange)
        self.weight += exchange.weight

    def drop(self) -> Exchange:
        """Let the oldest go, never to be stored."""
        exchange = self._exchanges.popleft()
        self.weight -= exchange.weight
        self.gone += 1
        return exchange

    def first(self, most: int | None = None) -> list[Exchange]:
        """Give the oldest, so many of them or all."""
        return list(islice(self._exchanges, most))

    def stored(self, count: int) -> None:
        """Take note that so many of the oldest are stored now, and those that went with them."""
        for _ in range(count):
            self.weight -= self._exchanges.popleft().weight
        self.gone = 0

    def slice(self, stored: int, wanted: range, limit: int, *, newest: bool) -> list[tuple[int, Exchange]] | None:
        """Give at most so many of those with the `wanted` numbers, and their numbers, the newest or the oldest first.

        `stored` is the number of the last that is stored. None when some that are stored may be among them.
        """
        begin = stored + self.gone + 1
        low = max(wanted.start, begin)
        high = max(low, min(wanted.stop, begin + self.count))
        found = range(max(low, high - limit), high) if newest else range(low, min(low + limit, high))
        if wanted.start <= stored and not (newest and len(found) == limit):
            return None
        # Those asked for mostly stand at an end, from where a deque finds them at once.
        numbered = [(number, self._exchanges[number - begin]) for number in found]
        return numbered[::-1] if newest else numbered
