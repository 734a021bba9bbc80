"""What /proc says about a process and its children: their memory, and the processor time that they took."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> Iterator[int]:
    """Give the process and all its descendants."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                yield from family(int(child))


def resident_mb(pid: int) -> float:
    """Give the memory that is resident now, in MB, over the family."""
    return _status_mb(pid, "VmRSS:")


def peak_mb(pid: int) -> float:
    """Give the most that was resident since `forget_peak`, in MB, summed over the family."""
    return _status_mb(pid, "VmHWM:")


def forget_peak(pid: int) -> None:
    """Let the peak begin again at what is resident now."""
    for member in family(pid):
        Path(f"/proc/{member}/clear_refs").write_text("5")


def processor_seconds(pid: int) -> float:
    """Give the processor time that the family has taken so far, in user and kernel mode."""
    ticks = 0
    for member in family(pid):
        # The name of the program, in parentheses, may hold spaces.
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def _status_mb(pid: int, name: str) -> float:
    kilobytes = 0
    for member in family(pid):
        for line in Path(f"/proc/{member}/status").read_text().splitlines():
            if line.startswith(name):
                kilobytes += int(line.split()[1])
    return kilobytes * 1024 / 1e6
