"""The right clients of examples/adapters, in several languages: the judge has nothing to say of them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.clients.choosing import client_of, is_per_call
from conformance.depth import PER_CALL, PROFILES
from conformance.judge import judge
from conformance.obligations import catalogue
from conformance.results import ExitCode, Verdict
from conformance.verdicts import exit_code
from contracts.operations import Contract

FOLDER = Path(__file__).parents[2] / "examples" / "adapters"
ROW = re.compile(
    r"\| \[(?P<folder>\w+)\]\(\w+\) \| (?P<name>[^|]+) \| (?P<needs>\w+) \| (?P<before>.*?) \| `(?P<client>.+)` \|"
)
CLIENTS = [
    pytest.param(found["folder"], found["needs"], found["before"].strip("`"), found["client"], id=found["name"])
    for found in ROW.finditer((FOLDER / "README.md").read_text())
]


def test_every_folder_has_a_client() -> None:
    assert {client.values[0] for client in CLIENTS} == {path.name for path in FOLDER.iterdir() if path.is_dir()}


@pytest.mark.parametrize(("folder", "needs", "before", "spec"), CLIENTS)
def test_a_right_client_has_nothing_said_of_it(  # noqa: PLR0913 - a row of the table
    folder: str,
    needs: str,
    before: str,
    spec: str,
    contract: Contract,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if shutil.which(needs) is None:
        pytest.skip(f"{needs} is not installed")
    shutil.copytree(FOLDER / folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    if before:
        subprocess.run(before, shell=True, check=True, timeout=60)  # noqa: S602 - our own

    depth = PER_CALL if is_per_call(spec) else PROFILES["quick"]
    run = judge(client_of(spec, contract), contract, tuple(catalogue(contract)), depth)

    bad = {Verdict.FAIL, Verdict.WARN, Verdict.BLOCKED}
    said = {
        result.obligation.id: result.counterexample and result.counterexample.finding
        for result in run.results
        if result.verdict in bad or result.failed
    }
    assert (said, run.problems, run.unmet) == ({}, (), {})
    assert exit_code(run) == ExitCode.CONFORMS
