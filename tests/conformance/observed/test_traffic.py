"""What was recorded is judged by what it shows; what may be one call is put together."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.model import Sent
from conformance.obligation import KEPT, Finding, Level, Mode, Obligation, broken
from conformance.observed.recorded import Gap, Recorded
from conformance.observed.traffic import attempts_in, run_of
from conformance.results import Verdict
from conformance.verdicts import Options
from contracts.model import Source
from contracts.multipart_body import Part
from contracts.operations import Contract
from tests.conftest import ANALYTICS


def made(number: int, status: int = 500, *, at: float | None = None, **others: Any) -> Sent:  # noqa: ANN401 - of Sent
    """Make a request; they come a second apart, and say the same."""
    values: dict[str, Any] = {"value": {"userId": "a"}, "body": b"{}", "key": "k", **others}
    when = float(number) if at is None else at
    return Sent(f"r-{number}", when, "POST", ANALYTICS, "addUserAnalytics", (), status=status, seconds=0.01, **values)


def file(sha256: str, size: int = 3) -> tuple[Part, ...]:
    return (Part("userId", None, "", 1, text="a"), Part("assets", "a.gif", "image/gif", size, sha256))


GROUPS = [
    pytest.param([made(1), made(2, 200)], [[1, 2]], id="again-after-a-failure"),
    pytest.param([made(1, 400), made(2, 400), made(3, 400)], [[1, 2, 3]], id="again-after-refusals"),
    pytest.param([made(1, 200), made(2, 200)], [[1], [2]], id="another-call-after-success"),
    pytest.param([made(1), made(2, value={"userId": "b"}), made(3, 200)], [[1, 3], [2]], id="others-between"),
    pytest.param([made(1), made(2, at=60)], [[1], [2]], id="long-after"),
    pytest.param([made(1), made(2, key="other")], [[1], [2]], id="another-key"),
    pytest.param([made(1, 0), made(2, 200)], [[1, 2]], id="again-after-no-answer"),
    pytest.param([replace(made(1), operation="")], [], id="no-operation"),
    pytest.param([made(1, parts=file("x")), made(2, parts=file("x"))], [[1, 2]], id="the-same-files"),
    pytest.param([made(1, parts=file("x")), made(2, parts=file("y"))], [[1], [2]], id="other-files"),
    pytest.param([made(1, parts=file("x")), made(2, parts=file("e", 0))], [[1, 2]], id="files-that-were-read-before"),
    pytest.param([made(1, 401, value=None, body=b""), made(2, 401, value=None, body=b"")], [[1], [2]], id="unread"),
    pytest.param([made(1, 400, parts=file("x")), made(2, parts=file("e", 0))], [[1], [2]], id="empty-after-refusal"),
]


@pytest.mark.parametrize(("sent", "groups"), GROUPS)
def test_what_may_be_one_call_is_put_together(sent: list[Sent], groups: list[list[int]]) -> None:
    found = [[int(one.id[2:]) for one in attempts.sent] for attempts in attempts_in(sent)]

    assert found == groups


def _once(attempts: Any) -> Finding:  # noqa: ANN401 - Attempts
    return KEPT if len(attempts.sent) == 1 else broken("tried again", sent=attempts.sent[-1])


def _has_agent(sent: Sent) -> Finding | None:
    return KEPT if sent.header("user-agent") else broken("no agent", sent=sent)


ONCE = Obligation("R-04", Level.MUST, "Not again.", Source("x", ""), attempts=_once)
AGENT = Obligation("O-12", Level.MUST, "An agent.", Source("x", ""), request=_has_agent)


def verdicts(recorded: Recorded, contract: Contract, mode: Mode, *, calls_differ: bool = False) -> list[Verdict]:
    run = run_of(recorded, contract, [ONCE, AGENT], Options(), mode=mode, calls_differ=calls_differ)
    return [result.verdict for result in run.results]


def test_recorded_requests_say_nothing_of_attempts(contract: Contract) -> None:
    recorded = Recorded((made(1, 400), made(2, 400)))

    assert verdicts(recorded, contract, Mode.TRAFFIC) == [Verdict.NOT_APPLICABLE, Verdict.FAIL]


def test_what_may_be_calls_of_their_own_is_only_noted(contract: Contract) -> None:
    recorded = Recorded((made(1, 400), made(2, 400)))

    run = run_of(recorded, contract, [ONCE], Options(), mode=Mode.WATCH)

    assert run.results[0].verdict is Verdict.INFO
    assert run.results[0].notes[0].what == "tried again, unless these were calls of their own (--calls-differ)"
    assert run.limitations[-1].startswith("1 time the same was sent again after it had failed")


def test_where_calls_differ_what_comes_again_is_a_retry(contract: Contract) -> None:
    recorded = Recorded((made(1, 400), made(2, 400)))

    assert verdicts(recorded, contract, Mode.WATCH, calls_differ=True)[0] is Verdict.FAIL


def test_an_upload_that_lost_its_files_is_no_call_of_its_own(contract: Contract) -> None:
    recorded = Recorded((made(1, parts=file("x")), made(2, parts=file("e", 0))))

    assert verdicts(recorded, contract, Mode.WATCH)[0] is Verdict.FAIL


def test_a_command_that_says_the_same_twice_is_told(contract: Contract) -> None:
    recorded = Recorded((made(1, 200, accepted=True), made(2, 200, accepted=True)))

    run = run_of(recorded, contract, [ONCE], Options(), mode=Mode.WATCH, calls_differ=True)

    assert run.limitations == ("1 request said the same as an accepted one before: calls of their own, it seems",)


def test_what_is_not_known_is_not_judged(contract: Contract) -> None:
    gaps = {"r-1": frozenset({Gap.HEADERS})}

    assert verdicts(Recorded((made(1, 200),), gaps), contract, Mode.TRAFFIC)[1] is Verdict.UNTESTED
