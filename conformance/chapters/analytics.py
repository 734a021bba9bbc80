"""What a client reports of users: the obligations N-01 to N-21."""

from typing import Any

from conformance.chapters.covering import rules_about, rules_checked
from conformance.chapters.fields import (
    are_strings,
    blanks,
    is_time,
    needed_text,
    never_empty,
    never_null,
    optional,
    same_instant,
    same_texts,
    strings,
)
from conformance.chapters.identifiers import (
    digits_are_kept,
    email_is_kept,
    identifies,
    phone_is_e164,
    refuses_nobody,
    transmits_identifiers,
)
from conformance.chapters.metadata import empty_is_omitted, is_object, says_the_same
from conformance.meaning import meant
from conformance.model import Attempts, Call, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfCall, OfRequest, broken
from conformance.ordinary import is_ordinary
from conformance.times import Form, form, instant
from contracts.model import Source, shown
from contracts.operations import Contract, Operation
from contracts.world import ascii_lower

OPERATION = "addUserAnalytics"


def _document(section: str) -> Source:
    return Source("user-analytics", section)


_BODY, _NOTES = _document("Request Body"), _document("Notes")
_REGISTRY, _RESPONSES = _document("Feature & Action Registry"), _document("Response Structure")
_OURS = Source("ours", "")
# In which case the letters of an email are sent, and of a pair, is judged elsewhere or does not matter.
_FOLDED = frozenset({"email", "feature", "action"})
_LEAST = {"userId", "feature", "action", "experienceId", "capturedAt"}


def _pair(operation: Operation) -> OfRequest:
    rules = tuple(rule.id for rule in operation.rules if rule.check == "registered-pair")
    fields = operation.by_check["registered-pair"].fields

    def judge(sent: Sent) -> Finding | None:
        if sent.value is None:
            return None
        breach = sent.broken(*rules)
        if breach is None:
            return KEPT
        got = "/".join(shown(sent.value.get(field, "nothing")) for field in fields)
        return broken(
            "feature and action are no registered pair",
            got=got,
            expected=breach.expected,
            sent=sent,
            place=breach.field,
        )

    return judge


def _other_case(contract: Contract) -> OfCall:
    known = {(feature, action) for feature, actions in contract.pairs.items() for action in actions}

    def judge(call: Call) -> Finding | None:
        given = call.intent.args.get("feature"), call.intent.args.get("action")
        if call.plan or not call.valid or given in known or not is_ordinary(call.intent):
            return None
        # With an email or anything else, it might be refused for that.
        if not meant(call.intent).keys() <= _LEAST:
            return None
        if call.sent:
            return KEPT
        if not call.reply.failed:
            return None
        folded = "/".join(ascii_lower(str(text)) for text in given)
        expected = f"what is done with {folded}"
        return broken("a pair in other letter case is refused", got=call.reply.message, expected=expected)

    return judge


def _has_offset(sent: Sent) -> Finding | None:
    value = None if sent.value is None else sent.value.get("capturedAt")
    match form(value):
        case Form.STRICT:
            return KEPT
        case Form.NAIVE:
            expected = "Z, or an offset such as +02:00"
            return broken("capturedAt has no offset", got=str(value), expected=expected, sent=sent, place="capturedAt")
    return None


