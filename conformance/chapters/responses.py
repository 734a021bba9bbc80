"""What a client makes of an answer: the obligations R-01 to R-03, R-05, R-06, R-09 and R-20 to R-22."""

from collections.abc import Iterator

from conformance.chapters import connections, giving_up, retries, sent_again
from conformance.chapters.answered import (
    FAILED_FROM,
    REFUSED_FROM,
    final,
    finals,
    first_final,
    first_finding,
    is_answered,
    is_calm,
    is_told,
    says,
    says_status,
    told,
)
from conformance.chapters.telling import failure_is_told, ok_is_told, status_is_told
from conformance.model import Call, Case, Outcome, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfCall, OfCase, broken, noted
from contracts.model import Answer, Basis, Source
from contracts.operations import Contract

_OK, _REFUSED, _UNAUTHORIZED, _FORBIDDEN = 200, 400, 401, 403
# Those that a client may have good reasons to try again after.
_FOR_NOW = frozenset({408, 409, 425, 429})
_OF_THEIR_OWN = frozenset({_REFUSED, _UNAUTHORIZED, _FORBIDDEN})
# Beside those that are named by their status alone, which are plain text.
_ODD_ERRORS = frozenset(
    {
        "htmlRefusal",
        "emptyRefusal",
        "malformedRefusal",
        "listRefusal",
        "htmlError",
        "emptyError",
        "badGateway",
        "gatewayTimeout",
        "serviceUnavailable",
    }
)
_ODD_SUCCESSES = frozenset({"created", "moreFields", "emptyBody", "202", "204"})
_DOUBTFUL = "malformedJson"


def success_is_told(call: Call) -> Finding | None:
    """Ask that a call whose every request was taken is reported as done, unless a part of it was never sent."""
    if not call.mine or not is_told(call.reply) or (call.reply.failed and _is_sent_in_part(call)):
        return None
    plain = all(is_calm(sent) and sent.status == _OK and sent.answer not in _ODD_SUCCESSES for sent in call.mine)
    if not plain or any(sent.answer == _DOUBTFUL for sent in call.mine):
        return None
    return ok_is_told(call, call.mine[-1])


def _is_sent_in_part(call: Call) -> bool:
    """Whether a client may have refused a part of what it was asked for, which its caller has to know."""
    return not call.valid or sum(len(sent.files) for sent in call.mine) < len(call.intent.files)


def odd_success_is_told(call: Call) -> Finding | None:
    """Ask the same where the status says that it worked, and the rest is not as documented."""
    last = first_final(call)
    return ok_is_told(call, last) if last is not None and last.answer in _ODD_SUCCESSES else None


def doubtful_success(call: Call) -> Finding | None:
    """Say what a client makes of a success whose body cannot be read."""
    last = first_final(call)
    if last is None or last.answer != _DOUBTFUL:
        return None
    made = "success" if call.reply.outcome is Outcome.OK else "a failure"
    return noted(f"a 200 whose JSON ends in the middle is {made}", sent=last)


def refusal_is_told(call: Call) -> Finding | None:
    """Ask that a 400 is a failure for the caller."""
    last = first_final(call)
    return failure_is_told(call, last) if last is not None and last.status == _REFUSED else None


def message_is_told(answer: Answer) -> OfCall:
    """Ask that the message of a refusal reaches the caller."""

    def judge(call: Call) -> Finding | None:
        last = final(call)
        if last is None or last.answer != answer.name or not is_calm(last) or not call.reply.failed:
            return None
        if says(call.reply, answer.message):
            return KEPT
        return broken(
            "the message of the answer is lost",
            got=told(call.reply),
            expected=answer.message,
            sent=last,
            place="message",
        )

    return judge


def is_told_apart(status: int, word: str) -> OfCase:
    """Ask that a status is a failure for the caller, and another one than those of other statuses."""

    def judge(case: Case) -> Finding | None:
        found = [_told_apart(call, last, case, word) for call, last in finals(case) if last.status == status]
        return first_finding(found)

    return judge


def _told_apart(call: Call, sent: Sent, case: Case, word: str) -> Finding | None:
    reply, status = call.reply, sent.status
    if not reply.failed:
        return failure_is_told(call, sent)
    if says_status(reply, status) or (reply.status is None and word in told(reply).lower()):
        return KEPT
    got = f"status {reply.status}, {told(reply)!r}"
    if reply.status is not None:
        return broken(f"a {status} is told as another status", got=got, expected=str(status), sent=sent)
    # A failure of another type may tell them apart just as well.
    kind = reply.detail.get("type")
    others = {
        other.reply.detail.get("type")
        for other, last in finals(case)
        if last.status >= REFUSED_FROM and last.status != status
    }
    if kind and kind not in others:
        return KEPT if others else None
    return broken(
        f"a {status} cannot be told from other failures", got=got, expected=f"the status {status}, or {word}", sent=sent
    )


