"""Puts the reports of several clients side by side."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.report.wording import Report, client_name


@dataclass(frozen=True, slots=True)
class Row:
    """One obligation, and what each client made of it; None for a report in which it does not stand."""

    obligation: Mapping[str, Any]
    cells: tuple[Mapping[str, Any] | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Clients by obligations. Each client has another name; `remarks` say what makes them hard to compare."""

    clients: tuple[str, ...]
    reports: tuple[Report, ...]
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]


def matrix(reports: Sequence[Report]) -> Matrix:
    """Put reports side by side; obligations that only some of them have come where those have them."""
    found = [{one["id"]: one for one in report["obligations"]} for report in reports]
    rows = []
    for name in _in_order([list(each) for each in found]):
        cells = tuple(each.get(name) for each in found)
        rows.append(Row(next(cell for cell in cells if cell is not None), cells))
    return Matrix(tuple(_names(reports)), tuple(reports), tuple(rows), tuple(_remarks(reports)))


def _in_order(lists: Sequence[Sequence[str]]) -> list[str]:
    """Merge ids so that each list's order is kept, as far as they agree."""
    merged: list[str] = []
    for ids in lists:
        at = 0
        for name in ids:
            if name in merged:
                at = merged.index(name) + 1
            else:
                merged.insert(at, name)
                at += 1
    return merged


def _names(reports: Sequence[Report]) -> Iterator[str]:
    """Name the clients; a number tells apart those of one name."""
    names = [client_name(report) for report in reports]
    all_of, seen = Counter(names), Counter[str]()
    for name in names:
        seen[name] += 1
        yield f"{name} ({seen[name]})" if all_of[name] > 1 else name


def _remarks(reports: Sequence[Report]) -> Iterator[str]:
    compared = (
        ("contract", lambda report: f"{report['contract']['name']} {report['contract']['digest']}"),
        ("suite's version", lambda report: report["suite"]["version"]),
        ("profile", lambda report: report["profile"]),
        ("options", lambda report: " ".join(report["options"]) or "none"),
        ("mode", lambda report: report["mode"]),
    )
    for name, of in compared:
        values = list(dict.fromkeys(of(report) for report in reports))
        if len(values) > 1:
            yield f"the reports differ in {name}: {'; '.join(values)}"
