"""Knows a request again that came before, within a short time."""

from collections.abc import Sequence
from hashlib import blake2b

from mock_server.storage.database import Database

_REMEMBERED = 10_000


def fingerprint(content: Sequence[object]) -> int:
    """Sum up a request in a number that is the same in every process, and fits a column."""
    return int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest(), signed=True)


class Repeats:
    """Remembers the latest requests, and asks the database for those that other workers took."""

    def __init__(self, database: Database, *, shared: bool) -> None:
        self._database = database
        self._shared = shared
        self._seen: dict[int, float] = {}

    def came_before(self, mark: int, at: float, within: float) -> bool:
        """Remember a request, and say whether the same came within so many seconds; `at` is in seconds too."""
        # Taken out first, so that it comes to stand behind all others.
        before = self._seen.pop(mark, None)
        self._seen[mark] = at
        if len(self._seen) > _REMEMBERED:
            # Once in a while half of them go, which is cheaper than to keep them in order.
            self._seen = dict(list(self._seen.items())[_REMEMBERED // 2 :])
        if before is not None and at - before <= within:
            return True
        return self._shared and bool(
            self._database.rows(
                "SELECT 1 FROM requests WHERE fingerprint = ? AND at BETWEEN ? AND ? LIMIT 1", (mark, at - within, at)
            )
        )
