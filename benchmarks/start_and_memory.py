"""How soon a server answers, and how much memory it takes: the fake, a bare app, a Starlette Route, and peers.

Start is from the start of the process to the first correct answer. Memory is what is resident: at first, after many
JSON requests, after uploads, and after as many JSON requests again; at each of these points the fake's journal is
asked for its latest requests.
"""

import http.client
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from benchmarks.contestants import BARE, FAKE, ROUTE, Contestant, Running, bench, compile_first, started
from benchmarks.load import Load
from benchmarks.messages import HOST, VALID
from benchmarks.options import Options, read_options
from benchmarks.peers import MOUNTEBANK, find_peers
from benchmarks.processes import resident_mb
from benchmarks.report import Goal, print_facts, print_goals, print_table, progress, ratio, written
from benchmarks.upload_load import Shape, run_upload

_REQUESTS, _QUICK_REQUESTS = 200_000, 10_000
_UPLOADS = Shape("200 MB of uploads", files=10, size=100_000, requests=200)
_QUICK_UPLOADS = Shape("20 MB of uploads", files=10, size=100_000, requests=20)
_STARTS_A_ROUND = 4
_CONNECTIONS = 16
# A peer that is slow shows its memory in less.
_PATIENCE_SECONDS = 60
_JOURNAL_MB, _SLACK_MB = 32, 16


@dataclass(frozen=True, slots=True)
class Memory:
    """What was resident, in MB, step by step; `note` says what was not done in full.

    `looks` is how many ms the journal took to answer for its latest requests at each step, and `searches` for those of
    a status, which it looks for in all of them; for a contestant that has one of ours.
    """

    idle: float
    after_requests: float
    after_uploads: float
    after_more: float
    note: str
    looks: tuple[float, ...] = ()
    searches: tuple[float, ...] = ()


def measure_starts(contestants: Sequence[Contestant], options: Options, folder: Path) -> dict[str, list[float]]:
    """Start each contestant in turn, some times in each round; give the seconds."""
    for contestant in contestants:
        # The first time, files have to be read from the disk.
        compile_first(contestant, folder)
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(options.rounds):
        progress(f"starts, round {number + 1} of {options.rounds}")
        for _ in range(1 if options.quick else _STARTS_A_ROUND):
            for contestant in contestants:
                with started(contestant, folder) as running:
                    seconds[contestant.name].append(running.start_seconds)
    return seconds


def measure_memory(contestant: Contestant, options: Options, folder: Path) -> Memory:
    """Load one contestant step by step, and look at its memory after each."""
    progress(f"memory of {contestant.name}")
    requests = _QUICK_REQUESTS if options.quick else _REQUESTS
    uploads = _QUICK_UPLOADS if options.quick else _UPLOADS
    load = Load(folder)
    with started(contestant, folder) as running:
        asked = ("", "&status=200") if contestant is FAKE else ()
        looks = []
        done = _requests(load, running, requests)
        looks += [_look_ms(running, query) for query in asked]
        after_requests = resident_mb(running.pid)
        problem = run_upload(running, uploads, _PATIENCE_SECONDS).problem
        looks += [_look_ms(running, query) for query in asked]
        after_uploads = resident_mb(running.pid)
        _requests(load, running, requests)
        looks += [_look_ms(running, query) for query in asked]
        notes = [f"{done:,} requests"] if done < requests else []
        notes += [f"uploads: {problem}"] if problem else []
        steps = (running.idle_mb, after_requests, after_uploads, resident_mb(running.pid))
        return Memory(*steps, "; ".join(notes), tuple(looks[::2]), tuple(looks[1::2]))


def _look_ms(running: Running, query: str) -> float:
    """Ask the journal for the latest requests that a query fits, and give how many ms that took."""
    connection = http.client.HTTPConnection(HOST, running.port, timeout=_PATIENCE_SECONDS)
    began = time.perf_counter()
    try:
        connection.request("GET", f"/_mock/requests?limit=50{query}")
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    took = time.perf_counter() - began
    if response.status != HTTPStatus.OK:
        raise SystemExit(f"{running.contestant.name}: got {response.status} {content!r} of its journal, expected 200")
    return 1000 * took


def _requests(load: Load, running: Running, requests: int) -> int:
    done, deadline = 0, time.monotonic() + _PATIENCE_SECONDS
    while done < requests and time.monotonic() < deadline:
        done += load.run(running, VALID, _CONNECTIONS, 1).requests
    return done


def goals(starts: Mapping[str, list[float]], ours: Memory) -> list[Goal]:
    """Hold what was measured against the goals."""
    start = starts[FAKE.name]
    mountebank = starts.get(MOUNTEBANK)
    growth = max(ours.after_requests, ours.after_uploads) - ours.idle
    more = ours.after_more - ours.after_uploads
    bound = _JOURNAL_MB + _SLACK_MB
    return [
        Goal("start, against the bare app", ratio(start, starts[BARE.name]), 2.5, 1.6, at_most=True),
        Goal("start, against mountebank", ratio(start, mountebank) if mountebank else None, 1.0, at_most=True),
        Goal("idle", ours.idle, 64, 48, at_most=True, unit="MB"),
        Goal("above idle, after requests and uploads", growth, bound, at_most=True, unit="MB"),
        Goal("the journal's latest requests, right after any of that", max(ours.looks), 200, at_most=True, unit="ms"),
        Goal("a search through the journal, right after that", max(ours.searches), 200, at_most=True, unit="ms"),
        Goal("growth by as many requests again: none, but for noise", more, 2, at_most=True, unit="MB"),
    ]


def table(starts: Mapping[str, list[float]], memories: Mapping[str, Memory], options: Options) -> None:
    """Print a row for each contestant."""
    requests = f"{_QUICK_REQUESTS if options.quick else _REQUESTS:,} requests"
    uploads = (_QUICK_UPLOADS if options.quick else _UPLOADS).name
    heads = ["start, s", "/ bare", "idle MB", f"after {requests}", f"after {uploads}", "after requests again", "note"]
    rows = []
    for name, memory in memories.items():
        steps = (memory.idle, memory.after_requests, memory.after_uploads, memory.after_more)
        times = ratio(starts[name], starts[BARE.name])
        start = f"{statistics.median(starts[name]):.3f}"
        rows.append([name, start, written(times), *map(written, steps), memory.note])
    print_table(["contestant", *heads], rows)


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__)
    peers, missing = find_peers(options.peers)
    contestants = [BARE, ROUTE, FAKE, *(peer.contestant for peer in peers)]
    print_facts(
        options, peers, missing, "the fake's log is off, its journal at its default bound; MB are resident ones"
    )
    with bench() as folder:
        starts = measure_starts(contestants, options, folder)
        memories = {contestant.name: measure_memory(contestant, options, folder) for contestant in contestants}
    table(starts, memories, options)
    print_goals(goals(starts, memories[FAKE.name]))


if __name__ == "__main__":
    main()
