"""What a client captures of an event: the obligations C-01 to C-08."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.chapters.covering import found, rules_about, rules_checked
from conformance.chapters.fields import is_time, needed_text, same_instant, same_texts
from conformance.chapters.places import is_behind_prefix, nearest, path_of
from conformance.meaning import meant
from conformance.model import Call, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfCall, OfRequest, broken
from contracts.model import Source, shown
from contracts.operations import Contract, Operation

OPERATION = "captureAnalytics"
_TYPE = "type"


def _document(section: str) -> Source:
    return Source("capture-analytics", section)


_BODY, _NOTES = _document("Request Body"), _document("Notes")


def _path(contract: Contract) -> OfRequest:
    def judge(sent: Sent) -> Finding | None:
        if sent.operation:
            return KEPT if sent.operation == OPERATION else None
        path = path_of(sent.target)
        meant_for = nearest(path, contract) if found(sent, "path") else None
        if meant_for is None or meant_for.id != OPERATION or is_behind_prefix(path, contract):
            return None
        return broken("another path", got=path, expected=meant_for.path, sent=sent, place="target")

    return judge


def needed_by_type(operation: Operation) -> dict[str, tuple[str, ...]]:
    """Give the fields that each type needs and not every type does, in the order of the spec."""
    forms = operation.schema.alternatives
    always = frozenset.intersection(*(form.required for form in forms))
    order = list(operation.schema.properties)
    return {
        str(type_): tuple(sorted(form.required - always, key=order.index))
        for form in forms
        for type_ in form.selectors[_TYPE]
    }


def _type_of(value: Mapping[str, Any]) -> str:
    """Give the type that is named, and nothing where it is no text."""
    named = value.get(_TYPE)
    return named if isinstance(named, str) else ""


def _of_the_types(types: Mapping[str, Any]) -> OfRequest:
    def judge(sent: Sent) -> Finding | None:
        if sent.value is None:
            return None
        if _type_of(sent.value) in types:
            return KEPT
        got = shown(sent.value[_TYPE]) if _TYPE in sent.value else "nothing"
        return broken("no such type", got=got, expected=" or ".join(types), sent=sent, place=_TYPE)

    return judge


def _field_of_type(type_: str, field: str) -> OfRequest:
    needed = needed_text(field)
    return lambda sent: needed(sent) if sent.value is not None and sent.value.get(_TYPE) == type_ else None


def _refused_without(type_: str, field: str) -> OfCall:
    def judge(call: Call) -> Finding | None:
        if call.intent.args.get(_TYPE) != type_ or field in meant(call.intent):
            return None
        if not call.mine:
            return KEPT if call.reply.failed else None
        sent = call.mine[0]
        got = f"{field} {shown((sent.value or {}).get(field, 'nothing'))}"
        return broken(f"{type_} is sent without {field}", got=got, expected="a refusal", sent=sent, place=field)

    return judge


def _only_of_type(sent: Sent) -> Finding | None:
    if sent.value is None:
        return None
    flag = found(sent, "fields-of-type")
    if flag is None:
        return KEPT
    what = f"{flag.field} does not belong to the type"
    return broken(what, got=flag.got, expected=f"no {flag.field}", sent=sent, place=flag.field)


def _omitted(needed: Mapping[str, tuple[str, ...]]) -> OfRequest:
    sometimes = dict.fromkeys(field for fields in needed.values() for field in fields)

    def judge(sent: Sent) -> Finding | None:
        if sent.value is None or _type_of(sent.value) not in needed:
            return None
        others = [field for field in sometimes if field not in needed[sent.value[_TYPE]]]
        blank = next((field for field in others if sent.value.get(field, "there") in (None, "")), None)
        if blank is not None:
            got = shown(sent.value[blank])
            return broken(f"{blank} has no value", got=got, expected=f"no {blank}", sent=sent, place=blank)
        return KEPT if any(field not in sent.value for field in others) else None

    return judge


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations of the chapter; those of each type and its fields follow from the spec."""
    operation = contract.operation(OPERATION)
    needed = needed_by_type(operation)
    return (
        *_of_all_types(contract, operation, needed),
        *_of_each_type(operation, needed),
        *_as_given(needed),
    )


