"""Every request and what became of it, in a database.

What comes in waits in memory. A journal in memory writes it when somebody looks or nobody else calls; under load the
oldest requests go before anybody saw them, and are only counted. A journal in a file writes it before the answers go
out, all those of a round of the event loop together.
"""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from contracts.multipart_body import Part
from mock_server.exchange import Exchange
from mock_server.storage.bounds import Totals, count_evicted, evict, forget, read_totals, write_totals
from mock_server.storage.counts import Counts, Tally
from mock_server.storage.database import Database, StorageError
from mock_server.storage.entry import Entry
from mock_server.storage.news import News
from mock_server.storage.repeats import Repeats, fingerprint
from mock_server.storage.revisions import Revisions
from mock_server.storage.rounds import Rounds
from mock_server.storage.rows import DETAIL, INSERT, SUMMARY, Row, RowMaker, entry
from mock_server.storage.search import Search
from mock_server.storage.secrecy import Secrets
from mock_server.storage.waiting import Waiting

# About what an exchange takes in memory beside its body and the bytes of its head.
_EXCHANGE_WEIGHT = 1500
_PART_WEIGHT = 700
# Stored in one go while nobody calls: few enough that whoever does call then does not notice.
_IDLE_BATCH = 200
_FORGET_SECONDS = 1.0
_NOTHING = Totals(0, 0, 0)
_EVERYTHING = Search()


def _weight_of(part: Part) -> int:
    return _PART_WEIGHT + len(part.text) + len(part.head) + len(part.filename or "")


