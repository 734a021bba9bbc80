"""Looks at the fields of a JSON body: whether they are there, and whether they say what the caller said."""

import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from conformance.meaning import meant
from conformance.model import Call, Sent
from conformance.obligation import KEPT, Finding, Level, OfCall, OfRequest, broken, noted
from conformance.times import Form, form, instant
from contracts.hints import hint_for
from contracts.model import shown
from contracts.operations import Operation

# What is lost when nanoseconds become milliseconds, or all of the fraction is left out.
_MILLISECOND = Fraction(1, 1000)
_SECOND = 1
_BYTE_ORDER_MARK, _LAST_SPACE = "\ufeff", 0x3000
# What the trim() of one language or another cuts off at the ends of a text.
_BLANKS = _BYTE_ORDER_MARK + "".join(
    char for char in map(chr, range(_LAST_SPACE + 1)) if char.isspace() or unicodedata.category(char) == "Cc"
)


def is_text(value: object) -> bool:
    """Whether it is text that says something, if only a blank."""
    return isinstance(value, str) and value != ""


def is_writable(text: str) -> bool:
    """Whether UTF-8 can write a text: it holds no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def trimmed(text: str) -> str:
    """Leave out what is blank at the ends of a text, in whatever language a client is written."""
    return text.strip(_BLANKS)


def texts_of(call: Call, *names: str) -> dict[str, str]:
    """Give those of an intent's fields that are texts which can be sent."""
    given = meant(call.intent)
    return {name: given[name] for name in names if isinstance(given.get(name), str) and is_writable(given[name])}


def first_value(call: Call) -> tuple[Sent, Mapping[str, Any]] | None:
    """Give the first request of a call that holds a JSON object, and that object."""
    return next(((sent, sent.value) for sent in call.mine if sent.value is not None), None)


def needed_text(field: str) -> OfRequest:
    """Make the judge that a field is there and holds text."""

    def judge(sent: Sent) -> Finding | None:
        if sent.value is None:
            return None
        if is_text(sent.value.get(field)):
            return KEPT
        got = shown(sent.value[field]) if field in sent.value else "nothing"
        return broken(f"{field} is missing or no text", got=got, expected="text", sent=sent, place=field)

    return judge


def optional(operation: Operation) -> frozenset[str]:
    """Give the fields that a body need not have, whichever form it has."""
    return operation.schema.named - frozenset.intersection(*(one.required for one in operation.schema.alternatives))


def never_null(operation: Operation) -> OfRequest:
    """Make the judge that no optional field is null."""
    may_miss = sorted(optional(operation))

    def judge(sent: Sent) -> Finding | None:
        if sent.value is None:
            return None
        null = next((field for field in may_miss if sent.value.get(field, "") is None), None)
        if null is not None:
            return broken(f"{null} is null", got="null", expected=f"no {null}", sent=sent, place=null)
        return KEPT if any(field not in sent.value for field in may_miss) else None

    return judge


def never_empty(operation: Operation) -> OfRequest:
    """Make the judge that no field is empty text."""
    named = sorted(operation.schema.named)

    def judge(sent: Sent) -> Finding | None:
        if sent.value is None:
            return None
        empty = next((field for field in named if sent.value.get(field) == ""), None)
        if empty is None:
            return KEPT
        return broken(f"{empty} is empty", got="''", expected=f"no {empty}, or a refusal", sent=sent, place=empty)

    return judge


def strings(operation: Operation) -> tuple[str, ...]:
    """Give the fields that are strings."""
    return tuple(name for name, schema in operation.schema.properties.items() if schema.get("type") == "string")


def are_strings(operation: Operation) -> OfRequest:
    """Make the judge that what is a string by the documents is sent as one; null is another matter."""
    names = strings(operation)

    def judge(sent: Sent) -> Finding | None:
        given = {} if sent.value is None else {name: sent.value.get(name) for name in names}
        wrong = next((name for name, value in given.items() if value is not None and not isinstance(value, str)), None)
        if wrong is not None:
            return broken(f"{wrong} is no text", got=shown(given[wrong]), expected="a string", sent=sent, place=wrong)
        return KEPT if any(given.values()) else None

    return judge


def is_time(field: str, *, naive_is_fine: bool = False) -> OfRequest:
    """Make the judge that a field holds a time; in which form of ISO 8601, the documents leave open."""

    def judge(sent: Sent) -> Finding | None:
        if sent.value is None:
            return None
        value = sent.value.get(field)
        match form(value):
            case Form.STRICT:
                return KEPT
            case Form.NAIVE if naive_is_fine:
                return KEPT
            case Form.NAIVE | Form.OTHER:
                level: Level | None = Level.ASSUMED
            case Form.NONE:
                level = None
        hint = hint_for(value, is_time=True)
        got = " ".join(filter(None, [shown(value) if field in sent.value else "nothing", hint and f"({hint})"]))
        expected = "a date and time with offset, such as 2026-04-27T13:35:00Z"
        return broken(f"{field} is no ISO 8601 time", got=got, expected=expected, sent=sent, place=field, level=level)

    return judge


def same_instant(field: str) -> OfCall:
    """Make the judge that a time denotes the instant that the caller gave, to the millisecond.

    The documents' examples have whole seconds, and no document asks for more.
    """

    def judge(call: Call) -> Finding | None:
        given = instant(call.intent.args.get(field))
        first = first_value(call)
        then = instant(first[1].get(field)) if first else None
        if given is None or then is None or first is None:
            return None
        leap, off = ":60" in call.intent.args[field], abs(then - given)
        if off < _MILLISECOND or (leap and off <= _SECOND):
            return KEPT
        sent, value = first
        is_cut = off < _SECOND
        return broken(
            f"{field} loses its fraction of a second" if is_cut else f"{field} denotes another instant",
            got=value[field],
            expected=call.intent.args[field],
            sent=sent,
            place=field,
            level=Level.ASSUMED if is_cut else None,
        )

    return judge


def same_texts(*names: str, folded: frozenset[str] = frozenset()) -> OfCall:
    """Make the judge that texts arrive as given, but for blanks around them; `folded` ones in any case of letters."""

    def judge(call: Call) -> Finding | None:
        given, first = texts_of(call, *names), first_value(call)
        if first is None:
            return None
        sent, value = first
        both = {name: (text, value[name]) for name, text in given.items() if isinstance(value.get(name), str)}
        for name, (text, arrived) in both.items():
            if _alike(text, name in folded) != _alike(arrived, name in folded):
                return broken(
                    f"{name} arrives changed", got=shown(arrived), expected=shown(text), sent=sent, place=name
                )
        return KEPT if both else None

    return judge


def _alike(text: str, is_folded: bool) -> str:  # noqa: FBT001 - private
    return trimmed(text).casefold() if is_folded else trimmed(text)


def blanks(operation: str, *names: str) -> OfCall:
    """Make the judge that notes what becomes of a text of nothing but blanks."""

    def judge(call: Call) -> Finding | None:
        name = next((name for name in names if _is_blank(call.intent.args.get(name))), None)
        if name is None:
            return None
        first = first_value(call)
        if first is None:
            return noted(f"{operation}: a call with {name} of blanks is refused")
        done = "left out" if name not in first[1] else "sent as it is" if _is_blank(first[1][name]) else "replaced"
        return noted(f"{operation}: {name} of blanks is {done}", sent=first[0])

    return judge


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and value != "" and not value.strip()
