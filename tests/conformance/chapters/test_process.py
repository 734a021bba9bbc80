"""Whether a client lives on, and talks to nobody else."""

import pytest

from conformance.chapters import process
from conformance.chapters.places import PREFIX
from conformance.model import Call, Case, Intent, Outcome, Reply, Sent
from contracts.operations import Contract
from tests.conformance.json_made import REPORT, called, case_of, sent_json, sent_wrongly, verdict

INTENT = Intent("addUserAnalytics", REPORT)

OUTCOMES = [
    pytest.param(Outcome.OK, "kept", id="ok"),
    pytest.param(Outcome.REFUSED, "kept", id="refused"),
    pytest.param(Outcome.ERROR, "kept", id="error"),
    pytest.param(Outcome.HANG, "broken", id="hang"),
    pytest.param(Outcome.CRASH, "broken", id="crash"),
    pytest.param(Outcome.UNSUPPORTED, "nothing", id="unsupported"),
]


@pytest.mark.parametrize(("outcome", "expected"), OUTCOMES)
def test_a_call_returns(contract: Contract, outcome: Outcome, expected: str) -> None:
    case = case_of(called(INTENT, reply=Reply(outcome)))

    assert verdict(case, process.obligations(contract), "P-01") == expected


def closing(contract: Contract) -> dict[str, Call]:
    accepted = sent_json(contract, REPORT)
    return {
        "works": called(INTENT, accepted),
        "is-told-of-the-400": called(INTENT, accepted, reply=Reply(Outcome.ERROR), plan=("400",)),
        "sends-nothing": called(INTENT, reply=Reply(Outcome.ERROR)),
        "is-wrong-as-ever": called(INTENT, sent_wrongly(contract, "analytics.key"), reply=Reply(Outcome.ERROR)),
        "cannot": called(INTENT, reply=Reply(Outcome.UNSUPPORTED)),
    }


CLOSINGS = [
    pytest.param("closing/addUserAnalytics/accepted", "works", "kept", id="works"),
    pytest.param("closing/addUserAnalytics/refused", "is-told-of-the-400", "kept", id="refused"),
    pytest.param("closing/addUserAnalytics/accepted", "sends-nothing", "broken", id="sends-nothing"),
    pytest.param("closing/addUserAnalytics/accepted", "is-wrong-as-ever", "nothing", id="wrong-as-ever"),
    pytest.param("closing/addUserAnalytics/accepted", "cannot", "nothing", id="unsupported"),
    pytest.param("smoke/addUserAnalytics/accepted", "sends-nothing", "nothing", id="not-the-last-one"),
]


@pytest.mark.parametrize(("trial", "call", "expected"), CLOSINGS)
def test_it_still_works_in_the_end(contract: Contract, trial: str, call: str, expected: str) -> None:
    case = case_of(closing(contract)[call], trial=trial)

    assert verdict(case, process.obligations(contract), "P-02") == expected


def to(contract: Contract, target: str) -> Sent:
    return sent_wrongly(contract, "http.path", target=target, operation="")


def cases(contract: Contract) -> dict[str, Case]:
    right, stray = sent_json(contract, REPORT), to(contract, "/telemetry")
    redirected = called(INTENT, right, plan=("redirect:{elsewhere}/x",))
    return {
        "only-the-api": case_of(called(INTENT, right)),
        "another-path": case_of(called(INTENT, right, stray)),
        "late": case_of(called(INTENT, right), late=(stray,)),
        "another-origin": case_of(called(INTENT, right), strays=(right,)),
        "redirected": case_of(redirected, strays=(right,)),
        "mistyped": case_of(called(INTENT, to(contract, "/api/v1/user/analytics/"))),
        "behind-a-gateway": case_of(called(INTENT, to(contract, f"{PREFIX}/api/v1/user/analytics"))),
        "another-method": case_of(called(INTENT, sent_wrongly(contract, "http.method", operation="", method="PUT"))),
        "nothing": case_of(called(INTENT)),
    }


PLACES = [
    pytest.param("only-the-api", "kept", id="only-the-api"),
    pytest.param("another-path", "broken", id="another-path"),
    pytest.param("late", "broken", id="late"),
    pytest.param("another-origin", "broken", id="another-origin"),
    pytest.param("redirected", "nothing", id="redirected"),
    pytest.param("mistyped", "kept", id="mistyped-is-O-02"),
    pytest.param("behind-a-gateway", "kept", id="behind-a-gateway"),
    pytest.param("another-method", "kept", id="another-method-is-O-01"),
    pytest.param("nothing", "nothing", id="nothing"),
]


@pytest.mark.parametrize(("name", "expected"), PLACES)
def test_nobody_else_is_called(contract: Contract, name: str, expected: str) -> None:
    assert verdict(cases(contract)[name], process.obligations(contract), "P-03") == expected
