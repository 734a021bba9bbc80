"""How often a client tries again, and when: the obligations R-12 to R-14 and R-23."""

from collections.abc import Sequence
from itertools import pairwise

from conformance.chapters.answered import (
    first_finding,
    is_answered,
    is_calm,
    is_in_batches,
    is_ok,
    is_told,
    most_attempts,
    retries,
    rounds,
)
from conformance.chapters.telling import ok_is_told
from conformance.chapters.uploaded import is_upload
from conformance.model import Attempts, Call, Case, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, broken, noted
from contracts.model import Source
from contracts.operations import Contract

_FAILED = 500
_FIRST_WAIT_SECONDS = 0.05
# Shorter waits cannot be told from the work between two attempts.
_LEAST_SCALE = 0.1
_NOISE_SECONDS = 0.05
# Of two waits that are drawn from zero to a second and to two, the second is so much shorter in one of 24 cases.
_HARDLY_ANYTHING = 6
# The answers with this header, and what it says when nothing stands behind their names.
_RETRY_AFTER = ("tooManyRequests", "serviceUnavailable")
_RETRY_SECONDS = 1


def few_attempts(attempts: Attempts) -> Finding | None:
    """Ask that a failure is not answered with many requests."""
    return first_finding(_few(tried, most_attempts(attempts.can)) for tried in rounds(attempts))


def _few(tried: tuple[Sent, ...], most: int) -> Finding | None:
    failed = [sent for sent in tried if is_answered(sent) and sent.status == _FAILED]
    if len(tried) > most and len(failed) >= most:
        return broken("many attempts", got=f"{len(tried)} requests", expected=f"at most {most}", sent=tried[most])
    return KEPT if failed and failed[-1] is tried[-1] else None


def waits(attempts: Attempts) -> Finding | None:
    """Ask for a wait between attempts that does not become shorter.

    What lies between the beginnings of two attempts is no shorter than the wait, however busy the machine is. Waits may
    be drawn from a range that begins with nothing, so a short one among others says little.
    """
    if attempts.time_scale < _LEAST_SCALE:
        return None
    failed = [sent for sent in attempts.sent if is_calm(sent) and sent.status == _FAILED]
    pairs = [(one, later) for one, later in pairwise(attempts.sent) if one in failed]
    if not pairs or is_in_batches(attempts):
        return None
    gaps = [later.at - one.at for one, later in pairs]
    least = _FIRST_WAIT_SECONDS * attempts.time_scale
    if max(gaps) < least:
        measured, expected = f"{max(gaps) * 1000:.1f} ms", f"at least {least * 1000:g} ms"
        return broken("the next attempt follows at once", measured=measured, expected=expected, sent=pairs[0][1])
    if _shrink(gaps):
        measured = ", ".join(f"{gap * 1000:.0f} ms" for gap in gaps)
        return broken("the waits become shorter", measured=measured, expected="no shorter ones", sent=pairs[1][1])
    return KEPT


def _shrink(gaps: Sequence[float]) -> bool:
    """Whether each wait is clearly shorter than the one before, and the last hardly anything beside the first."""
    shrinks = all(later < earlier / 2 - _NOISE_SECONDS for earlier, later in pairwise(gaps))
    return shrinks and gaps[-1] < gaps[0] / _HARDLY_ANYTHING


def succeeds_in_the_end(case: Case) -> Finding | None:
    """Ask that an attempt that is taken after a 500 makes the call a success, of a client that says it tries again."""
    if _FAILED not in (case.can.retries_on or ()):
        return None
    return first_finding(map(_succeeds, case.calls))


def _succeeds(call: Call) -> Finding | None:
    tried = call.mine
    if not tried or not is_calm(tried[0]) or tried[0].status != _FAILED or not is_told(call.reply):
        return None
    if is_ok(tried[-1]):
        return ok_is_told(call, tried[-1])
    if len(tried) == 1 and call.plan[1:2] == ("200",):
        if is_upload(call):
            return noted("an upload that fails is not sent again", sent=tried[0])
        return broken("not sent again, though the client says so", got="one request", expected="another", sent=tried[0])
    return None


def retry_after(attempts: Attempts) -> Finding | None:
    """Ask that a client that tries again waits as long as it is asked to."""
    return first_finding(_waited(earlier, later, attempts.time_scale) for earlier, later in retries(attempts))


def _waited(earlier: Sent, later: Sent, time_scale: float) -> Finding | None:
    asked = max((_seconds(word) for word in earlier.armed.split("+") if word.startswith(_RETRY_AFTER)), default=0.0)
    if not asked or not is_calm(earlier):
        return None
    gap, least = later.at - earlier.at, asked * time_scale
    if gap >= least:
        return KEPT
    measured, expected = f"{gap * 1000:.0f} ms", f"at least {least * 1000:.0f} ms"
    return broken("sent again before the time that Retry-After names", measured=measured, expected=expected, sent=later)


def _seconds(word: str) -> float:
    return float(word.partition(":")[2] or _RETRY_SECONDS)


def obligations(_contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about attempts."""
    return _ROWS


_ROWS = (
    Obligation(
        "R-12", Level.SHOULD, "A 500 is answered with no more attempts than the client says, or five.",
        Source("ours", ""), because="A server that fails is not helped by more requests.",
        attempts=few_attempts,
    ),
    Obligation(
        "R-13", Level.SHOULD, "Between two attempts there is a wait, which does not become shorter.",
        Source("ours", ""), because="A server that fails is not helped by requests at once.",
        attempts=waits, needs=("retries",),
    ),
    Obligation(
        "R-14", Level.SHOULD, "A client that says that it tries again after a 500 does, and reports the success.",
        Source("ours", ""), because="Otherwise the caller sends again what was taken.",
        case=succeeds_in_the_end, needs=("retries",),
    ),
    Obligation(
        "R-23", Level.ASSUMED, "Whoever tries again after a 429 or a 503 waits as long as Retry-After says.",
        Source("RFC 9110", "section 10.2.3"), because="No document names these answers; gateways give them.",
        attempts=retry_after,
    ),
)  # fmt: skip
