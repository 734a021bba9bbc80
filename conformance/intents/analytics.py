"""Generates what callers hand to a client to report of users."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.intents.values import (
    BAD_PHONES,
    BAD_TIMES,
    NO_TEXT,
    NOTHING,
    emails,
    ids,
    metadata,
    phones,
    times,
)
from conformance.model import Intent
from contracts.operations import Contract

OPERATION = "addUserAnalytics"
LABEL = "generated"

Args = dict[str, Any]


def intents(contract: Contract) -> SearchStrategy[Intent]:
    """Give intents that are right, but for a few fields in two of five."""
    right = st.builds(_merged, _users(), _pairs(contract), _events())
    wrong = st.builds(_merged, right, _dirt(contract))
    both = st.one_of(right, right, right, wrong, wrong)
    return both.map(lambda args: Intent(OPERATION, args, label=LABEL))


def _merged(*several: Args) -> Args:
    return {name: value for args in several for name, value in args.items()}


def _users() -> SearchStrategy[Args]:
    by_id = st.fixed_dictionaries({"userId": ids()}, optional={"email": emails(), "phone": phones()})
    by_email = st.fixed_dictionaries({"email": emails()}, optional={"phone": phones()})
    return st.one_of(by_id, by_email, st.fixed_dictionaries({"phone": phones()}))


def _events() -> SearchStrategy[Args]:
    with_metadata = st.fixed_dictionaries({"metadata": metadata()})
    more = st.one_of(st.just({}), with_metadata, st.just({"metadata": None}), with_metadata)
    return st.builds(_merged, st.fixed_dictionaries({"experienceId": ids(), "capturedAt": times()}), more)


def _pairs(contract: Contract) -> SearchStrategy[Args]:
    registered = [(feature, action) for feature, actions in contract.pairs.items() for action in actions]
    spelled = st.sampled_from((str, str, str.upper, str.title, str.swapcase))
    return st.builds(
        lambda pair, feature, action: {"feature": feature(pair[0]), "action": action(pair[1])},
        st.sampled_from(registered),
        spelled,
        spelled,
    )


def _dirt(contract: Contract) -> SearchStrategy[Args]:
    """Give fields that replace right ones: one at a time, or what belongs together."""
    features = st.sampled_from(tuple(contract.pairs))
    actions = st.sampled_from(tuple(dict.fromkeys(action for listed in contract.pairs.values() for action in listed)))
    # A Turkish i without its dot and one with it, and a long s: lower() makes right letters of some.
    others = st.sampled_from(("v\u0131ewed", "v\u0130ewed", "\u017fent", "open", "click", "SENT "))
    spoiled = st.sampled_from(("{} ", " {}", "{}s", "{}\n", "'{}'"))
    no_objects: SearchStrategy[Any] = st.sampled_from((None, {}, "", "{}", '{"a": 1}', [], [1], 3, True))
    emails_ = st.sampled_from((" a@example.com ", "a", "A@EXAMPLE.COM", "a@b", "é@example.com"))
    nobody = st.fixed_dictionaries({"userId": NOTHING, "email": NOTHING, "phone": NOTHING})
    texts = ("userId", "email", "phone", "feature", "action", "experienceId", "capturedAt")
    return st.one_of(
        *(st.fixed_dictionaries({name: NO_TEXT}) for name in texts),
        st.fixed_dictionaries({"phone": BAD_PHONES}),
        st.fixed_dictionaries({"capturedAt": BAD_TIMES}),
        st.fixed_dictionaries({"feature": features, "action": actions}),
        st.fixed_dictionaries({"feature": st.builds(str.format, spoiled, features)}),
        st.fixed_dictionaries({"action": others}),
        st.fixed_dictionaries({"metadata": no_objects}),
        st.fixed_dictionaries({"email": emails_}),
        nobody,
    )
