"""Counts requests by their answers, also those that are no longer kept, and those that had to make room."""

from collections import Counter
from dataclasses import dataclass

from mock_server.exchange import Exchange
from mock_server.storage.bounds import count_evicted
from mock_server.storage.database import Database


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests of an operation got an answer, and how many seconds they took together."""

    operation: str
    status: int
    answer: str
    count: int
    seconds: float


class Counts:
    """The counts of a journal; they wait in memory until they are stored or asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tallied: dict[tuple[str, int, str], tuple[int, float]] = {}
        self._dropped: Counter[str] = Counter()

    def completed(self, exchange: Exchange) -> None:
        """Count a request that is over."""
        what = (exchange.operation, exchange.status, exchange.answer.name if exchange.answer else "")
        count, seconds = self._tallied.get(what, (0, 0.0))
        self._tallied[what] = (count + 1, seconds + (exchange.duration or 0.0))

    def dropped(self, exchange: Exchange) -> None:
        """Count a request that made room before it was stored."""
        self._dropped[exchange.key.session if exchange.key else ""] += 1

    def store(self) -> None:
        """Store what was counted. Raises StorageError."""
        if not (self._tallied or self._dropped):
            return
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO tallies VALUES (?, ?, ?, ?, ?) ON CONFLICT (operation, status, answer) "
                "DO UPDATE SET count = count + excluded.count, seconds = seconds + excluded.seconds",
                [(*what, count, seconds) for what, (count, seconds) in self._tallied.items()],
            )
            count_evicted(connection, self._dropped)
        self._tallied.clear()
        self._dropped.clear()

    def tallies(self) -> list[Tally]:
        """Give the counts by operation and answer."""
        self.store()
        return [Tally(*row) for row in self._database.rows("SELECT * FROM tallies ORDER BY operation, status, answer")]

    def evicted(self, session: str | None = None) -> int:
        """Count the requests that had to make room, of one session or of all."""
        self.store()
        chosen, values = ("1", []) if session is None else ("session = ?", [session])
        sql = f"SELECT coalesce(sum(count), 0) FROM evictions WHERE {chosen}"  # noqa: S608 - from this package
        return int(self._database.rows(sql, values)[0][0])
