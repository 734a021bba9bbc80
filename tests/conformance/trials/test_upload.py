"""The written trials of uploads, put to right clients, over real sockets."""

import json
import subprocess
import sys

import pytest

from conformance.chapters.upload import obligations
from conformance.depth import PROFILES
from conformance.fake.started import JudgesFake
from conformance.meaning import wrong_with
from conformance.trials.upload import trials
from contracts.operations import Contract
from tests.conformance.batching import Batching
from tests.conformance.examining import cases_of, exercised, judged, runner_for, tripped
from tests.conformance.reference import Reference
from tests.conformance.wrong.upload import UploadThenFail

QUICK, CI = PROFILES["quick"], PROFILES["ci"]
MEGABYTE = 1_000_000
# What the largest trials may take: judge, fake and client in one process.
MOST_MEMORY = 300 * MEGABYTE
ONLY_NOTED = {"U-09.reading", "U-18", "U-20"}

MEASURED = """
import json
from pathlib import Path
from conformance.depth import PROFILES
from conformance.fake.started import judges_fake
from conformance.trials.upload import trials
from contracts.spec import load_contract
from tests.conformance.batching import Batching
from tests.conformance.examining import cases_of, runner_for

contract = load_contract()
large = [trial for trial in trials(contract, PROFILES["ci"]) if trial.name.startswith("upload/size/")]
with judges_fake(contract) as fake, runner_for(Batching, fake) as runner:
    cases = cases_of(runner, large)
sent = sum(sent.size for case in cases for sent in case.sent)
# Not getrusage: that goes on from what the process that started this one held.
peak = 1024 * int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
print(json.dumps([sent, peak]))
"""


def test_names_are_unique(contract: Contract) -> None:
    names = [trial.name for trial in trials(contract, CI)]

    assert len(names) == len(set(names))


def test_quick_is_a_part_of_all(contract: Contract) -> None:
    quick = {trial.name for trial in trials(contract, QUICK)}

    assert quick < {trial.name for trial in trials(contract, CI)}


def test_large_files_are_few_and_only_where_they_are_asked_for(contract: Contract) -> None:
    def large(found: object) -> bool:
        return getattr(found, "size", 0) > MEGABYTE

    def with_large(depth: str) -> list[str]:
        found = trials(contract, PROFILES[depth])
        return [trial.name for trial in found if any(large(file) for one in trial.intents for file in one.files)]

    assert with_large("quick") == []
    assert 0 < len(with_large("ci")) <= 6


@pytest.mark.parametrize("name", ["upload/content/", "upload/name/", "upload/id/"])
def test_awkward_uploads_are_valid(contract: Contract, name: str) -> None:
    wrong = {"upload/content/empty", "upload/content/empty-beside", "upload/content/pdf"}
    found = [trial for trial in trials(contract, CI) if trial.name.startswith(name) and trial.name not in wrong]

    assert found
    assert [trial.name for trial in found if any(wrong_with(one, contract) for one in trial.intents)] == []


@pytest.mark.parametrize("client", [Reference, Batching])
def test_right_client_keeps_every_row(client: type[Reference], contract: Contract, trial_fake: JudgesFake) -> None:
    rows = obligations(contract)

    with runner_for(client, trial_fake) as runner:
        cases = cases_of(runner, trials(contract, CI))

    assert tripped(cases, rows) == set()
    assert exercised(cases, rows) == {row.id for row in rows} - ONLY_NOTED
    assert ONLY_NOTED - {"U-20"} <= judged(cases, rows).keys()


def test_upload_that_is_given_up_is_no_malformed_form(contract: Contract, trial_fake: JudgesFake) -> None:
    with runner_for(UploadThenFail, trial_fake) as runner:
        cases = cases_of(runner, [trial for trial in trials(contract, CI) if trial.name == "upload/size/over"])

    assert tripped(cases, obligations(contract)) == {"U-08"}
    assert [sent.broken("gift.body") is not None for case in cases for sent in case.sent] == [False, True]


def test_largest_uploads_leave_memory_flat() -> None:
    run = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, timeout=120, check=False)

    assert run.returncode == 0, run.stderr
    sent, memory = json.loads(run.stdout)
    assert sent > 11 * 50 * MEGABYTE
    assert memory < MOST_MEMORY
