"""Judges a client from beginning to end: what the commands, the pytest plugin and other programs call."""

from collections.abc import Sequence

from conformance.clients.client import Client
from conformance.depth import Depth
from conformance.examination import Examination, Progress, silent
from conformance.obligation import Obligation
from conformance.results import Run
from conformance.setting import TIME_SCALE, runner_for
from conformance.stored import StoredTrial
from conformance.verdicts import Options
from contracts.operations import Contract


def judge(  # noqa: PLR0913 - what a run depends on
    client: Client,
    contract: Contract,
    obligations: Sequence[Obligation],
    depth: Depth,
    *,
    seed: int = 0,
    spec: str | None = None,
    stored: Sequence[StoredTrial] = (),
    progress: Progress = silent,
    deadline: float = 10.0,
    time_scale: float = TIME_SCALE,
    **options: bool,
) -> Run:
    """Judge a client that is not started yet; `spec` is the file of the contract, `options` are those of Options.

    `deadline` is how many seconds a call may take. Raises AdapterError when the client cannot be started.
    """
    with runner_for(client, contract, spec=spec, deadline=deadline, time_scale=time_scale) as runner:
        return Examination(runner, obligations, depth, seed, Options(**options), tuple(stored), progress).examine()