def _obligation(name: str, level: Level, says: str, source: Source, **more: Any) -> Obligation:  # noqa: ANN401 - handed on
    return Obligation(name, level, says, source, operation=OPERATION, **more)


def _of_all_types(
    contract: Contract, operation: Operation, needed: Mapping[str, tuple[str, ...]]
) -> Iterator[Obligation]:
    must, assumed = Level.MUST, Level.ASSUMED
    path = _obligation(
        "C-01", must, f"The path is {operation.path}, to the letter.", _document("Endpoint"),
        request=_path(contract), rules=rules_checked(contract, "path"),
    )  # fmt: skip
    # A request to another path belongs to no operation.
    yield replace(path, operation="", shown_by=(OPERATION,))
    yield _obligation(
        "C-02", must, "The type is one of the documented ones, in their spelling.", _document("Event Capture Types"),
        request=_of_the_types(needed), rules=rules_about(operation, _TYPE), validity=True,
    )  # fmt: skip
    yield _obligation(
        "C-03", must, "eventValue is sent, and holds text.", _BODY,
        request=needed_text("eventValue"), rules=rules_about(operation, "eventValue"), validity=True,
    )  # fmt: skip
    yield _obligation(
        "C-06", assumed, "Only the fields of its type are sent.", _document("Example Requests"),
        request=_only_of_type, rules=rules_checked(contract, "fields-of-type", operation=OPERATION),
    )  # fmt: skip
    yield _obligation(
        "C-07", must, "recordCapturedAt is sent, as an ISO timestamp.", _BODY,
        request=is_time("recordCapturedAt"), rules=rules_about(operation, "recordCapturedAt"), validity=True,
    )  # fmt: skip
    yield _obligation(
        "C-08", assumed, "A field without a value is left out, and sent neither as null nor as empty text.",
        Source("user-analytics", "Notes"), because="What user analytics asks for is right here, too.",
        request=_omitted(needed),
    )  # fmt: skip


def _of_each_type(operation: Operation, needed: Mapping[str, tuple[str, ...]]) -> Iterator[Obligation]:
    for type_, field in ((type_, field) for type_, fields in needed.items() for field in fields):
        yield _obligation(
            f"C-04.{type_}.{field}", Level.MUST, f"{type_} is sent with {field}.", _NOTES,
            request=_field_of_type(type_, field), rules=rules_about(operation, field), validity=True,
        )  # fmt: skip
        yield _obligation(
            f"C-05.{type_}.{field}", Level.MUST, f"{type_} without {field} is refused.", _NOTES,
            call=_refused_without(type_, field), depends=(f"C-04.{type_}.{field}",), validity=True,
        )  # fmt: skip


def _as_given(needed: Mapping[str, tuple[str, ...]]) -> Iterator[Obligation]:
    sometimes = dict.fromkeys(field for fields in needed.values() for field in fields)
    because = "What arrives changed belongs to another event, or another user."
    yield _obligation(
        "C-03.given", Level.MUST, "eventValue arrives as it was given.", _BODY, because=because,
        call=same_texts("eventValue"), depends=("C-03",),
    )  # fmt: skip
    yield _obligation(
        "C-04.given", Level.MUST, "The fields of a type arrive as they were given.", _BODY, because=because,
        call=same_texts(*sometimes, folded=frozenset({"email"})),
    )  # fmt: skip
    yield _obligation(
        "C-07.given", Level.MUST, "recordCapturedAt denotes the instant that the caller gave.", _BODY,
        because="The document asks for the time of the event.", call=same_instant("recordCapturedAt"),
        depends=("C-07",),
    )  # fmt: skip
