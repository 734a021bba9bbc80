"""The world as it is now: changes for all, changes for a session, and keys that are told only once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from contracts.faults import ConfigError
from contracts.spec import load_contract
from contracts.world import masked
from contracts.world_file import load_world_data
from tests.mock_server.storage.made import Clock, Stored

NEW_KEY = "a-key-that-was-added"
PLAIN = "vendor-test-key"


@pytest.fixture
def stored() -> Stored:
    return Stored(clock=Clock(1000.0))


def test_unchanged_it_is_what_the_file_says(stored: Stored) -> None:
    data, name = load_world_data(None, load_contract())

    world = stored.worlds.current(0)

    assert (world.name, list(world.keys)) == (name, [row["key"] for row in data["keys"]])
    shown = stored.worlds.data()
    assert {table: shown[table] for table in data if table != "keys"} == {
        table: data[table] for table in data if table != "keys"
    }
    assert [row["key"] for row in shown["keys"]] == [masked(row["key"]) for row in data["keys"]]


CHANGES: list[Any] = [
    pytest.param({"users": [{"id": "new", "phone": "+4915112345678", "events": ["autumn-expo"]}]}, id="user"),
    pytest.param({"users": [{"id": "user-john-doe", "email": "other@example.com"}]}, id="user-replaced"),
    pytest.param({"events": [{"id": "new"}], "users": [{"id": "new", "events": ["new"]}]}, id="event-with-a-user"),
    pytest.param({"experiences": ["x"], "event_values": ["y"], "registration_pages": ["z"]}, id="names"),
    pytest.param({"pairs": {"page": ["left"]}}, id="pairs"),
]


@pytest.mark.parametrize("of_session", [False, True])
@pytest.mark.parametrize("changes", CHANGES)
def test_a_change_is_seen_in_the_data_and_by_the_keys(
    stored: Stored, changes: dict[str, Any], *, of_session: bool
) -> None:
    session, secret = stored.sessions.create()
    whose = session.id if of_session else None

    stored.worlds.change(changes, whose)

    data, key = stored.worlds.data(whose), stored.key(secret if of_session else PLAIN)
    for table, added in changes.items():
        if table == "pairs":
            assert ("page", "left") in key.pairs
            assert data["pairs"]["page"] == ["left"]
            continue
        assert [one for one in added if one not in data[table]] == []
        assert len([one for one in data[table] if one in added]) == len(added)
    for user in changes.get("users", ()):
        found = key.user("userId", user["id"])
        assert found is not None
        assert (found.email, found.phone, found.events) == (
            user.get("email", ""), user.get("phone", ""), frozenset(user.get("events", ()))
        )  # fmt: skip


def test_a_change_leaves_sessions_alone_and_the_other_way_round(stored: Stored) -> None:
    session, secret = stored.sessions.create()

    stored.worlds.change({"experiences": ["for-all"]})
    stored.worlds.change({"experiences": ["for-one"]}, session.id)

    assert stored.key(PLAIN).experiences == {"47Gop5", "for-all"}
    assert stored.key(secret).experiences == {"47Gop5", "for-one"}
    # One that begins now has a copy of the world as it is now.
    assert stored.key(stored.sessions.create()[1]).experiences == {"47Gop5", "for-all"}


def test_changes_add_up(stored: Stored) -> None:
    for name in ("one", "two", "one"):
        stored.worlds.change({"experiences": [name], "keys": [{"key": f"key-number-{name}"}]})

    assert stored.worlds.data()["experiences"] == ["47Gop5", "one", "two"]
    assert [row["key"] for row in stored.worlds.data()["keys"][-2:]] == [
        masked("key-number-one"), masked("key-number-two")
    ]  # fmt: skip


WRONG: list[Any] = [
    pytest.param({"users": [{"id": "new", "events": ["no-such"]}]}, ["[[users]] 3, events"], id="dangling"),
    pytest.param({"users": [{"id": "new", "email": "JOHN.doe@example.com"}]}, ["email", "email"], id="email-twice"),
    pytest.param({"users": [{"id": "new", "events": ["", 5]}]}, ["[[users]] 1, events 1", "events 2"], id="no-names"),
    pytest.param({"events": [{"id": "new"}, {"id": "new"}]}, ["[[events]] 1", "[[events]] 2"], id="twice-in-itself"),
    pytest.param({"users": [{"name": "x"}], "experiences": 5}, ["users", "users", "experiences"], id="shapeless"),
    pytest.param({"keys": [{"key": "a blank"}, {"key": NEW_KEY, "answer": "none"}]}, ["key", "answer"], id="keys"),
    pytest.param({"keys": [{"key": NEW_KEY, "users": ["nobody"]}]}, ["[[keys]] 1, users"], id="key-of-nobody"),
]


@pytest.mark.parametrize(("changes", "places"), WRONG)
def test_what_does_not_fit_is_refused_with_every_fault(
    stored: Stored, changes: dict[str, Any], places: list[str]
) -> None:
    before = stored.worlds.data()

    with pytest.raises(ConfigError) as raised:
        stored.worlds.change(changes)

    found = [fault.place for fault in raised.value.faults]
    assert len(found) == len(places)
    assert [place for place, expected in zip(found, places, strict=True) if expected not in place] == []
    assert NEW_KEY not in str(raised.value)
    assert stored.worlds.data() == before


def test_a_session_takes_no_keys_and_there_has_to_be_one(stored: Stored) -> None:
    session, _ = stored.sessions.create()

    with pytest.raises(ConfigError, match="the one key that it was made with"):
        stored.worlds.change({"keys": [{"key": NEW_KEY}]}, session.id)
    with pytest.raises(LookupError):
        stored.worlds.change({}, "s-00000000")
    with pytest.raises(LookupError):
        stored.worlds.data("s-00000000")


# Keys


def test_an_added_key_works_and_is_stored_nowhere(tmp_path: Path) -> None:
    stored = Stored(tmp_path / "requests")

    stored.worlds.change(
        {"keys": [{"key": NEW_KEY, "name": "new", "allow": ["192.0.2.1"], "users": ["user-jane-roe"]}]}
    )

    key = stored.key(NEW_KEY)
    assert (key.masked, key.name, list(key.by_identifier["userId"])) == (masked(NEW_KEY), "new", ["user-jane-roe"])
    assert not [path for path in tmp_path.iterdir() if NEW_KEY.encode() in path.read_bytes()]
    assert stored.worlds.data()["keys"][-1] == {
        "key": masked(NEW_KEY), "name": "new", "allow": ["192.0.2.1"], "users": ["user-jane-roe"]
    }  # fmt: skip


def test_a_key_of_the_file_is_replaced(stored: Stored) -> None:
    stored.worlds.change({"keys": [{"key": PLAIN, "answer": "internalServerError"}]})

    assert stored.key(PLAIN).answer == "internalServerError"
    assert [row.get("answer") for row in stored.worlds.data()["keys"] if row["key"] == masked(PLAIN)] == [
        "internalServerError"
    ]


def test_the_keys_to_hide_are_known_before_the_first_request(stored: Stored) -> None:
    assert stored.worlds.secrets().hidden(f"x {PLAIN} x") == f"x {masked(PLAIN)} x"


SECRETS: list[Any] = [
    pytest.param(None, PLAIN, id="of-the-file"),
    pytest.param({"keys": [{"key": NEW_KEY}]}, NEW_KEY, id="added-and-never-used"),
    pytest.param({"keys": [{"key": PLAIN, "name": "x"}]}, PLAIN, id="replaced-and-never-used"),
    pytest.param({"keys": [{"key": "dmk_of-my-own"}]}, "dmk_of-my-own", id="like-that-of-a-session"),
]


@pytest.mark.parametrize(("changes", "secret"), SECRETS)
def test_keys_are_hidden(tmp_path: Path, changes: dict[str, Any] | None, secret: str) -> None:
    stored = Stored(tmp_path / "requests")
    if changes:
        stored.worlds.change(changes)

    for worker in (stored, Stored(tmp_path / "requests")):
        assert worker.worlds.secrets().hidden(f"/x/{secret}?") == f"/x/{masked(secret)}?"


def test_a_short_added_key_is_hidden_once_it_was_used(stored: Stored) -> None:
    stored.worlds.change({"keys": [{"key": "short-key"}]})
    stored.worlds.secrets()
    stored.key("short-key")

    assert stored.worlds.secrets().hidden("short-key") == masked("short-key")


def test_what_a_request_shows_is_hidden_with_them(stored: Stored) -> None:
    headers = [(load_contract().key_header.encode(), b"an-unknown-secret")]

    hidden = stored.worlds.secrets_beside(headers, "token=another-secret").hidden

    assert [hidden(text) for text in ("an-unknown-secret", "another-secret", PLAIN)] == [
        masked("an-unknown-secret"), masked("another-secret"), masked(PLAIN)
    ]  # fmt: skip


# Resetting


def test_a_reset_drops_all_changes(stored: Stored) -> None:
    before = stored.worlds.data()
    stored.worlds.change({"experiences": ["x"], "keys": [{"key": NEW_KEY}, {"key": PLAIN, "name": "other"}]})
    stored.key(NEW_KEY)

    assert stored.worlds.reset() is True

    assert stored.worlds.data() == before
    assert stored.key(PLAIN).name == "a plain key"
    with pytest.raises(KeyError):
        stored.key(NEW_KEY)


def test_that_of_a_session_becomes_a_new_copy(stored: Stored) -> None:
    session, secret = stored.sessions.create(changes={"experiences": ["mine"]})
    stored.worlds.change({"experiences": ["of-all"]})

    assert (stored.worlds.reset(session.id), stored.worlds.reset("s-00000000")) == (True, False)

    assert stored.key(secret).experiences == {"47Gop5", "of-all"}


# Several workers, restarts, another contract


def test_the_very_next_request_of_another_worker_sees_a_change(tmp_path: Path) -> None:
    one, other = Stored(tmp_path / "requests"), Stored(tmp_path / "requests")
    session, secret = one.sessions.create()
    assert other.key(secret).experiences == {"47Gop5"}

    one.worlds.change({"experiences": ["x"]}, session.id)
    one.worlds.change({"event_values": ["y"]})

    assert other.key(secret).experiences == {"47Gop5", "x"}
    assert other.key(PLAIN).event_values == {"opening-match", "y"}


@pytest.mark.parametrize("of_session", [False, True])
def test_changes_of_two_workers_at_once_all_count(tmp_path: Path, *, of_session: bool) -> None:
    workers = [Stored(tmp_path / "requests") for _ in range(2)]
    session = workers[0].sessions.create()[0].id if of_session else None

    def change(number: int) -> None:
        for count in range(40):
            workers[number].worlds.change({"experiences": [f"{number}-{count}"]}, session)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(change, range(2)))

    expected = {"47Gop5", *(f"{number}-{count}" for number in range(2) for count in range(40))}
    assert {*workers[0].worlds.data(session)["experiences"]} == expected


def test_changes_are_there_after_a_restart(tmp_path: Path) -> None:
    Stored(tmp_path / "requests").worlds.change({"experiences": ["x"], "keys": [{"key": NEW_KEY}]})

    again = Stored(tmp_path / "requests")

    assert again.key(NEW_KEY).experiences == {"47Gop5", "x"}


def test_a_key_of_a_session_is_built_once(stored: Stored) -> None:
    _, secret = stored.sessions.create()
    first = stored.key(secret)

    stored.worlds.change({"experiences": ["x"]})

    assert stored.key(secret) is first


def test_another_world_is_adopted_and_the_changes_stay(stored: Stored) -> None:
    stored.worlds.change({"experiences": ["x"]})
    data: dict[str, Any] = {"keys": [{"key": "another-world"}], "experiences": ["first"]}

    stored.worlds.adopt(load_contract(), data, "another")

    assert stored.worlds.current(0).name == "another"
    assert stored.key("another-world").experiences == {"first", "x"}
    assert stored.worlds.secrets().hidden("another-world") == masked("another-world")
    with pytest.raises(KeyError):
        stored.key(PLAIN)


def test_what_could_not_stay_with_another_world_is_named(stored: Stored) -> None:
    stored.worlds.change({"users": [{"id": "new", "events": ["summer-gala"]}], "keys": [{"key": NEW_KEY}]})
    data: dict[str, Any] = {"keys": [{"key": "another-world"}]}

    faults = stored.worlds.misfits(load_contract(), data)

    assert [str(fault) for fault in faults] == [
        "what was changed since: [[users]] 1, events: no event 'summer-gala' in this world"
    ]
    assert stored.worlds.misfits(load_contract(), {**data, "events": [{"id": "summer-gala"}]}) == []
