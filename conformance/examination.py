"""The run of a client: smoke, stored cases, written trials, generated intents, shrinking, and smoke again."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256

from hypothesis.strategies import SearchStrategy

from conformance.clients.client import AdapterError
from conformance.depth import Depth
from conformance.generation import Budget, canonical, draw, shrunk
from conformance.judging import Judged, judge_case
from conformance.model import Capabilities, Case, Intent, Outcome
from conformance.obligation import Finding, Level, Mode, Obligation
from conformance.provocations import strategies, written
from conformance.records import Records, add_all, new_records
from conformance.remarks import Remarks
from conformance.results import Counterexample, Run
from conformance.runner import Runner
from conformance.soundness import HarnessError, check
from conformance.stored import StoredTrial
from conformance.trial import Trial
from conformance.trials import smoke
from conformance.verdicts import CLIENT_NEEDS, Options, results

_GENERATED = "generated/"
_WRITTEN = object()
# So many trials in which something was measured to be wrong are tried again, for each obligation.
_MOST_DOUBTED = 3

Progress = Callable[[str, int, int], None]
"""Told the phase, how many trials of it are done, and how many there are."""


def silent(_phase: str, _done: int, _of: int) -> None:
    """Tell nobody."""


@dataclass
class Examination:
    """One run of one client; `examine` runs it."""

    runner: Runner
    obligations: Sequence[Obligation]
    depth: Depth
    seed: int = 0
    options: Options = field(default_factory=Options)
    stored: Sequence[StoredTrial] = ()
    progress: Progress = silent
    _records: Records = field(init=False)
    _can: Capabilities = field(init=False)
    _timings: dict[str, float] = field(init=False, default_factory=dict)
    _unmet: dict[str, int] = field(init=False, default_factory=dict)
    _problems: list[str] = field(init=False, default_factory=list)
    _generated: dict[str, tuple[SearchStrategy[Intent], set[str]]] = field(init=False, default_factory=dict)
    _doubted: dict[str, list[tuple[Case, Trial, Finding]]] = field(init=False, default_factory=dict)
    _interrupted: bool = field(init=False, default=False)
    _calls: int = field(init=False, default=0)
    _requests: int = field(init=False, default=0)
    _remarks: Remarks = field(init=False, default_factory=Remarks)

    def examine(self) -> Run:
        """Run all phases. What is at fault on our side or the adapter's stands in the run's problems."""
        self._records = new_records(self.obligations)
        self._can = self.runner.client.can
        started = time.time()
        try:
            self._phases()
        except (AdapterError, HarnessError) as error:
            self._problems.append(str(error))
        except KeyboardInterrupt:
            self._interrupted = True
        for name in list(self._doubted):
            self._believe(name)
        return self._run(started)

    def _phases(self) -> None:
        contract = self.runner.contract
        with self._phase("smoke"):
            cases = self._try_all("smoke", list(smoke.trials(contract, self._can.operations)))
        can = self._can = replace(self._can, operations=self._can.operations - _unsupported(cases))
        self._problems += _smoke_problems(cases)
        self._remarks.doubt(cases)
        if self._problems:
            return
        with self._phase("stored cases"):
            self._try_all("stored cases", [stored.trial for stored in self.stored])
        with self._phase("written trials"):
            everything = written(contract, self.depth, can.operations) if self.depth.written else ()
            trials = [trial for trial in everything if _is_for(trial, can)]
            self._try_all("written trials", trials)
        with self._phase("generated intents"):
            for operation, strategy in strategies(contract).items():
                if operation in can.operations and self.depth.intents:
                    self._survey(operation, strategy)
        with self._phase("measured again"):
            self._measure_again()
        with self._phase("shrinking"):
            if self.depth.shrink_calls:
                self._shrink_all()
        with self._phase("closing"):
            self._try_all("closing", list(smoke.trials(contract, can.operations & _sending(cases), smoke.CLOSING)))

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._timings[name] = time.perf_counter() - began

    def _try_all(self, phase: str, trials: Sequence[Trial]) -> list[Case]:
        cases = []
        for number, trial in enumerate(trials):
            self.progress(phase, number, len(trials))
            cases.append(self._try(trial)[0])
        return cases

    def _try(self, trial: Trial) -> tuple[Case, Mapping[str, Judged]]:
        case, judged = self._judged(trial)
        judged = {name: self._without_doubted(name, judgement, case, trial) for name, judgement in judged.items()}
        add_all(self._records, judged, case, trial)
        self._calls += len(case.calls)
        self._requests += len(case.sent)
        self._remarks.hear(case)
        left = sum(call.left for call in case.calls[-1:])
        if left:
            self._unmet[trial.name] = left
        return case, judged

    def _judged(self, trial: Trial) -> tuple[Case, dict[str, Judged]]:
        case = self.runner.run(trial)
        check(case, self.runner.contract, persistent=trial.persistent)
        return case, judge_case(case, self.obligations)

    # What was measured, where a busy machine may be to blame

    def _without_doubted(self, name: str, judgement: Judged, case: Case, trial: Trial) -> Judged:
        """Put aside what was measured to be wrong, until it was measured again."""
        doubted = [finding for finding in judgement.broken if finding.measured]
        if not doubted:
            return judgement
        kept = self._doubted.setdefault(name, [])
        if len(kept) < _MOST_DOUBTED:
            kept.append((case, trial, doubted[0]))
        return replace(judgement, broken=tuple(one for one in judgement.broken if not one.measured))

    def _measure_again(self) -> None:
        """Try again what was measured to be wrong; what does not happen twice is dropped."""
        for number, name in enumerate(list(self._doubted)):
            self.progress("measured again", number, len(self._doubted) + number)
            if any(self._happens_again(name, trial) for _, trial, _ in self._doubted[name]):
                self._believe(name)
            else:
                self._records[name].once = self._doubted.pop(name)[0][2].what

    def _happens_again(self, name: str, trial: Trial) -> bool:
        case, judged = self._judged(trial)
        judgement = judged.get(name, Judged())
        again = any(finding.measured for finding in judgement.broken)
        if not again:
            add_all(self._records, {name: judgement}, case, trial)
        return again

    def _believe(self, name: str) -> None:
        for case, trial, finding in self._doubted.pop(name):
            add_all(self._records, {name: Judged(broken=(finding,))}, case, trial)

    # Generated intents

    def _survey(self, operation: str, strategy: SearchStrategy[Intent]) -> None:
        """Judge all obligations on each intent; nothing is raised, so that one fault does not hide another."""
        broken: set[str] = set()
        self.progress(f"drawing intents: {operation}", 0, 1)
        intents = draw(strategy, examples=self.depth.intents, at=self.seed)
        for number, intent in enumerate(intents):
            self.progress(f"generated intents: {operation}", number, len(intents))
            _, judged = self._try(_generated(intent))
            broken.update(name for name, judgement in judged.items() if judgement.broken)
        self._generated[operation] = (strategy, broken)

    def _shrink_all(self) -> None:
        """Shrink what only generated intents broke: a written trial is small as it stands. All share one budget."""
        until = time.monotonic() + self.depth.shrink_seconds
        jobs = {
            name: (strategy, level)
            for strategy, broken in self._generated.values()
            for name in sorted(broken)
            if (level := self._level_to_shrink(name)) is not _WRITTEN
        }
        for number, (name, (strategy, level)) in enumerate(jobs.items()):
            self.progress("shrinking", number, len(jobs))
            share = (until - time.monotonic()) / (len(jobs) - number)
            self._shrink(name, strategy, level, Budget(self.depth.shrink_calls, share, time.monotonic))

    def _level_to_shrink(self, name: str) -> object:
        """Give the level of the findings that weigh most, unless a written trial shows one of them already."""
        examples = self._records[name].examples
        level = None if None in examples else max(examples, key=_weight)
        generated = all(one.trial and one.trial.name.startswith(_GENERATED) for one in examples[level])
        return level if generated else _WRITTEN

    def _shrink(self, name: str, strategy: SearchStrategy[Intent], level: object, budget: Budget) -> None:
        """Find the smallest generated intent that breaks an obligation."""
        found: dict[str, Counterexample] = {}

        def breaks(intent: Intent) -> bool:
            trial = _generated(intent)
            case, judged = self._judged(trial)
            findings = judged.get(name, Judged()).broken
            finding = next((one for one in findings if one.level is level), None)
            if finding is not None:
                found[canonical(intent)] = Counterexample(case, finding, trial)
            return finding is not None

        smallest = shrunk(strategy, breaks, examples=self.depth.intents, at=self.seed, budget=budget)
        if smallest is not None:
            intent, is_minimal = smallest
            self._records[name].shrunk(replace(found[canonical(intent)], minimal=is_minimal))

    def _run(self, started: float) -> Run:
        contract, can = self.runner.contract, self._can
        return Run(
            mode=Mode.ACTIVE,
            profile=self.depth.name,
            seed=self.seed,
            client=can,
            contract=contract.name,
            contract_digest=sha256(repr(contract.document).encode()).hexdigest()[:12],
            results=results(self._records, self.obligations, can, Mode.ACTIVE, self.options, self.depth),
            started=started,
            timings=self._timings,
            calls=self._calls,
            requests=self._requests,
            unmet=self._unmet,
            problems=tuple(self._problems),
            options=self.options.names,
            interrupted=self._interrupted,
            limitations=tuple(self._remarks.told(self._can, self.depth)),
        )


def _generated(intent: Intent) -> Trial:
    return Trial(f"{_GENERATED}{intent.operation}", (intent,))


def _weight(level: Level | None) -> int:
    return (Level.ASSUMED, Level.SHOULD, Level.MUST).index(level) if level else len(Level)


def _is_for(trial: Trial, can: Capabilities) -> bool:
    return all(intent.operation in can.operations for intent in trial.intents) and all(
        CLIENT_NEEDS[need](can) for need in trial.needs
    )


def _unsupported(cases: Sequence[Case]) -> set[str]:
    """Give the operations that a client names but has not."""
    calls = [call for case in cases for call in case.calls]
    return {call.intent.operation for call in calls if call.reply.outcome is Outcome.UNSUPPORTED}


def _sending(cases: Sequence[Case]) -> set[str]:
    """Give the operations for which anything was sent; one that refuses the first call may refuse the last."""
    return {call.intent.operation for case in cases for call in case.calls if call.sent}


def _smoke_problems(cases: Sequence[Case]) -> list[str]:
    """Say what is wrong with an adapter when nothing at all arrived, and the client does not say that it refused."""
    calls = [call for case in cases for call in case.calls if call.reply.outcome is not Outcome.UNSUPPORTED]
    if not calls:
        return ["the client has none of the operations"]
    if any(case.sent or case.late for case in cases):
        return []
    said = {call.reply.outcome for call in calls}
    if said <= {Outcome.REFUSED}:
        return []
    worst = next((call.reply for call in calls if call.reply.outcome is not Outcome.OK), calls[0].reply)
    told = f": {worst.message}" if worst.message else ""
    hint = "does the adapter hand the base URL that it is given on to the client?"
    return [f"no request arrived, and the client said {', '.join(sorted(said))}{told}; {hint}"]
