"""The trials of the JSON operations: enough in every profile, and nothing to say of the right client."""

from collections import Counter
from collections.abc import Sequence

import pytest

from conformance.catalogue import catalogue
from conformance.chapters.capture import needed_by_type
from conformance.depth import PROFILES, Depth
from conformance.fake.started import JudgesFake
from conformance.model import Case, Outcome
from conformance.trial import Trial
from conformance.trials import analytics, capture, common
from contracts.operations import Contract
from tests.conformance.examining import cases_of, judged, runner_for
from tests.conformance.reference import Reference

QUICK, THOROUGH = PROFILES["quick"], PROFILES["ci"]
# What only plans exercise, and what is only noted.
NOT_HERE = {"N-13", "N-16"}


def all_trials(contract: Contract, depth: Depth) -> list[Trial]:
    return [trial for chapter in (common, analytics, capture) for trial in chapter.trials(contract, depth)]


@pytest.fixture(scope="module")
def cases(contract: Contract, trial_fake: JudgesFake) -> list[Case]:
    with runner_for(Reference, trial_fake) as runner:
        return cases_of(runner, all_trials(contract, THOROUGH))


def test_quick_is_a_part_and_small(contract: Contract) -> None:
    quick, thorough = ([trial.name for trial in all_trials(contract, depth)] for depth in (QUICK, THOROUGH))

    assert len(quick) < 130
    assert set(quick) < set(thorough)


def test_names_are_unique(contract: Contract) -> None:
    names = Counter(trial.name for trial in all_trials(contract, THOROUGH))

    assert [name for name, count in names.items() if count > 1] == []


def test_the_right_client_breaks_nothing(contract: Contract, cases: Sequence[Case]) -> None:
    found = judged(cases, catalogue(contract).obligations)

    assert {name: one.broken for name, ones in found.items() for one in ones if one.broken} == {}


def test_every_obligation_of_theirs_is_kept(contract: Contract, cases: Sequence[Case]) -> None:
    found = judged(cases, catalogue(contract).obligations)
    kept = {name for name, ones in found.items() if any(one.kept for one in ones)}

    assert {one.id for one in catalogue(contract) if one.id[0] in "NC"} - kept == NOT_HERE


def test_the_right_client_sends_what_is_valid_and_refuses_the_rest(cases: Sequence[Case]) -> None:
    calls = {case.trial: call for case in cases for call in case.calls if not case.trial.startswith("common/")}

    assert [name for name, call in calls.items() if call.valid != (call.reply.outcome is Outcome.OK)] == []


def test_each_pair_and_type_is_tried_as_it_is(contract: Contract) -> None:
    tried = [intent.args for trial in all_trials(contract, QUICK) for intent in trial.intents]
    pairs = {(feature, action) for feature, actions in contract.pairs.items() for action in actions}

    assert pairs <= {(args.get("feature"), args.get("action")) for args in tried}
    assert needed_by_type(contract.operation("captureAnalytics")).keys() <= {str(args.get("type")) for args in tried}
