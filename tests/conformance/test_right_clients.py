"""The right clients of examples/adapters, in several languages: the judge has nothing to say of them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from conformance.catalogue import catalogue
from conformance.clients.choosing import client_of, is_per_call
from conformance.depth import PER_CALL, PROFILES
from conformance.judge import judge
from conformance.results import ExitCode, Verdict
from conformance.verdicts import exit_code
from contracts.operations import Contract

FOLDER = Path(__file__).parents[2] / "examples" / "adapters"
ROW = re.compile(r"\| \[(\w+)\]\(\w+\) \| ([^|]+) \| (\w+) \| (?:`([^|]+)` )?\| `(.+)` \|")


class Right(NamedTuple):
    """A row of the table: its folder, its name, the program that it needs, what is to be run before, the client."""

    folder: str
    name: str
    needs: str
    before: str
    client: str


RIGHT = [Right(*found) for found in ROW.findall((FOLDER / "README.md").read_text())]


def test_every_folder_has_a_client() -> None:
    assert {right.folder for right in RIGHT} == {path.name for path in FOLDER.iterdir() if path.is_dir()}


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("right", RIGHT, ids=lambda right: right.name)
def test_a_right_client_has_nothing_said_of_it(
    right: Right, contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which(right.needs) is None:
        pytest.skip(f"{right.needs} is not installed")
    shutil.copytree(FOLDER / right.folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    # Where a client of this process is imported from.
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    subprocess.run(right.before or "true", shell=True, check=True, timeout=60)  # noqa: S602 - our own
    spec = right.client

    depth = PER_CALL if is_per_call(spec) else PROFILES["quick"]
    run = judge(client_of(spec, contract), contract, tuple(catalogue(contract)), depth)

    bad = {Verdict.FAIL, Verdict.WARN, Verdict.BLOCKED}
    said = {
        result.obligation.id: result.counterexample and result.counterexample.finding
        for result in run.results
        if result.verdict in bad or result.failed
    }
    assert (said, run.problems) == ({}, ())
    assert exit_code(run) == ExitCode.CONFORMS
