"""What a client makes of answers that come oddly, elsewhere or not at all: the obligations R-24 to R-29."""

from itertools import pairwise

from conformance.chapters.answered import (
    OK_BELOW,
    REFUSED_FROM,
    finals,
    first_finding,
    is_calm,
    is_ok,
    is_silent,
    is_told,
    most_attempts,
    says,
    told,
    words,
)
from conformance.chapters.telling import ok_is_told, status_is_told
from conformance.model import Call, Case, Outcome, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfCase, broken
from contracts.model import Source
from contracts.operations import Contract

_SLOW = frozenset({"drip", "chunked"})
# What a client takes beside waiting: a thread, a connection, a line to the adapter.
_MARGIN_SECONDS = 1.5


def redirected(contract: Contract) -> OfCase:
    """Ask that a redirected request stays the request that it was, or ends there, and that the key stays at home."""

    def judge(case: Case) -> Finding | None:
        return first_finding(_redirected(case, call, contract.key_header) for call in case.calls)

    return judge


def _redirected(case: Case, call: Call, key_header: str) -> Finding | None:
    at = next((at for at, sent in enumerate(call.sent) if OK_BELOW <= sent.status < REFUSED_FROM), None)
    if at is None or not is_told(call.reply):
        return None
    sent, followed = call.sent[at], (*call.sent[at + 1 :], *case.strays)
    leaked = next((stray for stray in case.strays if stray.header(key_header)), None)
    if leaked is not None:
        return broken(
            "the API key goes to another origin", got=key_header, expected="no key there", sent=leaked, place=key_header
        )
    other = next((later for later in followed if later.method != sent.method), None)
    if other is not None:
        return broken(
            "a redirected request is sent with another method", got=other.method, expected=sent.method, sent=other
        )
    if call.reply.outcome is Outcome.OK and not any(is_ok(later) for later in followed):
        return broken(f"answered {sent.status}, and the caller is told that it worked", expected="a failure", sent=sent)
    return KEPT


def early_answer(call: Call) -> Finding | None:
    """Ask that an answer is told that comes while the upload is still under way."""
    last = call.mine[-1] if call.mine and is_told(call.reply) else None
    if last is None or last.status < REFUSED_FROM or last.armed or last.given_up:
        return None
    # A client that left has had an answer by then.
    is_early = last.size < sum(file.size for file in call.intent.files)
    return status_is_told(call, last) if is_early else None


def no_answer(case: Case) -> Finding | None:
    """Ask that a connection that breaks is a failure, or tried again a few times."""
    return first_finding(_no_answer(call, most_attempts(case.can)) for call in case.calls)


def _no_answer(call: Call, most: int) -> Finding | None:
    lost = [sent for sent in call.mine if is_silent(sent) and "hang" not in words(sent)]
    if not lost:
        return None
    if len(lost) > most:
        return broken("tries again without end", got=f"{len(lost)} requests", expected=f"at most {most}", sent=lost[-1])
    if call.reply.outcome is Outcome.HANG:
        return broken("a connection that breaks is never noticed", got=call.reply.message, sent=lost[-1])
    if call.reply.outcome is Outcome.OK and not any(map(is_ok, call.mine)):
        return broken("no answer came, and the caller is told that it worked", expected="a failure", sent=lost[-1])
    return KEPT if is_told(call.reply) else None


def stalled(case: Case) -> Finding | None:
    """Ask that an answer that never comes is given up in time."""
    return first_finding(_stalled(call, case.can.timeout_ms) for call in case.calls)


def _stalled(call: Call, timeout_ms: int | None) -> Finding | None:
    waited_for = [sent for sent in call.mine if "hang" in words(sent)]
    if not waited_for:
        return None
    expected = f"within {timeout_ms} ms" if timeout_ms else "at some time"
    if call.reply.outcome is Outcome.HANG:
        return broken("waits for ever for an answer", got=call.reply.message, expected=expected, sent=waited_for[0])
    if call.reply.outcome is Outcome.OK and not any(map(is_ok, call.mine)):
        return broken(
            "no answer came, and the caller is told that it worked", expected="a failure", sent=waited_for[-1]
        )
    # What the client does before its last attempt is not waiting for that one.
    seconds = call.reply.seconds - (call.mine[-1].at - call.mine[0].at)
    if call.mine[-1] is waited_for[-1] and timeout_ms and seconds > timeout_ms / 1000 + _MARGIN_SECONDS:
        measured = f"{seconds:.1f} s"
        return broken("waits longer than it says", measured=measured, expected=expected, sent=waited_for[-1])
    return KEPT if is_told(call.reply) else None


