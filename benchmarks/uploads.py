"""How fast files are taken, and with how much memory: the fake, a bare app, a Starlette form, and peers.

The fake parses, counts and hashes what it gets; the bare app reads it and throws it away.
"""

import hashlib
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.contestants import BARE, FAKE, ROUTE, Running, all_started, bench
from benchmarks.options import Options, read_options
from benchmarks.peers import FORGETFUL_WIREMOCK, find_peers
from benchmarks.report import Goal, print_facts, print_goals, print_table, progress, ratio, written
from benchmarks.upload_load import Shape, Upload, run_upload

FORM = replace(ROUTE, name="Starlette request.form(), uvicorn")

ONE = Shape("1 x 50 MB", files=1, size=50_000_000)
TEN = Shape("10 x 50 MB", files=10, size=50_000_000)
SMALL = Shape("100 x (10 x 100 kB)", files=10, size=100_000, requests=100)
CR_LF = replace(ONE, name="CR LF, 1 x 50 MB", content="CR LF")
NEARLY = replace(ONE, name="near-boundaries, 1 x 50 MB", content="near-boundaries")

_PLAIN = (ONE, TEN, SMALL)
SHAPES = (*_PLAIN, CR_LF, NEARLY)

_PATIENCE_SECONDS = 60.0
# A peer that takes a hundred times as long need not do it a hundred times.
_PEER_REQUESTS = 10

Uploads = dict[tuple[str, Shape], list[Upload]]


def measure(field: list[Running], options: Options) -> Uploads:
    """Warm all up with small files and a large one, then upload every shape to all in each round."""
    for running in field:
        for shape in (SMALL, ONE):
            _upload(running, shape)
    taken: Uploads = {(running.contestant.name, shape): [] for shape in SHAPES for running in field}
    for number in range(options.rounds):
        progress(f"round {number + 1} of {options.rounds}")
        for shape in SHAPES:
            for running in field:
                before = taken[running.contestant.name, shape]
                # A peer that refuses or takes too long would do so again.
                if not (before and before[-1].problem):
                    before.append(_upload(running, shape))
    return taken


def _upload(running: Running, shape: Shape) -> Upload:
    peer = running.contestant.peer
    chosen = replace(shape, requests=min(shape.requests, _PEER_REQUESTS)) if peer else shape
    taken = run_upload(running, chosen, _PATIENCE_SECONDS)
    if taken.problem and not peer:
        raise SystemExit(
            f"{running.contestant.name}: {shape.name}: got {taken.problem}, expected every answer to be 200"
        )
    return taken


def speeds(taken: Uploads, name: str, shape: Shape) -> list[float] | None:
    """Give the speed of each round, in MB/s; nothing for a peer that did not take it."""
    runs = taken[name, shape]
    return None if any(run.problem for run in runs) else [run.mb_per_second for run in runs]


def table(taken: Uploads, names: list[str], cell: Callable[[list[Upload]], str]) -> None:
    """Print a row for each contestant, with a cell for each shape."""
    rows = [[name, *(cell(taken[name, shape]) for shape in SHAPES)] for name in names]
    print_table([CELLS[cell], *(shape.name for shape in SHAPES)], rows)


def _speed_cell(runs: list[Upload]) -> str:
    return runs[-1].problem or written(statistics.median(run.mb_per_second for run in runs))


def _peak_cell(runs: list[Upload]) -> str:
    return written(max(run.peak_mb for run in runs))


CELLS: Mapping[Callable[[list[Upload]], str], str] = {_speed_cell: "MB/s", _peak_cell: "peak, MB above idle"}


def goals(taken: Uploads, peers: list[str]) -> list[Goal]:
    """Hold what was measured against the goals."""

    def times(shape: Shape, other: str = FAKE.name, base: Shape | None = None) -> float | None:
        ours, theirs = speeds(taken, FAKE.name, shape), speeds(taken, other, base or shape)
        return ratio(ours, theirs) if ours and theirs else None

    def against_best(shape: Shape, chosen: list[str]) -> float | None:
        return min(filter(None, (times(shape, peer) for peer in chosen)), default=None)

    as_they_come = [peer for peer in peers if peer != FORGETFUL_WIREMOCK]
    peak = max(run.peak_mb for run in taken[FAKE.name, TEN])
    return [
        Goal("1 x 50 MB, against the bare app", times(ONE, BARE.name), 1.0, 1.6),
        Goal("10 x 50 MB, against the bare app", times(TEN, BARE.name), 1.0, 1.6),
        Goal("many small files, against the bare app", times(SMALL, BARE.name), 0.8, 1.5),
        Goal("all CR LF, against random content", times(CR_LF, base=ONE), 0.7, 0.85),
        Goal("near-boundaries, against random content", times(NEARLY, base=ONE), 0.7, 0.85),
        *(Goal(f"{shape.name}, against the best peer", against_best(shape, as_they_come), 10, 20) for shape in _PLAIN),
        *(
            Goal(f"{shape.name}, against the best, WireMock without journal too", against_best(shape, peers), 10, 20)
            for shape in _PLAIN
        ),
        Goal("memory above idle during 10 x 50 MB", peak, 16, 4, at_most=True, unit="MB"),
    ]


def hash_speed() -> float:
    """Give how many MB a second one core hashes, which no server that hashes in one thread can surpass."""
    content = bytes(100_000_000)
    began = time.perf_counter()
    hashlib.sha256(content)
    return len(content) / (time.perf_counter() - began) / 1e6


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__)
    peers, missing = find_peers(options.peers)
    contestants = [BARE, FORM, FAKE, *(peer.contestant for peer in peers)]
    log = f"the fake's log is off; SHA-256 on one core: {written(hash_speed())} MB/s"
    print_facts(options, peers, missing, f"{log}; peers get {_PEER_REQUESTS} of the 100 requests")
    with bench() as folder, all_started(contestants, folder) as field:
        taken = measure(field, options)
    names = [contestant.name for contestant in contestants]
    for cell in CELLS:
        table(taken, names, cell)
    print_goals(goals(taken, [peer.contestant.name for peer in peers]))


if __name__ == "__main__":
    main()
