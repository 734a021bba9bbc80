"""What one call has to do with another: the obligations S-01 to S-06, S-09 and S-10."""

import json
from collections.abc import Iterator, Mapping
from itertools import combinations

from conformance.chapters import privacy
from conformance.chapters.answered import (
    REFUSED_FROM,
    content,
    final,
    first_finding,
    is_answered,
    is_silent,
    is_told,
    told,
)
from conformance.chapters.uploaded import given
from conformance.model import Call, Case, Outcome, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, broken, noted
from contracts.model import Source
from contracts.operations import Contract

_OK_BELOW = 300
_KEY_REFUSED = frozenset({401, 403})
# The same time and the same number may be written in several ways.
_WRITTEN_ANEW = frozenset({"capturedAt", "recordCapturedAt", "phone"})


def nothing_left_over(case: Case) -> Finding | None:
    """Ask that a request holds nothing that only an earlier call was given."""
    pairs = [pair for pair in combinations(case.calls, 2) if pair[0].intent.operation == pair[1].intent.operation]
    return first_finding(_left_over(earlier, later) for earlier, later in pairs)


def _left_over(earlier: Call, later: Call) -> Finding | None:
    if not earlier.mine or not later.mine:
        return None
    own, others = _given(later), _given(earlier)
    foreign = {name: value for name, value in others.items() if _is_foreign(name, value, own)}
    if not foreign:
        return None
    sent = later.mine[-1]
    found = _found(sent)
    left = next((name for name, value in foreign.items() if name in found and found[name] == value), None)
    if left is None:
        return KEPT
    got, expected = f"{left}: {foreign[left]}", f"{own[left]}" if left in own else f"no {left}"
    return broken("something of an earlier call is sent", got=got, expected=expected, sent=sent, place=left)


def _is_foreign(name: str, value: str, own: Mapping[str, str]) -> bool:
    """Whether nothing that a client may make of what it was given itself is the same."""
    if name not in own:
        return True
    return name not in _WRITTEN_ANEW and _bare(value) != _bare(own[name])


def _bare(value: str) -> str:
    return "".join(char for char in value.casefold() if char.isalnum())


def _given(call: Call) -> dict[str, str]:
    """Give what a caller hands over, by its field; a file by its hash."""
    texts = {name: _text(value) for name, value in call.intent.args.items() if value is not None and value != ""}
    return {**texts, **{f"a file {sha256}": "there" for sha256 in given(call)}}


def _found(sent: Sent) -> dict[str, str]:
    """Give what a request holds, in the same way."""
    if sent.value is not None:
        return {name: _text(value) for name, value in sent.value.items()}
    files = {f"a file {part.sha256}": "there" for part in sent.files}
    return {**{part.name: _text(part.text) for part in sent.texts}, **files}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def works_after_failure(case: Case) -> Finding | None:
    """Ask that a call that would have worked before a failure works after it."""
    return first_finding(_after_failure(case.calls, at) for at in range(2, len(case.calls)))


def _after_failure(calls: tuple[Call, ...], at: int) -> Finding | None:
    call, before = calls[at], calls[:at]
    failed = next((one for one in before if one.reply.failed), None)
    worked = any(_worked(one) and one.intent.operation == call.intent.operation for one in before)
    # A client may well stop when its key is refused.
    stopped = any(sent.status in _KEY_REFUSED for one in before for sent in one.sent)
    if (
        failed is None
        or not worked
        or stopped
        or not call.valid
        or any(sent.armed or sent.breaches for sent in call.sent)
    ):
        return None
    if _worked(call):
        return KEPT
    if not is_told(call.reply):
        return None
    return broken(
        "a call fails after another one failed",
        got=call.reply.message,
        expected="what worked before works again",
        sent=call.sent[-1] if call.sent else None,
    )


def _worked(call: Call) -> bool:
    return call.reply.outcome is Outcome.OK and any(sent.accepted for sent in call.sent)


def keys_apart(case: Case) -> Finding | None:
    """Ask that each call goes out with its own key, when two are in use."""
    keys = {call.key for call in case.calls}
    sent_with = [(call, sent) for call in case.calls for sent in call.mine if sent.key]
    if len(keys) < 2 or len({call.key for call, _ in sent_with}) < 2:  # noqa: PLR2004 - two are needed to mix them
        return None
    for call, sent in sent_with:
        if sent.key != call.key and sent.key in keys:
            return broken("sent with the key of another client", got=sent.key, expected=call.key, sent=sent)
    return KEPT


def nothing_late(case: Case) -> Finding | None:
    """Ask that a call that is over sends nothing more."""
    if any(call.reply.outcome in {Outcome.HANG, Outcome.CRASH} for call in case.calls):
        return None
    # What is left of a body that was counted too short is told by nobody as another request, and comes when it comes.
    late = next((sent for sent in case.late if sent.is_request), None)
    if late is not None:
        return broken("a request arrives after its call was over", got=late.shown_name, expected="none", sent=late)
    return KEPT if case.sent else None


