"""Does the suite notice its own faults? A broken fake, journal or adapter never ends in a verdict that is good."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import pytest

from conformance.catalogue import Catalogue, catalogue
from conformance.chapters.process import obligations as of_process
from conformance.clients.client import Client, Order
from conformance.clients.json_lines import JsonLinesClient
from conformance.clients.python_object import PythonClient
from conformance.depth import PROFILES, Depth
from conformance.examination import Examination
from conformance.fake.started import JudgesFake, judges_fake
from conformance.files import FileStore
from conformance.model import Capabilities, Outcome, Reply
from conformance.results import Run, Verdict
from conformance.runner import Runner
from conformance.trials import plans
from conformance.verdicts import exit_code
from contracts.model import Judgement, answer_of
from contracts.operations import Contract
from mock_server.fake import Fake
from mock_server.steps import read_step
from mock_server.storage.armed import ArmedFaults, Turn
from mock_server.storage.journal import Journal
from tests.conformance.examining import cases_of, exercised, forget
from tests.conformance.few_trials import try_few
from tests.conformance.reference import Reference

Mutate = Callable[[pytest.MonkeyPatch], None]

SHORT = Depth("quick", 4)
GOOD = {Verdict.PASS, Verdict.STALE}
DEADLINE = 0.5


@pytest.fixture(scope="module")
def everything(contract: Contract) -> Catalogue:
    return catalogue(contract)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try some of the trials only."""
    try_few(monkeypatch, every=4, always=["plan/40"])


@contextmanager
def _runner(client: Client, fake: JudgesFake, deadline: float = 5.0) -> Iterator[Runner]:
    forget(fake)
    with TemporaryDirectory() as folder, client:
        yield Runner(fake, client, FileStore(Path(folder)), fake.contract, deadline=deadline)


def _examined(client: Client, fake: JudgesFake, everything: Catalogue, deadline: float = 5.0) -> Run:
    with _runner(client, fake, deadline) as runner:
        return Examination(runner, everything.obligations, SHORT).examine()


class Analytics(Reference):
    """Has one operation, so that it does not take long."""

    giftAssets = captureAnalytics = None  # type: ignore[assignment] # noqa: N815 - what it has not


# A fake that is not what it has to be


def ignores_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ArmedFaults, "turn", lambda *_: None)


def ignores_half_of_the_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, asked = ArmedFaults.turn, []

    def sometimes(self: ArmedFaults, *of: Any) -> Turn | None:  # noqa: ANN401 - the operation and the key
        asked.append(of)
        return turn(self, *of) if len(asked) % 2 else None

    monkeypatch.setattr(ArmedFaults, "turn", sometimes)


def loses_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JudgesFake, "_arm", lambda *_: None)


def forgets_what_is_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = JudgesFake._arm  # noqa: SLF001 - what is broken on purpose
    monkeypatch.setattr(JudgesFake, "_arm", lambda self, wish, lot: arm(self, replace(wish, persistent=False), lot))


def plays_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = ArmedFaults.turn

    def other(self: ArmedFaults, *of: Any) -> Turn | None:  # noqa: ANN401 - the operation and the key
        found = turn(self, *of)
        return found and found._replace(step=read_step("403", of[0].answers))

    monkeypatch.setattr(ArmedFaults, "turn", other)


