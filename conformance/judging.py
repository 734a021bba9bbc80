"""Judges a case by every obligation. Pure: no clock, no network."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from conformance.model import Attempts, Call, Case, Sent
from conformance.obligation import Finding, Kind, Obligation

_Seen = TypeVar("_Seen", Sent, Attempts, Call)


@dataclass(frozen=True, slots=True)
class Judged:
    """What one case says about one obligation: how often it was kept, how it was broken, and what there is to know.

    `blocked` counts what was broken in a case in which an obligation that this one depends on was broken as well.
    """

    kept: int = 0
    broken: tuple[Finding, ...] = ()
    noted: tuple[Finding, ...] = ()
    blocked: int = 0


_NOTHING = Judged()

_Subject = Sent | Attempts | Call | Case
_Subjects = Mapping[str, Sequence[_Subject]]
_EVERY = ""


def judge_case(case: Case, obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge a case; gives only the obligations for which the situation occurred, by their ids."""
    return _unblocked(_judge(_seen_in(case), obligations), obligations)


def judge_requests(sent: Iterable[Sent], obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge requests of which nothing else is known."""
    requests = tuple(sent)
    judges = [obligation for obligation in obligations if obligation.kind is Kind.REQUEST]
    return _unblocked(_judge({Kind.REQUEST: _by_operation(requests, _of_sent)}, judges), judges)


def judge_attempts(attempts: Attempts, obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge the requests of one call of which nothing else is known."""
    judges = [obligation for obligation in obligations if obligation.kind is Kind.ATTEMPTS]
    return _judge({Kind.ATTEMPTS: _by_operation((attempts,), _of_attempts)}, judges)


def _judge(seen: Mapping[Kind, _Subjects], obligations: Iterable[Obligation]) -> dict[str, Judged]:
    found = {}
    # There are about a hundred for each case, most of which have nothing to say.
    for one in obligations:
        subjects = seen[one.kind].get(one.operation)
        if not subjects:
            continue
        judge = one.judge
        told = [finding for subject in subjects if (finding := judge(subject)) is not None]
        if told:
            found[one.id] = _judged(told)
    return found


def _seen_in(case: Case) -> Mapping[Kind, _Subjects]:
    """Give what the judges of a case look at, by the operation that they are about.

    Of calls at once nobody knows which of them sent what, so they are not judged one by one.
    """
    requests = (*case.sent, *case.late)
    calls = () if case.together else case.calls
    attempts = tuple(
        Attempts(call.intent.operation, call.mine, case.can, case.time_scale, call.left) for call in calls if call.mine
    )
    operations = {_EVERY, *map(_of_sent, requests), *map(_of_call, case.calls)}
    return {
        Kind.REQUEST: _by_operation(requests, _of_sent),
        Kind.ATTEMPTS: _by_operation(attempts, _of_attempts),
        Kind.CALL: _by_operation(calls, _of_call),
        Kind.CASE: dict.fromkeys(operations, (case,)),
    }


def _by_operation(subjects: Sequence[_Seen], operation: Callable[[_Seen], str]) -> dict[str, Sequence[_Seen]]:
    found: dict[str, list[_Seen]] = {}
    for subject in subjects:
        found.setdefault(operation(subject), []).append(subject)
    return {**found, _EVERY: subjects}


def _of_sent(sent: Sent) -> str:
    return sent.operation


def _of_attempts(attempts: Attempts) -> str:
    return attempts.operation


def _of_call(call: Call) -> str:
    return call.intent.operation


def _judged(told: Iterable[Finding]) -> Judged:
    kept, broken, noted = 0, [], []
    for finding in told:
        if finding.kept is None:
            noted.append(finding)
        elif finding.kept:
            kept += 1
        else:
            broken.append(finding)
    return Judged(kept, tuple(broken), tuple(noted))


def _unblocked(found: Mapping[str, Judged], obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Take back what was broken where another thing, which explains it, was broken in the same case."""
    if not any(judged.broken for judged in found.values()):
        return dict(found)
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
