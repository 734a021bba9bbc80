"""What a case says about the fake: nothing, unless it did what neither the contract nor the plan explains."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.model import Call, Capabilities, Case, Intent, Outcome, Reply, Sent
from conformance.soundness import HarnessError, check, faults
from contracts.model import Breach
from contracts.operations import Contract

KEY = "dmk_…ab12cd"
RIGHT = Sent(
    "r-1", 1.0, "POST", "/api/v1/user/analytics", "addUserAnalytics", (),
    key=KEY, status=200, answer="userAnalyticsAdded", accepted=True,
)  # fmt: skip


def case(*sent: Sent, plan: tuple[str, ...] = (), left: int = 0) -> Case:
    call = Call(Intent("addUserAnalytics", {}), sent, Reply(Outcome.OK), plan, left, key=KEY)
    return Case("a trial", (call,), Capabilities(frozenset({"addUserAnalytics"})))


def right(**changes: Any) -> Sent:  # noqa: ANN401 - its fields
    return replace(RIGHT, **changes)


def refused(contract: Contract, rule: str, **changes: Any) -> Sent:  # noqa: ANN401 - its fields
    answer = contract.rules[rule].refusal
    breach = Breach(contract.rules[rule], "email", "x", "y")
    return right(
        **{"breaches": (breach,), "status": answer.status, "answer": answer.name, "accepted": False, **changes}
    )


def armed(step: str, status: int, answer: str = "", **changes: Any) -> Sent:  # noqa: ANN401 - its fields
    return right(armed=step, status=status, answer=answer, accepted=False, **changes)


EXPLAINED = [
    pytest.param(case(RIGHT), id="accepted"),
    pytest.param(case(), id="nothing-sent"),
    pytest.param(case(right(status=0, answer="", accepted=False)), id="nobody-there"),
    pytest.param(case(armed("500", 500, "internalServerError"), plan=("500",)), id="as-planned"),
    pytest.param(case(armed("500", 500), RIGHT, plan=("500",)), id="plan-used-up"),
    pytest.param(case(armed("delay:250ms", 200, "userAnalyticsAdded"), plan=("delay:0.25s+pass",)), id="spelled-anew"),
    pytest.param(case(armed("400+drip:500", 400), plan=("drip:500+400",)), id="in-another-order"),
    pytest.param(case(armed("hang", 0), plan=("hang",)), id="no-answer"),
    pytest.param(case(armed("tooManyRequests:2", 429), plan=("tooManyRequests:2",)), id="none-of-the-contract"),
    pytest.param(case(plan=("500", "200"), left=2), id="plan-nobody-met"),
    pytest.param(case(right(key="dmk_…other1"), plan=("500",), left=1), id="another-key"),
    pytest.param(case(armed("400", 400, headers=(("prefer", "code=400"),))), id="asked-for-it"),
]


@pytest.mark.parametrize("found", EXPLAINED)
def test_what_is_explained_is_no_fault(found: Case, contract: Contract) -> None:
    assert list(faults(found, contract)) == []


def test_every_refusal_of_the_contract_is_explained(contract: Contract) -> None:
    rules = [rule.id for _, rule in contract.rules_in_order() if rule.answer]

    assert [rule for rule in rules if list(faults(case(refused(contract, rule)), contract))] == []
    assert len(rules) > 20


UNEXPLAINED = [
    pytest.param(case(right(answer="somethingElse")), "the contract's is 200 userAnalyticsAdded", id="another-name"),
    pytest.param(case(right(status=201)), "the contract's is 200 userAnalyticsAdded", id="another-status"),
    pytest.param(case(right(status=400, answer="userNotFound")), "the contract's is 200", id="refused-for-nothing"),
    pytest.param(case(right(accepted=False)), "whether it is stored", id="accepted-and-not-stored"),
    pytest.param(case(right(operation="", status=404, answer="notFound")), "nothing there", id="nowhere"),
    pytest.param(case(armed("500", 200), plan=("500",)), "armed was 500", id="another-answer-than-armed"),
    pytest.param(case(armed("userNotFound", 500), plan=("userNotFound",)), "armed was userNotFound", id="than-named"),
    pytest.param(case(RIGHT, plan=("500",), left=1), "r-1 got none of the planned answers", id="not-played"),
    pytest.param(case(armed("403", 403), plan=("500",)), "r-1 got 403, which was not planned", id="not-planned"),
    pytest.param(replace(case(), late=(right(status=500),)), "the contract's is 200", id="late"),
]


@pytest.mark.parametrize(("found", "fault"), UNEXPLAINED)
def test_what_is_not_explained_is_told(found: Case, fault: str, contract: Contract) -> None:
    assert any(fault in told for told in faults(found, contract))
    with pytest.raises(HarnessError, match=r"a trial: .*this is a fault of the judge's, not of the client's"):
        check(found, contract)


def test_what_was_to_be_played_for_ever_is_missed(contract: Contract) -> None:
    found = case(armed("500", 500), right(id="r-2"), plan=("500",))

    assert list(faults(found, contract)) == []
    assert list(faults(found, contract, persistent=True)) == [
        "request r-2 got none of the planned answers, of which always one is left"
    ]


def test_another_refusal_than_that_of_a_broken_rule_is_told(contract: Contract) -> None:
    found = refused(contract, "analytics.phone", answer="userNotFound")

    (told,) = faults(case(found), contract)
    assert told.endswith("the contract's is 400 invalidPhone")
