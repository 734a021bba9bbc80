"""The known-failures file: how it is read, and that it is strict in both ways."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conformance.depth import PROFILES
from conformance.judging import Judged
from conformance.known import Known, apply_known, apply_known_to, fingerprint, load_known, read_known
from conformance.obligation import Level
from conformance.results import ExitCode, Result, Verdict
from conformance.verdicts import exit_code, results
from contracts.faults import ConfigError
from tests.conformance.made_runs import BLOCKS, CAN, PASSES, fails, finding, obligation, records, run

TODAY = date(2026, 11, 21)
IDS = ["N-14", "N-15", *(f"R-05.{number}" for number in range(25))]
NULL = '[[known]]\nobligation = "N-14"\nreason = "SDK 2"\nmatch = "null was sent"\n'


def known(text: str = NULL, ids: Sequence[str] = IDS) -> tuple[Known, ...]:
    return read_known(text, ids, "known.toml")


def entry(extra: str = "", text: str = NULL) -> str:
    return f"{text}{extra}\n"


FAULTS = [
    pytest.param("known = 3", "known.toml: known: got 3, expected entries under [[known]]", id="no-list"),
    pytest.param("known = [1]", "known.toml: known: got [1], expected entries under [[known]]", id="no-entries"),
    pytest.param('[other]\na = "b"', "known.toml: other: is nothing that", id="other-table"),
    pytest.param("[[known]", "known.toml: is no TOML: Expected ']]'", id="no-toml"),
    pytest.param("[[known]]", "known[1]: has no obligation\nknown.toml: known[1]: has no reason", id="all-missing"),
    pytest.param(NULL.replace('"SDK 2"', '" "'), "known[1].reason: is empty", id="empty-reason"),
    pytest.param(NULL.replace('"null was sent"', '""'), "known[1].match: is empty", id="empty-match"),
    pytest.param(NULL.replace('"SDK 2"', "3"), "known[1].reason: got 3, expected text", id="wrong-type"),
    pytest.param(entry('flaky = "yes"'), "known[1].flaky: got 'yes', expected true or false", id="flaky-text"),
    pytest.param(entry('expires = "2027-01-01"'), "expires: got '2027-01-01', expected a date", id="date-text"),
    pytest.param(entry("expires = 2027-01-01T00:00:00Z"), "known[1].expires: got datetime", id="date-with-time"),
    pytest.param(entry("since = 3"), "known[1].since: is no member of an entry; expected one of", id="unknown-member"),
    pytest.param(NULL.replace("N-14", "N-41"), "there is no obligation 'N-41'; near it: N-1", id="unknown-obligation"),
    pytest.param(NULL.replace("N-14", "n-14"), "there is no obligation 'n-14'", id="another-case"),
    pytest.param(NULL.replace("N-14", "N-?4"), "there is no obligation 'N-?4'", id="only-stars-are-wild"),
    pytest.param(
        NULL.replace("N-14", "R-05.*"), "'R-05.*' stands for 25 obligations, expected at most 20", id="too-many"
    ),
    pytest.param(NULL + NULL.replace("N-14", "X"), "known[2].obligation: there is no obligation 'X'", id="the-second"),
]


@pytest.mark.parametrize(("text", "told"), FAULTS)
def test_every_fault_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        known(text)

    assert told in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'[[known]]\nreason = "\xfc"')

    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: no such file"):
        load_known(tmp_path / "none.toml", IDS)
    with pytest.raises(ConfigError, match=r"latin\.toml: is no UTF-8: byte 20"):
        load_known(tmp_path / "latin.toml", IDS)


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "distinct-known.toml"
    file.write_text(entry('issue = "https://x/1"\nexpires = 2027-03-01\nflaky = true\ncrash = false') + NULL)

    first, second = load_known(file, IDS)

    assert (first.expires, first.flaky, first.crash, first.ids) == (date(2027, 3, 1), True, False, frozenset({"N-14"}))
    assert first.told == "SDK 2 (https://x/1)"
    assert second.told == "SDK 2"
    assert known("") == ()


def test_a_wildcard_stands_for_up_to_twenty() -> None:
    (one,) = known(NULL.replace("N-14", "R-05.1*"))

    assert one.ids == {"R-05.1", *(f"R-05.1{number}" for number in range(10))}


def judged(*given: Judged, level: Level = Level.MUST) -> Result:
    (result,) = results(records({"N-14": given}), [obligation(level=level)], CAN)
    return result


OTHERWISE = "N-14 fails otherwise: capturedAt: other"
UNTESTED = "never matched: N-14 is untested; nothing failed with 'null was sent'"
BLOCKED = "never matched: N-14 is blocked; nothing failed with 'null was sent'"
APPLIED = [
    pytest.param([fails()], "", Verdict.KNOWN, None, id="fails-as-expected"),
    pytest.param([fails(), PASSES], "", Verdict.KNOWN, None, id="fails-sometimes-as-expected"),
    pytest.param([PASSES], "", Verdict.STALE, None, id="passes"),
    pytest.param([PASSES], "flaky = true", Verdict.PASS, None, id="flaky-passes"),
    pytest.param([fails()], "flaky = true", Verdict.KNOWN, None, id="flaky-fails"),
    pytest.param([fails("other")], "", Verdict.FAIL, OTHERWISE, id="fails-otherwise"),
    pytest.param([fails(), fails("other")], "", Verdict.FAIL, OTHERWISE, id="fails-too"),
    pytest.param([fails(), fails("x", Level.ASSUMED)], "", Verdict.KNOWN, None, id="assumed-weighs-nothing"),
    pytest.param([], "", Verdict.UNTESTED, UNTESTED, id="not-exercised"),
    pytest.param([BLOCKS], "", Verdict.BLOCKED, BLOCKED, id="blocked"),
    pytest.param([], "crash = true", Verdict.KNOWN, None, id="crash-not-tried"),
    pytest.param([PASSES], "crash = true", Verdict.STALE, None, id="crash-passes"),
    pytest.param([fails()], "expires = 2026-11-22", Verdict.KNOWN, None, id="expires-tomorrow"),
    pytest.param([fails()], "expires = 2026-11-21", Verdict.FAIL, "expired on 2026-11-21", id="expires-today"),
    pytest.param([PASSES], "expires = 2026-01-01", Verdict.PASS, "expired on 2026-01-01", id="expired-and-passes"),
]


@pytest.mark.parametrize(("given", "extra", "word", "fault"), APPLIED)
def test_strict_both_ways(given: Sequence[Judged], extra: str, word: Verdict, fault: str | None) -> None:
    applied, faults = apply_known([judged(*given)], known(entry(extra)), TODAY)

    assert [one.verdict for one in applied] == [word]
    assert (fault is None) == (not faults)
    assert fault is None or f"known.toml: known[1] (N-14): {fault}" in faults


CODES = [
    pytest.param([fails()], ExitCode.CONFORMS, id="as-expected"),
    pytest.param([PASSES], ExitCode.DEVIATES, id="stale"),
    pytest.param([fails("other")], ExitCode.DEVIATES, id="otherwise"),
]


@pytest.mark.parametrize(("given", "code"), CODES)
def test_the_run_ends_accordingly(given: Sequence[Judged], code: int) -> None:
    made = run([obligation()], {"N-14": given})

    assert exit_code(apply_known_to(made, known(), TODAY)) == code


def test_a_warning_that_is_known_and_one_that_is_another() -> None:
    as_known, faults = apply_known([judged(fails(), level=Level.SHOULD)], known(), TODAY)
    another, others = apply_known([judged(fails("x"), level=Level.SHOULD)], known(), TODAY)

    assert ([one.verdict for one in as_known], faults) == ([Verdict.KNOWN], ())
    assert [one.verdict for one in another] == [Verdict.WARN]
    assert "fails otherwise" in others[0]


def test_two_entries_for_two_ways() -> None:
    both = known(NULL + NULL.replace("null was sent", "other"))

    applied, faults = apply_known([judged(fails(), fails("other"))], both, TODAY)
    one_left, told = apply_known([judged(fails())], both, TODAY)

    assert ([one.verdict for one in applied], faults) == ([Verdict.KNOWN], ())
    assert [one.verdict for one in one_left] == [Verdict.KNOWN]
    assert told == ("known.toml: known[2] (N-14): never matched: N-14 is known; nothing failed with 'other'",)


def test_every_expansion_of_a_wildcard_has_to_fail() -> None:
    ids = ["R-05.1", "R-05.2", "R-05.3"]
    entries = known(NULL.replace("N-14", "R-05.*"), ids)
    found = results(records({"R-05.1": [fails()], "R-05.2": [PASSES]}), [obligation(name) for name in ids], CAN)

    applied, faults = apply_known(found, entries, TODAY)

    assert [one.verdict for one in applied] == [Verdict.KNOWN, Verdict.STALE, Verdict.UNTESTED]
    assert faults == ()
    assert applied[1].reason == "passes now; to be removed: known.toml: known[1]"


def test_what_the_run_is_not_about_is_left_alone() -> None:
    others, faults = apply_known([replace(judged(PASSES), obligation=obligation("N-15"))], known(), TODAY)
    large = obligation(needs=("large_files",))
    quick, more = apply_known(results({}, [large], CAN, depth=PROFILES["quick"]), known(), TODAY)

    assert ([one.verdict for one in others], faults) == ([Verdict.PASS], ())
    assert ([one.verdict for one in quick], more) == ([Verdict.NOT_APPLICABLE], ())


FINGERPRINTS = [
    pytest.param("got 'a' 3 times", "email", "email: got … … times", id="values"),
    pytest.param("null was sent", "", "null was sent", id="no-place"),
    pytest.param("of anna@mail.de", "", "of a…@mail.de", id="personal"),
]


@pytest.mark.parametrize(("what", "place", "line"), FINGERPRINTS)
def test_a_fingerprint_is_the_same_in_every_run(what: str, place: str, line: str) -> None:
    assert fingerprint(finding(what, place)) == line
