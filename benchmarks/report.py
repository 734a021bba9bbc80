"""Prints what was measured, and where, as Markdown."""

import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.options import Options
from benchmarks.peers import Peer

_PACKAGES = ("uvicorn", "uvloop", "httptools", "starlette", "python-multipart", "jsonschema-rs")


_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be at least, or at most; `beyond` is what would be better still."""

    says: str
    figure: float | None
    goal: float
    beyond: float | None = None
    at_most: bool = False
    unit: str = ""

    @property
    def verdict(self) -> str:
        """Say whether it is met, or that it was not measured."""
        if self.figure is None:
            return "not measured"
        if self.beyond is not None and self._reaches(self.figure, self.beyond):
            return "beyond"
        return "met" if self._reaches(self.figure, self.goal) else "**missed**"

    def _reaches(self, figure: float, bound: float) -> bool:
        return figure <= bound if self.at_most else figure >= bound

    def row(self) -> list[str]:
        """Write it as a row of the table of goals."""
        sign = "≤" if self.at_most else "≥"
        bounds = [
            "" if bound is None else f"{sign} {bound:g} {self.unit}".rstrip() for bound in (self.goal, self.beyond)
        ]
        return [self.says, *bounds, f"{written(self.figure)} {self.unit}".rstrip(), self.verdict]


def print_goals(goals: Iterable[Goal]) -> None:
    """Print which goals are met."""
    print_table(["what", "goal", "beyond", "measured", "verdict"], [goal.row() for goal in goals])


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: texts at the left, figures at the right."""
    cells = [list(heads), *map(list, rows)]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(heads))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    for row in (cells[0], rule, *cells[1:]):
        padded = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        print(f"| {' | '.join(padded)} |")
    print()


def written(value: float | None) -> str:
    """Write a figure with as many digits as mean something, and none as a dash."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{round(value, -2 if abs(value) >= 10_000 else -1):,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Give the median, over the rounds, of how many times as large ours is."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def print_facts(options: Options, peers: Sequence[Peer], missing: Sequence[str], log: str) -> None:
    """Print on what machine, with which versions, and how was measured; `log` says where the fake's log went."""
    cores = len(os.sched_getaffinity(0))
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {cores} cores of {_processor()}; load before: {busy}")
    print(f"- {_system()}, Linux {platform.release()}; {_memory_gb():.0f} GB")
    print(f"- distinct-mock {version('distinct-mock')}, {_commit()}")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"- {python}; " + ", ".join(f"{package} {version(package)}" for package in _PACKAGES))
    if peers:
        names = [f"{peer.contestant.name} {peer.version}" for peer in peers]
        print(f"- {', '.join([*names, *_runtimes()])}")
    if missing:
        print(f"- left out, since not found: {', '.join(missing)}")
    print(f"- {options.rounds} interleaved rounds, medians; ratios are medians of each round's own")
    print(f"- {log}")
    if options.quick:
        print("- **quick: a look whether all works, no figures to quote**")
    print(flush=True)


def progress(text: str) -> None:
    """Say on standard error what is being done."""
    print(f"  {text}", file=sys.stderr, flush=True)


def _commit() -> str:
    """Say which state of the project is measured, "dirty" when files differ from it; it may change while we look."""
    command = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return "commit " + _first_line(command)
    except (OSError, subprocess.CalledProcessError):
        return "not in a git checkout"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def _runtimes() -> list[str]:
    commands = (("Node", ["node", "--version"]), ("Java", ["java", "--version"]))
    there = ((name, command) for name, command in commands if shutil.which(command[0]))
    return [f"{name} {_first_line(command)}" for name, command in there]


def _first_line(command: list[str]) -> str:
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    return said.splitlines()[0].removeprefix("v").removeprefix("openjdk ")
