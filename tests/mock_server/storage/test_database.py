"""The database: what may be opened as a journal, what is left alone, and transactions that hold."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from contracts.faults import ConfigError
from mock_server.storage.database import Database, StorageError
from tests.mock_server.storage.made import exchange, journal

NOBODY = 65534


def _of_another(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine');")


def _reserved_by_another(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA application_id = 42; VACUUM;")


def _newer(path: Path) -> None:
    Database(str(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def _filled(path: Path) -> None:
    kept = journal(path)
    for number in range(200):
        kept.record(exchange(number, body=b"x" * 2000))
    kept.close()


def _cut(path: Path) -> None:
    _filled(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _overwritten(path: Path) -> None:
    _filled(path)
    content = bytearray(path.read_bytes())
    content[20_000:60_000] = b"\x5a" * 40_000
    path.write_bytes(content)


UNUSABLE = [
    pytest.param(lambda path: path.write_text("a shopping list\n" * 100), "is no database, so no journal", id="a-text"),
    pytest.param(lambda path: path.write_text("x"), "is no database, so no journal", id="a-letter"),
    pytest.param(_of_another, "no journal of distinct-mock; it was left as it is", id="of-another-application"),
    pytest.param(_reserved_by_another, "no journal of distinct-mock", id="empty-but-of-another-application"),
    pytest.param(_newer, "of version 99, and this distinct-mock knows version 1", id="newer"),
    pytest.param(_cut, "malformed", id="cut-short"),
    pytest.param(_overwritten, "is damaged", id="overwritten"),
    pytest.param(os.mkfifo, "is no ordinary file", id="a-pipe"),
    pytest.param(Path.mkdir, "is a folder", id="a-folder"),
]


@pytest.mark.parametrize(("make", "problem"), UNUSABLE)
def test_what_is_no_journal_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], object], problem: str
) -> None:
    path = tmp_path / "requests"
    make(path)
    before = path.read_bytes() if path.is_file() else b""

    with pytest.raises(ConfigError) as raised:
        Database(str(path))

    assert problem in str(raised.value)
    assert str(path) in str(raised.value)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no folder '.*missing'"):
        Database(str(tmp_path / "missing" / "requests"))

    assert list(tmp_path.iterdir()) == []


@contextmanager
def without_rights() -> Iterator[Path]:
    """Give a folder that all may see into, and let this process be nobody in particular while it is used."""
    if os.geteuid() != 0:
        pytest.skip("only root can give up its rights")
    with TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            os.seteuid(0)


@pytest.mark.parametrize(("mode_of_file", "mode_of_folder"), [(0o444, 0o755), (0o644, 0o755), (0o666, 0o700)])
def test_what_may_not_be_written_is_refused(mode_of_file: int, mode_of_folder: int) -> None:
    with without_rights() as folder:
        path = folder / "requests"
        Database(str(path)).close()
        path.chmod(mode_of_file)
        folder.chmod(mode_of_folder)
        before = path.read_bytes()
        os.seteuid(NOBODY)

        with pytest.raises(ConfigError) as raised:
            Database(str(path))

        os.seteuid(0)
        assert path.read_bytes() == before
    assert "cannot be used as a journal: " in str(raised.value)


def test_a_locked_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "requests"
    Database(str(path)).close()

    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")

        with pytest.raises(ConfigError, match="cannot be used as a journal: database is locked"):
            Database(str(path))


def test_an_empty_file_becomes_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "requests"
    path.touch()

    with closing(Database(str(path))) as database:
        assert database.rows("SELECT last FROM totals") == [(0,)]


@pytest.mark.parametrize("name", [":memory:", "file:x?mode=memory", "a b%20c#d?e", "späti"])
def test_no_name_of_a_file_means_anything_else(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    Database(name).close()
    Database(name).close()

    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_workers_that_begin_together_make_one_database(tmp_path: Path) -> None:
    for number in range(10):
        path = str(tmp_path / f"requests-{number}")
        with ThreadPoolExecutor(8) as pool:
            databases = list(pool.map(Database, [path] * 8))

        assert {tuple(database.rows("SELECT * FROM world")) for database in databases} == {(("{}", "{}"),)}
        for database in databases:
            database.close()


# Transactions


def _two_updates(database: Database, first: str, second: str) -> None:
    with database.transaction() as connection:
        connection.execute(first)
        connection.execute(second)


def test_what_fails_halfway_leaves_nothing() -> None:
    database = Database()

    with pytest.raises(StorageError, match="no such table"):
        _two_updates(database, "UPDATE totals SET last = 5", "UPDATE unheard SET last = 5")

    assert database.rows("SELECT last FROM totals") == [(0,)]


def test_an_error_of_another_kind_is_handed_on_and_leaves_nothing() -> None:
    database = Database()

    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        connection.execute("UPDATE totals SET last = 1 / ?", (1 // 0,))

    with database.transaction():
        assert database.rows("SELECT last FROM totals") == [(0,)]


def test_what_is_written_by_one_is_seen_by_another(tmp_path: Path) -> None:
    first, second = (Database(str(tmp_path / "requests")) for _ in range(2))

    with first.transaction() as connection:
        connection.execute("UPDATE totals SET last = 5")
        assert second.rows("SELECT last FROM totals") == [(0,)]

    assert second.rows("SELECT last FROM totals") == [(5,)]


def test_a_full_file_is_told_in_its_own_words_and_written_again_later(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "requests"))
    pages = database.rows("PRAGMA page_count")[0][0]
    database.rows(f"PRAGMA max_page_count = {pages}")
    insert = "INSERT INTO evictions VALUES (?, 1)"

    with pytest.raises(StorageError, match="database or disk is full"), database.transaction() as connection:
        connection.executemany(insert, [("x" * 3000 + str(number),) for number in range(100)])
    database.rows(f"PRAGMA max_page_count = {pages + 1000}")

    with database.transaction() as connection:
        connection.execute(insert, ("s-1",))
    assert database.rows("SELECT * FROM evictions") == [("s-1", 1)]


def test_reading_what_is_not_there_is_a_storage_error() -> None:
    with pytest.raises(StorageError, match="no such table: unheard"):
        Database().rows("SELECT * FROM unheard")
