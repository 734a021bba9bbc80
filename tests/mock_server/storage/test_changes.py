"""Changes to the data of a world."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.storage.changes import joined, merged
from tests.test_properties import SAME_EVERYWHERE

BASE: dict[str, Any] = {
    "users": [{"id": "u-1", "email": "a@x"}, {"id": "u-2"}],
    "events": [{"id": "e-1"}],
    "experiences": ["one"],
    "pairs": {"page": ["viewed"], "mail": ["sent"]},
    "keys": [{"key": "k"}],
}
CHANGES: list[Any] = [
    pytest.param({}, {}, id="none"),
    pytest.param({"users": [{"id": "u-3"}]}, {"users": [*BASE["users"], {"id": "u-3"}]}, id="another-user"),
    pytest.param({"users": [{"id": "u-1"}]}, {"users": [{"id": "u-1"}, {"id": "u-2"}]}, id="a-row-is-replaced"),
    pytest.param({"events": [{"id": "e-1"}]}, {}, id="the-same-event"),
    pytest.param({"experiences": ["two", "one"]}, {"experiences": ["one", "two"]}, id="names-are-added-once"),
    pytest.param({"event_values": ["v"]}, {"event_values": ["v"]}, id="a-list-that-was-not-there"),
    pytest.param(
        {"pairs": {"page": ["left", "viewed"], "sms": ["sent"]}},
        {"pairs": {"page": ["viewed", "left"], "mail": ["sent"], "sms": ["sent"]}},
        id="pairs-are-added",
    ),
    pytest.param({"keys": [{"key": "other"}]}, {}, id="keys-stay"),
]


@pytest.mark.parametrize(("changes", "differs"), CHANGES)
def test_changes_are_merged(changes: dict[str, Any], differs: dict[str, Any]) -> None:
    assert merged(BASE, changes) == {**BASE, **differs}


names = st.lists(st.sampled_from("abc"), max_size=3, unique=True)
changes = st.fixed_dictionaries(
    {},
    optional={
        "users": names.flatmap(
            lambda ids: st.tuples(
                *(st.fixed_dictionaries({"id": st.just(name), "email": st.sampled_from("xy")}) for name in ids)
            ).map(list)
        ),
        "experiences": names,
        "pairs": st.dictionaries(st.sampled_from("fg"), names, max_size=2),
    },
)


@SAME_EVERYWHERE
@given(changes, changes)
def test_two_changes_joined_do_what_one_after_the_other_does(first: dict[str, Any], then: dict[str, Any]) -> None:
    before = repr((BASE, first, then))

    assert merged(BASE, joined(first, then)) == merged(merged(BASE, first), then)
    assert repr((BASE, first, then)) == before
