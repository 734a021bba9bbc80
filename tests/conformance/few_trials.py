"""Some of the trials that are written down, for tests that are not about all of them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

import pytest

from conformance import examination, provocations
from conformance.depth import Depth
from conformance.trial import Trial
from contracts.operations import Contract


def try_few(
    monkeypatch: pytest.MonkeyPatch,
    *,
    every: int,
    always: Sequence[str] = (),
    among: Callable[[str], object] = bool,
    full_waits: bool = False,
) -> None:
    """Let examinations run each so many of the trials whose name is `among` them, and those with these beginnings.

    With `full_waits`, those whose waits are looked at have them in full.
    """

    def written(contract: Contract, depth: Depth, can: Collection[str]) -> Iterator[Trial]:
        chosen = [trial for trial in provocations.written(contract, depth, can) if among(trial.name)]
        for number, trial in enumerate(chosen):
            if number % every == 0 or trial.name.startswith(tuple(always)):
                yield replace(trial, time_scale=1.0) if full_waits and trial.time_scale is not None else trial

    monkeypatch.setattr(examination, "written", written)