def dead_connection(case: Case) -> Finding | None:
    """Ask that a connection that ended after an answer does not make the next call fail."""
    pairs = pairwise(case.calls)
    return first_finding(_after_the_end(one, next_one) for one, next_one in pairs)


def _after_the_end(one: Call, following: Call) -> Finding | None:
    ended = one.mine[-1] if one.mine else None
    if ended is None or "reset:after" not in words(ended) or one.reply.outcome is not Outcome.OK:
        return None
    if not following.valid or any(sent.armed for sent in following.sent) or not is_told(following.reply):
        return None
    if following.reply.outcome is Outcome.OK and any(sent.accepted for sent in following.sent):
        return KEPT
    return broken(
        "fails because the connection of the call before has ended",
        got=following.reply.message,
        expected="another connection",
        sent=ended,
    )


def slow_body(contract: Contract) -> OfCase:
    """Ask that an answer is read to its end, however it comes; what of it is read at all, another call shows."""

    def judge(case: Case) -> Finding | None:
        ended = [call for call in case.calls if call.mine and is_told(call.reply)]
        # Who leaves before the end of it is no reason to look away.
        slow = [(call, call.mine[-1]) for call in ended if words(call.mine[-1]) & _SLOW and call.mine[-1].status]
        return first_finding(_slow_body(call, last, case, contract) for call, last in slow)

    return judge


def _slow_body(call: Call, sent: Sent, case: Case, contract: Contract) -> Finding | None:
    if sent.status < OK_BELOW:
        return ok_is_told(call, sent)
    twins = [one for one, last in finals(case) if is_calm(last) and last.answer == sent.answer]
    if not twins or not twins[0].reply.failed:
        return None
    if not call.reply.failed or call.reply.status != twins[0].reply.status:
        got = f"{call.reply.outcome}, status {call.reply.status}"
        expected = f"{twins[0].reply.outcome}, status {twins[0].reply.status}, as when it comes at once"
        return broken("an answer in pieces is not the same answer", got=got, expected=expected, sent=sent)
    answer = contract.answers.get(sent.answer)
    message = answer.message if answer else ""
    # What a caller is told may be another each time, for example with a number of its own; the message is not.
    if told(call.reply) == told(twins[0].reply) or (message and says(call.reply, message)):
        return KEPT
    if not message or not says(twins[0].reply, message):
        return None
    return broken(
        "the body of an answer in pieces is not read to its end", got=told(call.reply), expected=message, sent=sent
    )


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about answers that come oddly, elsewhere or not at all."""
    redirects = Obligation(
        "R-24", Level.ASSUMED,
        "A redirected request keeps its method or is not sent again, and no other origin gets the API key.",
        Source("RFC 9110", "section 15.4"), "Many libraries turn a POST into a GET without a word.",
        case=redirected(contract),
    )  # fmt: skip
    slow = Obligation(
        "R-29", Level.SHOULD, "An answer that comes slowly or in chunks is read to its end.",
        Source("RFC 9112", "section 7.1"), because="A network hands over bytes as it likes.",
        case=slow_body(contract),
    )  # fmt: skip
    return (redirects, *_ROWS, slow)


_ROWS = (
    Obligation(
        "R-25", Level.SHOULD, "An answer that comes before the upload is over is told by its status.",
        Source("RFC 9112", "section 9.5"), because="A broken pipe says nothing of what was wrong.",
        call=early_answer, depends=("R-09",),
    ),
    Obligation(
        "R-26", Level.SHOULD, "A connection that breaks is a failure, or tried again a few times at most.",
        Source("RFC 9112", "section 9.5"), because="Nobody knows whether the request was taken.",
        case=no_answer,
    ),
    Obligation(
        "R-27", Level.SHOULD, "An answer that does not come is given up within the client's own timeout.",
        Source("ours", ""), because="Whoever waits for ever holds up its caller.",
        case=stalled, needs=("timeout",),
    ),
    Obligation(
        "R-28", Level.SHOULD, "A connection that has ended since the last call does not make the next one fail.",
        Source("RFC 9112", "section 9.3"), because="Servers end idle connections.",
        case=dead_connection,
    ),
)  # fmt: skip
