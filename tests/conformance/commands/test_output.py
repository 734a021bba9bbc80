"""Reports go where the user wants them, and a place where they cannot go is told before the run."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from conformance.commands.output import WRITERS, Output, output_options
from conformance.model import Capabilities, Sent
from conformance.obligation import Mode
from conformance.observed.recorded import Recorded
from conformance.observed.traffic import run_of
from conformance.report.reading import read_report
from conformance.results import Run
from conformance.verdicts import Options
from contracts.faults import ConfigError
from contracts.operations import Contract

NOTHING = Run(
    mode=Mode.TRAFFIC,
    profile="",
    seed=0,
    client=Capabilities(frozenset()),
    contract="a contract",
    contract_digest="0",
    results=(),
    started=0.0,
    limitations=("what cannot be known",),
)


@click.command()
@output_options
@click.pass_context
def command(context: click.Context, output: Output) -> None:
    """Tell of a run."""
    context.exit(output.tell(NOTHING))


def told(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def test_a_run_is_told_on_the_terminal() -> None:
    result = told()

    assert result.exit_code == 4
    assert "what cannot be known" in result.stdout


@pytest.mark.parametrize("name", WRITERS)
def test_each_report_goes_into_its_file(name: str, tmp_path: Path) -> None:
    result = told(f"--{name}", str(tmp_path / "report"))

    assert result.exit_code == 4
    assert "what cannot be known" in (tmp_path / "report").read_text()


def test_the_json_is_a_report(tmp_path: Path) -> None:
    told("--json", str(tmp_path / "report.json"))

    assert read_report(tmp_path / "report.json")["limitations"] == ["what cannot be known"]


def test_a_report_on_stdout_stands_alone() -> None:
    result = told("--json", "-")

    assert json.loads(result.stdout)["format"] == 1
    assert "what cannot be known" in result.stderr


def test_a_folder_that_there_is_not_is_told_first(tmp_path: Path) -> None:
    result = told("--html", str(tmp_path / "none" / "report.html"))

    assert result.exit_code == 2
    assert "there is no folder" in result.stderr


def test_a_file_that_cannot_be_written_is_told() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")

    with pytest.raises(ConfigError, match="/dev/full: cannot be written: no space left on device"):
        Output(json=full).tell(NOTHING)


def test_what_utf_8_cannot_write_is_written_all_the_same(tmp_path: Path, contract: Contract) -> None:
    odd: dict[str, Any] = {"headers": (("x-odd", "\ud800"),), "target": "/\ud800"}
    sent = Sent("r-1", 0.0, "POST", operation="addUserAnalytics", **odd)
    run = run_of(Recorded((sent,)), contract, (), Options())

    files: dict[str, Any] = {name: tmp_path / name for name in WRITERS}
    Output(**files).tell(run)

    assert all((tmp_path / name).read_bytes() for name in WRITERS)
