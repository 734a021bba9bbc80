"""Says one word about each obligation, and gives the exit code that follows from all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from conformance.depth import REPLAY, SMOKE, Depth
from conformance.model import Capabilities
from conformance.obligation import Finding, Level, Mode, Obligation
from conformance.records import Record, Records
from conformance.results import ExitCode, Result, Run, Verdict

_NOTHING = Record()
_RANK = {Level.ASSUMED: 0, Level.SHOULD: 1, Level.MUST: 2}

PROFILE_NEEDS: Mapping[str, Callable[[Depth], bool]] = {
    "large_files": lambda depth: depth.large_files,
    "thorough": lambda depth: depth.thorough,
}
"""What an obligation may need of the profile, by the name that stands in its `needs`."""

CLIENT_NEEDS: Mapping[str, Callable[[Capabilities], bool]] = {
    "retries": lambda can: bool(can.retries_on),
    "async_send": lambda can: can.async_send,
    "concurrency": lambda can: can.concurrency > 1,
    "timeout": lambda can: can.timeout_ms is not None,
    "batches_files": lambda can: can.batches_files,
    "time_scale": lambda can: can.time_scale,
}
"""What an obligation may need of the client, by the name that stands in its `needs`."""

REFUSALS = "refusals"
"""The need of what only a client shows that refuses something itself; thin ones leave that to the API."""

NEEDS: Mapping[str, str] = {
    "retries": "a client that declares that it tries again",
    "async_send": "a client that declares that it sends in the background",
    "concurrency": "a client that declares that it may be called several times at once",
    "timeout": "a client that declares after how long it gives up waiting",
    "batches_files": "a client that declares that it makes several uploads of many files",
    "time_scale": "a client that declares that its waits can be made shorter",
    "refusals": "a client that refuses something before it is sent",
    "large_files": "profile ci or deep",
    "thorough": "profile ci or deep",
}
"""What an obligation may need in words, by the name that stands in its `needs`."""

_NO_REFUSALS = "the client refused nothing before it was sent; one that leaves that to the API has --server-validated"

_MODES = {
    Mode.WATCH: "only a client that is called through an adapter can be judged by it",
    Mode.TRAFFIC: "recorded requests do not show it",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What changes verdicts, as the user asked.

    `strict`: a SHOULD that is broken fails. `assume_strict`: what is ASSUMED counts as SHOULD. `server_validated`: a
    client may leave it to the API to refuse what is not valid. `require`: what has to be kept and was not exercised
    fails, where a client is only watched, too.
    """

    strict: bool = False
    assume_strict: bool = False
    server_validated: bool = False
    require: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are on, as they are spelled on the command line."""
        return tuple(one.name.replace("_", "-") for one in fields(self) if getattr(self, one.name))


def options_named(names: Sequence[str]) -> Options:
    """Read options by their names, as a run holds them; others are passed over."""
    known = {one.name for one in fields(Options)}
    return Options(**{name.replace("-", "_"): True for name in names if name.replace("-", "_") in known})


def level_of(obligation: Obligation, options: Options, finding: Finding | None = None) -> Level:
    """Give the level that counts: of an obligation, or of a finding about it, which may be lower, never higher."""
    level = obligation.level
    if options.server_validated and obligation.validity:
        level = min(level, Level.SHOULD, key=_RANK.__getitem__)
    if finding is not None and finding.level is not None:
        level = min(level, finding.level, key=_RANK.__getitem__)
    return Level.SHOULD if options.assume_strict and level is Level.ASSUMED else level


def results(
    found: Records,
    obligations: Sequence[Obligation],
    can: Capabilities,
    mode: Mode = Mode.ACTIVE,
    options: Options | None = None,
    depth: Depth | None = None,
) -> tuple[Result, ...]:
    """Give the verdict on every obligation, in their order. Without `depth`, no profile leaves anything out."""
    judge = _Judge(can, mode, options or Options(), depth)
    return tuple(judge.result(one, found.get(one.id, _NOTHING)) for one in obligations)


@dataclass(frozen=True, slots=True)
class _Judge:
    """What holds for all verdicts of a run."""

    can: Capabilities
    mode: Mode
    options: Options
    depth: Depth | None

    def result(self, obligation: Obligation, record: Record) -> Result:
        """Give the verdict on one obligation. Without evidence there is none."""
        counted = Result(
            obligation, Verdict.PASS, record.exercised, record.kept, record.failed, record.blocked,
            notes=tuple(record.notes), personal=record.personal,
        )  # fmt: skip
        why_not = self._not_applicable(obligation, record)
        if why_not:
            return Result(obligation, Verdict.NOT_APPLICABLE, reason=why_not)
        if record.failed:
            return self._broken(counted, record)
        seen = f"seen once, not again: {record.once}" if record.once else ""
        if record.exercised:
            return replace(counted, verdict=Verdict.PASS if record.kept else Verdict.INFO, reason=seen)
        if record.blocked:
            blockers = ", ".join(obligation.depends)
            return replace(counted, verdict=Verdict.BLOCKED, reason=f"explained by what it depends on: {blockers}")
        reason = seen or (_NO_REFUSALS if REFUSALS in obligation.needs else "nothing happened that shows it")
        return replace(counted, verdict=Verdict.UNTESTED, reason=reason)

    def _broken(self, counted: Result, record: Record) -> Result:
        """Let the finding decide that weighs most."""
        obligation = counted.obligation
        failures = tuple(
            sorted(
                (replace(one, level=level_of(obligation, self.options, one)) for one in record.failures.values()),
                key=lambda one: -_RANK[one.level or obligation.level],
            )
        )
        worst = failures[0].level
        own = (one.level for one in record.failures.values() if level_of(obligation, self.options, one) is worst)
        return replace(
            counted,
            verdict=self._word(worst or obligation.level),
            counterexample=record.example(next(own)),
            failures=failures,
        )

    def _word(self, level: Level) -> Verdict:
        if level is Level.SHOULD:
            return Verdict.FAIL if self.options.strict else Verdict.WARN
        return Verdict.FAIL if level is Level.MUST else Verdict.INFO

    def _not_applicable(self, obligation: Obligation, record: Record) -> str:
        """Say why an obligation is none here, or nothing."""
        if self.mode not in obligation.modes:
            return _MODES.get(self.mode, "")
        for need in obligation.needs:
            if need in PROFILE_NEEDS:
                if self.depth is not None and not PROFILE_NEEDS[need](self.depth):
                    return self.depth.limitation or f"profile {self.depth.name} leaves it out: it needs {NEEDS[need]}"
            elif need == REFUSALS:
                if self.options.server_validated and not record.exercised:
                    return "the client leaves it to the API to refuse what is not valid"
            # Of a client that is only watched nobody knows what it declares.
            elif self.mode is Mode.ACTIVE and not CLIENT_NEEDS[need](self.can) and not _is_seen(obligation, record):
                return f"the client does not declare {need}"
        lacking = self._lacking(obligation, record) if self.mode is Mode.ACTIVE else ()
        return f"the client does not do {' or '.join(lacking)}" if lacking else ""

    def _lacking(self, obligation: Obligation, record: Record) -> tuple[str, ...]:
        """Give the operations that an obligation is about when the client has none of them."""
        if obligation.operation:
            return () if obligation.operation in self.can.operations else (obligation.operation,)
        # What is seen all the same is judged: a request to a wrong path belongs to no operation.
        is_seen = record.exercised or not self.can.operations.isdisjoint(obligation.shown_by)
        return () if is_seen else obligation.shown_by


def _is_seen(obligation: Obligation, record: Record) -> bool:
    """Whether requests show that a client does what it does not declare: then that is judged all the same."""
    return bool((record.kept or record.failed) and (obligation.request or obligation.attempts))


def exit_code(run: Run) -> int:
    """Give what a command ends with.

    What was interrupted, or is our own fault or the adapter's, is no verdict. Something that deviates says more than
    something that is missing, unless nothing was exercised at all.
    """
    if run.interrupted:
        return ExitCode.INTERRUPTED
    if run.problems:
        return ExitCode.NO_VERDICT
    if not any(result.exercised for result in run.results):
        return ExitCode.TOO_LITTLE
    if run.known_faults or any(result.verdict in {Verdict.FAIL, Verdict.STALE} for result in run.results):
        return ExitCode.DEVIATES
    return ExitCode.TOO_LITTLE if missing(run) else ExitCode.CONFORMS


def missing(run: Run) -> tuple[Result, ...]:
    """Give what had to be exercised and was not: each MUST, in an active run or with `require`.

    A run of a few calls, as of `client smoke` and `client replay`, does not mean to exercise everything.
    """
    options = options_named(run.options)
    if run.profile in {SMOKE.name, REPLAY.name} or (run.mode is not Mode.ACTIVE and not options.require):
        return ()
    found = {result.obligation.id: result for result in run.results}
    musts = (one for one in run.results if level_of(one.obligation, options) is Level.MUST)
    return tuple(one for one in musts if one.verdict is Verdict.UNTESTED or _is_unexplained(one, found))


def _is_unexplained(result: Result, found: Mapping[str, Result]) -> bool:
    """Whether a blocked obligation is blocked by nothing that fails the run itself, or is known to."""
    if result.verdict is not Verdict.BLOCKED:
        return False
    blockers = [found[name] for name in result.obligation.depends if name in found]
    return not any(
        one.verdict in {Verdict.FAIL, Verdict.KNOWN}
        or (one.verdict is Verdict.BLOCKED and not _is_unexplained(one, found))
        for one in blockers
    )