class Journal:
    """The requests of one fake. `problem` says why the last write failed, and is empty when it did not.

    `recorded` counts the requests that this process has taken; it alone may be read from any thread.
    """

    def __init__(
        self,
        database: Database,
        rows: RowMaker,
        secrets: Callable[[], Secrets],
        most: tuple[int, int],
        *,
        keep_seconds: float | None = None,
        others: Revisions | None = None,
    ) -> None:
        """Keep at most so many requests and bytes, each for so many seconds; `others` tells of other workers."""
        self.file = database.file
        self.durable = database.file is not None
        self.problem = ""
        self._database = database
        self._rows = rows
        self._secrets = secrets
        self._most = Totals(0, *most)
        self._keep_seconds = keep_seconds
        self._shared = others is not None
        self._counts = Counts(database)
        self._news = News(shared=self._shared)
        self._rounds = Rounds(self.flush)
        self._repeats = Repeats(database, others)
        with database.transaction() as connection:
            self._stored = read_totals(connection)
        self._waiting = Waiting()
        self._completed: list[Exchange] = []
        self.recorded = self._recorded_before = 0
        self._next_forgetting = 0.0
        if keep_seconds is not None and self.durable:
            database.erase_what_is_deleted()

    def adopt(self, rows: RowMaker) -> None:
        """Go on with rows of another contract; what came before is stored as that of before. Raises StorageError."""
        self.flush()
        self._rows = rows

    # What every request does

    def record(self, exchange: Exchange) -> None:
        """Take an exchange before its answer goes out. With a file it is stored once `settled` has returned."""
        exchange.weight += _EXCHANGE_WEIGHT + len(exchange.body)
        if exchange.parts:
            exchange.weight += sum(map(_weight_of, exchange.parts))
        waiting, most = self._waiting, self._most
        waiting.add(exchange)
        self.recorded += 1
        stored = self._stored if not self.durable else _NOTHING
        if waiting.count + stored.entries > most.entries or waiting.weight + stored.weight > most.weight:
            self._make_room()
        self._news.tell()

    async def settled(self) -> None:
        """Wait until what was recorded is stored in the file. Raises StorageError when it cannot be."""
        await self._rounds.settled()

    def complete(self, exchange: Exchange) -> None:
        """Take note that an exchange is over: its duration, and whether the client stayed."""
        self._counts.completed(exchange)
        if exchange.seq:
            self._completed.append(exchange)
        self._news.tell()

    def came_before(self, exchange: Exchange, content: Sequence[object], within: float) -> bool:
        """Remember what an exchange asked, and say whether the same was asked within so many seconds."""
        if not self._shared:
            session = exchange.key.session if exchange.key else ""
            return self._repeats.came_before(hash(content), exchange.started, within, session)
        exchange.fingerprint = fingerprint(content)
        return self._repeats.came_before(exchange.fingerprint, exchange.at.timestamp(), within)

    # Storing

    def flush(self, most: int | None = None) -> None:
        """Store what waits, or the oldest so many of it. Raises StorageError, and then it goes on waiting."""
        batch = self._waiting.first(most)
        if not (batch or self._completed):
            return
        try:
            with self._database.transaction() as connection:
                before = read_totals(connection)
                weights: list[int] = []
                first = before.last + self._waiting.gone + 1
                # One after the other, while it is still in the processor's cache.
                connection.executemany(INSERT, self._written(batch, first, weights))
                connection.executemany(
                    "UPDATE requests SET seconds = ?, stayed = ?, size = ? WHERE seq = ?",
                    [(one.duration, int(one.stayed), one.size, one.seq) for one in self._completed],
                )
                last = first + len(batch) - 1
                held = Totals(last, before.entries + len(batch), before.weight + sum(weights))
                after = evict(connection, held, self._most)
                write_totals(connection, after)
        except StorageError as error:
            self.problem = str(error)
            raise
        self.problem = ""
        self._stored = after
        if batch:
            self._repeats.stored(first - 1, last)
        self._waiting.stored(len(batch))
        for seq, exchange in enumerate(batch, start=first):
            exchange.seq = seq
        self._completed.clear()

    def _written(self, batch: Iterable[Exchange], first: int, weights: list[int]) -> Iterator[Row]:
        """Write exchanges as rows, numbered from `first` on; adds their weights to `weights`."""
        secrets = self._secrets()
        for seq, exchange in enumerate(batch, start=first):
            row = self._rows.row(exchange, seq, secrets)
            weights.append(row[-2])
            yield row

    def _make_room(self) -> None:
        """Let the oldest go: first of what is stored, then of what waits."""
        waiting, most = self._waiting, self._most
        if self.durable:
            # Whoever is not answered yet shall be in the file, unless it cannot be written: then it is told so.
            with contextlib.suppress(StorageError):
                self.flush()
        elif self._stored.entries:
            left = Totals(0, max(0, most.entries - waiting.count), max(0, most.weight - waiting.weight))
            with self._database.transaction() as connection:
                self._stored = evict(connection, read_totals(connection), left)
                write_totals(connection, self._stored)
        while (oldest := waiting.oldest) and (waiting.count > most.entries or waiting.weight > most.weight):
            if self.durable and oldest.duration is None:
                break
            self._counts.dropped(waiting.drop())

    def tidy(self, now: float) -> bool:
        """Do what can wait: store when nobody calls, delete what is too old. To be called a few times a second.

        Gives whether there is more to store while nobody calls. Raises StorageError.
        """
        idle = self.recorded == self._recorded_before
        self._recorded_before = self.recorded
        if self.durable:
            self.flush()
            self._counts.store()
        elif idle:
            self.flush(_IDLE_BATCH)
        if self._keep_seconds is not None and now >= self._next_forgetting:
            self._next_forgetting = now + _FORGET_SECONDS
            self._forget_before(now - self._keep_seconds)
        return idle and self._waiting.count > 0

    def _forget_before(self, at: float) -> None:
        """Delete what is too old. It counts as evicted: whoever sums up a session has to know that it is not all."""
        while (oldest := self._waiting.oldest) and oldest.at.timestamp() < at:
            self._counts.dropped(self._waiting.drop())
        with self._database.transaction() as connection:
            sql = "SELECT session, count(*) FROM requests WHERE at < ? GROUP BY session"
            gone: dict[str, int] = dict(connection.execute(sql, (at,)).fetchall())
            if gone:
                forget(connection, "at < ?", at)
                count_evicted(connection, gone)
                self._stored = read_totals(connection)
        self.problem = ""
        if gone and self.durable:
            self._database.empty_log()

    # Looking

    def find(
        self,
        search: Search,
        *,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
        newest: bool = True,
        full: bool = False,
    ) -> list[Entry]:
        """Find requests, the newest first or the oldest; with numbers below `before` and above `after`."""
        if search == _EVERYTHING and not self.durable:
            wanted = range((after or 0) + 1, before if before is not None else sys.maxsize)
            # Whoever follows what comes, or looks at the latest, shall not make thousands of others be stored first.
            found = self._waiting.slice(self._stored.last, wanted, limit, newest=newest)
            if found is not None:
                rows = (self._rows.row(exchange, seq, self._secrets()) for seq, exchange in found)
                return [entry(row[:-2], full=full) for row in rows]
        self.flush()
        where, values = search.where()
        for sign, bound in (("<", before), (">", after)):
            if bound is not None:
                where, values = f"{where} AND seq {sign} ?", [*values, bound]
        columns = f"{SUMMARY}, {DETAIL}" if full else SUMMARY
        order = "DESC" if newest else "ASC"
        sql = f"SELECT {columns} FROM requests WHERE {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608 - from this package
        return [entry(row, full=full) for row in self._database.rows(sql, [*values, limit])]

    def count(self, search: Search) -> int:
        """Count requests."""
        if search == _EVERYTHING and not self.durable:
            return self._stored.entries + self._waiting.count
        self.flush()
        where, values = search.where()
        return int(self._database.rows(f"SELECT count(*) FROM requests WHERE {where}", values)[0][0])  # noqa: S608 - the same

    def one(self, request_id: str) -> Entry | None:
        """Give one request in full."""
        self.flush()
        sql = f"SELECT {SUMMARY}, {DETAIL} FROM requests WHERE id = ?"  # noqa: S608 - the same
        return next((entry(row, full=True) for row in self._database.rows(sql, [request_id])), None)

    def evicted(self, session: str | None = None) -> int:
        """Count the requests that had to make room, of one session or of all."""
        return self._counts.evicted(session)

    def tallies(self) -> list[Tally]:
        """Count all requests that were ever answered, also those that made room, by operation and answer."""
        return self._counts.tallies()

    def last_seq(self) -> int:
        """Give the number of the latest request."""
        if not self.durable:
            return self._stored.last + self._waiting.gone + self._waiting.count
        self.flush()
        return int(self._database.rows("SELECT last FROM totals")[0][0])

    def delete(self, session: str | None = None) -> int:
        """Delete the requests of one session, or all; gives how many."""
        self.flush()
        self._counts.store()
        condition, value = ("session = ?", session) if session is not None else ("seq > ?", 0)
        with self._database.transaction() as connection:
            deleted = forget(connection, condition, value)
            if session is None:
                connection.execute("DELETE FROM evictions")
            else:
                connection.execute("DELETE FROM evictions WHERE session = ?", (session,))
            self._stored = read_totals(connection)
        self._repeats.forget(session)
        return deleted

    async def news(self, seconds: float) -> None:
        """Wait until something is recorded or completed, or until the time is over; may return before either."""
        await self._news.wait(seconds)

    def close(self) -> None:
        """Store what waits, and let go of the database. Raises StorageError."""
        try:
            self.flush()
            self._counts.store()
        finally:
            self._database.close()
