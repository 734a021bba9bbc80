"""Writes a short summary in Markdown, as CI systems show it beside a run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from conformance.report.merging import Matrix, matrix
from conformance.report.wording import (
    TELLING,
    VERDICTS,
    Report,
    both_numbers,
    by_verdict,
    client_name,
    failure_text,
    headline,
    printable,
    remarks,
    short,
    told_about,
)

# What means something in Markdown, or in the HTML that it may hold.
_SPECIAL = re.compile(r"([\\`*_{}\[\]#!|<>~&@$]|:(?=//))")
_MOST_FAILURES = 20
_LONGEST = 120


def markdown(*reports: Report) -> str:
    """Write one report, or several side by side."""
    lines: list[str] = []
    for report in reports:
        lines += _about(report)
    if len(reports) > 1:
        lines += _matrix(matrix(reports))
    for report in reports:
        lines += _failures(report)
    return "\n".join(lines) + "\n"


def _about(report: Report) -> Iterator[str]:
    summary = report["summary"]
    yield f"## {plain(client_name(report))} {plain(headline(report))}"
    yield ""
    yield f"{plain(both_numbers(summary))}."
    counted = (f"{number} {VERDICTS[name]}" for name, number in summary["verdicts"].items() if number)
    yield f"Profile {plain(report['profile'])}, seed {report['seed']}: {plain(', '.join(counted))}."
    yield ""
    for remark in remarks(report):
        yield f"- {plain(remark)}"
    told = by_verdict(report, *TELLING, "known")
    if told:
        yield ""
        yield "| obligation | verdict | level | what |"
        yield "|---|---|---|---|"
    for one in told:
        yield f"| {plain(one['id'])} | {one['verdict']} | {one['applied']} | {plain(short(_what(one), _LONGEST))} |"
    yield ""


def _what(obligation: Mapping[str, Any]) -> str:
    example = obligation["counterexample"]
    what = example["finding"]["what"] if example and obligation["verdict"] != "known" else obligation["reason"]
    return told_about(obligation, what)


def _failures(report: Report) -> Iterator[str]:
    failures = by_verdict(report, *TELLING)
    for obligation in failures[:_MOST_FAILURES]:
        # This line is HTML, in which Markdown means nothing.
        title = escape(printable(" ".join(f"{client_name(report)}: {obligation['id']} {obligation['says']}".split())))
        yield f"<details><summary>{title}</summary>"
        yield ""
        yield from _fenced(printable(failure_text(obligation)))
        yield ""
        yield "</details>"
        yield ""
    if len(failures) > _MOST_FAILURES:
        yield f"And {len(failures) - _MOST_FAILURES} more."


def _matrix(found: Matrix) -> Iterator[str]:
    for remark in found.remarks:
        yield f"- {plain(remark)}"
    yield ""
    yield f"| obligation | {' | '.join(map(plain, found.clients))} |"
    yield "|---" * (len(found.clients) + 1) + "|"
    for row in found.rows:
        cells = " | ".join(cell["verdict"] if cell else "" for cell in row.cells)
        yield f"| {plain(row.obligation['id'])} | {cells} |"
    yield ""


def _fenced(text: str) -> Sequence[str]:
    """Fence a text with more backticks than stand in it."""
    longest = max((len(found) for found in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, text, fence]


def plain(text: str) -> str:
    """Write a text in one line so that it means nothing to Markdown; names such as http:// make no links."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))
