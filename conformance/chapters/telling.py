"""Whether a caller is told what a client was answered."""

from conformance.chapters.answered import says_status, told
from conformance.model import Call, Outcome, Sent
from conformance.obligation import KEPT, Finding, broken


def ok_is_told(call: Call, sent: Sent) -> Finding:
    """Ask that a success is told."""
    if call.reply.outcome is Outcome.OK:
        return KEPT
    got = f"{call.reply.outcome}: {call.reply.message}"
    return broken(
        f"answered {sent.status}, and the caller is told that it failed", got=got, expected=Outcome.OK, sent=sent
    )


def failure_is_told(call: Call, sent: Sent) -> Finding:
    """Ask that a failure is told."""
    if call.reply.failed:
        return KEPT
    return broken(
        f"answered {sent.status}, and the caller is told that it worked",
        got=call.reply.outcome,
        expected="a failure",
        sent=sent,
    )


def status_is_told(call: Call, sent: Sent) -> Finding:
    """Ask that a failure is told with its status."""
    if not call.reply.failed:
        return failure_is_told(call, sent)
    if says_status(call.reply, sent.status):
        return KEPT
    got = f"status {call.reply.status}, {told(call.reply)!r}"
    return broken("the status of the answer is lost", got=got, expected=str(sent.status), sent=sent)
