"""Looking at the world and changing it while the fake runs."""

import pytest

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, Send
from tests.mock_server.control.asking import ask

NEW_USER = {"id": "user-new", "email": "new@example.com", "events": ["summer-gala"]}
KEYS = ("vendor-test-key", "vendor-elsewhere-key", "vendor-broken-key")


def test_the_world_is_shown_in_full_and_no_key_of_it(own: Running) -> None:
    answer = ask(own.url, "GET", "/world")

    world = answer.value
    assert world["users"][0] == {
        "id": "user-john-doe",
        "email": "john.doe@example.com",
        "phone": "+14155552671",
        "events": ["summer-gala"],
    }
    assert world["eventValues"] == ["opening-match"]
    assert world["registrationPages"] == ["main-page"]
    assert [key["answer"] for key in world["keys"]] == [None, None, "internalServerError"]
    assert world["keys"][1]["allow"] == ["192.0.2.10", "2001:db8::/32"]
    assert not [key for key in KEYS if key in str(world)]


def test_a_user_that_is_added_is_known_to_the_next_request(own: Running, post: Send) -> None:
    event = {**EVENT, "email": "new@example.com"}
    before = post(own.url, ANALYTICS, event)

    answer = ask(own.url, "PATCH", "/world", {"users": [NEW_USER]})
    after = post(own.url, ANALYTICS, event)

    assert (before.message, after.status) == ("User not found.", 200)
    assert [user["id"] for user in answer.value["users"]] == ["user-john-doe", "user-jane-roe", "user-new"]


def test_a_row_with_a_known_id_replaces_it(own: Running, post: Send) -> None:
    ask(own.url, "PATCH", "/world", {"users": [{"id": "user-john-doe", "phone": "+14155550000"}]})

    reply = post(own.url, ANALYTICS, EVENT)

    assert reply.message == "User not found."


CHANGES = [
    pytest.param({"experiences": ["other"]}, {"experienceId": "other"}, id="experiences"),
    pytest.param({"pairs": {"checkout": ["paid"]}}, {"feature": "checkout", "action": "paid"}, id="pairs"),
]


@pytest.mark.parametrize(("changes", "members"), CHANGES)
def test_names_and_pairs_are_added(
    changes: dict[str, object], members: dict[str, str], own: Running, post: Send
) -> None:
    before = post(own.url, ANALYTICS, {**EVENT, **members})
    ask(own.url, "PATCH", "/world", changes)

    after, as_ever = post(own.url, ANALYTICS, {**EVENT, **members}), post(own.url, ANALYTICS, EVENT)

    assert (before.status, after.status, as_ever.status) == (400, 200, 200)


def test_names_that_differ_in_toml(own: Running) -> None:
    changes = {"eventValues": ["final"], "registrationPages": ["other-page"], "events": [{"id": "winter-ball"}]}

    world = ask(own.url, "PATCH", "/world", changes).value

    assert world["eventValues"] == ["opening-match", "final"]
    assert world["registrationPages"] == ["main-page", "other-page"]
    assert {"id": "winter-ball"} in world["events"]


def test_a_key_is_added_and_never_shown(own: Running, post: Send) -> None:
    key = {"key": "a-brand-new-key", "name": "new", "assetBytes": 1000, "answer": "internalServerError"}

    answer = ask(own.url, "PATCH", "/world", {"keys": [key]})
    reply = post(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": "a-brand-new-key"})

    row = answer.value["keys"][-1]
    assert (row["name"], row["assetBytes"], row["answer"]) == ("new", 1000, "internalServerError")
    assert "brand-new" not in str(answer.value)
    assert reply.status == 500


MISFITS = [
    pytest.param({"users": [{"id": "u", "events": ["nowhere"]}]}, "no event 'nowhere' in this world", id="dangling"),
    pytest.param({"users": [{"id": "u", "email": "JOHN.doe@example.com"}]}, "stands 2 times", id="taken-email"),
    pytest.param({"keys": [{"key": "k", "allow": ["10.0.0.1/8"]}]}, "bits set behind its prefix", id="network"),
    pytest.param({"keys": [{"key": "k", "answer": "nonsense"}]}, "no answer 'nonsense'", id="answer"),
]


@pytest.mark.parametrize(("changes", "words"), MISFITS)
def test_what_does_not_fit_the_world_changes_nothing(changes: dict[str, object], words: str, own: Running) -> None:
    before = ask(own.url, "GET", "/world").value

    answer = ask(own.url, "PATCH", "/world", {**changes, "experiences": ["never-added"]})

    assert answer.status == 400
    assert words in answer.detail
    assert ask(own.url, "GET", "/world").value == before


def test_every_misfit_is_told(own: Running) -> None:
    answer = ask(own.url, "PATCH", "/world", {"users": [{"id": "u", "events": ["a", "b"]}]})

    assert len(answer.value["errors"]) == 2


def test_a_sessions_world_is_its_own(own: Running, post: Send) -> None:
    session = ask(own.url, "POST", "/sessions").value
    place = f"/world?session={session['id']}"

    answer = ask(own.url, "PATCH", place, {"users": [NEW_USER]})
    event = {**EVENT, "email": "new@example.com"}
    inside = post(own.url, ANALYTICS, event, headers={"x-distinct-api-key": session["key"]})
    outside = post(own.url, ANALYTICS, event)

    assert (inside.status, outside.message) == (200, "User not found.")
    assert ask(own.url, "GET", place).value == answer.value
    assert "user-new" not in str(ask(own.url, "GET", "/world").value)


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_the_world_of_an_unknown_session(method: str, own: Running) -> None:
    answer = ask(own.url, method, "/world?session=s-000000000000", {} if method == "PATCH" else None)

    assert (answer.status, answer.detail) == (404, "no session 's-000000000000'; GET /_mock/sessions lists them")


def test_a_session_gets_no_further_key(own: Running) -> None:
    session = ask(own.url, "POST", "/sessions").value["id"]

    answer = ask(own.url, "PATCH", f"/world?session={session}", {"keys": [{"key": "k"}]})

    assert (answer.status, answer.places) == (400, ["/keys"])
