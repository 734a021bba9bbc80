"""Every request and what became of it, in a database.

What comes in waits in memory. A journal in memory writes it when somebody looks or nobody else calls; under load the
oldest requests go before anybody saw them, and are only counted. A journal in a file writes it before the answers go
out, all those of a round of the event loop together.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from mock_server.exchange import Exchange
from mock_server.storage.bounds import Totals, count_evicted, evict, forget, read_totals, write_totals
from mock_server.storage.database import Database, StorageError
from mock_server.storage.entry import Entry
from mock_server.storage.repeats import Repeats, fingerprint
from mock_server.storage.rows import DETAIL, INSERT, SUMMARY, RowMaker, entry
from mock_server.storage.search import Search
from mock_server.storage.secrecy import Secrets

# About what an exchange takes in memory beside its body and the bytes of its head.
_EXCHANGE_WEIGHT = 1500
_PART_WEIGHT = 700
_IDLE_BATCH = 500
# What is recorded is told of after so many seconds, so that a flood of it is told at once.
_TOLD_SECONDS = 0.005
_LOOK_SECONDS = 0.1
_FORGET_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests of an operation got an answer, and how many seconds they took together."""

    operation: str
    status: int
    answer: str
    count: int
    seconds: float


class Journal:
    """The requests of one fake. `problem` says why the last write failed, and is empty when it did not."""

    def __init__(
        self,
        database: Database,
        rows: RowMaker,
        secrets: Callable[[], Secrets],
        most: tuple[int, int],
        *,
        keep_seconds: float | None = None,
        shared: bool = False,
    ) -> None:
        """Keep at most so many requests and bytes, each for so many seconds; `shared` with other workers."""
        self.file = database.file
        self.durable = database.file is not None
        self.problem = ""
        self._database = database
        self._rows = rows
        self._secrets = secrets
        self._most = Totals(0, *most)
        self._keep_seconds = keep_seconds
        self._shared = shared
        self._repeats = Repeats(database, shared=shared)
        with database.transaction() as connection:
            self._stored = read_totals(connection)
        self._pending: deque[Exchange] = deque()
        self._pending_weight = 0
        self._completed: list[Exchange] = []
        self._dropped: Counter[str] = Counter()
        self._tallied: dict[tuple[str, int, str], tuple[int, float]] = {}
        self._round: list[asyncio.Future[None]] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._telling = False
        self._counted = self._looked_at_count = 0
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
            exchange.weight += sum(_PART_WEIGHT + len(part.text) for part in exchange.parts)
        self._pending.append(exchange)
        self._pending_weight += exchange.weight
        self._counted += 1
        stored = self._stored if not self.durable else Totals(0, 0, 0)
        if (
            len(self._pending) + stored.entries > self._most.entries
            or self._pending_weight + stored.weight > self._most.weight
        ):
            self._make_room()
        if self._waiters:
            self._tell()

    async def settled(self) -> None:
        """Wait until what was recorded is stored in the file. Raises StorageError when it cannot be."""
        loop = asyncio.get_running_loop()
        if not self._round:
            loop.call_soon(self._settle)
        stored = loop.create_future()
        self._round.append(stored)
        await stored

    def _settle(self) -> None:
        waiting, self._round = self._round, []
        failure: Exception | None = None
        try:
            self.flush()
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            failure = error
        for one in waiting:
            if one.done():
                continue
            if failure is None:
                one.set_result(None)
            else:
                one.set_exception(failure)

    def complete(self, exchange: Exchange) -> None:
        """Take note that an exchange is over: its duration, and whether the client stayed."""
        what = (exchange.operation, exchange.status, exchange.answer.name if exchange.answer else "")
        count, seconds = self._tallied.get(what, (0, 0.0))
        self._tallied[what] = (count + 1, seconds + (exchange.duration or 0.0))
        if exchange.seq:
            self._completed.append(exchange)
        if self._waiters:
            self._tell()

    def came_before(self, exchange: Exchange, content: Sequence[object], within: float) -> bool:
        """Remember what an exchange asked, and say whether the same was asked within so many seconds."""
        if not self._shared:
            return self._repeats.came_before(hash(content), exchange.started, within)
        exchange.fingerprint = fingerprint(content)
        return self._repeats.came_before(exchange.fingerprint, exchange.at.timestamp(), within)

    # Storing

    def flush(self, most: int | None = None) -> None:
        """Store what waits, or the oldest so many of it. Raises StorageError, and then it goes on waiting."""
        batch = list(islice(self._pending, most))
        if not (batch or self._completed):
            return
        try:
            with self._database.transaction() as connection:
                before = read_totals(connection)
                secrets = self._secrets()
                rows = [self._rows.row(exchange, before.last + n, secrets) for n, exchange in enumerate(batch, start=1)]
                connection.executemany(INSERT, rows)
                connection.executemany(
                    "UPDATE requests SET seconds = ?, stayed = ?, size = ? WHERE seq = ?",
                    [(one.duration, one.stayed, one.size, one.seq) for one in self._completed],
                )
                weight = before.weight + sum(row[-2] for row in rows)
                held = Totals(before.last + len(rows), before.entries + len(rows), weight)
                after = evict(connection, held, self._most)
                write_totals(connection, after)
        except StorageError as error:
            self.problem = str(error)
            raise
        self.problem = ""
        self._stored = after
        for exchange, row in zip(batch, rows, strict=True):
            exchange.seq = row[0]
            self._pending.popleft()
            self._pending_weight -= exchange.weight
        self._completed.clear()

    def _make_room(self) -> None:
        """Let the oldest go: first of what is stored, then of what waits."""
        if self._stored.entries and not self.durable:
            left = Totals(
                0, max(0, self._most.entries - len(self._pending)), max(0, self._most.weight - self._pending_weight)
            )
            with self._database.transaction() as connection:
                self._stored = evict(connection, read_totals(connection), left)
                write_totals(connection, self._stored)
        while self._pending and (len(self._pending) > self._most.entries or self._pending_weight > self._most.weight):
            self._drop_oldest()

    def tidy(self, now: float) -> None:
        """Do what can wait: store when nobody calls, delete what is too old. To be called a few times a second.

        Raises StorageError.
        """
        idle = self._counted == self._looked_at_count
        self._looked_at_count = self._counted
        if self.durable:
            self.flush()
        elif idle:
            self.flush(_IDLE_BATCH)
        if self.durable:
            self._store_counts()
        if self._keep_seconds is not None and now >= self._next_forgetting:
            self._next_forgetting = now + _FORGET_SECONDS
            self._forget_before(now - self._keep_seconds)

    def _forget_before(self, at: float) -> None:
        """Delete what is too old. It counts as evicted: whoever sums up a session has to know that it is not all."""
        while self._pending and self._pending[0].at.timestamp() < at:
            self._drop_oldest()
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

    def _drop_oldest(self) -> None:
        oldest = self._pending.popleft()
        self._pending_weight -= oldest.weight
        self._dropped[oldest.key.session if oldest.key else ""] += 1

    def _store_counts(self) -> None:
        """Store what is counted though it may not be kept."""
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
        self._store_counts()
        chosen, values = ("1", []) if session is None else ("session = ?", [session])
        sql = f"SELECT coalesce(sum(count), 0) FROM evictions WHERE {chosen}"  # noqa: S608 - the same
        return int(self._database.rows(sql, values)[0][0])

    def tallies(self) -> list[Tally]:
        """Count all requests that were ever answered, also those that made room, by operation and answer."""
        self._store_counts()
        return [Tally(*row) for row in self._database.rows("SELECT * FROM tallies ORDER BY operation, status, answer")]

    def last_seq(self) -> int:
        """Give the number of the latest request."""
        self.flush()
        return int(self._database.rows("SELECT last FROM totals")[0][0])

    def delete(self, session: str | None = None) -> int:
        """Delete the requests of one session, or all; gives how many."""
        self.flush()
        self._store_counts()
        condition, value = ("session = ?", session) if session is not None else ("seq > ?", 0)
        with self._database.transaction() as connection:
            deleted = forget(connection, condition, value)
            connection.execute(
                "DELETE FROM evictions WHERE session = ?"
                if session is not None
                else "DELETE FROM evictions WHERE ? = 0",
                (value,),
            )
            self._stored = read_totals(connection)
        return deleted

    async def news(self, seconds: float) -> None:
        """Wait until something is recorded or completed, or until the time is over; may return before either."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        # What another worker takes is not told here.
        try:
            await asyncio.wait([waiter], timeout=min(seconds, _LOOK_SECONDS) if self._shared else seconds)
        finally:
            # Whoever waited may have gone.
            if not waiter.done():
                self._waiters.remove(waiter)

    def _tell(self) -> None:
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_later(_TOLD_SECONDS, self._tell_all)

    def _tell_all(self) -> None:
        waiting, self._waiters, self._telling = self._waiters, [], False
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Store what waits, and let go of the database. Raises StorageError."""
        try:
            self.flush()
            self._store_counts()
        finally:
            self._database.close()
