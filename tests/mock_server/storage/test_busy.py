"""How long the database waits for others who hold the file."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from mock_server.storage.database import Database, StorageError


def test_a_file_that_somebody_is_just_making_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "requests"
    pauses: list[float] = []

    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                holder.rollback()

        monkeypatch.setattr("mock_server.storage.database.time.sleep", pause)

        with closing(Database(str(path))) as database:
            assert database.rows("PRAGMA journal_mode") == [("wal",)]

    assert len(pauses) == 3


def test_only_the_first_write_waits_long_for_who_keeps_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "requests"
    pauses: list[float] = []
    clock = SimpleNamespace(sleep=pauses.append, monotonic=lambda: sum(pauses))
    waits: list[float] = []

    with closing(Database(str(path))) as database:
        monkeypatch.setattr("mock_server.storage.database.time", clock)
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            for _ in range(2):
                holder.execute("BEGIN IMMEDIATE")
                for _ in range(2):
                    pauses.clear()
                    with pytest.raises(StorageError, match="database is locked"), database.transaction():
                        pass
                    waits.append(sum(pauses))
                holder.rollback()
                with database.transaction():
                    pass

    assert waits == pytest.approx([2, 0.05, 2, 0.05], abs=0.01)


def test_a_write_that_waits_looks_again_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "requests"
    pauses: list[float] = []

    with closing(Database(str(path))) as database, closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if sum(pauses) > 0.001:
                holder.rollback()

        monkeypatch.setattr(
            "mock_server.storage.database.time", SimpleNamespace(sleep=pause, monotonic=lambda: sum(pauses))
        )
        with database.transaction():
            pass

    assert sum(pauses) < 0.0013
    assert max(pauses) < 0.0003


def test_a_log_is_emptied_once_who_writes_is_done(tmp_path: Path) -> None:
    path = tmp_path / "requests"
    log = Path(f"{path}-wal")

    with (
        closing(Database(str(path))) as database,
        closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as holder,
    ):
        with database.transaction() as connection:
            connection.execute("DELETE FROM totals")
        assert log.stat().st_size
        holder.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.1, holder.rollback)
        done.start()

        database.empty_log()

        done.join()
        assert not log.stat().st_size


def test_whatever_becomes_of_the_log_only_that_waits_in_sqlite(tmp_path: Path) -> None:
    def deny(_action: int, name: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if name == "wal_checkpoint" else sqlite3.SQLITE_OK

    with closing(Database(str(tmp_path / "requests"))) as database:
        with database.transaction() as connection:
            connection.set_authorizer(deny)

        with pytest.raises(StorageError, match="not authorized"):
            database.empty_log()

        assert database.rows("PRAGMA busy_timeout") == [(0,)]
