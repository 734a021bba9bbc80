"""What a run found: a verdict for each obligation, with its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.model import Capabilities, Case
from conformance.obligation import Finding, Mode, Obligation
from conformance.trial import Trial


class Verdict(StrEnum):
    """What is said of one obligation."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    WARN = "warn"
    INFO = "info"
    BLOCKED = "blocked"
    UNTESTED = "untested"
    NOT_APPLICABLE = "not-applicable"
    KNOWN = "known"
    STALE = "stale"


class ExitCode:
    """What a command ends with."""

    CONFORMS = 0
    DEVIATES = 1
    WRONG_USE = 2
    NO_VERDICT = 3
    TOO_LITTLE = 4
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Counterexample:
    """One case in which an obligation was broken; `minimal` says whether shrinking it came to its end.

    `trial` is None for what was only watched or recorded.
    """

    case: Case
    finding: Finding
    trial: Trial | None = None
    minimal: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one obligation.

    `exercised` counts the judgements, of which `kept` were fine and `failed` were not; `blocked` ones were explained
    by another broken obligation. `failures` are the different ways in which it was broken, each with the level that
    counts, the heaviest first. `reason` says why there is no verdict, or what a known failure is about. `personal` is
    what a report must not show of the failures and notes, with what it shows instead.
    """

    obligation: Obligation
    verdict: Verdict
    exercised: int = 0
    kept: int = 0
    failed: int = 0
    blocked: int = 0
    counterexample: Counterexample | None = None
    notes: tuple[Finding, ...] = ()
    reason: str = ""
    failures: tuple[Finding, ...] = ()
    personal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the judge. `started` is in seconds of the epoch; `timings` are seconds by phase.

    `unmet` counts the armed steps that nobody met, by trial. `problems` are faults of the harness: with any of them
    there is no verdict. `options` are those that change verdicts, such as `strict`. `known_faults` says what is wrong
    with entries of the known-failures file: they came not true, or are expired. `limitations` says what else
    a reader has to know: what was left out, and what the material cannot show.
    """

    mode: Mode
    profile: str
    seed: int
    client: Capabilities
    contract: str
    contract_digest: str
    results: tuple[Result, ...]
    started: float
    timings: Mapping[str, float] = field(default_factory=dict)
    calls: int = 0
    requests: int = 0
    unmet: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    interrupted: bool = False
    known_faults: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
