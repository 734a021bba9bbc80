"""Writes a run as the one document that every other form of a report is made of.

The same run with the same seed gives the same document, but for the members called `measured`, and for times that a
finding is about.
"""

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from conformance.chapters.titles import CHAPTERS, UNTESTABLE
from conformance.depth import PROFILES
from conformance.model import Capabilities
from conformance.obligation import Mode, Obligation
from conformance.report.evidence import counterexample_object, finding_object, timestamp
from conformance.report.masking import Cleaner
from conformance.results import Result, Run, Verdict
from conformance.verdicts import Options, exit_code, level_of, missing, options_named

FORMAT = 1

MODE_NAMES = {Mode.ACTIVE: "active", Mode.WATCH: "watch", Mode.TRAFFIC: "traffic"}


def document(run: Run) -> dict[str, Any]:
    """Write a run as JSON of format 1, as `schema.json` describes it. No key and no personal data stands in it."""
    text = Cleaner().text
    lacking = {result.obligation.id for result in missing(run)}
    return {
        "format": FORMAT,
        "suite": {"name": "distinct-conformance", "version": version("distinct-mock")},
        "mode": MODE_NAMES[run.mode],
        "profile": run.profile,
        "seed": run.seed,
        "options": list(run.options),
        "client": _client(run.client),
        "contract": {"name": text(run.contract), "digest": run.contract_digest},
        "exitCode": int(exit_code(run)),
        "interrupted": run.interrupted,
        "problems": [text(problem) for problem in run.problems],
        "knownFaults": [text(fault) for fault in run.known_faults],
        "limitations": [text(limitation) for limitation in run.limitations],
        "summary": _summary(run.results),
        "chapters": [_chapter(letter, title, run.results) for letter, title in CHAPTERS.items()],
        "obligations": [_result(result, run, is_missing=result.obligation.id in lacking) for result in run.results],
        "unmet": [{"trial": text(name), "steps": steps} for name, steps in run.unmet.items()],
        "untestable": [{"about": about, "says": says} for about, says in UNTESTABLE.items()],
        "measured": {
            "started": timestamp(run.started),
            "seconds": {name: round(seconds, 3) for name, seconds in run.timings.items()},
            "calls": run.calls,
            "requests": run.requests,
        },
    }


def _client(can: Capabilities) -> dict[str, Any]:
    text = Cleaner().text
    return {
        "name": text(can.name),
        "version": text(can.version),
        "language": text(can.language),
        "operations": sorted(can.operations),
        "retriesOn": None if can.retries_on is None else sorted(can.retries_on),
        "maxAttempts": can.max_attempts,
        "timeScale": can.time_scale,
        "asyncSend": can.async_send,
        "batchesFiles": can.batches_files,
        "concurrency": can.concurrency,
        "timeoutMs": can.timeout_ms,
    }


def _chapter(letter: str, title: str, results: Sequence[Result]) -> dict[str, Any]:
    return {"letter": letter, "title": title, **_summary([one for one in results if one.obligation.id[0] == letter])}


def _summary(results: Sequence[Result]) -> dict[str, Any]:
    """Count the two numbers that only mean something together: what was exercised, and what of that was kept."""
    verdicts = Counter(result.verdict for result in results)
    exercised = [result for result in results if result.exercised]
    return {
        "obligations": len(results),
        "applicable": len(results) - verdicts[Verdict.NOT_APPLICABLE],
        "exercised": len(exercised),
        "kept": sum(not result.failed for result in exercised),
        "verdicts": {verdict.value: verdicts[verdict] for verdict in Verdict},
    }


def _result(result: Result, run: Run, *, is_missing: bool) -> dict[str, Any]:
    example = result.counterexample
    return {
        **_obligation(result.obligation, options_named(run.options)),
        "verdict": result.verdict.value,
        "missing": is_missing,
        "reason": Cleaner(result.personal).text(result.reason),
        "exercised": result.exercised,
        "kept": result.kept,
        "failed": result.failed,
        "noted": result.exercised - result.kept - result.failed,
        "blocked": result.blocked,
        "notes": [finding_object(note, result.personal) for note in result.notes],
        "failures": [finding_object(failure, result.personal) for failure in result.failures],
        "counterexample": None if example is None else counterexample_object(example),
        "reproduce": _reproduce(result.obligation, run) if result.failed else "",
    }


def _obligation(obligation: Obligation, options: Options) -> dict[str, Any]:
    source = obligation.source
    return {
        "id": obligation.id,
        "level": obligation.level.value,
        "applied": level_of(obligation, options).value,
        "says": obligation.says,
        "because": obligation.because,
        "source": {"document": source.document, "section": source.section},
        "modes": sorted(MODE_NAMES[mode] for mode in obligation.modes),
        "operation": obligation.operation,
        "rules": list(obligation.rules),
        "depends": list(obligation.depends),
    }


def _reproduce(obligation: Obligation, run: Run) -> str:
    """Write the command that shows it again, where there is one."""
    if run.mode is not Mode.ACTIVE:
        return ""
    options = "".join(f" --{name}" for name in run.options)
    # What else there is of profiles nobody can ask for: it follows from the command or the client.
    profile = f" --profile {run.profile}" if run.profile in PROFILES else ""
    return f"distinct-conformance client run --client CLIENT{profile} --seed {run.seed} --only {obligation.id}{options}"
