"""Conditions: each alone and several together find what a filter in Python finds."""

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.storage.entry import Entry
from mock_server.storage.search import Search
from tests.mock_server.storage.made import AT, exchange, journal
from tests.test_properties import SAME_EVERYWHERE

RULES = ["analytics.user", "analytics.user-agreement", "repeat"]
BEGAN = AT.timestamp()

PATHS = ["/a", "/%61", "/a%3Fx=1", "/ab", "/a?x=1", "/a?x=1&y=%", "/b", "/"]
CHOICES: dict[str, list[Any]] = {
    "session": ["", "s-1", "s-2"],
    "key": ["", "vend…5db8a6", "vend…3f9a2c"],
    "operation": ["", "addUserAnalytics", "giftAssets"],
    "status": [0, 200, 400],
    "answer": ["", "userNotFound", "userAnalyticsAdded"],
    "rule": RULES,
    "user": ["", "user-john-doe"],
    "event": ["", "summer-gala"],
    "accepted": [False, True],
    "path": PATHS,
    "method": ["POST", "post", "GET"],
    "since": [BEGAN, BEGAN + 2, BEGAN + 2.5],
    "until": [BEGAN, BEGAN + 2, BEGAN + 2.5],
    "unattributed": [False, True],
}
rows = st.fixed_dictionaries(
    {
        **{name: st.sampled_from(CHOICES[name]) for name in ("session", "key", "operation", "status", "answer")},
        **{name: st.sampled_from(CHOICES[name]) for name in ("user", "event", "accepted", "path", "method")},
        "seconds": st.integers(0, 4),
        "broken": st.lists(st.sampled_from(RULES), max_size=2, unique=True),
        "flagged": st.lists(st.sampled_from(RULES), max_size=1),
    }
)
searches = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in CHOICES.items()})


def fits(entry: Entry, conditions: dict[str, Any]) -> bool:
    """Say in Python what a search is to find."""
    given = dict(conditions)
    checks = [
        given.pop("rule", None) in {None, *entry.broken, *entry.flagged},
        given.pop("path", None)
        in {None, entry.target, entry.target.partition("?")[0], unquote(entry.target.partition("?")[0])},
        given.pop("since", 0) <= entry.at <= given.pop("until", float("inf")),
        not (given.pop("unattributed", False) and entry.key),
    ]
    return all(checks) and all(getattr(entry, name) == value for name, value in given.items())


@SAME_EVERYWHERE
@given(st.lists(rows, max_size=12), searches)
def test_a_search_finds_what_a_filter_finds(facts: list[dict[str, Any]], conditions: dict[str, Any]) -> None:
    kept = journal()
    for number, fact in enumerate(facts, 1):
        path, _, query = fact["path"].partition("?")
        kept.record(exchange(number, seconds=fact["seconds"], path=path, query=query))
    kept.flush()
    with kept._database.transaction() as connection:  # noqa: SLF001 - rows as no single fake would make them
        for number, fact in enumerate(facts, 1):
            broken, flagged = (f" {' '.join(fact[name])} " if fact[name] else "" for name in ("broken", "flagged"))
            columns = ("session", "key", "operation", "status", "answer", "user", "event", "accepted", "method")
            connection.execute(
                f"UPDATE requests SET {', '.join(f'{name} = ?' for name in columns)}, broken = ?, flagged = ? "  # noqa: S608 - constants
                "WHERE seq = ?",
                [*(fact[name] for name in columns), broken, flagged, number],
            )

    found = kept.find(Search(**conditions), newest=False)

    assert found == [entry for entry in kept.find(Search(), newest=False) if fits(entry, conditions)]
    assert kept.count(Search(**conditions)) == len(found)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/a", ["/a", "/%61", "/a?x=1", "/a?x=1&y=%"]),
        ("/a?x=1", ["/a%3Fx=1", "/a?x=1"]),
        ("/%61", ["/%61"]),
        ("/a%3Fx=1", ["/a%3Fx=1"]),
        ("/a?", []),
        ("/%", []),
        ("/", ["/"]),
    ],
)
def test_a_path_is_meant_with_and_without_its_query(path: str, found: list[str]) -> None:
    kept = journal()
    for number, target in enumerate(PATHS):
        plain, _, query = target.partition("?")
        kept.record(exchange(number, path=plain, query=query))

    assert [entry.target for entry in kept.find(Search(path=path), newest=False)] == found


def test_sessions_are_found_by_their_index() -> None:
    kept = journal()

    where, values = Search(session="s-1").where()
    plan = kept._database.rows(f"EXPLAIN QUERY PLAN SELECT * FROM requests WHERE {where}", values)  # noqa: S608, SLF001

    assert "requests_by_session" in plan[0][3]
