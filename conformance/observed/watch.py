"""Watches what somebody's own command sends to a fake, while that answers as a scenario says."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.fake.watched import WatchedFake, watched_fake
from conformance.model import Sent
from conformance.obligation import Mode, Obligation
from conformance.observed.recorded import counted
from conformance.observed.supervised import Ended, check_system, run_command
from conformance.observed.traffic import run_of
from conformance.results import Run
from conformance.verdicts import Options
from contracts.operations import Contract


@dataclass(frozen=True, slots=True)
class Scenario:
    """How the fake answers: each operation with the steps of `plan` in turn, again and again; with none, as usual."""

    says: str
    plan: tuple[str, ...] = ()


SCENARIOS: Mapping[str, Scenario] = {
    "baseline": Scenario("answers as ever"),
    "retry-500": Scenario("fails with 500 every other time", ("500", "pass")),
    "outage": Scenario("always fails with 500", ("500",)),
    "reject-400": Scenario("refuses everything with 400", ("400",)),
    "unauthorized": Scenario("takes no key: 401", ("401",)),
    "forbidden": Scenario("takes no address: 403", ("403",)),
    "rate-limited": Scenario("asks to come again after a second, every other time", ("tooManyRequests:1", "pass")),
    "flaky": Scenario(
        "works, fails, answers late, breaks connections",
        ("pass", "500", "pass", "delay:300ms+pass", "reset:before", "pass", "reset:during", "pass"),
    ),
}
"""What `--scenario` can be."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched: a command, while the fake answers by a scenario. It may take `seconds`.

    `world` is the file of the fake's world, None for the built-in one; `port` 0 is any that is free. `calls_differ`
    says that no two calls that the command makes mean the same.
    """

    command: tuple[str, ...]
    scenario: str = "baseline"
    world: str | None = None
    port: int = 0
    seconds: float = 600.0
    calls_differ: bool = False


def watch(
    what: Watch,
    contract: Contract,
    obligations: Sequence[Obligation],
    options: Options,
    *,
    spec: str | None = None,
    on_start: Callable[[str], None] = lambda _url: None,
) -> Run:
    """Run a command against a fake, and judge what it sent. `on_start` is told where the fake is.

    Raises ConfigError for a world or a port that cannot be used, for a command that cannot be started, and on a system
    that cannot run one within bounds.
    """
    check_system()
    plan = SCENARIOS[what.scenario].plan
    started = time.time()
    with watched_fake(contract, spec=spec, world=what.world, port=what.port) as fake:
        on_start(fake.url)

        def keep_armed() -> None:
            if plan:
                fake.keep_armed(plan)

        keep_armed()
        ended = run_command(what.command, _environment(fake), seconds=what.seconds, meanwhile=keep_armed)
        recorded = fake.recorded()
    seconds = time.time() - started
    recorded = replace(recorded, limitations=(*recorded.limitations, *_remarks(what, ended, recorded.sent, contract)))
    run = run_of(recorded, contract, obligations, options, mode=Mode.WATCH, calls_differ=what.calls_differ)
    return replace(
        run,
        profile=what.scenario,
        started=started,
        timings={"command": seconds},
        problems=tuple(_problems(what, ended)),
        interrupted=ended.interrupted,
    )


def _environment(fake: WatchedFake) -> dict[str, str]:
    return {"DISTINCT_BASE_URL": fake.url, "DISTINCT_API_KEY": fake.secret, "DISTINCT_MOCK_URL": fake.url}


def _problems(what: Watch, ended: Ended) -> Iterator[str]:
    if ended.late:
        yield f"{what.command[0]} took longer than {what.seconds:g} s, and was ended"


def _remarks(what: Watch, ended: Ended, sent: Sequence[Sent], contract: Contract) -> Iterator[str]:
    """Say what is to be known beside the verdicts."""
    if ended.status and not (ended.late or ended.interrupted):
        how = f"signal {-ended.status}" if ended.status < 0 else f"exit status {ended.status}"
        yield f"{what.command[0]} ended with {how}"
    if not sent:
        yield "no request arrived; does the command use DISTINCT_BASE_URL and DISTINCT_API_KEY?"
    others = sum(not one.mine and one.header(contract.key_header) is not None for one in sent)
    if others:
        yield f"{counted(others, 'request')} came with another key than DISTINCT_API_KEY"
