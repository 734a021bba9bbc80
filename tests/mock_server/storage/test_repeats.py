"""A request that came before is known again: soon, in bounded memory, and by other workers, too."""

from pathlib import Path

import pytest

from contracts.world import Key
from mock_server.storage.database import Database
from mock_server.storage.journal import Journal
from mock_server.storage.repeats import Repeats, fingerprint
from mock_server.storage.revisions import Revision
from tests.mock_server.storage.made import exchange, journal, of_session


def alone() -> Repeats:
    return Repeats(Database())


@pytest.mark.parametrize(
    ("mark", "at", "expected"),
    [(1, 100.0, True), (1, 110.0, True), (1, 110.1, False), (2, 101.0, False)],
    ids=["at-once", "just-in-time", "later", "another"],
)
def test_a_repeat_is_known_for_a_while(mark: int, at: float, expected: bool) -> None:  # noqa: FBT001 - a case
    repeats = alone()
    repeats.came_before(1, 100.0, 10)

    assert repeats.came_before(mark, at, 10) is expected


def test_the_time_begins_anew_with_each_repeat() -> None:
    repeats = alone()

    assert [repeats.came_before(1, at, 10) for at in (0.0, 8.0, 16.0, 27.0)] == [False, True, True, False]


def test_what_is_remembered_is_bounded_and_the_latest_stay() -> None:
    repeats = alone()

    for number in range(25_000):
        repeats.came_before(number, 0.0, 10)

    assert len(repeats._latest) + len(repeats._before) <= 10_001  # noqa: SLF001 - the bound is what is tested
    assert all(repeats.came_before(number, 1.0, 10) for number in range(20_001, 25_000))


def test_what_came_again_counts_as_late() -> None:
    repeats = alone()
    repeats.came_before(-1, 0.0, 10)
    for number in range(5_000):
        repeats.came_before(number, 0.0, 10)

    repeats.came_before(-1, 1.0, 10)
    for number in range(5_000, 9_998):
        repeats.came_before(number, 1.0, 10)

    assert repeats.came_before(-1, 2.0, 10)


def test_a_fingerprint_is_the_same_everywhere_and_fits_a_column() -> None:
    assert fingerprint(("vend…5db8a6", "giftAssets", b"{}")) == 3672431714803956947
    assert -(1 << 63) <= fingerprint(()) < 1 << 63
    assert fingerprint((b"1", "2")) != fingerprint(("1", b"2"))


@pytest.mark.parametrize(
    ("content", "seconds", "expected"),
    [((b"same",), 5, True), ((b"same",), 10, True), ((b"same",), 11, False), ((b"other",), 5, False)],
)
def test_what_another_worker_took_is_known(
    tmp_path: Path,
    content: tuple[bytes],
    seconds: int,
    expected: bool,  # noqa: FBT001 - a case
) -> None:
    one, other = (journal(tmp_path / "requests", shared=True) for _ in range(2))
    first = exchange(1, seconds=0)
    assert not one.came_before(first, (b"same",), 10)
    one.record(first)
    one.flush()

    assert other.came_before(exchange(2, seconds=seconds), content, 10) is expected


