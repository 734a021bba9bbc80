"""Armed faults: for whom, in which order, how often, and each once for all workers together."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from contracts.faults import ConfigError
from contracts.operations import Operation
from contracts.spec import load_contract
from contracts.world import Key
from mock_server.storage.armed import ArmedFaults
from mock_server.storage.schedule import Order
from tests.mock_server.storage.made import Clock, Stored, of_session

ANALYTICS = load_contract().operation("addUserAnalytics")
GIFT = load_contract().operation("giftAssets")
FIVE = ("500",)


def played(faults: ArmedFaults, count: int, key: Key | None = None, operation: Operation = ANALYTICS) -> list[str]:
    """Give what so many requests get: a step as it was written, or nothing."""
    turns = [faults.turn(operation, key) for _ in range(count)]
    return [turn.step.text if turn else "" for turn in turns]


def test_nothing_is_played_unless_it_was_armed(key: Key) -> None:
    assert played(Stored().faults, 2, key) == ["", ""]


def test_an_armed_fault_tells_how_far_it_is(key: Key) -> None:
    faults = Stored(clock=Clock(1000.0)).faults

    armed = faults.arm(Order(FIVE, next=2))
    seen = [armed]
    for _ in range(3):
        faults.turn(ANALYTICS, key)
        seen += faults.all()

    assert [(one.id, one.seen, one.used, one.remaining, one.active) for one in seen] == [
        ("f-1", 0, 0, 2, True),
        ("f-1", 1, 1, 1, True),
        ("f-1", 2, 2, 0, False),
        ("f-1", 2, 2, 0, False),
    ]
    assert (armed.order, armed.created, armed.documented) == (Order(FIVE, next=2), 1000.0, True)
    assert faults.get("f-1") == seen[-1]


def test_a_series_is_played_in_order(key: Key) -> None:
    faults = Stored().faults
    faults.arm(Order(("500", "userNotFound", "pass", "reset:before")))

    assert played(faults, 5, key) == ["500", "userNotFound", "pass", "reset:before", ""]


def test_the_first_that_fires_is_played_and_the_next_go_on_counting(key: Key) -> None:
    faults = Stored().faults
    faults.arm(Order(("401",), every=2))
    faults.arm(Order(FIVE, next=2))

    assert played(faults, 5, key) == ["500", "401", "500", "401", ""]
    assert [(one.seen, one.used) for one in faults.all()] == [(5, 2), (2, 2)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(FIVE, always=True), ["500", "500", "500", "500"]),
        (Order(FIVE, always=True, operation="giftAssets"), ["", "500", "", ""]),
        (Order(FIVE, always=True, session="s-1"), ["", "", "500", ""]),
        (Order(FIVE, always=True, key="vend…5db8a6"), ["500", "500", "500", ""]),
        (Order(FIVE, always=True, session="s-1", operation="giftAssets"), ["", "", "", ""]),
    ],
    ids=["all", "operation", "session", "key", "both"],
)
def test_a_fault_is_for_whom_it_names(order: Order, expected: list[str], key: Key) -> None:
    faults = Stored().faults
    faults.arm(order)
    requests: list[tuple[Operation, Key | None]] = [
        (ANALYTICS, key), (GIFT, key), (ANALYTICS, of_session(key, "s-1")), (ANALYTICS, None)
    ]  # fmt: skip

    assert [step for operation, whose in requests for step in played(faults, 1, whose, operation)] == expected


def test_who_is_not_meant_is_not_counted(key: Key) -> None:
    faults = Stored().faults
    faults.arm(Order(FIVE, every=2, operation="giftAssets"))

    played(faults, 5, key)

    assert [(one.seen, one.used) for one in faults.all()] == [(0, 0)]


@pytest.mark.parametrize(
    ("step", "documented"), [("500", True), ("pass", True), ("429", False), ("delay:1s+500", False), ("close", False)]
)
def test_what_no_document_says_is_marked(step: str, documented: bool) -> None:  # noqa: FBT001 - a case
    assert Stored().faults.arm(Order((step,))).documented is documented


@pytest.mark.parametrize(
    ("order", "places"),
    [
        (Order(("no-such",)), ["do"]),
        (Order(("600", "500", "nonsense:5")), ["do", "do"]),
        (Order(FIVE, operation="gift"), ["operation"]),
        (Order(FIVE, every=0), ["every"]),
        (Order(()), ["do"]),
        (Order(("no-such",), operation="gift", seed=1), ["do", "operation", "seed"]),
    ],
)
def test_an_impossible_order_is_refused_with_every_fault(order: Order, places: list[str]) -> None:
    faults = Stored().faults

    with pytest.raises(ConfigError) as raised:
        faults.arm(order)

    assert [fault.place for fault in raised.value.faults] == places
    assert faults.all() == []


def test_faults_are_disarmed_one_by_one_by_session_or_all(key: Key) -> None:
    faults = Stored().faults
    for session in (None, "s-1", "s-1", "s-2"):
        faults.arm(Order(FIVE, session=session, always=True))

    assert [faults.disarm("f-1"), faults.disarm("f-1"), faults.disarm("f-99")] == [True, False, False]
    assert (faults.clear("s-1"), [one.id for one in faults.all()]) == (2, ["f-4"])
    assert (faults.clear(), faults.all()) == (1, [])
    assert played(faults, 1, of_session(key, "s-2")) == [""]
    assert faults.arm(Order(FIVE)).id == "f-5"


@pytest.mark.parametrize("name", ["", "f-", "f-x", "f-²", "f-0", "x", "f-" + "9" * 40, "f--1"])
def test_a_name_that_no_fault_has_finds_none(name: str) -> None:
    faults = Stored().faults
    faults.arm(Order(FIVE))

    assert (faults.get(name), faults.disarm(name)) == (None, False)


# Chance


def drawn(stored: Stored, key: Key, order: Order) -> list[tuple[bool, float]]:
    armed = stored.faults.arm(order)
    turns = [stored.faults.turn(ANALYTICS, key) for _ in range(50)]
    stored.faults.disarm(armed.id)
    return [(turn is not None, turn.chance.random() if turn else 0.0) for turn in turns]


def test_with_a_seed_everything_is_the_same_again(key: Key) -> None:
    stored, order = Stored(), Order(("delay:1ms-9ms",), probability=0.4, seed=3)

    first = drawn(stored, key, order)

    assert drawn(stored, key, order) == first
    assert 8 < sum(fired for fired, _ in first) < 32
    # Were both drawn from one number, those that fire would all have small ones.
    assert max(within for _, within in first) > 0.5


def test_without_a_seed_it_is_another_time(key: Key) -> None:
    stored, order = Stored(), Order(("delay:1ms-9ms",), probability=0.4)

    assert drawn(stored, key, order) != drawn(stored, key, order)


# Several workers


def test_the_very_next_request_of_another_worker_sees_a_change(tmp_path: Path, key: Key) -> None:
    one, other = Stored(tmp_path / "requests"), Stored(tmp_path / "requests")
    assert played(other.faults, 1, key) == [""]

    armed = one.faults.arm(Order(FIVE, always=True))
    assert played(other.faults, 1, key) == ["500"]
    other.faults.disarm(armed.id)
    assert played(one.faults, 1, key) == [""]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(FIVE, next=37), {"500": 37, "": 163}),
        (Order(tuple(["500", "401", "403"] * 5)), {"500": 5, "401": 5, "403": 5, "": 185}),
        (Order(FIVE, every=4), {"500": 50, "": 150}),
    ],
    ids=["next", "series", "every"],
)
def test_two_workers_play_each_turn_once(tmp_path: Path, key: Key, order: Order, expected: dict[str, int]) -> None:
    workers = [Stored(tmp_path / "requests") for _ in range(2)]
    workers[0].faults.arm(order)

    with ThreadPoolExecutor(2) as pool:
        counts = pool.map(lambda worker: Counter(played(worker.faults, 100, key)), workers)

    assert sum(counts, Counter()) == expected
    for worker in workers:
        assert [(one.used, one.remaining in {None, 0}) for one in worker.faults.all()] == [(200 - expected[""], True)]


# Another contract


def restarted(tmp_path: Path, order: Order) -> Stored:
    """Give a fake whose contract has not (any more) what was armed before it was restarted."""
    before = Stored(tmp_path / "requests")
    before.faults.arm(order)
    again = Stored(tmp_path / "requests")
    placed: Any = again.database.rows("SELECT placed FROM faults")[0][0]
    with again.database.transaction() as connection:
        connection.execute("UPDATE faults SET placed = ?", (placed.replace("userNotFound", "goneByNow"),))
    again.revisions.faults.change()
    return again


def test_what_the_contract_has_no_more_is_listed_and_not_played(tmp_path: Path, key: Key) -> None:
    again = restarted(tmp_path, Order(("userNotFound", "500"), next=2))

    assert played(again.faults, 3, key) == ["", "500", ""]
    assert [(one.order.do, one.documented) for one in again.faults.all()] == [(("goneByNow", "500"), False)]
