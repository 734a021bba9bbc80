"""Knows a request again that came before, within a short time."""

from collections.abc import Sequence
from hashlib import blake2b

from mock_server.storage.database import Database

_REMEMBERED = 10_000


def fingerprint(content: Sequence[object]) -> int:
    """Sum up a request in a number that is the same in every process, and fits a column."""
    return int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest(), signed=True)


class Repeats:
    """Remembers the latest requests; `shared` with other workers, it asks the database for them instead."""

    def __init__(self, database: Database, *, shared: bool) -> None:
        self._database = database
        self._shared = shared
        self._seen: dict[int, tuple[float, str]] = {}

    def came_before(self, mark: int, at: float, within: float, session: str = "") -> bool:
        """Remember a request, and say whether the same came within so many seconds; `at` is in seconds too."""
        if self._shared:
            sql = "SELECT 1 FROM requests WHERE fingerprint = ? AND at BETWEEN ? AND ? LIMIT 1"
            return bool(self._database.rows(sql, (mark, at - within, at)))
        # Taken out first, so that it comes to stand behind all others.
        before = self._seen.pop(mark, None)
        self._seen[mark] = at, session
        if len(self._seen) > _REMEMBERED:
            # Once in a while half of them go, which is cheaper than to keep them in order.
            self._seen = dict(list(self._seen.items())[_REMEMBERED // 2 :])
        return before is not None and at - before[0] <= within

    def forget(self, session: str | None = None) -> None:
        """Forget what came, of one session or of all, when the journal does: nobody would find what was repeated."""
        self._seen = {mark: seen for mark, seen in self._seen.items() if session not in (None, seen[1])}
