"""Which mistake a wrong value shows; the many forms of a time stand with the judgements."""

import pytest

from contracts.hints import hint_for

QUOTES = "the quotes are part of the value; copied from a shell command, perhaps"
BLANKS = "blanks around the value are part of it"
NO_SUCH = "there is no such date, time or offset"
YEAR_0 = "another reading of ISO 8601 takes this (the year 0); the strict one asks for 2026-04-27T13:35:00Z"
OF_ANY_VALUE = [
    pytest.param('"user-1"', QUOTES, id="quotes"),
    pytest.param("'user-1'", QUOTES, id="single-quotes"),
    pytest.param('""', QUOTES, id="only-quotes"),
    pytest.param('"', "", id="one-quote"),
    pytest.param("\"user-1'", "", id="quotes-that-differ"),
    pytest.param(" user-1", BLANKS, id="blank-before"),
    pytest.param("user-1\n", BLANKS, id="line-end-behind"),
    pytest.param(" ", BLANKS, id="only-a-blank"),
    pytest.param("", "", id="empty"),
    pytest.param("user-1", "", id="nothing-odd"),
    pytest.param("2026-04-27", "", id="a-date-where-no-time-is-asked-for"),
    pytest.param(7, "", id="number"),
    pytest.param(None, "", id="null"),
]
OF_A_TIME = [
    pytest.param(1777296900, "a time is sent as text", id="integer"),
    pytest.param(1777296900.5, "a time is sent as text", id="number"),
    pytest.param(None, "", id="null"),
    pytest.param([], "", id="list"),
    pytest.param("2026-04-27T13:35:00Z", "", id="right"),
    pytest.param("2026-02-30T00:00:00Z", NO_SUCH, id="no-such-day"),
    pytest.param("2026-04-27T25:00:00+02:00", NO_SUCH, id="no-such-hour"),
    pytest.param("0000-06-01T00:00:00Z", YEAR_0, id="year-0"),
    pytest.param("0000-13-01T00:00:00Z", NO_SUCH, id="no-such-month-of-the-year-0"),
    pytest.param("yesterday", "", id="no-time"),
]


@pytest.mark.parametrize(("value", "hint"), OF_ANY_VALUE)
def test_hint_for_a_value(value: object, hint: str) -> None:
    assert hint_for(value) == hint


@pytest.mark.parametrize(("value", "hint"), OF_A_TIME)
def test_hint_for_a_time(value: object, hint: str) -> None:
    assert hint_for(value, is_time=True) == hint
