"""The commands that make one report of others: `report html`, `junit` and `markdown`."""

from collections.abc import Sequence
from pathlib import Path

import click

from conformance.commands.output import STDOUT, write_file
from conformance.report.junit import junit
from conformance.report.markdown import markdown
from conformance.report.page import page
from conformance.report.reading import read_report

_files = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
_out = click.option(
    "--out",
    default=STDOUT,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Where to write it; stdout unless given.",
)


@click.group("report")
def report_group() -> None:
    """Make a page, a summary or a JUnit file of JSON reports; several of them stand side by side."""


@report_group.command("html")
@_files
@_out
def html_command(files: Sequence[Path], out: Path) -> None:
    """Write one HTML page."""
    write_file(out, page(*map(read_report, files)))


@report_group.command("markdown")
@_files
@_out
def markdown_command(files: Sequence[Path], out: Path) -> None:
    """Write a summary in Markdown."""
    write_file(out, markdown(*map(read_report, files)))


@report_group.command("junit")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_out
def junit_command(file: Path, out: Path) -> None:
    """Write one report for JUnit's readers."""
    write_file(out, junit(read_report(file)))
