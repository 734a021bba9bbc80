"""How many JSON requests a second, and how fast: the fake, a bare app, a Starlette Route, and peers.

Each contestant takes wrk's load in turn, round after round, so that what changes on the machine changes for all.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.contestants import BARE, FAKE, ROUTE, Contestant, Running, all_started, bench, fake
from benchmarks.load import Load, Rate, check_answer
from benchmarks.messages import FOUR_BROKEN, ONE_BROKEN, VALID, Body
from benchmarks.options import Options, read_options
from benchmarks.peers import FORGETFUL_WIREMOCK, MOUNTEBANK, PRISM, WIREMOCK, Peer, find_peers
from benchmarks.report import Goal, print_facts, print_goals, print_table, progress, ratio, written

LOG_TO_NULL = fake("distinct-mock, default log to /dev/null", unheard=True)
LOG_TO_FILE = fake("distinct-mock, default log to a file")
PURE_PYTHON = fake("distinct-mock, no httptools, no uvloop", "--log-level", "error", "--pure-python")
JOURNAL_FILE = fake("distinct-mock, journal in a file", "--log-level", "error", "--journal", "{folder}/journal")
TWO_WORKERS = fake("distinct-mock, 2 workers and their file", "--log-level", "error", "--workers", "2")

_FEW, _MANY = 16, 64
# Java and Node go on compiling what they run often, Java for half a minute and more on few cores.
_WARM_UP_SECONDS, _WARM_UPS, _STEADY = 5, 20, 3
_LOG = "the fake's log: off, or where its row says; files are in a temporary folder"


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table at one number of connections: who is loaded, and with what."""

    contestant: str
    body: Body = VALID
    connections: int = _FEW


@dataclass(frozen=True, slots=True)
class Comparison:
    """A goal: how many times as much `of` should be as `than`."""

    says: str
    of: Case
    than: Case
    goal: float
    beyond: float | None = None
    what: Literal["per_second", "p99_ms"] = "per_second"


Rates = dict[Case, list[Rate]]

_ROWS: tuple[tuple[Contestant, Body], ...] = (
    (BARE, VALID),
    (ROUTE, VALID),
    (FAKE, VALID),
    (FAKE, ONE_BROKEN),
    (FAKE, FOUR_BROKEN),
    (LOG_TO_NULL, VALID),
    (LOG_TO_FILE, VALID),
    (JOURNAL_FILE, VALID),
    (TWO_WORKERS, VALID),
    (PURE_PYTHON, VALID),
)

_ROUTE, _OURS = Case(ROUTE.name), Case(FAKE.name)
_ROUTE_64, _OURS_64 = Case(ROUTE.name, connections=_MANY), Case(FAKE.name, connections=_MANY)
_LOG_64 = Case(LOG_TO_FILE.name, connections=_MANY)
_JOURNAL_64 = Case(JOURNAL_FILE.name, connections=_MANY)
_WORKERS_64 = Case(TWO_WORKERS.name, connections=_MANY)

_GOALS = (
    Comparison("valid, at 16, against the Starlette Route", _OURS, _ROUTE, 1.0, 1.3),
    Comparison("valid, at 64, against the Starlette Route", _OURS_64, _ROUTE_64, 1.0, 1.3),
    Comparison("valid, at 16, against WireMock", _OURS, Case(WIREMOCK), 1.5, 2),
    Comparison("valid, at 16, against WireMock without its journal", _OURS, Case(FORGETFUL_WIREMOCK), 1.5, 2),
    Comparison("valid, at 16, against Prism", _OURS, Case(PRISM), 4, 6),
    Comparison("valid, at 16, against mountebank", _OURS, Case(MOUNTEBANK), 5, 8),
    Comparison("one rule broken, at 16, against valid", Case(FAKE.name, ONE_BROKEN), _OURS, 0.6, 0.8),
    Comparison("four rules broken, at 16, against valid", Case(FAKE.name, FOUR_BROKEN), _OURS, 0.6, 0.8),
    Comparison("default log to a file, at 16, against the Starlette Route", Case(LOG_TO_FILE.name), _ROUTE, 0.7, 0.9),
    Comparison("default log to a file, at 64, against the Starlette Route", _LOG_64, _ROUTE_64, 0.7, 0.9),
    Comparison("journal in a file, at 64, against the Starlette Route", _JOURNAL_64, _ROUTE_64, 0.4, 0.6),
    Comparison("2 workers that share a file, at 64, against one with a file", _WORKERS_64, _JOURNAL_64, 1.2),
    Comparison("p99 at 16, against the Starlette Route's", _OURS, _ROUTE, 2.5, 1.2, "p99_ms"),
    Comparison("p99 at 64, against the Starlette Route's", _OURS_64, _ROUTE_64, 2.5, 1.2, "p99_ms"),
    Comparison("without httptools and uvloop, at 16, against Prism", Case(PURE_PYTHON.name), Case(PRISM), 1.0, 1.3),
)