def odd_error_is_told(call: Call) -> Finding | None:
    """Ask that an error in an unexpected form is told by its status."""
    last = final(call)
    if last is None or last.status < REFUSED_FROM or not (last.answer in _ODD_ERRORS or last.answer.isdecimal()):
        return None
    return status_is_told(call, last)


def other_refusals(case: Case) -> Finding | None:
    """Ask that refusals with other statuses are told, and not tried again but after those that the client names."""
    return first_finding(_other_refusal(call, case.can.retries_on or frozenset()) for call in case.calls)


def _other_refusal(call: Call, named: frozenset[int]) -> Finding | None:
    refused = [sent for sent in call.mine if is_answered(sent) and _is_other_refusal(sent.status)]
    if not refused or not is_told(call.reply):
        return None
    last = call.mine[-1]
    if refused[0] is not last and refused[0].status not in named:
        what, got = f"sent again after a {refused[0].status}", f"{len(call.mine)} requests"
        return broken(what, got=got, expected="no more", sent=last)
    return failure_is_told(call, last) if refused[-1] is last else None


def _is_other_refusal(status: int) -> bool:
    return REFUSED_FROM <= status < FAILED_FROM and status not in _FOR_NOW | _OF_THEIR_OWN


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about answers, with those about attempts and about connections."""
    others = (giving_up, retries, sent_again, connections)
    return (*_ANSWERS, *_messages(contract), *(row for other in others for row in other.obligations(contract)))


def _messages(contract: Contract) -> Iterator[Obligation]:
    """Make one obligation of each message that comes with a 400."""
    documented = {
        rule.answer.name
        for rule in contract.rules.values()
        if rule.answer is not None and rule.answer_basis is Basis.DOCUMENTED
    }
    for answer in contract.answers.values():
        if answer.status != _REFUSED:
            continue
        sources = (rule.source for rule in contract.rules.values() if rule.answer and rule.answer.name == answer.name)
        yield Obligation(
            f"R-05.{answer.name}",
            Level.SHOULD if answer.name in documented else Level.ASSUMED,
            f"The message {answer.message!r} reaches the caller as it is.",
            next(sources, Source("ours", "")),
            because="It says what is wrong, and only the caller can put that right.",
            call=message_is_told(answer),
            depends=("R-03",),
        )


_ERRORS = Source("user-analytics", "Response Structure")

_ANSWERS = (
    Obligation(
        "R-01", Level.MUST, "What was taken is reported as done.",
        Source("user-analytics", "Response"),
        because="A caller who is told otherwise sends it again.",
        call=success_is_told,
    ),
    Obligation(
        "R-02", Level.SHOULD, "Any 2xx is a success, whatever its body holds or lacks.",
        Source("RFC 9110", "section 15.3"), because="Fields are added to answers, and gateways leave out bodies.",
        call=odd_success_is_told,
    ),
    Obligation(
        "R-03", Level.MUST, "A 400 is reported as a failure.",
        _ERRORS, because="A caller who is not told loses the data.",
        call=refusal_is_told,
    ),
    Obligation(
        "R-06", Level.MUST, "A 401 is reported as a failure of its own, by its status, its type or its words.",
        _ERRORS, because="Only someone with another key can put it right.",
        case=is_told_apart(_UNAUTHORIZED, "unauthorized"),
    ),
    Obligation(
        "R-09", Level.MUST, "A 403 is reported as a failure of its own, by its status, its type or its words.",
        Source("user-analytics", "Notes"), because="The key is right, and the address is not: another one has to act.",
        case=is_told_apart(_FORBIDDEN, "forbidden"),
    ),
    Obligation(
        "R-20", Level.SHOULD, "An error whose body is HTML, empty, cut short or of another form is told by its status.",
        Source("ours", ""), because="Proxies and firewalls answer as well, and a parse error says nothing of that.",
        call=odd_error_is_told, depends=("R-03", "R-11", "R-22"),
    ),
    Obligation(
        "R-21", Level.ASSUMED, "A 200 whose body cannot be read: success or failure.",
        Source("ours", ""), because="Nothing says what such an answer means.",
        call=doubtful_success,
    ),
    Obligation(
        "R-22", Level.SHOULD, "Other 4xx are reported as failures, and the same request is not sent again.",
        Source("RFC 9110", "section 15.5"), because="The same request would fail in the same way.",
        case=other_refusals,
    ),
)  # fmt: skip
