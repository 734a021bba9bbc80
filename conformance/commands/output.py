"""Where the reports of a run go: to the terminal, and into the files that the user names."""

import functools
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TextIO

import click

from conformance.report.document import document
from conformance.report.junit import junit
from conformance.report.markdown import markdown
from conformance.report.page import page
from conformance.report.terminal import tell
from conformance.report.wording import Report
from conformance.results import Run
from conformance.verdicts import exit_code
from contracts.faults import ConfigError, Fault

_Command = Callable[..., Any]
STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Output:
    """The files for the reports of one run, `-` for stdout; None for what nobody asked for."""

    json: Path | None = None
    junit: Path | None = None
    html: Path | None = None
    markdown: Path | None = None
    quiet: bool = False

    @property
    def asked(self) -> Mapping[str, Path]:
        """The files that somebody asked for, by the name of their form."""
        return {name: path for name in WRITERS if (path := getattr(self, name)) is not None}

    @property
    def for_people(self) -> TextIO:
        """Where people read: not where a report for a program goes."""
        return sys.stderr if STDOUT in self.asked.values() else sys.stdout

    def tell(self, run: Run) -> int:
        """Tell of a run on the terminal, write its reports, and give what the command ends with.

        Raises ConfigError for files that cannot be written, when everything else is done.
        """
        report = document(run)
        tell(report, self.for_people, quiet=self.quiet)
        self._write(report)
        return exit_code(run)

    def write(self, run: Run) -> None:
        """Write the reports of a run, and tell nothing. Raises ConfigError like `tell`."""
        self._write(document(run))

    def _write(self, report: Report) -> None:
        do_all(functools.partial(write_file, path, WRITERS[name](report)) for name, path in self.asked.items())


def do_all(steps: Iterable[Callable[[], object]]) -> None:
    """Do each step, whatever becomes of the others. Raises ConfigError with the faults of all."""
    faults: list[Fault] = []
    for step in steps:
        try:
            step()
        except ConfigError as error:
            faults += error.faults
    if faults:
        raise ConfigError(faults)


def as_json(report: Report) -> str:
    """Write a report as JSON."""
    return json.dumps(report, indent=2) + "\n"


WRITERS: Mapping[str, Callable[[Report], str]] = {"json": as_json, "junit": junit, "html": page, "markdown": markdown}
"""How a report is written in each form, by the name of its option."""


def write_file(path: Path, text: str) -> None:
    """Write a file, or to stdout for `-`. Raises ConfigError when it cannot be written."""
    # A client may have sent what UTF-8 cannot write.
    content = text.encode("utf-8", "backslashreplace")
    if path == STDOUT:
        click.echo(content, nl=False)
        return
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError([Fault(str(path), f"cannot be written: {reason}")]) from None


def _place(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse early what cannot be written: a run may take its time."""
    if path is not None and path != STDOUT and not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {str(path.parent)!r}")
    return path


def _refuse_shared(asked: Mapping[str, Path]) -> None:
    """Refuse two reports in one place: neither could be read."""
    for place in dict.fromkeys(asked.values()):
        names = [f"--{name}" for name, path in asked.items() if path == place]
        if len(names) > 1:
            raise click.UsageError(f"{' and '.join(names)} have the same place: {place}")


def output_options(command: _Command) -> _Command:
    """Add the options for reports, and hand them to the command as one `output`."""

    @functools.wraps(command)
    def with_output(*args: Any, quiet: bool, **options: Any) -> Any:  # noqa: ANN401 - whatever the command takes
        files = {one.name: options.pop(f"{one.name}_file") for one in fields(Output) if one.name != "quiet"}
        output = Output(**files, quiet=quiet)
        _refuse_shared(output.asked)
        return command(*args, output=output, **options)

    add: _Command = click.option("--quiet", is_flag=True, help="Print one line, and what deviates.")
    with_options: _Command = add(with_output)
    for name, what in _FILES.items():
        kind = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)
        option = click.option(
            f"--{name}", f"{name}_file", type=kind, metavar="FILE", callback=_place, help=f"{what} (-: stdout)."
        )
        with_options = option(with_options)
    return with_options


_FILES = {
    "markdown": "Write a summary in Markdown, for CI",
    "html": "Write the report as one HTML page",
    "junit": "Write the report for JUnit's readers, a case for each obligation",
    "json": "Write the report as JSON, which `report` makes the others of",
}
