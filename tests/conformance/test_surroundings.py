"""The world of an intent: what it names is there, and it is a world that a fake takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.model import Intent
from conformance.surroundings import surroundings
from contracts.operations import Contract
from contracts.world_file import check_world
from tests.test_properties import SAME_EVERYWHERE

WORLDS: list[Any] = [
    pytest.param([{}], {}, id="nothing"),
    pytest.param([{"userId": "u"}], {"users": [{"id": "u", "events": []}]}, id="user"),
    pytest.param([{"email": "a@b.c"}], {"users": [{"id": "user-of-1", "email": "a@b.c", "events": []}]}, id="email"),
    pytest.param(
        [{"userId": "u", "email": "a@b.c", "phone": "+1", "eventId": "e"}],
        {"events": [{"id": "e"}], "users": [{"id": "u", "email": "a@b.c", "phone": "+1", "events": ["e"]}]},
        id="one-user-by-all-identifiers",
    ),
    pytest.param(
        [{"userId": "u", "email": "a@b.c"}, {"userId": "v", "email": "A@b.c"}],
        {"users": [{"id": "u", "email": "a@b.c", "events": []}, {"id": "v", "events": []}]},
        id="nobody-shares-an-address",
    ),
    pytest.param([{"experienceId": "x"}, {"experienceId": "x"}], {"experiences": ["x"]}, id="once"),
    pytest.param([{"userId": "\ud800", "email": 5, "eventValue": ""}], {}, id="what-cannot-be-stored"),
]


@pytest.mark.parametrize(("args", "world"), WORLDS)
def test_what_is_named_is_there(args: list[dict[str, Any]], world: dict[str, Any]) -> None:
    assert surroundings([Intent("addUserAnalytics", each) for each in args]) == world


_some = (
    st.none() | st.integers() | st.text(st.characters(), max_size=3) | st.sampled_from(["a@b.c", "A@B.C", "+1", "u"])
)
_args = st.dictionaries(
    st.sampled_from(["userId", "email", "phone", "eventId", "experienceId", "eventValue", "registrationPageValue"]),
    _some,
)


@SAME_EVERYWHERE
@given(args=st.lists(_args, max_size=4))
def test_it_is_always_a_world(contract: Contract, args: list[dict[str, Any]]) -> None:
    world = surroundings([Intent("giftAssets", each) for each in args])

    check_world({**world, "keys": [{"key": "none"}]}, "the world", contract)
