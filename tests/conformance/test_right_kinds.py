"""Right clients that do otherwise than the reference: the judge has nothing to say of them where they do."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from conformance.catalogue import catalogue
from conformance.depth import PROFILES
from conformance.examination import Examination
from conformance.fake.started import JudgesFake
from conformance.results import Verdict
from contracts.operations import Contract
from tests.conformance import right_kinds
from tests.conformance.examining import runner_for
from tests.conformance.few_trials import try_few
from tests.conformance.reference import Reference

ALL = replace(PROFILES["ci"], intents=0, shrink_calls=0)


class Kind(NamedTuple):
    """A right client, the beginnings of the trials in which it does otherwise, how many intents are generated as well.

    `told` are the ids of what is assumed, and told without being a fault.
    """

    make: type[Reference]
    trials: tuple[str, ...]
    intents: int = 0
    told: frozenset[str] = frozenset()


KINDS = [
    Kind(right_kinds.SendsTheRest, ("upload/size/over-beside", "upload/content/empty-beside")),
    Kind(right_kinds.TrimsLikeJavaScript, ("analytics/", "capture/"), intents=60),
    Kind(right_kinds.TrimsLikePhp, ("analytics/", "capture/"), intents=60),
    Kind(right_kinds.WholeSeconds, ("analytics/time", "capture/time"), told=frozenset({"N-12", "C-07.given"})),
    Kind(right_kinds.OneEach, ("upload/files/", "upload/name/"), intents=60),
    Kind(right_kinds.NumbersFailures, ("plan/slow-answer", "plan/chunked-answer", "plan/messages")),
    Kind(right_kinds.RefusesTheFuture, ("analytics/", "capture/"), intents=200),
    Kind(right_kinds.LeavesOutBadEmails, ("analytics/email/", "analytics/identifiers/")),
    Kind(right_kinds.DrawsItsWaits, ("plan/500-for-ever",)),
    Kind(right_kinds.SendsUploadsOnce, ("plan/500-",)),
    Kind(right_kinds.TriesConflictsAgain, ("plan/other-refusals",)),
]


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.make.__name__)
def test_nothing_is_said_of_it(
    kind: Kind, contract: Contract, trial_fake: JudgesFake, elsewhere: JudgesFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_few(monkeypatch, every=1, among=lambda name: name.startswith(kind.trials))

    with runner_for(kind.make, trial_fake, elsewhere) as runner:
        run = Examination(runner, catalogue(contract).obligations, replace(ALL, intents=kind.intents)).examine()

    said = {
        one.obligation.id: (one.verdict, one.counterexample and one.counterexample.finding)
        for one in run.results
        if one.failed or one.verdict is Verdict.BLOCKED
    }
    assert (said.keys() - kind.told, run.problems) == (set(), ()), said
    assert {said[name][0] for name in kind.told} <= {Verdict.INFO}