def calls_apart(case: Case) -> Finding | None:
    """Ask that calls at the same time each send their own data."""
    if not case.together or case.can.concurrency < 2 or any(sent.armed for sent in case.together):  # noqa: PLR2004
        return None
    intents = [_given(call) for call in case.calls]
    for sent in case.together:
        found = _found(sent)
        best = max(intents, key=lambda one: _shared(one, found))
        mixed = next((name for name, value in _others(intents, best) if found.get(name) == value), None)
        if mixed is not None:
            got, expected = f"{mixed}: {found[mixed]}", f"{mixed}: {best.get(mixed)}"
            return broken("calls at the same time are mixed", got=got, expected=expected, sent=sent, place=mixed)
    arrived = {content(sent) for sent in case.together}
    fine = [call for call in case.calls if call.reply.outcome is Outcome.OK and call.valid]
    if len(arrived) < len(fine) and not case.can.async_send:
        got, expected = f"{len(arrived)} different requests", f"{len(fine)}, one for each call"
        return broken("calls at the same time send the same", got=got, expected=expected, sent=case.together[-1])
    return KEPT


def _shared(own: Mapping[str, str], found: Mapping[str, str]) -> int:
    return sum(found.get(name) == value for name, value in own.items())


def _others(intents: list[dict[str, str]], own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give what other calls were given in place of what this one was."""
    for other in intents:
        yield from ((name, value) for name, value in other.items() if own.get(name) != value)


def queue_loses_nothing(case: Case) -> Finding | None:
    """Ask that what is not delivered when a queue is empty is reported."""
    if not case.can.async_send:
        return None
    if case.together:
        return _delivered(case.calls, case.together)
    return first_finding(_delivered((call,), call.mine) for call in case.calls)


def _delivered(calls: tuple[Call, ...], sent: tuple[Sent, ...]) -> Finding | None:
    if not all(is_told(call.reply) for call in calls):
        return None
    if any(call.reply.failed for call in calls):
        return KEPT if any(one.status >= REFUSED_FROM for one in sent) else None
    arrived = {content(one) for one in sent if one.accepted and not is_silent(one)}
    if len(arrived) >= len({_key(call) for call in calls}):
        return KEPT
    got = f"{len(arrived)} taken of {len(calls)}, and no failure told"
    return broken(
        "a queue loses what it cannot deliver", got=got, expected="a failure", sent=sent[-1] if sent else None
    )


def _key(call: Call) -> str:
    return json.dumps([call.intent.operation, _given(call)], sort_keys=True)


def status_is_readable(call: Call) -> Finding | None:
    """Ask that the status comes as a number, not only in words."""
    last = final(call)
    if last is None or last.status < REFUSED_FROM or not call.reply.failed:
        return None
    if call.reply.status == last.status:
        return KEPT
    got = f"status {call.reply.status}: {told(call.reply)!r}"
    return broken("the status is no number that a program can read", got=got, expected=str(last.status), sent=last)


def lost_answer(call: Call) -> Finding | None:
    """Say whether an event is sent twice when only its answer was lost."""
    lost = next((sent for sent in call.mine if is_silent(sent) and _was_taken(sent)), None)
    if lost is None or not is_told(call.reply):
        return None
    again = [sent for sent in call.mine if sent is not lost and content(sent) == content(lost)]
    made = "is sent again, and taken twice" if any(is_answered(sent) for sent in again) else "is not sent again"
    return noted(f"what was taken without an answer {made}", sent=lost)


def _was_taken(sent: Sent) -> bool:
    # Of an answer that never went out, this is what it was to be.
    return sent.accepted and 0 < sent.status < _OK_BELOW


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about sequences, with those about privacy."""
    return (*_ROWS, *privacy.obligations(contract))


_OURS = Source("ours", "")
_HEADERS = Source("user-analytics", "Request Headers")

_ROWS = (
    Obligation(
        "S-01", Level.MUST, "A request holds nothing that only an earlier call was given.",
        _OURS, because="Data of one user would be stored for another.",
        case=nothing_left_over,
    ),
    Obligation(
        "S-02", Level.SHOULD, "A call that failed does not make later ones fail.",
        _OURS, because="One wrong record must not end the reporting of all others.",
        case=works_after_failure,
    ),
    Obligation(
        "S-03", Level.MUST, "Two clients with two keys in one process each use their own.",
        _HEADERS, because="Data would be stored for another vendor.",
        case=keys_apart,
    ),
    Obligation(
        "S-04", Level.SHOULD, "When a call is over, nothing more is sent for it.",
        _OURS, because="What the caller was told to have failed might be taken all the same.",
        case=nothing_late,
    ),
    Obligation(
        "S-05", Level.SHOULD, "Calls at the same time each send their own data.",
        _OURS, because="Data of one user would be stored for another.",
        case=calls_apart, needs=("concurrency",),
    ),
    Obligation(
        "S-06", Level.SHOULD, "A queue that was emptied has delivered everything, or says what it has not.",
        _OURS, because="A caller who is not told loses the data.",
        case=queue_loses_nothing, needs=("async_send",),
    ),
    Obligation(
        "S-09", Level.SHOULD, "A failure carries the HTTP status as a number.",
        _OURS, because="Programs cannot read sentences.",
        call=status_is_readable, depends=("R-06", "R-09", "R-18", "R-19", "R-20", "R-25"),
    ),
    Obligation(
        "S-10", Level.ASSUMED, "Whether an event is sent again when only its answer was lost.",
        _OURS, because="The documents do not say what happens to an event that comes twice.",
        call=lost_answer,
    ),
)  # fmt: skip
