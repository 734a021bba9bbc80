"""Whom a report of user analytics is about: the user's id, email address and phone number."""

import re
import unicodedata

from conformance.chapters.covering import rules_about
from conformance.chapters.fields import first_value, is_text, texts_of, trimmed
from conformance.meaning import meant
from conformance.model import Call, Sent
from conformance.obligation import KEPT, Finding, OfCall, OfRequest, broken
from contracts.operations import Operation

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
# What every mail system takes; an address in another script, or without a domain, a client may leave out.
_EMAIL = re.compile(r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_TRUNK = re.compile(r"\(0\)")


def fields_of(operation: Operation) -> tuple[str, ...]:
    """Give the fields that identify a user."""
    return operation.by_check["identifier-sent"].fields


def identifies(operation: Operation) -> OfRequest:
    """Make the judge that a request holds an identifier."""
    fields = fields_of(operation)

    def judge(sent: Sent) -> Finding | None:
        if sent.value is None:
            return None
        if any(sent.value.get(field) not in (None, "") for field in fields):
            return KEPT
        return broken(
            "nothing says which user it is about",
            got="no identifier",
            expected="at least one of " + ", ".join(fields),
            sent=sent,
            place=fields[0],
        )

    return judge


def refuses_nobody(operation: Operation) -> OfCall:
    """Make the judge that a call without any identifier is refused."""
    fields = fields_of(operation)

    def judge(call: Call) -> Finding | None:
        if not meant(call.intent).keys().isdisjoint(fields):
            return None
        if call.mine:
            sent = call.mine[0]
            got = ", ".join(f"{field} {sent.value[field]!r}" for field in fields if sent.value and field in sent.value)
            return broken("a call without identifier is sent", got=got or "a request", expected="a refusal", sent=sent)
        return KEPT if call.reply.failed else None

    return judge


def transmits_identifiers(operation: Operation) -> OfCall:
    """Make the judge that every identifier that is right and that the caller gave is sent."""
    fields = fields_of(operation)

    def judge(call: Call) -> Finding | None:
        given, first = texts_of(call, *fields), first_value(call)
        right = [name for name, text in given.items() if _is_right(name, text)]
        if first is None or not right:
            return None
        sent, value = first
        missing = next((name for name in right if value.get(name) in (None, "")), None)
        if missing is None:
            return KEPT
        return broken(f"{missing} is left out", got="nothing", expected=repr(given[missing]), sent=sent, place=missing)

    return judge


def _is_right(name: str, text: str) -> bool:
    form = {"email": _EMAIL, "phone": _E164}.get(name)
    return form.fullmatch(text) is not None if form else bool(trimmed(text)) and not _CONTROL.search(text)


def phone_is_e164(operation: Operation) -> OfRequest:
    """Make the judge that a phone number that is sent is in E.164 format."""
    rules = rules_about(operation, "phone")

    def judge(sent: Sent) -> Finding | None:
        if sent.value is None or not is_text(sent.value.get("phone")):
            return None
        breach = sent.broken(*rules)
        if breach is None:
            return KEPT
        got = repr(sent.value["phone"])
        return broken("a phone number not in E.164 format", got=got, expected=breach.expected, sent=sent, place="phone")

    return judge


def digits_are_kept(call: Call) -> Finding | None:
    """Ask that the phone number that is sent has the digits of the one that was given, and no others.

    An international prefix 00 and a trunk zero in brackets may go.
    """
    given, first = call.intent.args.get("phone"), first_value(call)
    arrived = first[1].get("phone") if first else None
    if not is_text(given) or not is_text(arrived) or first is None or any(char.isalpha() for char in str(given)):
        return None
    wanted = _digits(_TRUNK.sub("", str(given)))
    if _digits(str(arrived)) in {wanted, wanted.removeprefix("00"), _digits(str(given))}:
        return KEPT
    return broken(
        "the phone number is another one", got=repr(arrived), expected=repr(given), sent=first[0], place="phone"
    )


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(char)) for char in text if unicodedata.digit(char, None) is not None)


def email_is_kept(call: Call) -> Finding | None:
    """Ask that an email address arrives as given, but for blanks around it and the case of its domain."""
    given, first = texts_of(call, "email").get("email"), first_value(call)
    arrived = first[1].get("email") if first else None
    if given is None or first is None or not isinstance(arrived, str):
        return None
    if _comparable(given) == _comparable(arrived):
        return KEPT
    return broken("the email is another one", got=repr(arrived), expected=repr(given), sent=first[0], place="email")


def _comparable(email: str) -> str:
    local, at, domain = trimmed(email).rpartition("@")
    return f"{local}{at}{domain.lower()}" if at else domain
