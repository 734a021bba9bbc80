"""The journal in memory: bounded, and it knows a repeat."""

from datetime import UTC, datetime

import pytest

from mock_server.exchange import Exchange
from mock_server.journal import MemoryJournal

AT = datetime(2026, 4, 27, tzinfo=UTC)


def exchange(number: int) -> Exchange:
    return Exchange(id=str(number), at=AT, started=0.0, method="POST", path="/", address="127.0.0.1")


def test_the_oldest_make_room_and_are_counted() -> None:
    journal = MemoryJournal(entries=3)

    for number in range(5):
        journal.record(exchange(number))

    assert [entry.id for entry in journal] == ["2", "3", "4"]
    assert (len(journal), journal.evicted) == (3, 2)


@pytest.mark.parametrize(
    ("fingerprint", "at", "expected"),
    [("same", 109.9, True), ("same", 110.1, False), ("other", 101.0, False)],
    ids=["soon", "later", "another"],
)
def test_a_repeat_is_known_for_a_while(fingerprint: str, at: float, expected: bool) -> None:  # noqa: FBT001 - a case
    journal = MemoryJournal()
    journal.came_before("same", 100.0, 10)

    assert journal.came_before(fingerprint, at, 10) is expected


def test_what_is_remembered_is_bounded_and_the_latest_stay() -> None:
    journal = MemoryJournal()

    for number in range(25_000):
        journal.came_before(number, 0.0, 10)

    assert len(journal._seen) <= 10_001  # noqa: SLF001 - the bound is what is tested
    assert journal.came_before(24_999, 1.0, 10)
