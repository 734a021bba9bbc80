"""How long the database waits for others who hold the file."""

import sqlite3
from contextlib import closing
from pathlib import Path

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


def test_only_the_first_write_waits_long_for_who_keeps_the_file(tmp_path: Path) -> None:
    path = tmp_path / "requests"
    waits: list[int] = []

    with closing(Database(str(path))) as database:
        usual = database.rows("PRAGMA busy_timeout")[0][0]
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            # It is not this wait that matters.
            database.rows("PRAGMA busy_timeout = 10")
            for _ in range(2):
                with pytest.raises(StorageError, match="database is locked"), database.transaction():
                    pass
                waits += database.rows("PRAGMA busy_timeout")[0]
        with database.transaction():
            waits += database.rows("PRAGMA busy_timeout")[0]

    assert (usual, waits) == (2000, [50, 50, 2000])
