"""Generates what callers hand to a client to capture of an event."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.chapters.capture import needed_by_type
from conformance.intents.values import BAD_TIMES, NO_TEXT, NOTHING, emails, ids, times
from conformance.model import Intent
from contracts.operations import Contract

OPERATION = "captureAnalytics"
LABEL = "generated"

Args = dict[str, Any]


def intents(contract: Contract) -> SearchStrategy[Intent]:
    """Give intents that are right, but for a few fields in two of five."""
    needed = needed_by_type(contract.operation(OPERATION))
    right = st.one_of([_of_type(type_, fields) for type_, fields in needed.items()])
    wrong = st.builds(_merged, right, _dirt(needed))
    both = st.one_of(right, right, right, wrong, wrong)
    return both.map(lambda args: Intent(OPERATION, args, label=LABEL))


def _merged(first: Args, second: Args) -> Args:
    return {**first, **second}


def _value(field: str) -> SearchStrategy[str]:
    return emails() if field == "email" else ids()


def _of_type(type_: str, fields: tuple[str, ...]) -> SearchStrategy[Args]:
    return st.fixed_dictionaries(
        {
            "type": st.just(type_),
            "eventValue": ids(),
            "recordCapturedAt": times(),
            **{field: _value(field) for field in fields},
        }
    )


def _dirt(needed: dict[str, tuple[str, ...]]) -> SearchStrategy[Args]:
    """Give fields that replace right ones, or stand beside them."""
    types = tuple(needed)
    fields = tuple(dict.fromkeys(field for listed in needed.values() for field in listed))
    spoiled = st.sampled_from((str.lower, str.title, "{} ".format, "_{}".format))
    return st.one_of(
        *(st.fixed_dictionaries({name: NO_TEXT}) for name in ("type", "eventValue", "recordCapturedAt", *fields)),
        *(st.fixed_dictionaries({name: NOTHING}) for name in fields),
        st.fixed_dictionaries({"recordCapturedAt": BAD_TIMES}),
        # The fields that are there belong to another type, or to all.
        st.fixed_dictionaries({"type": st.sampled_from(types)}),
        st.fixed_dictionaries({field: _value(field) for field in fields}),
        st.fixed_dictionaries({"type": st.builds(lambda spoil, type_: spoil(type_), spoiled, st.sampled_from(types))}),
    )
