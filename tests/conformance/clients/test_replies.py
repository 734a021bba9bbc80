"""Replies: without keys, without end, without what no report can hold."""

from typing import Any

import pytest

from conformance.clients.replies import complaint, reply_of
from conformance.model import Outcome
from contracts.world import masked

KEY = 'a+b/c=d"e-0123456789'

SPELLINGS = [
    pytest.param(f"key {KEY}!", id="plain"),
    pytest.param('key a+b/c=d\\"e-0123456789', id="json"),
    pytest.param('key a+b\\/c=d\\"e-0123456789', id="json-as-php-writes-it"),
    pytest.param("key a%2Bb%2Fc%3Dd%22e-0123456789", id="url"),
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_key_is_masked_however_it_is_written(text: str) -> None:
    reply = reply_of(Outcome.ERROR, [KEY], 0.1, message=text)

    assert "0123456789" not in str(reply)
    assert masked(KEY) in reply.message
    assert reply.leaks == ("message",)


def test_a_session_key_of_another_trial_is_masked_too() -> None:
    other = "dmk_" + "0123456789abcdef" * 2

    reply = reply_of(Outcome.ERROR, [KEY], 0.1, detail={other: [f"<{other}>"]})

    assert other not in str(reply)


def test_a_short_key_is_no_word_that_is_hidden() -> None:
    reply = reply_of(Outcome.ERROR, ["a"], 0.1, message="a bad day")

    assert (reply.message, reply.leaks) == ("a bad day", ())


CUTS: list[Any] = [
    pytest.param({"message": "ab" * 4000}, "message", "ab" * 2000, id="a-message-to-its-beginning"),
    pytest.param({"noise": "x" + "ab" * 4000}, "noise", "ab" * 2000, id="noise-to-its-end"),
]


@pytest.mark.parametrize(("said", "name", "kept"), CUTS)
def test_what_is_long_is_cut(said: dict[str, Any], name: str, kept: str) -> None:
    assert getattr(reply_of(Outcome.ERROR, [KEY], 0.1, **said), name) == kept


@pytest.mark.parametrize("before", range(3985, 4005), ids=str)
def test_no_cut_goes_through_a_key(before: int) -> None:
    reply = reply_of(Outcome.ERROR, [KEY], 0.1, message="x" * before + KEY, noise=KEY + "x" * before)

    assert KEY[:5] not in reply.message
    assert KEY[-5:] not in reply.noise


def test_what_utf_8_cannot_write_is_escaped() -> None:
    reply = reply_of(Outcome.ERROR, [KEY], 0.1, detail={"\ud83d": "\udfff"})

    assert reply.detail == {"\\ud83d": "\\udfff"}


def test_a_complaint_has_no_key_and_no_long_line() -> None:
    said = complaint(f"line 1:\n{KEY}\n{'x' * 1000}", [KEY])

    assert said == f"line 1:\n{masked(KEY)}\n{'x' * 300}…"
