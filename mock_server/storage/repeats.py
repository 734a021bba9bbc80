"""Knows a request again that came before, within a short time."""

from collections.abc import Sequence
from hashlib import blake2b
from math import inf

from mock_server.storage.database import Database

# At least so many, and at most twice as many.
_REMEMBERED = 5_000


def fingerprint(content: Sequence[object]) -> int:
    """Sum up a request in a number that is the same in every process, and fits a column."""
    return int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest(), signed=True)


class Repeats:
    """Remembers the latest requests; `shared` with other workers, it asks the database for them instead."""

    def __init__(self, database: Database, *, shared: bool) -> None:
        self._database = database
        self._shared = shared
        # When each came. Those before go all at once, which is cheaper than one after the other.
        self._latest: dict[int, float] = {}
        self._before: dict[int, float] = {}
        # Until when all that came of a session is forgotten.
        self._forgotten: dict[str, float] = {}

    def came_before(self, mark: int, at: float, within: float, session: str = "") -> bool:
        """Remember a request, and say whether the same came within so many seconds; `at` is in seconds too."""
        if self._shared:
            sql = "SELECT 1 FROM requests WHERE fingerprint = ? AND at BETWEEN ? AND ? LIMIT 1"
            return bool(self._database.rows(sql, (mark, at - within, at)))
        seen = self._latest.get(mark)
        if seen is None:
            seen = self._before.get(mark)
        self._latest[mark] = at
        if len(self._latest) > _REMEMBERED:
            self._before, self._latest = self._latest, {}
        return seen is not None and at - seen <= within and seen > self._forgotten.get(session, -inf)

    def forget(self, session: str | None = None) -> None:
        """Forget what came, of one session or of all, when the journal does: nobody would find what was repeated."""
        times = [*self._before.values(), *self._latest.values()]
        if session is None or not times:
            self._before, self._latest, self._forgotten = {}, {}, {}
            return
        oldest = min(times)
        self._forgotten = {name: until for name, until in self._forgotten.items() if until >= oldest}
        self._forgotten[session] = max(times)
