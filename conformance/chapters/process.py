"""How a client behaves as a program: the obligations P-01 to P-03."""

from conformance.chapters.places import is_behind_prefix, nearest, path_of
from conformance.model import Call, Case, Outcome, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfCase, broken
from conformance.trials.smoke import CLOSING
from contracts.model import Source
from contracts.operations import Contract

_OURS = Source("ours", "")


def _returns(call: Call) -> Finding | None:
    match call.reply.outcome:
        case Outcome.UNSUPPORTED:
            return None
        case Outcome.HANG:
            return broken(
                "the call does not return", got=call.reply.message, expected="a reply before the deadline (--deadline)"
            )
        case Outcome.CRASH:
            return broken("the client crashes", got=call.reply.message, expected="a reply")
    return KEPT


def _still_works(case: Case) -> Finding | None:
    if not case.trial.startswith(f"{CLOSING}/"):
        return None
    if any(call.reply.outcome is Outcome.UNSUPPORTED for call in case.calls):
        return None
    if not all(call.sent for call in case.calls):
        said = next(call.reply.message for call in case.calls if not call.sent)
        return broken("nothing is sent any more", got=said, expected="a request, as in the beginning")
    # What is refused for its own faults is so as in the beginning.
    if not all(call.plan or call.sent[-1].accepted for call in case.calls):
        return None
    return KEPT


def _only_the_api(contract: Contract) -> OfCase:
    def is_elsewhere(sent: Sent) -> bool:
        path = path_of(sent.target)
        is_known = bool(sent.operation) or not sent.is_request or path in contract.operations
        return not is_known and not is_behind_prefix(path, contract) and nearest(path, contract) is None

    def judge(case: Case) -> Finding | None:
        # Whoever follows a redirect was asked to.
        if any(word in step for word in ("redirect", "found:") for call in case.calls for step in call.plan):
            return None
        sent = (*case.sent, *case.late)
        stray = next(iter(case.strays), None) or next(filter(is_elsewhere, sent), None)
        if stray is None:
            return KEPT if sent else None
        where = "another origin" if stray in case.strays else "the base URL"
        return broken(
            "a request that is none of the API's",
            got=f"{stray.method} {stray.target} at {where}",
            expected="requests to the documented paths only",
            sent=stray,
            place="target",
        )

    return judge


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations of the chapter."""
    return (
        Obligation(
            "P-01", Level.MUST, "Each call returns in time, and the client survives it.", _OURS,
            "Whoever calls it waits for it.", call=_returns, depends=("R-27",),
        ),
        Obligation(
            "P-02", Level.MUST, "After everything that went wrong, a valid call works as in the beginning.", _OURS,
            "Every network fails sometimes, and every client lives on.", case=_still_works,
        ),
        Obligation(
            "P-03", Level.SHOULD, "Nothing is sent to anything but the API at the given base URL.", _OURS,
            "Nobody expects such traffic, and firewalls stop it.", case=_only_the_api(contract),
        ),
    )  # fmt: skip