def test_workers_in_turn_know_each_of_the_others(tmp_path: Path) -> None:
    workers = [journal(tmp_path / "requests", shared=True) for _ in range(3)]
    known = []
    for number in range(12):
        kept = workers[number % 3]
        # Every other one is new, the rest came to the worker before.
        made = exchange(number, seconds=0)
        known.append(kept.came_before(made, (number // 2,), 10))
        kept.record(made)
        kept.flush()

    assert known == [False, True] * 6


def test_what_another_worker_deleted_is_repeated_by_nobody(tmp_path: Path) -> None:
    one, other = (journal(tmp_path / "requests", shared=True) for _ in range(2))
    for number, content in enumerate(["gone", "gone later"]):
        made = exchange(number, seconds=0)
        one.came_before(made, (content,), 10)
        one.record(made)
        one.flush()
        assert other.came_before(exchange(2, seconds=0), (content,), 10)

        other.delete()

        assert not one.came_before(exchange(3, seconds=1), (content,), 10)


def test_what_is_told_at_the_same_time_is_learned_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (journal(tmp_path / "requests", shared=True) for _ in range(2))

    def take(kept: Journal, number: int) -> None:
        made = exchange(number, seconds=0)
        kept.came_before(made, (number,), 10)
        kept.record(made)
        kept.flush()

    take(one, 1)
    change = Revision.change

    def changed_late(requests: Revision) -> bytes:
        monkeypatch.setattr(Revision, "change", change)
        take(other, 3)
        return change(requests)

    monkeypatch.setattr(Revision, "change", changed_late)
    take(one, 2)

    assert one.came_before(exchange(4, seconds=0), (3,), 10)


def test_the_database_is_asked_only_for_what_others_stored(tmp_path: Path) -> None:
    one, other = (journal(tmp_path / "requests", shared=True) for _ in range(2))
    asked: list[str] = []

    def take(kept: Journal, number: int) -> int:
        asked.clear()
        made = exchange(number, seconds=0)
        kept.came_before(made, (number,), 10)
        count = len(asked)
        kept.record(made)
        kept.flush()
        return count

    for kept in (one, other):
        with kept._database.transaction() as connection:  # noqa: SLF001 - what it is asked is what is tested
            connection.set_trace_callback(asked.append)

    # Each looks when it begins, and then when the other has stored something.
    assert [take(kept, number) for number, kept in enumerate([one, one, one, other, other, one, one])] == [
        2, 0, 0, 2, 0, 2, 0
    ]  # fmt: skip


def test_a_journal_of_one_worker_knows_its_own_repeats() -> None:
    kept = journal()

    assert [kept.came_before(exchange(number), ("same",), 10) for number in (1, 2, 13)] == [False, True, False]


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "with-other-workers"])
def test_what_was_deleted_is_repeated_by_nobody(tmp_path: Path, shared: bool) -> None:  # noqa: FBT001 - a case
    kept = journal(tmp_path / "requests", shared=shared)
    first = exchange(1, seconds=0)
    kept.came_before(first, (b"same",), 10)
    kept.record(first)

    kept.delete()

    assert not kept.came_before(exchange(2, seconds=1), (b"same",), 10)


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "with-other-workers"])
def test_a_session_that_forgets_takes_nothing_from_others(tmp_path: Path, key: Key, shared: bool) -> None:  # noqa: FBT001 - a case
    kept = journal(tmp_path / "requests", shared=shared)
    for number, session in enumerate(["s-1", "s-2"]):
        made = exchange(number, seconds=number, key=of_session(key, session))
        kept.came_before(made, (session,), 10)
        kept.record(made)

    kept.delete("s-1")

    assert [
        kept.came_before(exchange(3, seconds=5, started=5.0, key=of_session(key, session)), (session,), 10)
        for session in ("s-1", "s-2")
    ] == [False, True]


def test_sessions_that_forgot_are_forgotten_themselves() -> None:
    repeats = alone()
    for number in range(20_000):
        repeats.came_before(number, float(number), 10, f"s-{number}")
        if number % 1000 == 0:
            repeats.forget(f"s-{number}")

    assert len(repeats._forgotten) <= 11  # noqa: SLF001 - the bound is what is tested


def test_a_repeat_in_the_same_round_is_known_beside_other_workers(tmp_path: Path) -> None:
    kept = journal(tmp_path / "requests", shared=True)
    first = exchange(1, seconds=0)
    kept.came_before(first, (b"same",), 10)

    kept.record(first)

    assert kept.came_before(exchange(2, seconds=0), (b"same",), 10)
    assert not kept.came_before(exchange(3, seconds=0), (b"other",), 10)
