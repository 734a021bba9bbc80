"""Proof of the judge: every wrong client is caught by exactly its obligations, and the right one by none."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache

import pytest
from hypothesis.strategies import SearchStrategy

from conformance import examination
from conformance.catalogue import Catalogue, catalogue
from conformance.depth import PROFILES, Depth
from conformance.examination import Examination
from conformance.fake.started import JudgesFake
from conformance.generation import draw
from conformance.model import Intent
from conformance.obligation import Obligation
from conformance.provocations import strategies
from conformance.results import Run, Verdict
from conformance.verdicts import exit_code
from contracts.operations import Contract
from tests.conformance.examining import runner_for
from tests.conformance.reference import Reference
from tests.conformance.wrong import analytics, capture, common, process, responses, sequences, upload
from tests.conformance.wrong_client import Wrong, broken, examined_in_time

GIFT, ANALYTICS, CAPTURE = "giftAssets", "addUserAnalytics", "captureAnalytics"
# One operation shows it, and the others would only take time.
SHOWN_BY = [
    (common.WRONG, ANALYTICS),
    (process.WRONG, ANALYTICS),
    (upload.WRONG, GIFT),
    (analytics.WRONG, ANALYTICS),
    (capture.WRONG, CAPTURE),
    (responses.WRONG, ANALYTICS),
    (sequences.WRONG, ANALYTICS),
]
ALL = [wrong for chapter, _ in SHOWN_BY for wrong in chapter]
CASES = [
    pytest.param(wrong, {GIFT, ANALYTICS, CAPTURE} if wrong.everywhere else {operation}, id=wrong.name)
    for chapter, operation in SHOWN_BY
    for wrong in chapter
]
# The first of the intents that the profile draws: what they bring to light, all of them do. Shrinking is tested apart.
QUICK = replace(PROFILES["quick"], intents=20, shrink_calls=0)
ALL_OF_QUICK = replace(PROFILES["quick"], shrink_calls=0)
SLOW = replace(PROFILES["ci"], intents=20, shrink_calls=0)


@pytest.fixture(scope="module")
def everything(contract: Contract) -> Catalogue:
    return catalogue(contract)


@pytest.fixture(scope="module", autouse=True)
def _drawn_once(contract: Contract) -> Iterator[None]:
    """Draw intents once: with one seed they are the same for each client, and each gets copies of them."""
    kept, drawn = strategies(contract), cache(draw)

    def draw_once(strategy: SearchStrategy[Intent], *, examples: int, at: int) -> list[Intent]:
        return deepcopy(drawn(strategy, examples=examples, at=at))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examination, "strategies", lambda _: kept)
        patch.setattr(examination, "draw", draw_once)
        yield


def limited(make: type[Reference], operations: Iterable[str]) -> type[Reference]:
    """Give the client without its other operations."""
    others = {GIFT, ANALYTICS, CAPTURE} - set(operations)
    return type(make.__name__, (make,), dict.fromkeys(others)) if others else make


def examined(
    make: type[Reference], depth: Depth, obligations: Iterable[Obligation], fake: JudgesFake, elsewhere: JudgesFake
) -> Run:
    with runner_for(make, fake, elsewhere) as runner:
        return Examination(runner, tuple(obligations), depth).examine()


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize(("wrong", "operations"), CASES)
def test_a_wrong_client_is_caught_by_exactly_its_obligations(
    wrong: Wrong, operations: set[str], everything: Catalogue, trial_fake: JudgesFake, elsewhere: JudgesFake
) -> None:
    depth = SLOW if wrong.slow else ALL_OF_QUICK if wrong.everywhere else QUICK

    run = examined_in_time(
        lambda: examined(limited(wrong.make, operations), depth, everything, trial_fake, elsewhere), wrong.trips
    )

    found = broken(run)
    assert set(found) == set(wrong.trips), {
        name: result.counterexample and (result.counterexample.case.trial, result.counterexample.finding)
        for name, result in found.items()
        if name not in wrong.trips
    }
    assert exit_code(run) != 0 or all(result.verdict in {Verdict.WARN, Verdict.INFO} for result in found.values())


@pytest.mark.usefixtures("unmeasured")
def test_the_right_client_keeps_everything(
    everything: Catalogue, trial_fake: JudgesFake, elsewhere: JudgesFake
) -> None:
    run = examined(Reference, PROFILES["ci"], everything, trial_fake, elsewhere)

    assert (run.problems, broken(run), exit_code(run)) == ((), {}, 0)
    assert [result.obligation.id for result in run.results if result.verdict is Verdict.WARN] == []
    assert run.requests > 1000


def test_every_obligation_that_can_be_broken_is_broken_by_somebody(everything: Catalogue) -> None:
    tripped = {name for wrong in ALL for name in wrong.trips}

    assert {one.id for one in everything} - tripped == UNBREAKABLE


# What is only noted: either is fine, so nothing is broken.
UNBREAKABLE = {"N-16", "R-21", "S-10", "U-09.reading", "U-18", "U-20"}
