"""Knows a request again that came before, within a short time."""

from collections.abc import Sequence
from hashlib import blake2b
from math import inf

from mock_server.storage.database import Database
from mock_server.storage.revisions import Revisions

# At least so many, and at most twice as many.
_REMEMBERED = 5_000
_LAST = "SELECT last FROM totals"


def fingerprint(content: Sequence[object]) -> int:
    """Sum up a request in a number that is the same in every process, and fits a column."""
    return int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest(), signed=True)


class Repeats:
    """Remembers the latest requests; beside other workers, of which `revisions` tells, also those that they store."""

    def __init__(self, database: Database, revisions: Revisions | None = None) -> None:
        self._database = database
        self._revisions = revisions
        # When each came. Those before go all at once, which is cheaper than one after the other.
        self._latest: dict[int, float] = {}
        self._before: dict[int, float] = {}
        # Until when all that came of a session is forgotten.
        self._forgotten: dict[str, float] = {}
        # Up to which request what others stored is known, and what told of that.
        self._last = 0
        self._known: bytes | None = None
        self._deleted: bytes | None = None

    def came_before(self, mark: int, at: float, within: float, session: str = "") -> bool:
        """Remember a request, and say whether the same came within so many seconds; `at` is in seconds too."""
        if self._revisions is not None and (self._known, self._deleted) != self._now(self._revisions):
            self._learn(self._revisions, at - within)
        seen = self._latest.get(mark)
        if seen is None:
            seen = self._before.get(mark)
        self._remember(mark, at)
        return seen is not None and 0 <= at - seen <= within and seen > self._forgotten.get(session, -inf)

    def _remember(self, mark: int, at: float) -> None:
        self._latest[mark] = at
        if len(self._latest) > _REMEMBERED:
            self._before, self._latest = self._latest, {}

    @staticmethod
    def _now(revisions: Revisions) -> tuple[bytes, bytes]:
        return revisions.requests.now, revisions.deletions.now

    def _learn(self, revisions: Revisions, since: float) -> None:
        """Remember what is stored and not known yet; all of it anew when something was deleted."""
        # Before the requests are read: of what is stored meanwhile it is told again.
        known, deleted = self._now(revisions)
        if deleted != self._deleted:
            self._before, self._latest, self._last = {}, {}, 0
        ((last,),) = self._database.rows(_LAST)
        sql = "SELECT fingerprint, at FROM requests WHERE seq > ? AND at >= ? AND fingerprint <> 0 ORDER BY seq"
        for mark, at in self._database.rows(sql, (self._last, since)):
            self._remember(mark, at)
        self._last, self._known, self._deleted = last, known, deleted

    def stored(self, before: int, last: int) -> None:
        """Tell other workers that requests with numbers up to `last` are stored; `before` them came that number."""
        if self._revisions is None:
            return
        changed = self._revisions.requests.change()
        # Those between are this worker's own. What others stored just now they may have told before this did.
        if self._last == before and self._database.rows(_LAST) == [(last,)]:
            self._known, self._last = changed, last

    def forget(self, session: str | None = None) -> None:
        """Forget what came, of one session or of all, when the journal does: nobody would find what was repeated."""
        if self._revisions is not None:
            self._revisions.deletions.change()
            return
        times = [*self._before.values(), *self._latest.values()]
        if session is None or not times:
            self._before, self._latest, self._forgotten = {}, {}, {}
            return
        oldest = min(times)
        self._forgotten = {name: until for name, until in self._forgotten.items() if until >= oldest}
        self._forgotten[session] = max(times)
