"""Generated intents: right ones and wrong ones of all kinds, and nothing to say of the right client."""

import json
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis.strategies import SearchStrategy

from conformance.catalogue import catalogue
from conformance.fake.started import JudgesFake
from conformance.generation import canonical, draw
from conformance.intents import analytics, capture
from conformance.meaning import wrong_with
from conformance.model import Intent
from conformance.trial import Trial
from contracts.operations import Contract
from tests.conformance.examining import cases_of, judged, runner_for
from tests.conformance.reference import Reference

Strategy = Callable[[Contract], SearchStrategy[Intent]]

BOTH = [pytest.param(analytics.intents, id="analytics"), pytest.param(capture.intents, id="capture")]


def drawn(strategy: SearchStrategy[Intent], examples: int = 300, at: int = 7) -> list[Intent]:
    return draw(strategy, examples=examples, at=at)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("strategy", BOTH)
def test_they_are_right_more_often_than_wrong_and_wrong_in_many_ways(contract: Contract, strategy: Strategy) -> None:
    wrong = [wrong_with(intent, contract) for intent in drawn(strategy(contract))]
    rules = Counter(breach.rule.id for breaches in wrong for breach in breaches)

    assert len(wrong) / 2 < sum(not breaches for breaches in wrong) < len(wrong) * 0.95
    assert len(rules) >= 5


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("strategy", BOTH)
def test_they_travel_as_json(contract: Contract, strategy: Strategy) -> None:
    intents = drawn(strategy(contract))

    assert [json.loads(json.dumps(intent.args, allow_nan=False)) for intent in intents] == [
        intent.args for intent in intents
    ]


@pytest.mark.parametrize("strategy", BOTH)
def test_the_same_seed_gives_the_same_ones(contract: Contract, strategy: Strategy) -> None:
    first, second = (list(map(canonical, drawn(strategy(contract), 50))) for _ in range(2))

    assert first == second


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("strategy", BOTH)
def test_the_right_client_breaks_nothing(contract: Contract, trial_fake: JudgesFake, strategy: Strategy) -> None:
    trials = [Trial("generated", (intent,)) for intent in drawn(strategy(contract), 200)]

    with runner_for(Reference, trial_fake) as runner:
        found = judged(cases_of(runner, trials), catalogue(contract).obligations)

    assert {name: one.broken for name, ones in found.items() for one in ones if one.broken} == {}
