"""What waits to be stored is found as if it were stored, under the numbers that it will have, and goes on waiting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.exchange import Exchange
from mock_server.storage.entry import Entry
from mock_server.storage.journal import Journal
from mock_server.storage.rows import Row, RowMaker
from mock_server.storage.search import Search
from mock_server.storage.secrecy import Secrets
from mock_server.storage.waiting import Waiting
from tests.mock_server.storage.made import exchange, journal

EVERYTHING = Search()


def filled(stored: int, waiting: int, *, entries: int = 1000, weight: int = 1 << 20) -> Journal:
    made = journal(entries=entries, weight=weight)
    for number in range(1, stored + 1):
        made.record(exchange(number))
    made.flush()
    for number in range(stored + 1, stored + waiting + 1):
        made.record(exchange(number))
    return made


def numbers(entries: list[Entry]) -> list[int]:
    assert [entry.id for entry in entries] == [f"abc-{entry.seq}" for entry in entries]
    return [entry.seq for entry in entries]


SOME = st.integers(0, 12)


@given(
    stored=SOME,
    waiting=SOME,
    limit=st.integers(1, 30),
    before=st.none() | st.integers(-2, 30),
    after=st.none() | st.integers(-2, 30),
    newest=st.booleans(),
    full=st.booleans(),
)
def test_everything_is_found_where_it_stands(  # noqa: PLR0913 - whatever may be asked for
    *, stored: int, waiting: int, limit: int, before: int | None, after: int | None, newest: bool, full: bool
) -> None:
    made = filled(stored, waiting)

    found = made.find(EVERYTHING, limit=limit, before=before, after=after, newest=newest, full=full)

    kept = range(1, stored + waiting + 1)
    wanted = [seq for seq in kept if (before is None or seq < before) and (after is None or seq > after)]
    assert numbers(found) == (wanted[::-1] if newest else wanted)[:limit]
    assert all((entry.detail is not None) is full for entry in found)
    assert (made.count(EVERYTHING), made.last_seq()) == (len(kept), len(kept))


def test_what_waits_is_the_same_once_it_is_stored() -> None:
    made = filled(2, 3)
    latest = made.find(EVERYTHING, limit=3, full=True)

    made.flush()

    assert made.find(EVERYTHING, limit=3, full=True) == latest


@pytest.mark.parametrize("bound", [{"entries": 4}, {"weight": 6200}], ids=["entries", "bytes"])
def test_numbers_stay_when_others_had_to_go(bound: dict[str, int]) -> None:
    made = filled(2, 9, **bound)

    assert numbers(made.find(EVERYTHING, limit=2)) == [11, 10]
    assert made.last_seq() == 11
    assert made.evicted() == 7
    assert numbers(made.find(EVERYTHING)) == [11, 10, 9, 8]  # more than wait: they are stored
    made.record(exchange(12))
    assert numbers(made.find(EVERYTHING, limit=1)) == [12]
    made.flush()
    assert made.last_seq() == 12


def test_who_looks_at_the_latest_makes_no_others_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    row = RowMaker.row

    def seen(self: RowMaker, exchange: Exchange, seq: int, secrets: Secrets) -> Row:
        written.append(seq)
        return row(self, exchange, seq, secrets)

    monkeypatch.setattr(RowMaker, "row", seen)
    made = filled(0, 100)

    made.find(EVERYTHING, limit=2)
    made.find(EVERYTHING, after=50, limit=3, newest=False)
    made.count(EVERYTHING)
    made.last_seq()

    assert written == [100, 99, 51, 52, 53]
    made.find(Search(status=200), limit=1)
    assert len(written) == 105


def test_one_that_was_stored_in_part_goes_on_where_it_was() -> None:
    made = filled(0, 10, entries=7)

    made.flush(2)

    assert numbers(made.find(EVERYTHING, limit=7, newest=False)) == [4, 5, 6, 7, 8, 9, 10]


def test_weights_add_up() -> None:
    waiting = Waiting()
    for number in range(4):
        waiting.add(exchange(number, weight=10 + number))

    waiting.drop()
    waiting.stored(1)

    assert (waiting.count, waiting.weight, waiting.gone) == (2, 25, 0)
    assert waiting.oldest is not None
    assert waiting.oldest.id == "abc-2"
