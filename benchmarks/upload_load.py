"""Loads a contestant with uploads, by a process of its own, and looks how much memory they take."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.contestants import Running

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is uploaded: so many requests, one after the other, of so many files of so many bytes."""

    name: str
    files: int
    size: int
    requests: int = 1
    content: str = "random"


@dataclass(frozen=True, slots=True)
class Upload:
    """What one run measured; `problem` says why it has no speed."""

    mb_per_second: float
    peak_mb: float
    problem: str = ""


def run_upload(running: Running, shape: Shape, patience: float) -> Upload:
    """Upload to a contestant, for so many seconds at most. The peak is told above what it took when idle."""
    processes.forget_peak(running.pid)
    command = [sys.executable, "-m", "benchmarks.uploader", "--port", str(running.port), "--content", shape.content]
    command += ["--files", str(shape.files), "--size", str(shape.size), "--requests", str(shape.requests)]
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True, timeout=patience)
    except subprocess.TimeoutExpired:
        return Upload(0, processes.peak_mb(running.pid) - running.idle_mb, f"over {patience:.0f} s")
    measured = json.loads(done.stdout)
    wrong = sorted({status for status in measured["statuses"] if status != 200})
    return Upload(
        measured["bytes"] / measured["seconds"] / 1e6,
        processes.peak_mb(running.pid) - running.idle_mb,
        ", ".join(f"answers {status}" if status else "closed" for status in wrong),
    )
