"""The journal: it keeps what came, in order and within its bounds, counts what went, and tells of news."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.multipart_body import Part
from contracts.world import Key
from mock_server.storage.counts import Tally
from mock_server.storage.database import StorageError
from mock_server.storage.entry import Entry
from mock_server.storage.journal import Journal
from mock_server.storage.search import Search
from tests.mock_server.storage.made import AT, exchange, journal, of_session
from tests.test_properties import SAME_EVERYWHERE

ALL = Search()
HUGE = b"x" * 50_000


def ids(kept: Journal, search: Search = ALL) -> list[str]:
    return [entry.id for entry in kept.find(search, limit=1000, newest=False)]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are long for a test."""
    monkeypatch.setattr("mock_server.storage.database._BUSY_SECONDS", 0.01)


@pytest.fixture(params=["memory", "file"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Give where a journal is: in memory, or in a file."""
    return tmp_path / "requests" if request.param == "file" else None


def test_what_is_recorded_is_found_the_newest_first(place: Path | None) -> None:
    kept = journal(place)

    for number in range(1, 4):
        kept.record(exchange(number))

    assert [(entry.seq, entry.id) for entry in kept.find(ALL)] == [(3, "abc-3"), (2, "abc-2"), (1, "abc-1")]
    assert (kept.count(ALL), kept.last_seq(), kept.evicted()) == (3, 3, 0)


@pytest.mark.parametrize("looked_at_between", [False, True])
def test_a_request_is_completed_whether_it_is_stored_or_waits(place: Path | None, *, looked_at_between: bool) -> None:
    kept, made = journal(place), exchange()
    kept.record(made)
    if looked_at_between:
        assert [entry.seconds for entry in kept.find(ALL)] == [None]

    made.duration, made.stayed, made.size = 0.25, False, 17
    kept.complete(made)

    (entry,) = kept.find(ALL)
    assert (entry.seconds, entry.stayed, entry.size) == (0.25, False, 17)


def test_one_request_is_given_in_full_and_an_unknown_one_not() -> None:
    kept = journal()
    kept.record(exchange(1, body=b"{}"))

    found = kept.one("abc-1")

    assert found is not None
    assert found.detail is not None
    assert (found.detail.body, kept.find(ALL)[0].detail) == (b"{}", None)
    assert kept.one("abc-2") is None


# Pages


@SAME_EVERYWHERE
@given(st.integers(0, 40), st.integers(1, 12), st.booleans())
def test_pages_lose_nothing_and_give_nothing_twice(count: int, limit: int, newest: bool) -> None:  # noqa: FBT001 - a case
    kept = journal()
    for number in range(1, count + 1):
        kept.record(exchange(number))

    seen: list[int] = []
    bound: int | None = None
    while page := kept.find(ALL, limit=limit, newest=newest, **{"before" if newest else "after": bound}):  # type: ignore[arg-type] # one of the two
        assert len(page) <= limit
        seen += [entry.seq for entry in page]
        bound = page[-1].seq

    assert seen == sorted(range(1, count + 1), reverse=newest)


def test_both_bounds_leave_out_themselves() -> None:
    kept = journal()
    for number in range(1, 8):
        kept.record(exchange(number))

    assert [entry.seq for entry in kept.find(ALL, after=2, before=6)] == [5, 4, 3]


# Bounds


def test_the_oldest_make_room_and_are_counted(place: Path | None) -> None:
    kept = journal(place, entries=3)

    for number in range(5):
        kept.record(exchange(number))

    assert ids(kept) == ["abc-2", "abc-3", "abc-4"]
    assert kept.evicted() == 2


@pytest.mark.parametrize("stored", [False, True], ids=["waiting", "stored"])
def test_evictions_are_counted_by_session(place: Path | None, key: Key, *, stored: bool) -> None:
    kept = journal(place, entries=4)
    for number, session in enumerate(["s-1", "s-2", "", "s-1", "", "", ""]):
        kept.record(exchange(number, key=of_session(key, session) if session else None))
        if stored:
            kept.flush()
    kept.flush()

    assert [kept.evicted(session) for session in ("s-1", "s-2", "s-3")] == [1, 1, 0]
    assert kept.evicted() == 3


def test_bytes_are_bounded_too(place: Path | None) -> None:
    kept = journal(place, weight=300_000)

    for number in range(20):
        kept.record(exchange(number, body=HUGE))
    kept.flush()

    left = ids(kept)
    assert 2 <= len(left) <= 6
    assert left == [f"abc-{number}" for number in range(20 - len(left), 20)]
    assert kept.evicted() == 20 - len(left)


def test_what_alone_is_too_large_is_only_counted(place: Path | None) -> None:
    kept = journal(place, weight=20_000)

    kept.record(exchange(1, body=HUGE))

    assert (ids(kept), kept.evicted()) == ([], 1)
    kept.record(exchange(2))
    assert ids(kept) == ["abc-2"]


@SAME_EVERYWHERE
@given(st.lists(st.sampled_from(["record", "look", "tidy", "large"]), max_size=60), st.integers(1, 8))
def test_nothing_is_lost_without_being_counted(steps: list[str], entries: int) -> None:
    kept, recorded = journal(entries=entries, weight=120_000), 0
    for step in steps:
        if step in {"record", "large"}:
            kept.record(exchange(recorded, body=HUGE if step == "large" else b""))
            recorded += 1
        elif step == "look":
            kept.find(ALL)
        else:
            kept.tidy(AT.timestamp())

    left = ids(kept)
    assert len(left) <= entries
    assert len(left) + kept.evicted() == recorded
    assert left == [f"abc-{number}" for number in range(recorded - len(left), recorded)]


# Forgetting


def test_requests_are_deleted_of_one_session_or_all(place: Path | None, key: Key) -> None:
    kept = journal(place)
    for number, session in enumerate(["s-1", "s-2", "", "s-1"]):
        kept.record(exchange(number, key=of_session(key, session) if session else None))

    assert (kept.delete("s-1"), ids(kept)) == (2, ["abc-1", "abc-2"])
    assert (kept.delete(), ids(kept)) == (2, [])
    assert kept.delete() == 0
    kept.record(exchange(5))
    assert [entry.seq for entry in kept.find(ALL)] == [5]


@pytest.mark.parametrize("session", [None, "s-1"])
def test_with_the_requests_goes_the_count_of_the_evicted(place: Path | None, key: Key, session: str | None) -> None:
    kept = journal(place, entries=2)
    for number in range(5):
        kept.record(exchange(number, key=of_session(key, "s-1")))

    kept.delete(session)

    assert (kept.evicted("s-1"), kept.evicted()) == (0, 0)


@pytest.mark.parametrize("stored", [False, True], ids=["waiting", "stored"])
def test_what_is_too_old_is_deleted_and_counted(place: Path | None, key: Key, *, stored: bool) -> None:
    kept = journal(place, keep_seconds=60)
    for number in range(5):
        kept.record(exchange(number, seconds=30 * number, key=of_session(key, f"s-{number % 2}")))
    if stored:
        kept.flush()

    kept.tidy(AT.timestamp() + 130)

    assert ids(kept) == ["abc-3", "abc-4"]
    assert [kept.evicted(session) for session in ("s-0", "s-1", None)] == [2, 1, 3]


def test_what_was_deleted_for_its_age_is_nowhere_in_the_files(tmp_path: Path) -> None:
    kept = journal(tmp_path / "requests", keep_seconds=60)
    for number in range(30):
        kept.record(exchange(number, seconds=number, body=b'{"email": "secret.person@example.com"}' * 300))
        kept.tidy(AT.timestamp())

    kept.tidy(AT.timestamp() + 1000)

    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "requests-wal" in files
    assert not [name for name, content in files.items() if b"secret.person" in content]


# What is told of it


def test_all_answers_are_counted_also_of_what_is_gone(place: Path | None) -> None:
    kept = journal(place, entries=1)
    for number in range(4):
        made = exchange(number, operation="captureAnalytics", duration=0.5)
        if number == 3:
            made.answer = None
        kept.record(made)
        kept.complete(made)

    assert kept.tallies() == [
        Tally("captureAnalytics", 0, "", 1, 0.5),
        Tally("captureAnalytics", 200, "userAnalyticsAdded", 3, 1.5),
    ]


@pytest.mark.parametrize("event", ["record", "complete"])
def test_news_come_soon(event: str) -> None:
    async def wait() -> float:
        kept, made = journal(), exchange()
        loop = asyncio.get_running_loop()
        if event == "complete":
            kept.record(made)
        loop.call_later(0.01, getattr(kept, event), made)
        began = loop.time()
        await kept.news(10)
        return loop.time() - began

    assert asyncio.run(wait()) < 5


@pytest.mark.parametrize(("shared", "longest"), [(False, 0.03), (True, 5.0)])
def test_without_news_the_wait_ends(shared: bool, longest: float) -> None:  # noqa: FBT001 - a case
    async def wait() -> float:
        kept = journal(shared=shared)
        began = asyncio.get_running_loop().time()
        await kept.news(longest)
        assert not kept._news._waiters  # noqa: SLF001 - nobody may be kept who has gone
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(wait()) < 1


def test_who_gives_up_waiting_is_let_go() -> None:
    async def give_up() -> int:
        kept = journal()
        waiting = asyncio.create_task(kept.news(60))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        return len(kept._news._waiters)  # noqa: SLF001 - the same

    assert asyncio.run(give_up()) == 0


# In a file


def test_a_journal_is_there_after_a_restart(tmp_path: Path) -> None:
    kept = journal(tmp_path / "requests", entries=3)
    for number in range(5):
        made = exchange(number, duration=0.5)
        kept.record(made)
        kept.complete(made)
    before = kept.find(ALL, full=True)
    kept.close()

    again = journal(tmp_path / "requests", entries=3)

    assert again.find(ALL, full=True) == before
    assert (again.evicted(), again.last_seq()) == (2, before[0].seq)
    assert [tally.count for tally in again.tallies()] == [5]
    again.record(exchange(9))
    assert again.last_seq() == before[0].seq + 1


def test_what_is_settled_is_in_the_file(tmp_path: Path) -> None:
    async def settle(kept: Journal, other: Journal) -> list[Entry]:
        for number in range(3):
            kept.record(exchange(number))
        assert other.count(ALL) == 0
        await asyncio.gather(*(kept.settled() for _ in range(3)))
        return other.find(ALL)

    found = asyncio.run(settle(journal(tmp_path / "requests"), journal(tmp_path / "requests")))

    assert [entry.id for entry in found] == ["abc-2", "abc-1", "abc-0"]


def test_whatever_waits_for_its_answer_is_stored(tmp_path: Path) -> None:
    async def settle(kept: Journal) -> None:
        for number in range(40):
            kept.record(exchange(number, body=b"x" * 100_000))
        await kept.settled()

    kept = journal(tmp_path / "requests", bodies="none", weight=1_000_000)
    asyncio.run(settle(kept))

    assert (kept.count(ALL), kept.evicted()) == (40, 0)


@pytest.mark.usefixtures("impatient")
def test_while_the_file_cannot_be_written_only_what_was_answered_makes_room(tmp_path: Path) -> None:
    kept = journal(tmp_path / "requests", entries=3)
    with closing(sqlite3.connect(tmp_path / "requests", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        for number in range(6):
            kept.record(exchange(number, duration=0.1 if number < 2 else None))

    assert ids(kept) == ["abc-3", "abc-4", "abc-5"]
    assert kept.evicted() == 3  # two that were over, and one to make room in the file


@pytest.mark.parametrize(
    ("facts", "least"),
    [
        ({"body": b"x" * 5000}, 5000),
        ({"weight": 7000}, 7000),
        ({"parts": [Part("a", "n" * 200, "", 9, head=b"x" * 4096), Part("b", None, "", 9, text="y" * 9)]}, 4305),
    ],
    ids=["body", "head", "parts"],
)
def test_what_waits_weighs_what_it_holds(facts: dict[str, Any], least: int) -> None:
    made = exchange(**facts)

    journal().record(made)

    assert least < made.weight < least + 4000


def test_two_workers_number_their_requests_as_one(tmp_path: Path) -> None:
    one, other = journal(tmp_path / "requests", entries=4), journal(tmp_path / "requests", entries=4)

    for number in range(6):
        (one, other)[number % 2].record(exchange(number))
        (one, other)[number % 2].flush()

    assert [(entry.seq, entry.id) for entry in one.find(ALL)] == [(6 - n, f"abc-{5 - n}") for n in range(4)]
    assert (one.find(ALL), one.evicted()) == (other.find(ALL), 2)


@pytest.mark.usefixtures("impatient")
def test_a_journal_that_cannot_be_written_says_so_and_keeps_what_waits(tmp_path: Path) -> None:
    kept = journal(tmp_path / "requests")
    kept.record(exchange())
    with closing(sqlite3.connect(tmp_path / "requests", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StorageError, match="database is locked"):
            asyncio.run(kept.settled())
        with pytest.raises(StorageError, match="database is locked"):
            kept.tidy(0)
        assert kept.problem == "database is locked"

    kept.tidy(0)
    assert (kept.problem, ids(kept)) == ("", ["abc-1"])


@pytest.mark.usefixtures("impatient")
def test_the_problem_is_over_although_nothing_waits_any_more(tmp_path: Path) -> None:
    kept = journal(tmp_path / "requests", keep_seconds=1)
    kept.record(exchange())
    with closing(sqlite3.connect(tmp_path / "requests", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError):
            kept.flush()

    kept._forget_before(AT.timestamp() + 100)  # noqa: SLF001 - what waits grows old before it can be written

    assert (kept.problem, kept.count(ALL), kept.evicted()) == ("", 0, 1)


def test_a_fault_of_our_own_lets_nobody_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = journal(tmp_path / "requests")
    kept.record(exchange())

    def fail(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(kept._rows, "row", fail)  # noqa: SLF001 - the fault

    with pytest.raises(ZeroDivisionError):
        asyncio.run(asyncio.wait_for(kept.settled(), 5))
    monkeypatch.undo()
    assert ids(kept) == ["abc-1"]


def test_closing_stores_what_waits(tmp_path: Path) -> None:
    kept = journal(tmp_path / "requests")
    kept.record(exchange())

    kept.close()

    assert ids(journal(tmp_path / "requests")) == ["abc-1"]


def test_what_waits_is_stored_bit_by_bit_while_nobody_calls() -> None:
    kept = journal()
    for number in range(450):
        kept.record(exchange(number))

    assert [kept.tidy(0.0) for _ in range(4)] == [False, True, True, False]

    assert kept.last_seq() == 450