def says_what_it_does_not_play(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = Fake.decide

    def decided(self: Fake, exchange: Any, judgement: Judgement, play: Any = None) -> Any:  # noqa: ANN401, ARG001 - as the right one
        return decide(self, exchange, judgement)

    monkeypatch.setattr(Fake, "decide", decided)


def _journal(keeps: Callable[[int, Any], bool]) -> Mutate:
    def mutate(monkeypatch: pytest.MonkeyPatch) -> None:
        record, asked = Journal.record, []

        def some(self: Journal, exchange: Any) -> None:  # noqa: ANN401 - an exchange
            asked.append(exchange)
            if keeps(len(asked), exchange):
                record(self, exchange)

        monkeypatch.setattr(Journal, "record", some)

    return mutate


def _answers(change: Callable[[Contract, Judgement], Judgement]) -> Mutate:
    def mutate(monkeypatch: pytest.MonkeyPatch) -> None:
        decide = Fake.decide

        def decided(self: Fake, exchange: Any, judgement: Judgement, play: Any = None) -> Any:  # noqa: ANN401 - as the right one
            return decide(self, exchange, change(self.contract, judgement), play)

        monkeypatch.setattr(Fake, "decide", decided)

    return mutate


def _refuses_what_is_right(contract: Contract, judgement: Judgement) -> Judgement:
    return judgement if judgement.breaches else judgement._replace(answer=contract.answers["userNotFound"])


def _takes_what_is_wrong(contract: Contract, judgement: Judgement) -> Judgement:
    accepted = contract.operation("addUserAnalytics").accepted
    return judgement._replace(answer=accepted) if judgement.breaches else judgement


def _says_something_else(_contract: Contract, judgement: Judgement) -> Judgement:
    told = answer_of(judgement.answer.name, {"statusCode": judgement.answer.status, "message": "Fine.", "data": None})
    return judgement._replace(answer=told)


HOLDS = "the journal holds"
FAKES = [
    pytest.param(ignores_plans, "got none of the planned answers", id="ignores-plans"),
    pytest.param(ignores_half_of_the_plans, "got none of the planned answers", id="ignores-half-of-the-plans"),
    pytest.param(loses_plans, "answers were to be armed, and 0 are", id="loses-plans"),
    pytest.param(forgets_what_is_for_ever, "of which always one is left", id="forgets-what-is-for-ever"),
    pytest.param(plays_something_else, "got 403, which was not planned", id="plays-something-else"),
    pytest.param(says_what_it_does_not_play, "armed was 400", id="says-what-it-does-not-play"),
    pytest.param(_journal(lambda n, _: n % 2 == 1), HOLDS, id="journal-drops-every-second"),
    pytest.param(_journal(lambda n, _: n != 20), HOLDS, id="journal-drops-one"),
    pytest.param(
        _journal(lambda _, one: one.operation != "addUserAnalytics"),
        "the journal holds",
        id="journal-drops-one-kind",
    ),
    pytest.param(_answers(_refuses_what_is_right), "400 userNotFound: the contract's is", id="refuses-what-is-right"),
    pytest.param(_answers(_takes_what_is_wrong), "userAnalyticsAdded: the contract's is 4", id="takes-what-is-wrong"),
    pytest.param(_answers(_says_something_else), "with other words than the contract has", id="says-something-else"),
]


class Sloppy(Analytics):
    """Tries again after anything."""

    def again(self, status: int, attempt: int, most: int) -> bool:
        return status >= 400 and attempt < most


@pytest.mark.parametrize(("mutate", "reason"), FAKES)
def test_a_broken_fake_gives_no_verdict(
    mutate: Mutate,
    reason: str,
    contract: Contract,
    everything: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Only somebody who sends again what was refused gives the occasion.
    make = Sloppy if mutate is forgets_what_is_for_ever else Analytics
    mutate(monkeypatch)

    with judges_fake(contract) as fake:
        run = _examined(PythonClient(make, contract), fake, everything)

    assert exit_code(run) == 3
    (problem,) = run.problems
    assert reason in problem


# An adapter that is not what it has to be


class Unreal:
    """An adapter that calls nobody, and always says the same."""

    def __init__(self, *said: Reply) -> None:
        self.can = Capabilities(frozenset({"addUserAnalytics"}), retries_on=frozenset({500}), max_attempts=3)
        self._said = said

    def call(self, orders: Sequence[Order]) -> list[Reply]:
        return [self._said[0] for _ in orders]

    def drain(self, deadline: float) -> Reply:  # noqa: ARG002 - every adapter has it
        return Reply(Outcome.OK)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


SAID = [
    pytest.param(Reply(Outcome.OK), 3, "no request arrived, and the client said ok", id="always-ok"),
    pytest.param(Reply(Outcome.ERROR, 400, "no"), 3, "no request arrived, and the client said error: no", id="error"),
    pytest.param(Reply(Outcome.REFUSED, message="no"), 4, "", id="always-refuses"),
    pytest.param(Reply(Outcome.UNSUPPORTED), 3, "the client has none of the operations", id="has-nothing"),
]


@pytest.mark.parametrize(("said", "code", "reason"), SAID)
def test_an_adapter_that_calls_nobody_is_noticed(
    said: Reply, code: int, reason: str, trial_fake: JudgesFake, everything: Catalogue
) -> None:
    run = _examined(Unreal(said), trial_fake, everything)

    assert exit_code(run) == code
    assert [reason in problem for problem in run.problems] == [True] * (code == 3)
    told = ("every valid call was refused: no; is that the adapter?",) if said.outcome is Outcome.REFUSED else ()
    assert run.limitations == told
    # That each call returns, and with which outcome, is all that such an adapter can show.
    assert {one.obligation.id for one in run.results if one.verdict in GOOD} <= {"P-01", "N-02", "O-15", "S-07"}
    # From the first call on, so that nothing in between can be to blame.
    deviates = {one.obligation.id for one in run.results if one.verdict in {Verdict.FAIL, Verdict.WARN}}
    assert "O-16" in deviates or code != 4
    assert "P-02" not in deviates


def adapter(behaviour: str) -> list[str]:
    return [sys.executable, "-m", "tests.conformance.adapter_process", behaviour]


TALKS = [
    pytest.param("with_a_wrong_id", 3, "id: got 10", id="wrong-id"),
    pytest.param("prints_json", 3, "line 2 of the adapter's output", id="prints-json"),
    pytest.param("never", 3, "hung or crashed 3 times in a row", id="never-answers"),
    pytest.param("dies_always", 3, "no request arrived, and the client said crash: it ended with", id="dies-always"),
    pytest.param("prints", 4, "", id="prints"),
    pytest.param("dies_at_the_seventh", 1, "P-01", id="dies-at-the-seventh"),
    pytest.param("swaps", 1, "R-01", id="swaps-replies"),
]


@pytest.mark.parametrize(("behaviour", "code", "reason"), TALKS)
def test_an_adapter_that_talks_nonsense_is_noticed(
    behaviour: str, code: int, reason: str, contract: Contract, trial_fake: JudgesFake, everything: Catalogue
) -> None:
    client = JsonLinesClient(adapter(behaviour), contract)

    run = _examined(client, trial_fake, everything, DEADLINE if behaviour == "never" else 5.0)

    assert exit_code(run) == code
    assert [reason in problem for problem in run.problems] == [True] * (code == 3), run.problems
    failed = [one.obligation.id for one in run.results if one.verdict is Verdict.FAIL]
    assert (reason in failed) is (code == 1), failed


# Plans that nobody meets


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.ERROR, Outcome.REFUSED])
def test_a_plan_that_nobody_meets_shows_nothing(
    outcome: Outcome, contract: Contract, trial_fake: JudgesFake, everything: Catalogue
) -> None:
    can = Capabilities(
        frozenset({"giftAssets", "addUserAnalytics", "captureAnalytics"}),
        retries_on=frozenset({500}), max_attempts=3, time_scale=True, timeout_ms=300, concurrency=2, batches_files=True,
    )  # fmt: skip
    client = Unreal(Reply(outcome, 500 if outcome is Outcome.ERROR else None, "no"))
    client.can = can
    trials = [one for one in plans.trials(contract, PROFILES["ci"]) if one.plan and "early" not in one.name]

    with _runner(client, trial_fake) as runner:
        cases = cases_of(runner, trials)

    assert {case.calls[-1].left > 0 for case in cases} == {True}
    alone = {one.id for one in of_process(contract)}
    assert exercised(cases, everything.obligations) - alone <= {"O-15", "S-07"}
