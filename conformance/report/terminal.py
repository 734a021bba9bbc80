"""Tells a report to somebody at a terminal: the numbers, then each failure on a screen of its own."""

from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from conformance.report.wording import (
    TELLING,
    VERDICTS,
    Report,
    both_numbers,
    by_verdict,
    client_name,
    failure_rows,
    headline,
    printable,
    remarks,
    source_of,
    told_about,
    unmet_line,
)

_COLOURS: Mapping[str, str] = {
    "fail": "bold red", "stale": "bold red", "warn": "yellow", "known": "magenta", "info": "cyan", "pass": "green",
}  # fmt: skip
_COLUMNS = ("fail", "stale", "warn", "known", "info", "blocked", "untested", "not-applicable")
_HEADLINE_COLOURS = {0: "bold green", 1: "bold red"}
# What somebody copies must not be broken into lines.
_COPIED = ("curl", "again")
_LABEL = 10
_PIPE_WIDTH = 120


def tell(report: Report, stream: TextIO, *, quiet: bool = False) -> None:
    """Write a report; quietly, only what deviates and the last line. In colour where the stream is a terminal."""
    # A pipe has no width, and a table that is cut says nothing.
    width = None if stream.isatty() else _PIPE_WIDTH
    console = Console(file=stream, width=width, highlight=False, emoji=False, markup=False, soft_wrap=True)
    if not quiet:
        _print_numbers(console, report)
    for obligation in by_verdict(report, *(TELLING[:2] if quiet else reversed(TELLING))):
        _print_failure(console, obligation)
    if not quiet:
        _print_small(console, report)
    for remark in remarks(report):
        console.print(Text(printable(f"! {remark}"), "yellow"))
    colour = _HEADLINE_COLOURS.get(report["exitCode"], "bold yellow")
    ending = Text.assemble((headline(report), colour), ": ", both_numbers(report["summary"]))
    console.print(Text(printable(f"{client_name(report)} ")) + ending)


def _print_numbers(console: Console, report: Report) -> None:
    used = [name for name in _COLUMNS if report["summary"]["verdicts"][name]]
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("")
    for name in ("exercised", "kept", *used):
        table.add_column("n/a" if name == "not-applicable" else name, justify="right")
    for chapter in report["chapters"]:
        if chapter["obligations"]:
            table.add_row(*_cells(f"{chapter['letter']}  {chapter['title']}", chapter, used))
    table.add_row(*_cells("   all", report["summary"], used), style="bold")
    console.print(table, soft_wrap=False)
    console.print()


def _cells(name: str, counted: Mapping[str, Any], used: list[str]) -> Iterator[Text]:
    yield Text(name)
    yield Text(f"{counted['exercised']}/{counted['applicable']}")
    yield Text(f"{counted['kept']}/{counted['exercised']}")
    for verdict in used:
        number = counted["verdicts"][verdict]
        yield Text(str(number), _COLOURS.get(verdict, "")) if number else Text("·", "dim")


def _print_failure(console: Console, obligation: Mapping[str, Any]) -> None:
    colour = _COLOURS[obligation["verdict"]]
    counted = f"{obligation['failed']} of {obligation['exercised']} times"
    title = f"{obligation['id']}  {VERDICTS[obligation['verdict']]}  {obligation['applied']}  {counted}"
    console.print(Rule(Text(title, colour), style=colour, align="left"), width=min(console.width, _PIPE_WIDTH))
    for name, text in failure_rows(obligation):
        lines = printable(text).split("\n")
        if name in _COPIED:
            console.print(Text(name, "dim"))
            for line in lines:
                console.print(Text(line))
            continue
        for number, line in enumerate(lines):
            console.print(Text((name if number == 0 else "").ljust(_LABEL), "dim") + Text(line))
    console.print()


def _print_small(console: Console, report: Report) -> None:
    """Print all in a line each: what nobody has to act upon, and once more what deviates, since the end is read."""
    for obligation in by_verdict(report, "known", "info", "blocked"):
        _print_line(console, obligation)
    untested = [one["id"] for one in by_verdict(report, "untested") if not one["missing"]]
    if untested:
        console.print(Text("untested".ljust(_LABEL), "dim") + Text(", ".join(untested)))
    if report["unmet"]:
        console.print(Text("unmet".ljust(_LABEL), "dim") + Text(printable(unmet_line(report))))
    console.print(Text("No run can show: " + "; ".join(one["says"] for one in report["untestable"]) + ".", "dim"))
    deviating = by_verdict(report, *reversed(TELLING))
    if len(deviating) > 1:
        console.print()
        for obligation in deviating:
            _print_line(console, obligation)


def _print_line(console: Console, obligation: Mapping[str, Any]) -> None:
    told = dict.fromkeys(one["what"] for one in (*obligation["failures"], *obligation["notes"]))
    about = obligation["reason"] or "; ".join(told) or source_of(obligation)
    line = f"{obligation['id']:8} {told_about(obligation, about)}"
    word = Text(obligation["verdict"].ljust(_LABEL), _COLOURS.get(obligation["verdict"], "dim"))
    console.print(word + Text(printable(line).replace("\n", " ")))
