"""Sessions: a key and a copy of the world of one's own, until it ends."""

from pathlib import Path
from typing import Any

import pytest

from contracts.faults import ConfigError
from contracts.world import masked
from mock_server.storage.bounds import count_evicted
from mock_server.storage.schedule import Order
from mock_server.storage.sessions import DAY, Session
from tests.mock_server.storage.made import Clock, Stored

HOUR = 3600.0


@pytest.fixture
def stored() -> Stored:
    return Stored(clock=Clock(1000.0))


def knows(stored: Stored, secret: str) -> bool:
    try:
        return bool(stored.key(secret).session)
    except KeyError:
        return False


def test_a_session_has_a_key_that_is_told_once(stored: Stored) -> None:
    session, secret = stored.sessions.create(name="a test")

    assert session == Session(session.id, "a test", masked(secret), 1000.0, 1000.0 + DAY, None)
    assert (session.id[:2], secret[:4], len(secret)) == ("s-", "dmk_", 36)
    assert stored.sessions.get(session.id) == session
    assert stored.sessions.all() == [session]
    assert not [row for row in stored.database.rows("SELECT * FROM sessions") if secret in repr(row)]


def test_its_key_is_that_of_the_session_with_the_world_of_all(stored: Stored) -> None:
    session, secret = stored.sessions.create(name="a test")

    key = stored.key(secret)

    assert (key.session, key.masked, key.name, key.secret) == (session.id, session.masked, "a test", "")
    assert key.user("email", "john.doe@example.com") is not None
    assert key.pairs == stored.key("vendor-test-key").pairs


def test_options_are_those_of_its_key(stored: Stored) -> None:
    options = {"allow": ["192.0.2.0/24"], "answer": "internalServerError", "asset_bytes": 5}

    _, secret = stored.sessions.create(options=options)

    key = stored.key(secret)
    assert ([str(network) for network in key.allow or ()], key.answer, key.asset_bytes) == (
        ["192.0.2.0/24"], "internalServerError", 5
    )  # fmt: skip


