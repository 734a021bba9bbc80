"""When a client stops: the obligations R-04, R-07, R-08, R-10, R-11, R-18 and R-19."""

from conformance.chapters.answered import first_finding, is_answered, is_lost, is_told, rounds
from conformance.chapters.telling import failure_is_told
from conformance.model import Attempts, Call, Case, Outcome, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfAttempts, OfCall, broken
from contracts.model import Source
from contracts.operations import Contract

_REFUSED, _UNAUTHORIZED, _FORBIDDEN, _FAILED = 400, 401, 403, 500
ENDLESS = 40
"""So many failures in a row are as good as endless."""
# What is under way, or begun, when the first 401 comes.
_BEGUN = 2


def not_again_after(status: int) -> OfAttempts:
    """Ask that the request is the last one, when its first answer is of this status."""

    def judge(attempts: Attempts) -> Finding | None:
        return first_finding(_not_again(tried, status) for tried in rounds(attempts))

    return judge


def _not_again(tried: tuple[Sent, ...], status: int) -> Finding | None:
    first = tried[0]
    if not is_answered(first) or first.status != status:
        return None
    if len(tried) == 1:
        return KEPT
    got = f"{len(tried)} requests"
    return broken(f"sent again after a {status}", got=got, expected="no more", sent=tried[1])


def queue_stops(case: Case) -> Finding | None:
    """Ask that a queue does not go on when the key is refused."""
    if not case.can.async_send or not case.together:
        return None
    refused = [sent for sent in case.together if is_answered(sent) and sent.status == _UNAUTHORIZED]
    if not refused or len(case.calls) <= case.can.concurrency + _BEGUN:
        return None
    most = case.can.concurrency + _BEGUN
    if len(refused) <= most:
        return KEPT
    got = f"{len(refused)} requests that were answered 401"
    return broken("the queue goes on with a key that is refused", got=got, expected=f"at most {most}", sent=refused[-1])


def endless_failure_is_told(call: Call) -> Finding | None:
    """Ask that a failure that stays is told in the end."""
    tried = call.mine
    failed = [sent for sent in tried if is_answered(sent) and sent.status == _FAILED]
    if not failed or len(failed) < min(len(tried), ENDLESS):
        return None
    expected = "a failure after some attempts"
    if call.reply.outcome is Outcome.HANG or len(failed) >= ENDLESS:
        return broken(
            "the caller never hears of a 500", got=f"{len(failed)} requests", expected=expected, sent=failed[-1]
        )
    return failure_is_told(call, failed[-1]) if is_told(call.reply) else None


def ends_with(status: int) -> OfCall:
    """Ask that a status that comes after a failure is the end, and is what the caller is told."""

    def judge(call: Call) -> Finding | None:
        tried = call.mine
        at = next((at for at, sent in enumerate(tried) if is_answered(sent) and sent.status == status), 0)
        if not at or not all(map(is_lost, tried[:at])) or not is_told(call.reply):
            return None
        sent = tried[at]
        if at + 1 < len(tried):
            return broken(
                f"sent again after a {status}", got=f"{len(tried)} requests", expected="no more", sent=tried[-1]
            )
        if call.reply.failed and call.reply.status not in (None, status):
            got, expected = f"status {call.reply.status}", f"status {status}"
            return broken("the caller is told of an earlier failure", got=got, expected=expected, sent=sent)
        return failure_is_told(call, sent)

    return judge


def obligations(_contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about when to stop."""
    return _ROWS


_STRUCTURE = Source("user-analytics", "Response Structure")

_ROWS = (
    Obligation(
        "R-04", Level.MUST, "A request that was answered 400 is not sent again.",
        _STRUCTURE, because="What is wrong with it is wrong the next time as well.",
        attempts=not_again_after(_REFUSED),
    ),
    Obligation(
        "R-07", Level.MUST, "A request that was answered 401 is not sent again with the same key.",
        _STRUCTURE, because="The key will not become right.",
        attempts=not_again_after(_UNAUTHORIZED),
    ),
    Obligation(
        "R-08", Level.SHOULD, "A queue stops when its key is refused.",
        Source("ours", ""), because="Each further request would be refused, and looks like an attack.",
        case=queue_stops, needs=("async_send",),
    ),
    Obligation(
        "R-10", Level.MUST, "A request that was answered 403 is not sent again.",
        Source("user-analytics", "Notes"), because="The address will not become an allowed one.",
        attempts=not_again_after(_FORBIDDEN),
    ),
    Obligation(
        "R-11", Level.MUST, "A 500 that stays is reported as a failure after a number of attempts, be it one.",
        _STRUCTURE, because="A caller who is not told loses the data.",
        call=endless_failure_is_told,
    ),
    Obligation(
        "R-18", Level.MUST, "A 400 after failed attempts is the end, and is what the caller is told.",
        _STRUCTURE, because="What is wrong with it is wrong the next time as well.",
        call=ends_with(_REFUSED), needs=("retries",),
    ),
    Obligation(
        "R-19", Level.MUST, "A 401 after failed attempts is the end, and is what the caller is told.",
        _STRUCTURE, because="The key will not become right.",
        call=ends_with(_UNAUTHORIZED), needs=("retries",),
    ),
)  # fmt: skip
