"""examples/ci/judge.sh: a client is judged in a CI job, and the reports are there whatever the verdict."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "examples" / "ci" / "judge.sh"
ADAPTERS = ROOT / "examples" / "adapters" / "python"
REPORTS = {"report.json", "junit.xml", "report.html", "report.md"}
RIGHT = "python:with_http_client:make"
# A wrong one, which says that all is well and has sent nothing.
IDLE = "python:idle:make"


def judged(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    for file in ADAPTERS.glob("*.py"):
        (folder / file.name).write_text(file.read_text())
    (folder / "idle.py").write_text(
        "class make:\n    def __init__(self, config): ...\n    def call(self, *asked): ...\n"
    )
    return subprocess.run(
        ["sh", str(SCRIPT), *arguments],
        # Where it is installed already, nothing is.
        env={**os.environ, "DISTINCT_JUDGE": sys.prefix, **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# Behind the profile of the script, another one counts.
VERDICTS = [pytest.param(RIGHT, 0, "conforms", id="right"), pytest.param(IDLE, 3, "no verdict", id="idle")]


@pytest.mark.parametrize(("client", "status", "word"), VERDICTS)
def test_the_exit_status_is_the_verdict_and_all_reports_are_there(
    tmp_path: Path, client: str, status: int, word: str
) -> None:
    done = judged(tmp_path, client, "--profile", "quick", GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))

    reports = tmp_path / "distinct-reports"
    assert done.returncode == status, done.stderr
    assert {path.name for path in reports.iterdir()} == REPORTS
    assert json.loads((reports / "report.json").read_text())["exitCode"] == status
    assert ET.parse(reports / "junit.xml").getroot().tag == "testsuites"  # noqa: S314 - our own
    assert word in (tmp_path / "summary.md").read_text()
    assert word in done.stdout


def test_reports_are_written_where_they_are_to_be(tmp_path: Path) -> None:
    judged(tmp_path, IDLE, DISTINCT_REPORTS="elsewhere/deep")

    assert {path.name for path in (tmp_path / "elsewhere" / "deep").iterdir()} == REPORTS


def test_without_anything_to_install_it_says_what_it_needs(tmp_path: Path) -> None:
    done = judged(tmp_path, RIGHT, DISTINCT_JUDGE=str(tmp_path / "judge"))

    assert (done.returncode != 0, "DISTINCT_SOURCE" in done.stderr) == (True, True)


def test_without_a_client_it_says_how_it_is_used(tmp_path: Path) -> None:
    done = judged(tmp_path)

    assert (done.returncode, done.stderr.startswith("usage: ")) == (2, True)


def test_the_workflow_uses_the_script() -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "ci" / "judge.yml").read_text())
    steps = workflow["jobs"]["judge"]["steps"]

    assert [step["run"].split()[0] for step in steps if "run" in step] == ["./judge.sh"]
    assert steps[-1]["with"]["path"] == "distinct-reports"
    assert SCRIPT.stat().st_mode & 0o111
