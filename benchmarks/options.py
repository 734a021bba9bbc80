"""The options that all benchmarks have."""

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """How long to measure, how often, and where peers are."""

    quick: bool
    rounds: int
    seconds: int
    peers: Path | None


def read_options(says: str | None, *, rounds: int = 3, seconds: int = 4) -> Options:
    """Read the command line; `says` is the program's description."""
    parser = argparse.ArgumentParser(description=says, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round, to see that all works; no figures")
    parser.add_argument("--rounds", type=int, help=f"how often each is measured, after a warm-up [{rounds}]")
    parser.add_argument("--seconds", type=int, help=f"how long a run of JSON requests takes [{seconds}]")
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="a folder whose node_modules holds peers")
    given = parser.parse_args()
    return Options(
        quick=given.quick,
        rounds=max(1, given.rounds or (1 if given.quick else rounds)),
        seconds=max(1, given.seconds or (1 if given.quick else seconds)),
        peers=given.peers,
    )