def _same_time_again(attempts: Attempts) -> Finding | None:
    times = [(sent, sent.value["capturedAt"]) for sent in attempts.sent if sent.value and "capturedAt" in sent.value]
    if len(times) < 2:  # noqa: PLR2004 - a first and another
        return None
    _, first = times[0]
    for sent, again in times[1:]:
        if again != first and (instant(again) is None or instant(again) != instant(first)):
            return broken(
                "a later attempt has another capturedAt", got=shown(again), expected=shown(first), sent=sent,
                place="capturedAt",
            )  # fmt: skip
    return KEPT


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations of the chapter."""
    return (*_of_identifiers(contract), *_of_event(contract), *_of_values(contract))


def _obligation(name: str, level: Level, says: str, source: Source, **more: Any) -> Obligation:  # noqa: ANN401 - handed on
    return Obligation(name, level, says, source, operation=OPERATION, **more)


def _of_identifiers(contract: Contract) -> tuple[Obligation, ...]:
    operation = contract.operation(OPERATION)
    must, should, assumed = Level.MUST, Level.SHOULD, Level.ASSUMED
    return (
        _obligation(
            "N-01", must, "A report names its user by at least one of userId, email and phone.", _BODY,
            request=identifies(operation), rules=_rules(contract, "identifier-sent"), validity=True,
        ),
        _obligation(
            "N-02", must, "A call that names no user is refused.", _RESPONSES,
            call=refuses_nobody(operation), depends=("N-01",), validity=True,
        ),
        _obligation(
            "N-03", must, "Every right identifier that the caller gives is sent.", _BODY,
            because="Any one of them may be the one by which Distinct knows the user.",
            call=transmits_identifiers(operation),
        ),
        _obligation(
            "N-04", must, "A phone number is sent in E.164 format, without spaces and dashes.", _NOTES,
            request=phone_is_e164(operation), rules=rules_about(operation, "phone"),
            depends=("N-15", "N-20"), validity=True,
        ),
        _obligation(
            "N-05", should, "A phone number that is put into another form keeps its digits.", _OURS,
            because="Whoever guesses the country names another person.", call=digits_are_kept, depends=("N-20",),
        ),
        _obligation(
            "N-06", assumed, "An email address arrives as it was given, but for blanks around it.", _BODY,
            call=email_is_kept, depends=("N-20", "N-21"),
        ),
    )  # fmt: skip


def _of_event(contract: Contract) -> tuple[Obligation, ...]:
    operation = contract.operation(OPERATION)
    must, should, assumed = Level.MUST, Level.SHOULD, Level.ASSUMED
    return (
        _obligation(
            "N-07", must, "Feature and action are together a registered pair.", _REGISTRY,
            request=_pair(operation), rules=_rules(contract, "registered-pair"),
            depends=("N-15", "N-20"), validity=True,
        ),
        _obligation(
            "N-08", should, "A registered pair is taken in any case of letters.", _NOTES,
            call=_other_case(contract),
        ),
        _obligation(
            "N-09", must, "A report names its experience.", _NOTES,
            request=needed_text("experienceId"), rules=rules_about(operation, "experienceId"),
            depends=("N-15", "N-20"), validity=True,
        ),
        _obligation(
            "N-10", must, "capturedAt is sent, as an ISO 8601 time.", _NOTES,
            request=is_time("capturedAt", naive_is_fine=True), rules=rules_about(operation, "capturedAt"),
            depends=("N-15", "N-20"), validity=True,
        ),
        _obligation(
            "N-11", assumed, "capturedAt has an offset.", _NOTES, request=_has_offset, validity=True,
        ),
        _obligation(
            "N-12", must, "capturedAt denotes the instant that the caller gave.", _BODY,
            because="A time that is shifted by a time zone is wrong by hours.", call=same_instant("capturedAt"),
        ),
        _obligation(
            "N-13", must, "capturedAt is when the event happened, however often and late it is sent.", _BODY,
            attempts=_same_time_again, needs=("retries",),
        ),
    )  # fmt: skip


def _of_values(contract: Contract) -> tuple[Obligation, ...]:
    operation = contract.operation(OPERATION)
    must, should, assumed = Level.MUST, Level.SHOULD, Level.ASSUMED
    texts = strings(operation)
    may_miss = tuple(sorted(optional(operation)))
    return (
        _obligation(
            "N-14", must, "An optional field without a value is left out, and not sent as null.", _NOTES,
            request=never_null(operation), rules=rules_about(operation, *may_miss),
        ),
        _obligation(
            "N-15", must, "No field is sent as empty text.", _NOTES,
            request=never_empty(operation), rules=rules_about(operation, *may_miss), validity=True,
        ),
        _obligation(
            "N-16", assumed, "What becomes of a text of nothing but blanks.", _NOTES,
            call=blanks("user analytics", *texts),
        ),
        _obligation(
            "N-17", must, "metadata is a JSON object.", _NOTES,
            request=is_object, rules=rules_about(operation, "metadata"), validity=True,
        ),
        _obligation(
            "N-18", assumed, "metadata is left out when it is empty.", _NOTES,
            because="An object without members may count as nothing to send.",
            request=empty_is_omitted, rules=_rules(contract, "not-empty"),
        ),
        _obligation(
            "N-19", should, "metadata arrives as it was given.", _BODY,
            because="It is the vendor's own data, and nobody else can mend it.", call=says_the_same,
            depends=("N-17",),
        ),
        _obligation(
            "N-20", must, "What the documents call a string is sent as a string.", _BODY,
            request=are_strings(operation), rules=rules_about(operation, *texts), validity=True,
        ),
        _obligation(
            "N-21", must, "Texts arrive as they were given, in every script.", _OURS,
            because="What arrives changed names another user, or nobody.",
            call=same_texts("userId", "email", "feature", "action", "experienceId", folded=_FOLDED),
            depends=("N-20",),
        ),
    )  # fmt: skip


def _rules(contract: Contract, check: str) -> tuple[str, ...]:
    return rules_checked(contract, check, operation=OPERATION)
