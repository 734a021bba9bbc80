"""What matches, how many have to, in which order, and which request came closest."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.spec import load_contract
from contracts.world import masked
from mock_server.storage.entry import Entry
from mock_server.storage.search import Search
from mock_server.verification import (
    Bounds,
    Difference,
    Match,
    counted,
    differences,
    in_order,
    is_equal,
    matching,
    nearest,
)
from tests.conftest import ANALYTICS, EVENT
from tests.mock_server.made_entries import file, gift, made, part

LIMITS = load_contract().limits
SAME_EVERYWHERE = settings(derandomize=True, database=None, max_examples=100)
SEARCHES = [
    pytest.param({"session": "s-1"}, made(session="s-1"), id="session"),
    pytest.param({"key": "vend…3f9a2c"}, made(), id="key"),
    pytest.param({"operation": "addUserAnalytics"}, made(), id="operation"),
    pytest.param({"status": 400}, made(status=400), id="status"),
    pytest.param({"status": 0}, made(status=0, answer=""), id="no-answer"),
    pytest.param({"answer": "userNotFound"}, made(answer="userNotFound"), id="answer"),
    pytest.param({"rule": "analytics.user"}, made(broken=("analytics.phone", "analytics.user")), id="broken-rule"),
    pytest.param({"rule": "analytics.user"}, made(flagged=("analytics.user",)), id="flag"),
    pytest.param({"user": "user-john-doe"}, made(), id="user"),
    pytest.param({"event": "summer-gala"}, gift(), id="event"),
    pytest.param({"accepted": False}, made(accepted=False), id="refused"),
    pytest.param({"path": ANALYTICS}, made(target=f"{ANALYTICS}?x=1"), id="path-with-query"),
    pytest.param({"path": f"{ANALYTICS}?x=1"}, made(target=f"{ANALYTICS}?x=1"), id="path-and-query"),
    pytest.param({"method": "POST"}, made(), id="method"),
    pytest.param({"since": 5.0}, made(at=5.0), id="since"),
    pytest.param({"until": 5.0}, made(at=5.0), id="until"),
    pytest.param({"unattributed": True}, made(key=""), id="unattributed"),
]


@pytest.mark.parametrize(("given_search", "entry"), SEARCHES)
def test_a_request_matches_a_search(given_search: dict[str, Any], entry: Entry) -> None:
    assert differences(Match(Search(**given_search)), entry, LIMITS) == ()


MISSES = [
    pytest.param({"session": "s-1"}, made(), Difference("session", "nothing", "'s-1'"), id="session"),
    pytest.param({"key": "other…1"}, made(), Difference("key", "'vend…3f9a2c'", "'other…1'"), id="key"),
    pytest.param({"status": 200}, made(status=400), Difference("status", "400", "200"), id="status"),
    pytest.param({"status": 200}, made(status=0), Difference("status", "nothing", "200"), id="no-answer"),
    pytest.param({"accepted": True}, made(accepted=False), Difference("accepted", "False", "True"), id="accepted"),
    pytest.param({"rule": "r"}, made(broken=("a", "b"), flagged=("c",)), Difference("rule", "a, b, c", "r"), id="rule"),
    pytest.param({"rule": "r"}, made(), Difference("rule", "nothing", "r"), id="no-rule"),
    pytest.param({"path": "/x"}, made(target="/x/"), Difference("path", "'/x/'", "'/x'"), id="path"),
    pytest.param({"since": 6.0}, made(at=5.0), Difference("at", "5.000", "not before 6.000"), id="since"),
    pytest.param({"until": 4.0}, made(at=5.0), Difference("at", "5.000", "not after 4.000"), id="until"),
    pytest.param({"unattributed": True}, made(), Difference("key", "'vend…3f9a2c'", "no known key"), id="attributed"),
]


@pytest.mark.parametrize(("given_search", "entry", "difference"), MISSES)
def test_a_request_differs_from_a_search(given_search: dict[str, Any], entry: Entry, difference: Difference) -> None:
    assert differences(Match(Search(**given_search)), entry, LIMITS) == (difference,)


NESTED = {"metadata": {"a": {"b": 1}, "list": [1, 2], "flag": True}, "action": "opened"}
BODIES = [
    pytest.param({}, [], id="nothing-asked"),
    pytest.param({"action": "opened"}, [], id="one-member"),
    pytest.param({"metadata": {"a": {"b": 1.0}}}, [], id="within"),
    pytest.param({"metadata": {"list": [1, 2]}}, [], id="list"),
    pytest.param({"metadata": {"list": [1]}}, ["body/metadata/list"], id="shorter-list"),
    pytest.param({"metadata": {"flag": 1}}, ["body/metadata/flag"], id="one-is-not-true"),
    pytest.param({"metadata": {"a": {"b": 2}}}, ["body/metadata/a/b"], id="deep"),
    pytest.param({"metadata": {"a": 1}}, ["body/metadata/a"], id="value-for-an-object"),
    pytest.param({"metadata": None}, ["body/metadata"], id="null-for-an-object"),
    pytest.param({"action": "sent", "missing": 1}, ["body/action", "body/missing"], id="two"),
]


@pytest.mark.parametrize(("body", "fields"), BODIES)
def test_a_part_of_the_body_is_compared(body: dict[str, Any], fields: list[str]) -> None:
    found = differences(Match(body=body), made(body=NESTED), LIMITS)

    assert [one.field for one in found] == fields


def test_a_difference_says_what_was_got_and_expected() -> None:
    found = differences(Match(body={"action": "sent", "more": 1}), made(body=NESTED), LIMITS)

    assert found == (Difference("body/action", "'opened'", "'sent'"), Difference("body/more", "nothing", "1"))


NO_BODIES = [
    pytest.param(made(body=b"no json"), id="no-json"),
    pytest.param(made(body=b"[1]"), id="no-object"),
    pytest.param(made(size=10**6), id="not-all-kept"),
]


@pytest.mark.parametrize("entry", NO_BODIES)
def test_what_has_no_body_to_compare_differs(entry: Entry) -> None:
    found = differences(Match(body={"a": 1}), entry, LIMITS)

    assert found == (Difference("body", "no JSON object, or one that was not kept", '{"a": 1}'),)


def test_the_texts_of_a_form_are_its_body() -> None:
    entry = gift(parts=[part("userId", "u"), file("assets", "a.gif")])

    assert differences(Match(body={"userId": "u"}), entry, LIMITS) == ()


PARTS = [part("userId", "u"), file("assets", "a.gif", 5), file("assets", "b.gif", 7)]
FORMS = [
    pytest.param([], [], id="none-asked"),
    pytest.param([{"filename": "b.gif"}], [], id="any"),
    pytest.param([{"filename": "a.gif"}, {"filename": "b.gif"}], [], id="in-order"),
    pytest.param([{"name": "assets", "size": 7, "sha256": "ab" * 32}], [], id="all-members"),
    pytest.param([{"filename": "b.gif"}, {"filename": "a.gif"}], ["parts/1"], id="wrong-order"),
    pytest.param([{"filename": "b.gif", "size": 6}], ["parts/0/size"], id="size"),
    pytest.param([{"name": "assets", "filename": "c.gif"}], ["parts/0/filename"], id="filename"),
    pytest.param([{"name": "assets"}] * 3, ["parts/2"], id="too-few"),
]


@pytest.mark.parametrize(("wanted", "fields"), FORMS)
def test_the_parts_of_a_form_are_compared_in_order(wanted: list[Mapping[str, Any]], fields: list[str]) -> None:
    found = differences(Match(parts=tuple(wanted)), gift(parts=PARTS), LIMITS)

    assert [one.field for one in found] == fields


def test_what_is_no_form_has_no_parts() -> None:
    found = differences(Match(parts=({"name": "a"},)), made(), LIMITS)

    assert found == (Difference("parts", "no form", "1 parts"),)


SECRET = "a-key-that-nobody-may-see"
HEADERS = [
    pytest.param({"x-a": "1"}, (), id="equal"),
    pytest.param({"x-a": "2"}, (), id="one-of-two"),
    pytest.param({"x-a": "3"}, (Difference("headers/x-a", "'1', '2'", "'3'"),), id="other"),
    pytest.param({"x-b": "3"}, (Difference("headers/x-b", "nothing", "'3'"),), id="missing"),
    pytest.param({"x-distinct-api-key": SECRET}, (), id="secret"),
    pytest.param({"x-distinct-api-key": masked(SECRET)}, (), id="masked-secret"),
]


@pytest.mark.parametrize(("wanted", "expected"), HEADERS)
def test_headers_are_compared(wanted: dict[str, str], expected: tuple[Difference, ...]) -> None:
    entry = made(headers=(("x-a", "1"), ("x-a", "2"), ("x-distinct-api-key", masked(SECRET))))

    assert differences(Match(headers=wanted), entry, LIMITS) == expected


def test_no_difference_shows_a_key() -> None:
    found = differences(Match(headers={"x-distinct-api-key": SECRET}), made(), LIMITS)

    assert found
    assert SECRET not in repr(found)


BOUNDS = [
    pytest.param(Bounds(2, 2), "exactly 2", {2}, id="exactly"),
    pytest.param(Bounds(0, 0), "none", {0}, id="none"),
    pytest.param(Bounds(1, None), "at least 1", {1, 2, 3}, id="at-least"),
    pytest.param(Bounds(None, 1), "at most 1", {0, 1}, id="at-most"),
    pytest.param(Bounds(1, 2), "between 1 and 2", {1, 2}, id="between"),
]


@pytest.mark.parametrize(("bounds", "words", "right"), BOUNDS)
@pytest.mark.parametrize("count", range(4))
def test_the_count_decides(bounds: Bounds, words: str, right: set[int], count: int) -> None:
    entries = [made(n, status=200 if n <= count else 400) for n in range(1, 4)]

    verdict = counted(Match(Search(status=200)), bounds, entries, LIMITS)

    assert verdict.verified == (count in right)
    assert (verdict.count, verdict.expected) == (count, words)
    assert (verdict.nearest is not None) == bounds.too_few(count)


def test_the_nearest_miss_differs_least() -> None:
    bodies = [{"action": "sent", "experienceId": "x"}, {"action": "sent"}, {"action": "sent"}, {"feature": "x"}]
    entries = [made(n, body={**EVENT, **body}) for n, body in enumerate(bodies, 1)]

    verdict = counted(Match(body=EVENT), Bounds(1, 1), entries, LIMITS)

    assert verdict.reason == "0 requests matched of the 4 that were looked at"
    assert verdict.nearest is not None
    assert verdict.nearest.entry.seq == 4
    assert verdict.nearest.differs == (Difference("body/feature", "'x'", "'registration_email'"),)


def test_too_many_are_named() -> None:
    verdict = counted(Match(), Bounds(0, 0), [made(n) for n in range(1, 8)], LIMITS)

    assert verdict.reason == "7 requests matched: abc-1, abc-2, abc-3, abc-4, abc-5 and 2 more"


def actions(*names: str) -> list[Entry]:
    return [made(n, body={**EVENT, "action": name}) for n, name in enumerate(names, 1)]


def wanted(*names: str) -> list[Match]:
    return [Match(body={"action": name}) for name in names]


SEQUENCES = [
    pytest.param("a b c", "a b c", "they were abc-1, abc-2, abc-3", id="exactly"),
    pytest.param("a x b y", "a b", "they were abc-1, abc-3", id="others-between"),
    pytest.param("a a", "a a", "they were abc-1, abc-2", id="the-same-twice"),
]


@pytest.mark.parametrize(("sent", "asked", "reason"), SEQUENCES)
def test_a_sequence_comes_in_its_order(sent: str, asked: str, reason: str) -> None:
    verdict = in_order(wanted(*asked.split()), actions(*sent.split()), LIMITS)

    assert (verdict.verified, verdict.reason) == (True, reason)


BROKEN_SEQUENCES = [
    pytest.param("", "a", 0, "number 1 of the sequence did not come", None, id="nothing-came"),
    pytest.param("b", "a", 0, "number 1 of the sequence did not come", "abc-1", id="another-came"),
    pytest.param(
        "a b", "a c", 1, "number 2 of the sequence did not come after abc-1, which was number 1", "abc-2", id="second"
    ),
    pytest.param(
        "b a",
        "a b",
        1,
        "number 2 of the sequence did not come after abc-2, which was number 1; before that came abc-1",
        None,
        id="too-early",
    ),
    pytest.param(
        "a",
        "a a",
        1,
        "number 2 of the sequence did not come after abc-1, which was number 1; before that came abc-1",
        None,
        id="only-once",
    ),
]


@pytest.mark.parametrize(("sent", "asked", "count", "reason", "near"), BROKEN_SEQUENCES)
def test_a_broken_sequence_says_where(sent: str, asked: str, count: int, reason: str, near: str | None) -> None:
    verdict = in_order(wanted(*asked.split()), actions(*sent.split()), LIMITS)

    assert (verdict.verified, verdict.count, verdict.reason) == (False, count, reason)
    assert (verdict.nearest.entry.id if verdict.nearest else None) == near


# For any requests

letters = st.sampled_from("abc")
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(letters, inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(letters, values, max_size=3)


@SAME_EVERYWHERE
@given(body=objects, data=st.data())
def test_any_part_of_a_body_matches_it(body: dict[str, Any], data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(body)), unique=True)) if body else []
    some = {name: body[name] for name in names}

    assert differences(Match(body=some), made(body=body), LIMITS) == ()


@SAME_EVERYWHERE
@given(one=values, other=values)
def test_values_are_equal_when_their_json_is(one: object, other: object) -> None:
    assert is_equal(one, other) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


@SAME_EVERYWHERE
@given(bodies=st.lists(objects, max_size=6), wanted_body=objects)
def test_the_nearest_is_no_match_and_nothing_is_nearer(
    bodies: list[dict[str, Any]], wanted_body: dict[str, Any]
) -> None:
    entries, match = [made(n, body=body) for n, body in enumerate(bodies, 1)], Match(body=wanted_body)

    miss = nearest(match, entries, LIMITS)

    misses = {entry.seq: len(differences(match, entry, LIMITS)) for entry in entries}
    numbers = [count for count in misses.values() if count]
    assert len(matching(match, entries, LIMITS)) + len(numbers) == len(entries)
    assert (len(miss.differs) if miss else None) == min(numbers, default=None)


def is_subsequence(asked: Sequence[str], sent: Sequence[str]) -> bool:
    rest = iter(sent)
    return all(name in rest for name in asked)


@SAME_EVERYWHERE
@given(sent=st.lists(letters, max_size=8), asked=st.lists(letters, min_size=1, max_size=5))
def test_a_sequence_is_a_subsequence(sent: list[str], asked: list[str]) -> None:
    verdict = in_order(wanted(*asked), actions(*sent), LIMITS)

    assert verdict.verified == is_subsequence(asked, sent)
    assert is_subsequence(asked[: verdict.count], sent)
    assert verdict.verified or not is_subsequence(asked[: verdict.count + 1], sent)
