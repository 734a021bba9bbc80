"""A case is judged by every obligation, and what explains something else takes its blame."""

from dataclasses import replace

import pytest

from conformance.judging import Judged, judge_attempts, judge_case, judge_requests
from conformance.model import Attempts, Call, Capabilities, Case, Intent, Outcome, Reply, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, broken, noted
from contracts.model import Source

CAN = Capabilities(frozenset({"addUserAnalytics"}))
SENT = Sent("r-1", 0.0, "POST", "/", "addUserAnalytics", ())
OTHER = replace(SENT, id="r-2", operation="giftAssets")
CALL = Call(Intent("addUserAnalytics", {}), (SENT, OTHER), Reply(Outcome.OK))
CASE = Case("trial", (CALL, CALL), CAN)


def obligation(name: str, **judges: object) -> Obligation:
    blank = Obligation(name, Level.MUST, "says", Source("ours", ""))
    return replace(blank, **judges)  # type: ignore[arg-type] # the fields of an obligation


def fails(_: object) -> Finding:
    return broken("wrong")


def holds(_: object) -> Finding:
    return KEPT


def never(_: object) -> None:
    return None


SCOPES = [
    pytest.param(obligation("X", request=holds), CASE, 4, id="each-request"),
    pytest.param(obligation("X", request=holds, operation="giftAssets"), CASE, 2, id="each-request-of-an-operation"),
    pytest.param(obligation("X", request=holds), replace(CASE, late=(SENT,)), 5, id="and-late-ones"),
    pytest.param(obligation("X", call=holds), CASE, 2, id="each-call"),
    pytest.param(obligation("X", case=holds), CASE, 1, id="the-case"),
    pytest.param(obligation("X", attempts=holds), CASE, 2, id="the-attempts-of-each-call"),
    pytest.param(
        obligation("X", attempts=holds), replace(CASE, calls=(replace(CALL, sent=()),)), None, id="no-attempt"
    ),
    pytest.param(obligation("X", call=holds), replace(CASE, together=(SENT,)), None, id="calls-at-once"),
    pytest.param(obligation("X", request=holds), replace(CASE, calls=(), together=(SENT,)), 1, id="requests-at-once"),
    pytest.param(obligation("X", call=never), CASE, None, id="not-exercised"),
]


@pytest.mark.parametrize(("judge", "case", "kept"), SCOPES)
def test_each_kind_of_judge_looks_at_its_own(judge: Obligation, case: Case, kept: int | None) -> None:
    assert judge_case(case, [judge]) == ({} if kept is None else {"X": Judged(kept=kept)})


def test_attempts_are_those_of_the_operation_that_was_asked_for() -> None:
    seen: list[Attempts] = []

    def look(attempts: Attempts) -> Finding:
        seen.append(attempts)
        return KEPT

    judge_case(replace(CASE, calls=(CALL,), time_scale=0.5), [obligation("X", attempts=look)])

    assert seen == [Attempts("addUserAnalytics", (SENT,), CAN, 0.5)]


def test_what_was_found_is_told_apart() -> None:
    findings = iter([KEPT, broken("wrong"), noted("either"), None])

    found = judge_case(replace(CASE, calls=(CALL,) * 4), [obligation("X", call=lambda _: next(findings))])

    assert found == {"X": Judged(1, (broken("wrong"),), (noted("either"),))}


CHAINS = [
    pytest.param({"A": fails}, {"A": 1, "B": 0, "C": 0}, {"B": 1, "C": 1}, id="the-root"),
    pytest.param({"A": holds}, {"A": 0, "B": 1, "C": 0}, {"C": 1}, id="the-next"),
    pytest.param({"A": holds, "B": holds}, {"A": 0, "B": 0, "C": 1}, {}, id="nobody-else"),
    pytest.param({"A": fails, "B": holds}, {"A": 1, "B": 0, "C": 0}, {"C": 1}, id="over-one-that-is-kept"),
]


@pytest.mark.parametrize(("judges", "failures", "blocked"), CHAINS)
def test_what_explains_something_takes_the_blame(
    judges: dict[str, object], failures: dict[str, int], blocked: dict[str, int]
) -> None:
    chain = {"A": (), "B": ("A",), "C": ("B",)}
    all_of_them = [obligation(name, case=judges.get(name, fails), depends=depends) for name, depends in chain.items()]

    found = judge_case(CASE, all_of_them)

    assert {name: len(judged.broken) for name, judged in found.items()} == failures
    assert {name: judged.blocked for name, judged in found.items() if judged.blocked} == blocked


def test_what_depends_on_something_that_is_not_judged_stands_for_itself() -> None:
    found = judge_case(CASE, [obligation("B", case=fails, depends=("A",))])

    assert len(found["B"].broken) == 1


def test_of_requests_alone_only_requests_are_judged() -> None:
    judges = [obligation("A", request=fails), obligation("B", call=fails), obligation("C", attempts=holds)]

    assert list(judge_requests([SENT], judges)) == ["A"]
    assert list(judge_attempts(Attempts("addUserAnalytics", (SENT,)), judges)) == ["C"]
