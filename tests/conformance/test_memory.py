"""Large files pass through the whole of it, and none of them is ever held: judge, fake and client stay small."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
MOST = 150 * MIB
# Of all that one call uploads; how much a language holds before it looks what it still needs is its own affair.
MOST_OF_NODE = 400 * MIB

# Tries the trials with large files, and the smoke test.
JUDGE = """
import json, resource, sys
from pathlib import Path
from conformance import examination
from conformance.clients.choosing import client_of
from conformance.depth import PROFILES
from conformance.judge import judge
from conformance.catalogue import catalogue
from contracts.spec import load_contract
from dataclasses import replace

everything = examination.written
def written(contract, depth, *_):
    few = replace(depth, large_files=False)
    small = {trial.name for trial in everything(contract, few)}
    return [trial for trial in everything(contract, depth) if trial.name not in small]
examination.written = written
examination.strategies = lambda _: {}
contract = load_contract()
large = [sum(file.size for intent in trial.intents for file in intent.files)
         for trial in written(contract, PROFILES["ci"])]
run = judge(client_of(sys.argv[1], contract), contract, tuple(catalogue(contract)), PROFILES["ci"])
print(json.dumps({
    "problems": run.problems,
    "failed": [one.obligation.id for one in run.results if one.failed],
    "kept": [one.obligation.id for one in run.results if one.kept and "large_files" in one.obligation.needs],
    "largest": max(large),
    # Not getrusage: that goes on from what the process that started this one held.
    "judge": 1024 * int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]),
    "client": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
}))
"""


def _judged(client: str, folder: Path) -> tuple[int, int]:
    """Give the peaks of the judge with its fakes and of the client's process, in bytes."""
    told = subprocess.run(
        [sys.executable, "-c", JUDGE, client], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = json.loads(told.stdout)
    assert (found["problems"], found["failed"]) == ([], [])
    assert len(found["kept"]) >= 2
    assert found["largest"] >= 500 * MIB
    return found["judge"], found["client"]


def test_large_files_of_a_client_in_this_process(tmp_path: Path) -> None:
    judge, _ = _judged("python:tests.conformance.reference:Reference", tmp_path)

    assert judge < MOST


def test_large_files_of_a_client_of_its_own(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    for path in (ROOT / "examples" / "adapters" / "node").glob("*.mjs"):
        shutil.copy(path, tmp_path)

    judge, client = _judged("jsonl:node adapter.mjs", tmp_path)

    assert judge < MOST
    assert client < MOST_OF_NODE