def cases(peers: Sequence[Peer]) -> list[Case]:
    """List what is measured, in the order of each round. Peers are loaded with few connections only."""
    own = [Case(one.name, body, many) for many in (_FEW, _MANY) for one, body in _ROWS]
    return own + [Case(peer.contestant.name) for peer in peers]


def measure(field: dict[str, Running], chosen: list[Case], options: Options, folder: Path) -> Rates:
    """Warm all up, then measure all in each round."""
    load = Load(folder)
    for case in chosen:
        running = field[case.contestant]
        check_answer(running, case.body)
        warm_up(load, running, case, patient=running.contestant.peer and not options.quick)
    rates: Rates = {case: [] for case in chosen}
    for number in range(options.rounds):
        progress(f"round {number + 1} of {options.rounds}")
        for case in chosen:
            rates[case].append(load.run(field[case.contestant], case.body, case.connections, options.seconds))
    return rates


def warm_up(load: Load, running: Running, case: Case, *, patient: bool) -> None:
    """Load for a second; when patient, until some runs on end were hardly faster than the best before them."""
    if not patient:
        load.run(running, case.body, case.connections, 1)
        return
    best, steady = 0.0, 0
    for _ in range(_WARM_UPS):
        rate = load.run(running, case.body, case.connections, _WARM_UP_SECONDS).per_second
        steady = steady + 1 if rate < 1.05 * best else 0
        best = max(best, rate)
        if steady == _STEADY:
            break
    progress(f"{case.contestant} is warm: {written(best)} requests/s at best")


def table(rates: Rates, connections: int) -> list[list[str]]:
    """Write the rows of all that was measured with this number of connections."""
    return [_row(case, rates) for case in rates if case.connections == connections]


def _row(case: Case, rates: Rates) -> list[str]:
    middle = [
        statistics.median(values)
        for values in zip(*((r.per_second, r.p50_ms, r.p99_ms, r.processor_us) for r in rates[case]), strict=True)
    ]
    stock = (Case(one.name, connections=case.connections) for one in (ROUTE, BARE))
    times = [compare(rates, case, other, "per_second") for other in stock]
    return [f"{case.contestant}, {case.body.name}", *map(written, middle), *map(written, times)]


def compare(rates: Rates, one: Case, other: Case, what: str) -> float | None:
    """Give how many times as much, or nothing when one of them was not measured."""
    if one not in rates or other not in rates:
        return None
    ours, theirs = ([getattr(rate, what) for rate in rates[case]] for case in (one, other))
    return ratio(ours, theirs)


def goals(rates: Rates, peers: Sequence[Peer]) -> list[Goal]:
    """Hold what was measured against the goals."""
    held = [
        Goal(c.says, compare(rates, c.of, c.than, c.what), c.goal, c.beyond, at_most=c.what == "p99_ms") for c in _GOALS
    ]
    shares = [compare(rates, _OURS, Case(peer.contestant.name), "p99_ms") for peer in peers]
    worst = max((share for share in shares if share is not None), default=None)
    return [*held, Goal("p99 at 16, against the lowest of the peers", worst, 1.0, at_most=True)]


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__)
    peers, missing = find_peers(options.peers)
    contestants = [*dict.fromkeys(one for one, _ in _ROWS), *(peer.contestant for peer in peers)]
    print_facts(options, peers, missing, f"{_LOG}; runs of {options.seconds} s, bodies of {len(VALID.text)} bytes")
    with bench() as folder, all_started(contestants, folder) as running:
        rates = measure({one.contestant.name: one for one in running}, cases(peers), options, folder)
    for connections in (_FEW, _MANY):
        heads = ["requests/s", "p50 ms", "p99 ms", "CPU µs", "/ Route", "/ bare"]
        print_table([f"{connections} connections", *heads], table(rates, connections))
    print_goals(goals(rates, peers))


if __name__ == "__main__":
    main()
