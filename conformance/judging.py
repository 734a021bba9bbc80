"""Judges a case by every obligation. Pure: no clock, no network."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.model import Attempts, Call, Case, Sent
from conformance.obligation import Finding, Obligation


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


def judge_case(case: Case, obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge a case; gives only the obligations for which the situation occurred, by their ids."""
    seen = _Seen.of(case)
    found = {one.id: _judged(seen.findings(one)) for one in obligations if seen.is_about(one)}
    return _unblocked({name: judged for name, judged in found.items() if judged is not _NOTHING}, obligations)


def judge_requests(sent: Iterable[Sent], obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge requests of which nothing else is known."""
    requests = tuple(sent)
    judges = [obligation for obligation in obligations if obligation.request is not None]
    found = {one.id: _judged(_of_requests(requests, one)) for one in judges}
    return _unblocked({name: judged for name, judged in found.items() if judged is not _NOTHING}, judges)


def judge_attempts(attempts: Attempts, obligations: Sequence[Obligation]) -> dict[str, Judged]:
    """Judge the requests of one call of which nothing else is known."""
    judges = [obligation for obligation in obligations if obligation.attempts is not None]
    found = {one.id: _judged([one.attempts(attempts)]) for one in judges if one.attempts}
    return {name: judged for name, judged in found.items() if judged is not _NOTHING}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the judges of one case look at; made once, for there are many of them."""

    case: Case
    requests: tuple[Sent, ...]
    calls: tuple[Call, ...]
    attempts: tuple[Attempts, ...]
    operations: frozenset[str]

    @classmethod
    def of(cls, case: Case) -> "_Seen":
        """Look at a case. Of calls at once nobody knows which of them sent what, so they are not judged one by one."""
        requests = (*case.sent, *case.late)
        calls = () if case.together else case.calls
        attempts = tuple(
            Attempts(call.intent.operation, mine, case.can, case.time_scale, call.left)
            for call in calls
            if (mine := call.mine)
        )
        operations = {sent.operation for sent in requests} | {call.intent.operation for call in case.calls}
        return cls(case, requests, calls, attempts, frozenset(operations))

    def is_about(self, obligation: Obligation) -> bool:
        """Whether the one operation that an obligation is about, if it is, was called."""
        return not obligation.operation or obligation.operation in self.operations

    def findings(self, obligation: Obligation) -> list[Finding | None]:
        """Ask the judge of an obligation."""
        if obligation.request is not None:
            return _of_requests(self.requests, obligation)
        if obligation.case is not None:
            return [obligation.case(self.case)]
        wanted = obligation.operation
        if obligation.call is not None:
            return [obligation.call(call) for call in self.calls if wanted in {"", call.intent.operation}]
        if obligation.attempts is not None:
            return [obligation.attempts(one) for one in self.attempts if wanted in {"", one.operation}]
        return []


def _of_requests(requests: Sequence[Sent], obligation: Obligation) -> list[Finding | None]:
    judge, wanted = obligation.request, obligation.operation
    if judge is None:
        return []
    return [judge(sent) for sent in requests if not wanted or sent.operation == wanted]


def _judged(findings: Iterable[Finding | None]) -> Judged:
    told = [finding for finding in findings if finding is not None]
    if not told:
        return _NOTHING
    return Judged(
        kept=sum(finding.kept is True for finding in told),
        broken=tuple(finding for finding in told if finding.kept is False),
        noted=tuple(finding for finding in told if finding.kept is None),
    )


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