def test_changes_are_seen_by_its_key_alone(stored: Stored) -> None:
    _, first = stored.sessions.create(changes={"users": [{"id": "new"}], "pairs": {"page": ["left"]}})
    _, second = stored.sessions.create()

    seen = [stored.key(secret).user("userId", "new") is not None for secret in (first, second, "vendor-test-key")]
    assert seen == [True, False, False]
    assert ("page", "left") in stored.key(first).pairs
    assert ("registration_email", "sent") in stored.key(first).pairs


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"options": {"answer": "no-such"}}, "no answer 'no-such'"),
        ({"options": {"allow": ["nowhere"]}}, "'nowhere' is no IP address"),
        ({"options": {"asset_bytes": 0}}, "0 is less than"),
        ({"changes": {"users": [{"id": "new", "events": ["no-such"]}]}}, "no event 'no-such'"),
        ({"changes": {"users": [{"id": "new", "email": "john.doe@example.com"}]}}, "stands 2 times"),
        ({"changes": {"nonsense": []}}, "no such option"),
    ],
)
def test_what_does_not_fit_is_refused_and_makes_none(stored: Stored, given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        stored.sessions.create(**given)

    assert stored.sessions.all() == []


# The end


def test_an_ended_session_can_be_looked_at_but_its_key_is_unknown(stored: Stored) -> None:
    session, secret = stored.sessions.create()
    stored.faults.arm(Order(("500",), session=session.id))
    assert knows(stored, secret)

    stored.clock.seconds += 5
    assert [stored.sessions.end(session.id) for _ in range(2)] == [True, False]

    assert not knows(stored, secret)
    assert [one.ended for one in stored.sessions.all()] == [1005.0]
    assert stored.faults.all() == []


def test_an_unknown_session_cannot_be_ended(stored: Stored) -> None:
    assert stored.sessions.end("s-00000000") is False


@pytest.mark.parametrize(("later", "known"), [(59.9, True), (60.0, False), (61.0, False)])
def test_a_session_expires(stored: Stored, later: float, known: bool) -> None:  # noqa: FBT001 - a case
    session, secret = stored.sessions.create(seconds=60)
    stored.sessions.create(seconds=600)
    assert knows(stored, secret)

    stored.clock.seconds += later

    assert knows(stored, secret) is known
    assert stored.sessions.end(session.id) is known


def test_the_first_of_several_expires_first(stored: Stored) -> None:
    secrets = [stored.sessions.create(seconds=seconds)[1] for seconds in (30, 10, 20)]

    seen = []
    for _ in range(4):
        seen.append([knows(stored, secret) for secret in secrets])
        stored.clock.seconds += 10

    assert [sum(one) for one in seen] == [3, 2, 1, 0]


def test_those_long_over_are_forgotten_when_another_begins(stored: Stored) -> None:
    ended, _ = stored.sessions.create()
    stored.sessions.end(ended.id)
    stored.sessions.create(name="expired", seconds=60)
    stored.clock.seconds += HOUR + 30

    stored.sessions.create(name="new")

    assert [one.name for one in stored.sessions.all()] == ["expired", "new"]


def test_what_is_armed_goes_with_a_session_that_expired(stored: Stored) -> None:
    for seconds in (60, 600):
        session, _ = stored.sessions.create(name=str(seconds), seconds=seconds)
        stored.faults.arm(Order(("500",), session=session.id, always=True))
    stored.clock.seconds += 61
    assert len(stored.faults.all()) == 2

    stored.sessions.create()

    assert [one.order.session for one in stored.faults.all()] == [session.id]


def test_those_forgotten_leave_no_counts_behind(stored: Stored) -> None:
    forgotten, _ = stored.sessions.create(seconds=1)
    stored.clock.seconds += HOUR + 30
    kept, _ = stored.sessions.create()
    with stored.database.transaction() as connection:
        count_evicted(connection, {forgotten.id: 3, kept.id: 2, "": 1})
    stored.sessions.create()
    assert dict(stored.database.rows("SELECT session, count FROM evictions")) == {forgotten.id: 3, kept.id: 2, "": 1}

    stored.clock.seconds += 26 * HOUR
    stored.sessions.create()

    assert dict(stored.database.rows("SELECT session, count FROM evictions")) == {"": 1}


def steps_of_one_more(stored: Stored) -> int:
    """Count what SQLite has to do for another session, and for the first request that comes with its key."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with stored.database.transaction() as connection:
        connection.set_progress_handler(step, 1)
    session, secret = stored.sessions.create()
    stored.faults.arm(Order(("500",), session=session.id))
    assert knows(stored, secret)
    stored.sessions.end(session.id)
    with stored.database.transaction() as connection:
        connection.set_progress_handler(None, 1)
    return steps


def test_those_that_are_over_cost_nothing_while_they_can_be_looked_at(stored: Stored) -> None:
    first = steps_of_one_more(stored)
    for _ in range(500):
        stored.sessions.end(stored.sessions.create()[0].id)

    assert len(stored.sessions.all()) == 501
    assert first > 100
    assert steps_of_one_more(stored) < first * 1.5


def test_all_are_cleared_with_their_faults(stored: Stored) -> None:
    sessions = [stored.sessions.create() for _ in range(3)]
    stored.faults.arm(Order(("500",), session=sessions[0][0].id))
    stored.faults.arm(Order(("500",)))

    assert (stored.sessions.clear(), stored.sessions.clear()) == (3, 0)

    assert not any(knows(stored, secret) for _, secret in sessions)
    assert [one.order.session for one in stored.faults.all()] == [None]


# Several workers


def test_the_very_next_request_of_another_worker_sees_it(tmp_path: Path) -> None:
    one, other = Stored(tmp_path / "requests"), Stored(tmp_path / "requests")
    session, secret = one.sessions.create()
    assert knows(other, secret)

    other.sessions.end(session.id)

    assert not knows(one, secret)


def test_a_session_forgotten_just_now_by_another_worker_is_unknown(tmp_path: Path) -> None:
    one, other = Stored(tmp_path / "requests"), Stored(tmp_path / "requests")
    _, secret = one.sessions.create()
    ring = other.worlds.current(other.clock()).keys

    # Between its commit and its word to the others.
    with one.database.transaction() as connection:
        connection.execute("DELETE FROM sessions")

    with pytest.raises(KeyError):
        ring[secret]


def test_sessions_are_there_after_a_restart(tmp_path: Path) -> None:
    session, secret = Stored(tmp_path / "requests").sessions.create()

    again = Stored(tmp_path / "requests")

    assert (again.sessions.all(), knows(again, secret)) == ([session], True)
