"""The SQLite database of a fake: in memory, or a file that several workers share and that outlives them."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from contracts.faults import ConfigError, Fault
from mock_server.storage.search import decoded_path

_APPLICATION = 0x646D6F63
_VERSION = 1
MAGIC = b"SQLite format 3\0"
"""What every file of SQLite begins with."""

_MEMORY_KIB = 64 * 1024
# How long a write waits for another process that holds the file; its requests wait as long.
_BUSY_SECONDS = 2.0
# How long it waits once that was in vain: everything else that a fake does, stands still meanwhile.
_STILL_BUSY_SECONDS = 0.05
# SQLite itself would wait for whole milliseconds, and another worker is done in one.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.00002, 0.01

_SCHEMA = """
CREATE TABLE requests (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, at REAL NOT NULL, session TEXT NOT NULL, key TEXT NOT NULL,
    address TEXT NOT NULL, method TEXT NOT NULL, target TEXT NOT NULL, operation TEXT NOT NULL,
    status INTEGER NOT NULL, answer TEXT NOT NULL, accepted INTEGER NOT NULL, size INTEGER NOT NULL,
    seconds REAL, stayed INTEGER NOT NULL, user TEXT NOT NULL, event TEXT NOT NULL,
    broken TEXT NOT NULL, flagged TEXT NOT NULL, armed TEXT NOT NULL, weight INTEGER NOT NULL, fingerprint INTEGER,
    headers TEXT NOT NULL, body BLOB NOT NULL, sha256 TEXT NOT NULL, parts TEXT NOT NULL, remarks TEXT NOT NULL,
    sent_headers TEXT NOT NULL, sent_body BLOB NOT NULL
);
CREATE INDEX requests_by_session ON requests (session) WHERE session != '';
CREATE TABLE totals (last INTEGER NOT NULL, entries INTEGER NOT NULL, weight INTEGER NOT NULL);
INSERT INTO totals VALUES (0, 0, 0);
CREATE TABLE evictions (session TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE tallies (
    operation TEXT NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL, count INTEGER NOT NULL,
    seconds REAL NOT NULL, PRIMARY KEY (operation, status, answer)
);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, masked TEXT NOT NULL, name TEXT NOT NULL, created REAL NOT NULL,
    expires REAL NOT NULL, ended REAL, revision INTEGER NOT NULL, options TEXT NOT NULL, world TEXT NOT NULL
);
CREATE INDEX sessions_alive ON sessions (expires) WHERE ended IS NULL;
CREATE INDEX sessions_over ON sessions (coalesce(ended, expires));
CREATE TABLE world (changes TEXT NOT NULL, keys TEXT NOT NULL);
INSERT INTO world VALUES ('{}', '{}');
CREATE TABLE faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT, placed TEXT NOT NULL, session TEXT NOT NULL, seen INTEGER NOT NULL,
    used INTEGER NOT NULL, active INTEGER NOT NULL, created REAL NOT NULL
);
"""


class StorageError(Exception):
    """The database could not be read or written; says why, in the words of SQLite."""


class Database:
    """One connection. `file` is its path, or None for a database in memory."""

    def __init__(self, file: str | None = None) -> None:
        """Open or make the database. Raises ConfigError for a file that cannot be used, and leaves that as it is."""
        self.file = file
        self._waited_in_vain = False
        try:
            if file is not None:
                _check(file)
            # Whole, so that no name of a file means anything else to SQLite.
            place = ":memory:" if file is None else str(Path(file).absolute())
            self._connection = sqlite3.connect(place, timeout=0, isolation_level=None, check_same_thread=False)
            with contextlib.ExitStack() as unless_prepared:
                unless_prepared.callback(self._connection.close)
                self._prepare()
                unless_prepared.pop_all()
        except (sqlite3.Error, StorageError, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ConfigError([Fault(file or "the journal", f"cannot be used as a journal: {reason}")]) from None

    def _prepare(self) -> None:
        if self.file is not None:
            # A commit is in the file, whatever becomes of this process; only the machine's own end may lose the last.
            self._patiently("PRAGMA journal_mode = WAL")
            self._patiently("PRAGMA synchronous = NORMAL")
        else:
            # All of it is in memory anyway; with less, a large write takes twice as long.
            self._connection.execute(f"PRAGMA cache_size = -{_MEMORY_KIB}")
        self._connection.create_function("decoded_path", 1, decoded_path, deterministic=True)
        with self.transaction():
            if not self._version():
                for statement in _SCHEMA.split(";\n"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of it or nothing, with nobody else writing meanwhile. Raises StorageError."""
        connection = self._connection
        try:
            self._begin()
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                # What is wrong may have ended it already, as a full disk does.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise StorageError(str(error)) from None

    def _begin(self) -> None:
        try:
            self._patiently("BEGIN IMMEDIATE", _STILL_BUSY_SECONDS if self._waited_in_vain else _BUSY_SECONDS)
        except sqlite3.Error as error:
            self._waited_in_vain = _is_busy(error)
            raise
        self._waited_in_vain = False

    def _patiently(self, sql: str, seconds: float = _BUSY_SECONDS, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Execute a statement, and wait so long for whoever holds the file. Raises sqlite3.Error."""
        began = time.monotonic()
        while True:
            try:
                return self._connection.execute(sql, values)
            except sqlite3.Error as error:
                waited = time.monotonic() - began
                if not _is_busy(error) or waited >= seconds:
                    raise
            time.sleep(min(max(_SHORTEST_PAUSE, waited / 5), _LONGEST_PAUSE))

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Read rows. Raises StorageError."""
        try:
            return self._patiently(sql, values=values).fetchall()
        except sqlite3.Error as error:
            raise StorageError(str(error)) from None

    def erase_what_is_deleted(self) -> None:
        """Overwrite from now on what is deleted, for those who must not keep it."""
        self._connection.execute("PRAGMA secure_delete = ON")

    def empty_log(self) -> None:
        """Bring everything into the file itself, and empty the log beside it, which holds what is deleted as well.

        Raises StorageError. When somebody is reading, it is left for the next time.
        """
        # For this, SQLite does not say that somebody holds the file, but goes on without; so it waits by itself.
        self.rows(f"PRAGMA busy_timeout = {round(1000 * _BUSY_SECONDS)}")
        try:
            self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self.rows("PRAGMA busy_timeout = 0")

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def _is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the file; the low byte of SQLite's code is the kind of error."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _check(file: str) -> None:
    """Look at a file without changing it. Raises ConfigError unless it is a journal of this version, or nothing yet."""
    path = Path(file)
    if path.is_dir():
        raise ConfigError([Fault(file, "is a folder; a journal is a file")])
    if not path.parent.is_dir():
        raise ConfigError([Fault(file, f"there is no folder {str(path.parent)!r}")])
    if path.exists() and not path.is_file():
        raise ConfigError([Fault(file, "is no ordinary file")])
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb") as opened:
        # SQLite itself takes a file of a few bytes for an empty one.
        if opened.read(len(MAGIC)) != MAGIC:
            raise ConfigError([Fault(file, "is no database, so no journal; it was left as it is")])
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        # All of it at one moment: another worker may just be making it.
        connection.execute("BEGIN")
        wrong = misfit(connection)
    if wrong:
        raise ConfigError([Fault(file, f"{wrong}; it was left as it is")])


def misfit(connection: sqlite3.Connection) -> str:
    """Say why a database is no journal of this version; nothing when it is one, or when nothing is in it yet."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if not (tables or version or application):
        return ""
    if application != _APPLICATION:
        return "is a database, but no journal of distinct-mock"
    if version != _VERSION:
        return f"is a journal of version {version}, and this distinct-mock knows version {_VERSION}"
    return "" if damage == "ok" else f"is damaged: {' '.join(damage.split())}"
