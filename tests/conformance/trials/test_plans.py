"""The trials with planned answers and those of several calls: what they are, and what the right client does in them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from conformance.chapters import responses, sequences
from conformance.depth import PROFILES
from conformance.fake.started import JudgesFake
from conformance.judging import judge_case
from conformance.model import Outcome
from conformance.runner import Runner
from conformance.trial import Trial
from conformance.trials import plans
from conformance.trials import sequences as sequence_trials
from contracts.operations import Contract
from contracts.spec import load_contract
from mock_server.steps import read_step
from tests.conformance.examining import cases_of, exercised, judged, runner_for
from tests.conformance.queueing import Queueing
from tests.conformance.reference import ApiError, Reference
from tests.conformance.wrong.attempts import ConsumedStream

QUICK = PROFILES["quick"]
EVENTS = "addUserAnalytics"
CONTRACT = load_contract()
OBLIGATIONS = (*responses.obligations(CONTRACT), *sequences.obligations(CONTRACT))
# It does not try again after a 429, and has no log; the others only note what a client does.
NOT_SHOWN = {"R-21", "R-23", "S-08", "S-10"}
OF_QUEUES = {"R-08", "S-06"}


class AgainAfterAll(ConsumedStream):
    """Sends again what got no answer as well, with the files that were read before."""

    def exchange(self, *sent: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as in the right one
        try:
            return super().exchange(*sent)
        except ApiError:
            return 500, b""


def trials_of(contract: Contract, depth_name: str) -> list[Trial]:
    depth = PROFILES[depth_name]
    return [*plans.trials(contract, depth), *sequence_trials.trials(contract, depth)]


@pytest.fixture
def right(trial_fake: JudgesFake, elsewhere: JudgesFake) -> Iterator[Runner]:
    with runner_for(Reference, trial_fake, elsewhere) as runner:
        yield runner


@pytest.mark.parametrize("depth", ["quick", "ci"])
def test_names_are_unique(depth: str, contract: Contract) -> None:
    names = Counter(trial.name for trial in trials_of(contract, depth))

    assert [name for name, count in names.items() if count > 1] == []


def test_a_thorough_run_has_what_a_quick_one_has(contract: Contract) -> None:
    quick, thorough = ({trial.name for trial in trials_of(contract, depth)} for depth in ("quick", "ci"))

    assert quick < thorough


@pytest.mark.parametrize("operations", [{"giftAssets"}, {"captureAnalytics"}, {"giftAssets", "captureAnalytics"}])
def test_a_client_without_the_core_operation_is_tried_with_another(operations: set[str], contract: Contract) -> None:
    def tried(trials: Iterator[Trial]) -> set[str]:
        own = [trial for trial in trials if trial.intents[0].operation in operations]
        return {trial.name.split("/")[1] for trial in own}

    quick, thorough = (tried(plans.trials(contract, PROFILES[depth], operations)) for depth in ("quick", "ci"))

    assert quick >= {"500-for-ever", "500-200", "500-400", "500-401", "refusals"}
    assert quick < thorough


@pytest.mark.parametrize("operation", [operation.id for operation in CONTRACT.operations.values()])
def test_every_step_can_be_armed(operation: str, contract: Contract) -> None:
    trials = [trial for trial in trials_of(contract, "ci") if trial.intents[0].operation == operation]
    answers = contract.operation(operation).answers

    steps = {step.replace("{elsewhere}", "http://127.0.0.1:9") for trial in trials for step in trial.plan}

    assert steps
    assert all(read_step(step, answers).text for step in steps)


def test_every_message_of_a_400_is_answered_once(contract: Contract) -> None:
    expected = {answer.name for answer in contract.answers.values() if answer.status == 400}

    found = {step for trial in trials_of(contract, "quick") if "/messages/" in trial.name for step in trial.plan}

    assert found == expected


@pytest.mark.parametrize("depth", ["quick", "ci"])
def test_the_right_client_keeps_all_that_it_can_show(depth: str, right: Runner, contract: Contract) -> None:
    cases = cases_of(right, [trial for trial in trials_of(contract, depth) if "async_send" not in trial.needs])

    broken = {name: one.broken for name, found in judged(cases, OBLIGATIONS).items() for one in found if one.broken}
    assert broken == {}
    assert {row.id for row in OBLIGATIONS} - exercised(cases, OBLIGATIONS) == NOT_SHOWN | OF_QUEUES


def test_a_right_client_with_a_queue_keeps_all_that_it_can_show(
    trial_fake: JudgesFake, elsewhere: JudgesFake, contract: Contract
) -> None:
    with runner_for(Queueing, trial_fake, elsewhere) as runner:
        cases = cases_of(runner, trials_of(contract, "quick"))

    broken = {name: one.broken for name, found in judged(cases, OBLIGATIONS).items() for one in found if one.broken}
    assert broken == {}
    assert exercised(cases, OBLIGATIONS) >= OF_QUEUES


def test_an_upload_that_is_answered_early_is_not_read(right: Runner, contract: Contract) -> None:
    trial = next(trial for trial in plans.trials(contract, QUICK) if "early" in trial.name)

    (call,) = right.run(trial).calls

    assert [(sent.status, sent.size) for sent in call.sent] == [(403, 0)]
    assert (call.reply.outcome, call.reply.status) == (Outcome.ERROR, 403)


@pytest.mark.parametrize("step", ["500", "cut:256KiB", "reset:before"])
def test_an_upload_that_loses_its_bytes_is_found(
    step: str, trial_fake: JudgesFake, elsewhere: JudgesFake, contract: Contract
) -> None:
    trial = next(trial for trial in plans.trials(contract, QUICK) if "cut-upload" in trial.name)

    with runner_for(AgainAfterAll, trial_fake, elsewhere) as runner:
        found = judge_case(runner.run(replace(trial, plan=(step,))), OBLIGATIONS)

    assert len(found["R-17"].broken) == 1


def test_waits_are_judged_where_they_can_be_told_from_none(right: Runner, contract: Contract) -> None:
    trial = next(trial for trial in plans.trials(contract, QUICK) if trial.name == f"plan/500-for-ever/{EVENTS}")

    case = right.run(trial)

    assert case.time_scale == trial.time_scale == 0.5
    assert judge_case(case, OBLIGATIONS)["R-13"].kept == 1
