"""Judges a case by every obligation. Pure: no clock, no network."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.model import Attempts, Case, Finding, Obligation, Sent


@dataclass(frozen=True, slots=True)
class Judged:
    """What one case says about one obligation: how often it was kept, how it was broken, and what there is to know.

    `blocked` counts what was broken in a case in which an obligation that this one depends on was broken as well.
    """

    kept: int = 0
    broken: tuple[Finding, ...] = ()
    noted: tuple[Finding, ...] = ()
    blocked: int = 0


def judge_case(case: Case, obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge a case; gives only the obligations for which the situation occurred, by their ids."""
    found = {obligation.id: _judged(_findings(case, obligation)) for obligation in obligations}
    exercised = {name: judged for name, judged in found.items() if judged != _NOTHING}
    return _unblocked(exercised, obligations)


_NOTHING = Judged()


def judge_requests(sent: Iterable[Sent], obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge requests of which nothing else is known."""
    requests = tuple(sent)
    judges = [obligation for obligation in obligations if obligation.request is not None]
    found = {one.id: _judged(_of_requests(requests, one)) for one in judges}
    return _unblocked({name: judged for name, judged in found.items() if judged != _NOTHING}, judges)


def judge_attempts(attempts: Attempts, obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge the requests of one call of which nothing else is known."""
    judges = [obligation for obligation in obligations if obligation.attempts is not None]
    found = {one.id: _judged(filter(None, [one.attempts(attempts)])) for one in judges if one.attempts}
    return {name: judged for name, judged in found.items() if judged != _NOTHING}


def _findings(case: Case, obligation: Obligation) -> Iterator[Finding]:
    if obligation.request is not None:
        yield from _of_requests((*case.sent, *case.late), obligation)
    elif obligation.case is not None:
        yield from filter(None, [obligation.case(case)])
    elif case.together:
        # Nobody knows which of the calls sent what.
        return
    else:
        yield from _of_calls(case, obligation)


def _of_calls(case: Case, obligation: Obligation) -> Iterator[Finding]:
    for call in case.calls:
        if obligation.operation not in {"", call.intent.operation}:
            continue
        if obligation.call is not None:
            yield from filter(None, [obligation.call(call)])
        elif obligation.attempts is not None and call.mine:
            attempts = Attempts(call.intent.operation, call.mine, case.can, case.time_scale)
            yield from filter(None, [obligation.attempts(attempts)])


def _of_requests(requests: Iterable[Sent], obligation: Obligation) -> Iterator[Finding]:
    if obligation.request is None:
        return
    for sent in requests:
        if not obligation.operation or sent.operation == obligation.operation:
            yield from filter(None, [obligation.request(sent)])


def _judged(findings: Iterable[Finding]) -> Judged:
    kept = 0
    broken: list[Finding] = []
    noted: list[Finding] = []
    for finding in findings:
        if finding.kept:
            kept += 1
        else:
            (noted if finding.kept is None else broken).append(finding)
    return Judged(kept, tuple(broken), tuple(noted))


def _unblocked(found: Mapping[str, Judged], obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Take back what was broken where another thing, which explains it, was broken in the same case."""
    depends = {obligation.id: obligation.depends for obligation in obligations}

    def is_blocked(name: str) -> bool:
        return any(
            other != name and (found.get(other, _NOTHING).broken or is_blocked(other))
            for other in depends.get(name, ())
        )

    return {
        name: Judged(judged.kept, (), judged.noted, len(judged.broken))
        if judged.broken and is_blocked(name)
        else judged
        for name, judged in found.items()
    }
