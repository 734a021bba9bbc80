"""Totals and evictions in the database itself."""

import pytest

from contracts.world import Key
from mock_server.storage.bounds import Totals, count_evicted, evict, forget, read_totals, write_totals
from mock_server.storage.database import Database
from mock_server.storage.journal import Journal
from tests.mock_server.storage.made import exchange, journal, of_session


def filled(key: Key, count: int) -> tuple[Journal, Database]:
    kept = journal()
    for number in range(count):
        kept.record(exchange(number, key=of_session(key, f"s-{number % 2}")))
    kept.flush()
    return kept, kept._database  # noqa: SLF001 - it is what is tested


EVICTIONS = [
    pytest.param(Totals(0, 100, 1 << 30), 100, id="within-both"),
    pytest.param(Totals(0, 99, 1 << 30), 96, id="too-many-leaves-spare-room"),
    pytest.param(Totals(0, 10, 1 << 30), 10, id="few"),
    pytest.param(Totals(0, 1, 1 << 30), 1, id="one"),
    pytest.param(Totals(0, 0, 1 << 30), 0, id="none"),
    pytest.param(Totals(0, 100, 0), 0, id="no-bytes"),
]


@pytest.mark.parametrize(("most", "left"), EVICTIONS)
def test_the_oldest_go_until_it_fits(most: Totals, left: int, key: Key) -> None:
    _, database = filled(key, 100)

    with database.transaction() as connection:
        totals = evict(connection, read_totals(connection), most)

    stored = [row[0] for row in database.rows("SELECT seq FROM requests ORDER BY seq")]
    assert stored == list(range(101 - left, 101))
    assert (totals.last, totals.entries) == (100, left)
    assert totals.weight == database.rows("SELECT coalesce(sum(weight), 0) FROM requests")[0][0]
    assert sum(count for _, count in database.rows("SELECT * FROM evictions")) == 100 - left


def test_more_than_a_batch_goes(key: Key) -> None:
    _, database = filled(key, 1300)

    with database.transaction() as connection:
        totals = evict(connection, read_totals(connection), Totals(0, 5, 1 << 30))

    assert totals.entries == 5
    assert sorted(database.rows("SELECT * FROM evictions")) == [("s-0", 648), ("s-1", 647)]


def test_totals_that_do_not_fit_the_rows_end(key: Key) -> None:
    _, database = filled(key, 3)

    with database.transaction() as connection:
        totals = evict(connection, Totals(3, 10, 10_000), Totals(0, 1, 1))

    assert totals.entries == 7
    assert database.rows("SELECT count(*) FROM requests") == [(0,)]


def test_forgetting_keeps_the_totals_right(key: Key) -> None:
    _, database = filled(key, 5)

    with database.transaction() as connection:
        assert forget(connection, "session = ?", "s-0") == 3
        assert forget(connection, "session = ?", "s-0") == 0
        totals = read_totals(connection)

    assert (totals.last, totals.entries) == (5, 2)
    assert totals.weight == database.rows("SELECT sum(weight) FROM requests")[0][0]


def test_totals_and_counts_are_written() -> None:
    database = Database()

    with database.transaction() as connection:
        write_totals(connection, Totals(9, 8, 7))
        for _ in range(2):
            count_evicted(connection, {"s-1": 2, "": 1})

        assert read_totals(connection) == (9, 8, 7)
    assert sorted(database.rows("SELECT * FROM evictions")) == [("", 2), ("s-1", 4)]
