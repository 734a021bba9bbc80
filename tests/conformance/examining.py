"""Puts Python clients to trials, and judges them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.clients.python_object import Make, PythonClient
from conformance.fake.started import JudgesFake
from conformance.files import FileStore
from conformance.judging import Judged, judge_case
from conformance.model import Case
from conformance.obligation import Obligation
from conformance.runner import Runner
from conformance.trial import Trial


@contextmanager
def runner_for(
    make: Make, fake: JudgesFake, elsewhere: JudgesFake | None = None, *, deadline: float = 5
) -> Iterator[Runner]:
    """Give what puts a Python client to trials."""
    forget(fake)
    if elsewhere:
        forget(elsewhere)
    with TemporaryDirectory() as folder, PythonClient(make, fake.contract) as client:
        yield Runner(fake, client, FileStore(Path(folder)), fake.contract, elsewhere=elsewhere, deadline=deadline)


def forget(fake: JudgesFake) -> None:
    """Forget what others left behind: no client is to be blamed for the requests of the one before."""
    fake.begin([])
    fake.arrived()


def cases_of(runner: Runner, trials: Iterable[Trial]) -> list[Case]:
    """Run trials."""
    return [runner.run(trial) for trial in trials]


def judged(cases: Iterable[Case], obligations: Sequence[Obligation]) -> dict[str, list[Judged]]:
    """Judge cases: what each says about each obligation that it exercises."""
    found: dict[str, list[Judged]] = {}
    for case in cases:
        for name, judgement in judge_case(case, obligations).items():
            found.setdefault(name, []).append(judgement)
    return found


def tripped(cases: Iterable[Case], obligations: Sequence[Obligation]) -> set[str]:
    """Give the ids of the obligations that were broken."""
    return {name for name, judgements in judged(cases, obligations).items() if any(one.broken for one in judgements)}


def exercised(cases: Iterable[Case], obligations: Sequence[Obligation]) -> set[str]:
    """Give the ids of the obligations that were kept at least once."""
    return {name for name, judgements in judged(cases, obligations).items() if any(one.kept for one in judgements)}
