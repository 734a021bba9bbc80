"""JUnit's readers see each obligation as a test."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.obligation import Level
from conformance.report.junit import junit
from conformance.verdicts import Options
from tests.conformance.made_runs import PASSES, fails, obligation, run
from tests.conformance.report.made_reports import filled, report, right


def suite(made: Mapping[str, Any]) -> ET.Element:
    root = ET.fromstring(junit(made))  # noqa: S314 - our own
    (found,) = root
    return found


def outcomes(made: Mapping[str, Any]) -> dict[str, str]:
    """Give what became of each case, by the first word of its name."""
    kinds = ("failure", "error", "skipped", "system-out")
    return {
        case.attrib["name"].split()[0]: next((kind for kind in kinds if case.find(kind) is not None), "passed")
        for case in suite(made).findall("testcase")
    }


def test_each_obligation_is_a_case() -> None:
    assert outcomes(report()) == {
        "P-01": "passed",
        "N-14": "failure",
        "N-12": "system-out",
        "N-11": "system-out",
        "N-16": "system-out",
        "N-19": "skipped",
        "C-04.visit.sessionId": "skipped",
        "R-14": "skipped",
    }


def test_the_numbers_of_the_suite() -> None:
    found = suite(report())

    assert {name: found.attrib[name] for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8", "failures": "1", "errors": "0", "skipped": "3",
    }  # fmt: skip
    assert found.attrib["name"] == "distinct-conformance acme 3.2"
    assert found.attrib["timestamp"] == "2023-11-14T22:13:20"


def test_a_failure_says_everything() -> None:
    (case,) = [one for one in suite(report()).findall("testcase") if one.attrib["name"].startswith("N-14 ")]
    failure = case.find("failure")

    assert (case.attrib["classname"], case.attrib["name"]) == ("distinct.N", "N-14 N-14 says so")
    assert failure is not None
    assert failure.attrib["message"] == "null was sent"
    assert "expected: nothing\ngot: null" in (failure.text or "")
    properties = {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")}
    assert properties == {
        "level": "MUST",
        "source": "user-analytics, Body Parameters",
        "verdict": "fail",
        "exercised": "2",
        "kept": "1",
    }


def test_a_warning_fails_when_it_is_strict() -> None:
    should = [obligation(level=Level.SHOULD)]

    lax = report(run(should, {"N-14": [fails()]}))
    strict = report(run(should, {"N-14": [fails()]}, options=Options(strict=True)))

    assert (outcomes(lax), outcomes(strict)) == ({"N-14": "system-out"}, {"N-14": "failure"})


OTHERS = [
    pytest.param({"problems": ("it hung",)}, {"N-14": "passed", "problem": "error"}, id="problem"),
    pytest.param({"known_faults": ("expired",)}, {"N-14": "passed", "entry": "failure"}, id="known-fault"),
    pytest.param({"interrupted": True}, {"N-14": "passed", "verdict": "error"}, id="interrupted"),
    pytest.param({}, {"N-14": "passed"}, id="right"),
]


@pytest.mark.parametrize(("more", "cases"), OTHERS)
def test_a_run_that_does_not_end_well_is_never_green(more: dict[str, Any], cases: dict[str, str]) -> None:
    assert outcomes(report(run([obligation()], {"N-14": [PASSES]}, **more))) == cases


def test_what_had_to_be_exercised_is_an_error() -> None:
    assert outcomes(report(run([obligation("N-14"), obligation("O-01")], {"N-14": [PASSES]}))) == {
        "N-14": "passed", "O-01": "error",
    }  # fmt: skip
    assert outcomes(report(run([], {}))) == {"verdict": "error"}


def test_known_and_stale() -> None:
    made = right()
    made["obligations"][0] |= {"verdict": "known", "reason": "SDK 2"}
    made["obligations"][1] |= {"verdict": "stale", "reason": "passes now"}

    assert outcomes(made) == {"N-14": "skipped", "R-04": "failure"}
    assert 'message="known failure: SDK 2"' in junit(made)
    assert 'message="passes now"' in junit(made)


@settings(max_examples=50)
@given(text=st.text())
def test_whatever_a_client_says_is_well_formed(text: str) -> None:
    made = filled(f"{text}\0\x1b\ufffe]]><failure/>")

    assert outcomes(made)["N-14"] == "failure"
    assert suite(made).attrib["failures"] == "2"
