"""Whether a case can be believed: the fake's answers are the contract's, and what was planned was played. Pure."""

from collections.abc import Iterator

from conformance.model import Case, Sent
from contracts.operations import Contract

# A request that asks for its answer itself is given what it asks for.
_ASKS = "prefer"
# Beside anything else it says nothing.
_AS_USUAL = "pass"


class HarnessError(Exception):
    """The judge's own side is at fault: no verdict about the client follows."""


def check(case: Case, contract: Contract, *, persistent: bool = False) -> None:
    """Raise HarnessError for a case that shows that the fake is not what it has to be.

    `persistent` says whether the last step of the plan was to be played for ever.
    """
    for fault in faults(case, contract, persistent=persistent):
        raise HarnessError(f"{case.trial}: {fault}; this is a fault of the judge's, not of the client's")


def faults(case: Case, contract: Contract, *, persistent: bool = False) -> Iterator[str]:
    """Say what the fake did that the contract and the plan of the trial do not explain."""
    requests = [sent for sent in (*case.sent, *case.late) if sent.header(_ASKS) is None]
    for sent in requests:
        told = _of_armed(sent, contract) if sent.armed else _of_judged(sent, contract)
        if sent.status and told:
            yield f"the fake answered request {sent.id} with {sent.status} {sent.answer or '(no name)'}: {told}"
    yield from _of_plan(case, requests, persistent=persistent)


def _of_judged(sent: Sent, contract: Contract) -> str:
    """Say what is wrong with an answer that follows from the request."""
    if sent.breaches:
        expected = {(one.status, one.name) for breach in sent.breaches if (one := breach.rule.answer)}
    elif sent.operation:
        accepted = contract.operation(sent.operation).accepted
        expected = {(accepted.status, accepted.name)}
    else:
        return "no rule was broken, and the contract has nothing there that accepts it"
    if (sent.status, sent.answer) not in expected:
        return f"the contract's is {' or '.join(f'{status} {name}' for status, name in sorted(expected))}"
    if sent.accepted is bool(sent.breaches):
        return "whether it is stored does not follow from that"
    return ""


def _of_armed(sent: Sent, contract: Contract) -> str:
    """Say what is wrong with an answer that was armed, as far as the contract has it."""
    for word in sent.armed.split("+"):
        known = contract.answers.get(word)
        expected = known.status if known else int(word) if word.isdecimal() else sent.status
        if expected != sent.status:
            return f"armed was {sent.armed}"
    return ""


def _of_plan(case: Case, requests: list[Sent], *, persistent: bool) -> Iterator[str]:
    """Say which planned steps were not played, though there was a request for them."""
    first = next(iter(case.calls), None)
    if first is None or not first.plan:
        return
    mine = [sent for sent in requests if sent.operation and sent.key == first.key]
    left = [call.left for call in case.calls if call.key == first.key][-1]
    idle = next((sent for sent in mine if not sent.armed), None)
    if (left or persistent) and idle is not None:
        yield f"request {idle.id} got none of the planned answers, of which {left or 'always one'} is left"
    planned = {_heads(step) for step in first.plan}
    for sent in mine:
        if sent.armed and _heads(sent.armed) not in planned:
            yield f"request {sent.id} got {sent.armed}, which was not planned"


def _heads(step: str) -> frozenset[str]:
    """Give what a step is made of, without the sizes and times that may be spelled in several ways."""
    return frozenset(word.partition(":")[0] for word in step.split("+") if word != _AS_USUAL)
