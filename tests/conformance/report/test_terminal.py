"""What somebody at a terminal reads, and what a pipe gets."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.obligation import Level
from conformance.report.terminal import tell
from conformance.verdicts import Options
from tests.conformance.made_runs import PASSES, case, fails, mixed, obligation, run, sent
from tests.conformance.report.made_reports import filled, report, right


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def told(made: dict[str, Any], *, quiet: bool = False) -> str:
    stream = io.StringIO()
    tell(made, stream, quiet=quiet)
    return stream.getvalue()


def test_a_failure_is_told_on_one_screen() -> None:
    text = told(report())

    (screen,) = [part for part in text.split("\n\n") if part.startswith("N-14")]
    for line in (
        "source    user-analytics, Body Parameters",
        "what      null was sent",
        "where     request 1, capturedAt",
        "expected  nothing",
        "got       null",
        'asked     addUserAnalytics {"email": "a…@mail.de", "capturedAt": null}',
        "sent      1. POST /api/v1/user/analytics → 400 userNotFound",
        "told      error 400: no user",
        "distinct-conformance client run --client CLIENT --profile quick --seed 7 --only N-14",
    ):
        assert line in screen.splitlines()
    assert len(screen.splitlines()) <= 24


def test_the_numbers_of_each_chapter_and_of_all() -> None:
    lines = told(report()).splitlines()

    assert lines[0].split() == ["exercised", "kept", "fail", "warn", "info", "blocked", "untested", "n/a"]
    assert lines[2].split() == ["N", "User", "analytics", "4/5", "1/4", "1", "1", "2", "·", "1", "·"]
    assert "   all" in lines[5]
    assert lines[-1] == "acme 3.2 deviates: 5 of 7 obligations exercised, 2 of 5 kept"


def test_quietly_only_what_deviates() -> None:
    text = told(report(), quiet=True)

    assert "N-14  broken  MUST" in text
    assert "N-12" not in text
    assert "exercised  kept" not in text
    assert told(right(), quiet=True) == "acme 3.2 conforms: 2 of 2 obligations exercised, 2 of 2 kept\n"


def test_what_is_no_failure_has_a_line_each() -> None:
    lines = told(report()).splitlines()

    assert any(line.startswith("info      N-16") and line.endswith("the time has no offset") for line in lines)
    assert any(line.startswith("blocked   C-04") for line in lines)
    assert any(line.startswith("untested") and "N-19" in line for line in lines)
    assert "unmet     no request met 1 planned answers of plan/500/giftAssets" in lines


REMARKS = [
    pytest.param({"problems": ("it hung",)}, "! it hung", id="problem"),
    pytest.param({"known_faults": ("known[1]: expired",)}, "! known[1]: expired", id="known-fault"),
    pytest.param({"options": Options(server_validated=True)}, "! server-validated: the client may leave", id="thin"),
    pytest.param({"interrupted": True}, "interrupted: this is what was found until then", id="interrupted"),
]


@pytest.mark.parametrize(("more", "line"), REMARKS)
def test_what_has_to_be_known_is_said_quietly_too(more: dict[str, Any], line: str) -> None:
    made = report(run([obligation()], {"N-14": [PASSES]}, **more))

    assert line in told(made, quiet=True)


def test_what_is_missing_is_named() -> None:
    made = report(run([obligation("N-14"), obligation("O-01")], {"N-14": [PASSES]}))

    assert "! had to be exercised and was not: O-01: O-01 says so: nothing happened that shows it\n" in told(made)
    assert "too little was exercised" in told(made)


def test_what_is_copied_stays_in_one_line() -> None:
    request = sent(body={"x": "y" * 300})
    made = report(run([obligation()], {"N-14": [fails(request=request)]}, at=case(request)))

    (command,) = [line for line in told(made).splitlines() if line.startswith("curl -X")]

    assert command == made["obligations"][0]["counterexample"]["curl"]


def test_a_failure_without_a_case_says_why() -> None:
    stale = report()
    stale["obligations"][0] |= {"verdict": "stale", "reason": "passes now; to be removed: known[1]"}

    assert "note      passes now; to be removed: known[1]" in told(stale)


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()

    tell(report(), terminal)

    assert "\x1b[" in terminal.getvalue()
    assert "\x1b[" not in told(report())


def test_warnings_come_before_failures_which_are_read_last() -> None:
    text = told(report(mixed()))

    assert text.index("N-12  broken, though") < text.index("N-14  broken  MUST")


@settings(max_examples=50)
@given(text=st.text())
def test_nothing_that_a_client_says_moves_the_cursor(text: str) -> None:
    shown = told(filled(text + "\x1b[2J\x1b]0;x\x07\r"))

    assert all(line.isprintable() for line in shown.split("\n"))


def test_what_deviates_stands_at_the_end_once_more_in_a_line_each() -> None:
    lines = told(report()).splitlines()

    assert lines[-3:-1] == [
        "warn      N-12     N-12 says so: the instant is another",
        "fail      N-14     N-14 says so: null was sent",
    ]
    assert not any(line.startswith("fail ") for line in told(report(), quiet=True).splitlines())


def test_a_should_under_strict_is_a_failure() -> None:
    made = report(run([obligation(level=Level.SHOULD)], {"N-14": [fails()]}, options=Options(strict=True)))

    assert "N-14  broken  SHOULD" in told(made, quiet=True)
