"""What is said of each obligation, and what a command ends with."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.catalogue import catalogue
from conformance.depth import PROFILES
from conformance.judging import Judged
from conformance.model import Capabilities
from conformance.obligation import KEPT, Level, Mode, Obligation
from conformance.records import Record
from conformance.results import ExitCode, Result, Verdict
from conformance.trial import Trial
from conformance.verdicts import (
    CLIENT_NEEDS,
    PROFILE_NEEDS,
    REFUSALS,
    Options,
    exit_code,
    level_of,
    missing,
    options_named,
    results,
)
from contracts.operations import Contract
from tests.conformance.made_runs import (
    BLOCKS,
    CAN,
    NOTES,
    OPERATIONS,
    PASSES,
    case,
    fails,
    obligation,
    records,
    run,
    sent,
)

STRICT = Options(strict=True)
THIN = Options(server_validated=True)
MUST, SHOULD, ASSUMED = Level


def verdict(
    one: Obligation,
    judged: Sequence[Judged],
    *,
    options: Options | None = None,
    can: Capabilities = CAN,
    mode: Mode = Mode.ACTIVE,
    profile: str = "",
) -> Result:
    found = records({one.id: judged})
    (result,) = results(found, [one], can, mode, options or Options(), PROFILES.get(profile))
    return result


@pytest.mark.parametrize(
    ("judged", "word"), [([PASSES], Verdict.PASS), ([NOTES], Verdict.INFO), ([], Verdict.UNTESTED)], ids=str
)
def test_what_was_seen_once_is_told_and_counts_for_nothing(judged: Sequence[Judged], word: Verdict) -> None:
    found = records({"N-14": judged})
    found.setdefault("N-14", Record()).once = "the next attempt follows at once"

    (result,) = results(found, [obligation()], CAN)

    assert (result.verdict, result.failed) == (word, 0)
    assert result.reason == "seen once, not again: the next attempt follows at once"


WORDS = [
    pytest.param(MUST, [PASSES], Options(), Verdict.PASS, id="kept"),
    pytest.param(MUST, [PASSES, fails()], Options(), Verdict.FAIL, id="must-broken-once"),
    pytest.param(SHOULD, [fails()], Options(), Verdict.WARN, id="should-broken"),
    pytest.param(SHOULD, [fails()], STRICT, Verdict.FAIL, id="should-broken-strict"),
    pytest.param(ASSUMED, [fails()], Options(), Verdict.INFO, id="assumed-broken"),
    pytest.param(ASSUMED, [fails()], STRICT, Verdict.INFO, id="assumed-broken-strict"),
    pytest.param(ASSUMED, [fails()], Options(assume_strict=True), Verdict.WARN, id="assumed-promoted"),
    pytest.param(ASSUMED, [fails()], Options(strict=True, assume_strict=True), Verdict.FAIL, id="promoted-and-strict"),
    pytest.param(MUST, [fails(level=ASSUMED)], Options(), Verdict.INFO, id="finding-is-lower"),
    pytest.param(SHOULD, [fails(level=MUST)], Options(), Verdict.WARN, id="finding-is-never-higher"),
    pytest.param(MUST, [fails("a", ASSUMED), fails("b")], Options(), Verdict.FAIL, id="the-heaviest-decides"),
    pytest.param(MUST, [NOTES], STRICT, Verdict.INFO, id="only-notes"),
    pytest.param(MUST, [NOTES, PASSES], Options(), Verdict.PASS, id="kept-with-notes"),
    pytest.param(MUST, [BLOCKS], Options(), Verdict.BLOCKED, id="blocked"),
    pytest.param(MUST, [BLOCKS, PASSES], Options(), Verdict.PASS, id="blocked-once"),
    pytest.param(MUST, [BLOCKS, fails()], Options(), Verdict.FAIL, id="broken-elsewhere-too"),
    pytest.param(MUST, [], Options(), Verdict.UNTESTED, id="no-evidence"),
]


@pytest.mark.parametrize(("level", "judged", "options", "word"), WORDS)
def test_the_word(level: Level, judged: Sequence[Judged], options: Options, word: Verdict) -> None:
    assert verdict(obligation(level=level), judged, options=options).verdict is word


def test_what_thin_clients_leave_to_the_server_is_no_must() -> None:
    thin = obligation(validity=True)

    assert verdict(thin, [fails()]).verdict is Verdict.FAIL
    assert verdict(thin, [fails()], options=THIN).verdict is Verdict.WARN
    assert verdict(obligation(), [fails()], options=THIN).verdict is Verdict.FAIL
    assert level_of(obligation(level=ASSUMED, validity=True), THIN) is ASSUMED


NEEDS = [
    pytest.param("retries", {"retries_on": frozenset({500})}, id="retries"),
    pytest.param("async_send", {"async_send": True}, id="async"),
    pytest.param("concurrency", {"concurrency": 2}, id="concurrency"),
    pytest.param("timeout", {"timeout_ms": 500}, id="timeout"),
    pytest.param("batches_files", {"batches_files": True}, id="batches"),
    pytest.param("time_scale", {"time_scale": True}, id="time-scale"),
]


@pytest.mark.parametrize(("need", "declared"), NEEDS)
def test_what_is_not_declared_is_not_applicable(need: str, declared: dict[str, Any]) -> None:
    one = obligation(needs=(need,), call=lambda _: KEPT)

    without = verdict(one, [fails()])
    declares = verdict(one, [fails()], can=replace(CAN, **declared))
    watched = verdict(obligation(needs=(need,)), [fails()], mode=Mode.WATCH)

    assert (without.verdict, without.failed) == (Verdict.NOT_APPLICABLE, 0)
    assert need in without.reason
    assert declares.verdict is Verdict.FAIL
    assert watched.verdict is Verdict.FAIL


def test_what_a_client_does_undeclared_is_judged_all_the_same() -> None:
    one = obligation(needs=("retries",), attempts=lambda _: KEPT)

    assert verdict(one, [fails()]).verdict is Verdict.FAIL
    assert verdict(one, [PASSES]).verdict is Verdict.PASS
    assert verdict(one, []).verdict is Verdict.NOT_APPLICABLE


def test_an_empty_list_of_retries_declares_none() -> None:
    can = replace(CAN, retries_on=frozenset())

    assert verdict(obligation(needs=("retries",)), [], can=can).verdict is Verdict.NOT_APPLICABLE


def test_a_thin_client_need_not_refuse_anything() -> None:
    one = obligation(needs=("refusals",), call=lambda _: KEPT)

    assert verdict(one, [], options=THIN).verdict is Verdict.NOT_APPLICABLE
    assert verdict(one, [fails()], options=THIN).verdict is Verdict.FAIL
    assert verdict(one, []).verdict is Verdict.UNTESTED


def test_an_operation_that_the_client_does_not_have() -> None:
    one = obligation(operation="giftAssets")

    found = verdict(one, [], can=replace(CAN, operations=OPERATIONS - {"giftAssets"}))

    assert (found.verdict, found.reason) == (Verdict.NOT_APPLICABLE, "the client does not do giftAssets")
    assert verdict(one, []).verdict is Verdict.UNTESTED


LEFT_OUT = [
    pytest.param("large_files", "quick", Verdict.NOT_APPLICABLE, id="no-large-files"),
    pytest.param("large_files", "ci", Verdict.UNTESTED, id="large-files"),
    pytest.param("thorough", "quick", Verdict.NOT_APPLICABLE, id="not-thorough"),
    pytest.param("thorough", "", Verdict.UNTESTED, id="no-profile"),
]


@pytest.mark.parametrize(("need", "profile", "word"), LEFT_OUT)
def test_what_a_profile_leaves_out(need: str, profile: str, word: Verdict) -> None:
    assert verdict(obligation(needs=(need,)), [], profile=profile).verdict is word


def test_what_a_mode_cannot_show() -> None:
    of_call = obligation(call=lambda _: KEPT)
    of_attempts = obligation(attempts=lambda _: KEPT)

    assert verdict(of_call, [], mode=Mode.WATCH).verdict is Verdict.NOT_APPLICABLE
    assert verdict(of_attempts, [], mode=Mode.WATCH).verdict is Verdict.UNTESTED
    assert verdict(of_attempts, [], mode=Mode.TRAFFIC).verdict is Verdict.NOT_APPLICABLE
    assert verdict(obligation(), [], mode=Mode.TRAFFIC).verdict is Verdict.UNTESTED


def test_what_no_operation_of_a_client_shows_is_not_applicable_unless_it_is_seen() -> None:
    one = obligation("C-01", shown_by=("captureAnalytics",))
    others = replace(CAN, operations=OPERATIONS - {"captureAnalytics"})

    found = verdict(one, [], can=others)

    assert (found.verdict, found.reason) == (Verdict.NOT_APPLICABLE, "the client does not do captureAnalytics")
    assert verdict(one, [fails()], can=others).verdict is Verdict.FAIL
    assert verdict(one, [], can=CAN).verdict is Verdict.UNTESTED
    assert verdict(one, [], can=others, mode=Mode.WATCH).verdict is Verdict.UNTESTED


def test_the_counts_add_up() -> None:
    found = verdict(obligation(), [PASSES, PASSES, fails(), NOTES, BLOCKS])

    assert (found.exercised, found.kept, found.failed, found.blocked) == (4, 2, 1, 1)
    assert [note.what for note in found.notes] == ["the time has no offset"]


def test_the_failures_are_told_once_each_with_the_level_that_counts() -> None:
    judged = [
        fails("'a' was sent", ASSUMED),
        fails("'b' was sent", ASSUMED),
        fails("3 times", SHOULD),
        fails("4 times"),
    ]

    found = verdict(obligation(), judged)

    assert [(one.what, one.level) for one in found.failures] == [
        ("4 times", MUST),
        ("3 times", SHOULD),
        ("'a' was sent", ASSUMED),
    ]
    assert found.counterexample
    assert found.counterexample.finding.what == "4 times"


def test_the_smallest_case_is_shown_and_a_shrunk_one_before_all() -> None:
    one = obligation()
    found = records({one.id: [fails("large")]}, case(sent(1), sent(2)))
    found[one.id].add(fails("small"), case(sent(3)), Trial("t", ()))

    (before,) = results(found, [one], CAN)
    assert before.counterexample
    found[one.id].shrunk(replace(before.counterexample, minimal=True, case=case(sent(1), sent(2), sent(3))))
    (after,) = results(found, [one], CAN)

    assert before.counterexample.finding.what == "small"
    assert after.counterexample
    assert (after.counterexample.minimal, len(after.counterexample.case.sent)) == (True, 3)


MUSTS, SHOULDS = [obligation("N-14")], [obligation("N-14", SHOULD)]
KNOWN_FAULT = {"known_faults": ("known[1]: expired",)}
CODES = [
    pytest.param(MUSTS, [PASSES], {}, ExitCode.CONFORMS, id="conforms"),
    pytest.param(MUSTS, [fails()], {}, ExitCode.DEVIATES, id="must-broken"),
    pytest.param(SHOULDS, [fails()], {}, ExitCode.CONFORMS, id="warnings-do-not-fail"),
    pytest.param(SHOULDS, [fails()], {"options": STRICT}, ExitCode.DEVIATES, id="warnings-fail-strictly"),
    pytest.param([obligation("N-14", ASSUMED)], [fails()], {"options": STRICT}, ExitCode.CONFORMS, id="info-never"),
    pytest.param(MUSTS, [NOTES], {"options": STRICT}, ExitCode.CONFORMS, id="notes-never"),
    pytest.param(MUSTS, [PASSES], KNOWN_FAULT, ExitCode.DEVIATES, id="known-fault"),
    pytest.param(MUSTS, [fails()], {"problems": ("it crashed",)}, ExitCode.NO_VERDICT, id="harness"),
    pytest.param(MUSTS, [fails()], {"problems": ("x",), "interrupted": True}, ExitCode.INTERRUPTED, id="interrupted"),
    pytest.param(MUSTS, [], {}, ExitCode.TOO_LITTLE, id="nothing"),
    pytest.param([], [], {}, ExitCode.TOO_LITTLE, id="no-obligations"),
    pytest.param(MUSTS, [], KNOWN_FAULT, ExitCode.TOO_LITTLE, id="nothing-and-known-fault"),
    pytest.param([*MUSTS, obligation("O-01")], [PASSES], {}, ExitCode.TOO_LITTLE, id="a-must-untested"),
    pytest.param([*MUSTS, obligation("O-01")], [fails()], {}, ExitCode.DEVIATES, id="broken-says-more-than-missing"),
    pytest.param([*MUSTS, obligation("O-01", SHOULD)], [PASSES], {}, ExitCode.CONFORMS, id="a-should-untested"),
    pytest.param([*MUSTS, obligation("O-01")], [PASSES], {"mode": Mode.WATCH}, ExitCode.CONFORMS, id="watched"),
    pytest.param(
        [*MUSTS, obligation("O-01")], [PASSES], {"mode": Mode.WATCH, "options": Options(require=True)},
        ExitCode.TOO_LITTLE, id="watched-and-required",
    ),
    pytest.param(
        [*MUSTS, obligation("O-01", validity=True)], [PASSES], {"options": THIN}, ExitCode.CONFORMS, id="thin-untested"
    ),
    pytest.param(
        [*MUSTS, obligation("R-14", needs=("retries",))], [PASSES], {}, ExitCode.CONFORMS, id="not-applicable"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("obligations", "judged", "more", "code"), CODES)
def test_the_exit_code(
    obligations: Sequence[Obligation], judged: Sequence[Judged], more: dict[str, Any], code: int
) -> None:
    assert exit_code(run(obligations, {"N-14": judged}, **more)) == code


@pytest.mark.parametrize(
    ("blocker", "lacking"),
    [
        pytest.param(Verdict.KNOWN, [], id="known"),
        pytest.param(Verdict.FAIL, [], id="a-failure"),
        pytest.param(Verdict.WARN, ["R-05", "R-06"], id="only-a-warning"),
    ],
)
def test_a_blocked_must_is_missing_unless_a_failure_explains_it(blocker: Verdict, lacking: list[str]) -> None:
    chain = [obligation("R-03"), obligation("R-05", depends=("R-03",)), obligation("R-06", depends=("R-05",))]
    made = run(chain, {"R-03": [fails()], "R-05": [BLOCKS], "R-06": [BLOCKS]})
    first = replace(made.results[0], verdict=blocker)

    found = missing(replace(made, results=(first, *made.results[1:])))

    assert [one.obligation.id for one in found] == lacking


@pytest.mark.parametrize(("profile", "lacking"), [("quick", ["O-01"]), ("smoke", [])])
def test_a_run_of_a_few_calls_need_not_exercise_everything(profile: str, lacking: list[str]) -> None:
    made = run([*MUSTS, obligation("O-01")], {"N-14": [PASSES]}, profile=profile)

    assert [one.obligation.id for one in missing(made)] == lacking


def test_a_client_that_refuses_nothing_is_told_of_the_option_for_it() -> None:
    (found,) = run([obligation("O-15", needs=("refusals",))], {}).results

    assert (found.verdict, "--server-validated" in found.reason) == (Verdict.UNTESTED, True)


def test_options_are_read_as_they_are_named() -> None:
    options = Options(strict=True, server_validated=True)

    assert options.names == ("strict", "server-validated")
    assert options_named([*options.names, "something-else"]) == options


def test_every_need_of_the_catalogue_is_known(contract: Contract) -> None:
    needs = {need for one in catalogue(contract) for need in one.needs}

    assert needs - {*CLIENT_NEEDS, *PROFILE_NEEDS, REFUSALS} == set()
