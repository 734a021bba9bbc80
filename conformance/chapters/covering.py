"""Finds the contract's rules that an obligation is about, by what the spec says of them."""

from conformance.model import Sent
from conformance.obligation import Level
from contracts.model import Basis, Breach, Rule
from contracts.operations import Contract, Operation

JSON = "application/json"


def rules_checked(contract: Contract, *checks: str, operation: str = "") -> tuple[str, ...]:
    """Give the ids of the rules that have one of these checks, of one operation or of all."""
    return tuple(
        rule.id
        for whose, rule in contract.rules_in_order()
        if rule.check in checks and (not operation or whose == operation)
    )


def json_operations(contract: Contract) -> tuple[str, ...]:
    """Give the ids of the operations whose body is JSON."""
    return tuple(one.id for one in contract.operations.values() if one.media_type == JSON)


def rules_about(operation: Operation, *fields: str) -> tuple[str, ...]:
    """Give the ids of the rules that answer for one of these fields, other than whether what it names exists."""
    return tuple(
        rule.id
        for rule in operation.rules
        if rule.answer and rule.check not in _OF_USERS and not set(fields).isdisjoint(rule.fields)
    )


_OF_USERS = frozenset({"known-user", "registered-for-event", "identifier-sent"})


def found(sent: Sent, check: str) -> Breach | None:
    """Give the first breach or flag of a rule with this check."""
    return next((breach for breach in (*sent.breaches, *sent.flags) if breach.rule.check == check), None)


def level_of(rule: Rule) -> Level | None:
    """Give the level of a finding about a rule: that of its obligation, but of an assumed demand no more than that."""
    return Level.ASSUMED if rule.demand is Basis.ASSUMED else None
