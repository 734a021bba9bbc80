"""A right client may have any of the operations: what it has not is not asked for, and all else is exercised."""

from dataclasses import replace
from itertools import combinations

import pytest

from conformance.catalogue import catalogue
from conformance.depth import PROFILES
from conformance.examination import Examination
from conformance.fake.started import JudgesFake
from conformance.results import Run, Verdict
from conformance.verdicts import exit_code, missing
from contracts.operations import Contract
from contracts.spec import load_contract
from tests.conformance.examining import runner_for
from tests.conformance.reference import Reference

ALL = tuple(operation.id for operation in load_contract().operations.values())
SOME = [some for count in range(1, len(ALL)) for some in combinations(ALL, count)]
QUICK = replace(PROFILES["quick"], intents=20, shrink_calls=0)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("operations", SOME, ids="+".join)
def test_a_right_client_with_some_of_the_operations_conforms(
    operations: tuple[str, ...], contract: Contract, trial_fake: JudgesFake, elsewhere: JudgesFake
) -> None:
    others = set(ALL) - set(operations)
    some = type("Some", (Reference,), dict.fromkeys(others))

    with runner_for(some, trial_fake, elsewhere) as runner:
        run = Examination(runner, catalogue(contract).obligations, QUICK).examine()

    assert [one.obligation.id for one in missing(run)] == []
    assert exit_code(run) == 0
    assert _operations(run, Verdict.NOT_APPLICABLE) == others
    assert _operations(run, Verdict.PASS) == set(operations)


def _operations(run: Run, verdict: Verdict) -> set[str]:
    """Give the operations of which obligations alone are about one and have this verdict for it."""
    needs_more = [one for one in run.results if one.obligation.needs]
    found = [one for one in run.results if one.verdict is verdict and one not in needs_more]
    return {one.obligation.operation for one in found} - {""}
