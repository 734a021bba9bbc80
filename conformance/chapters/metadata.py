"""The metadata of a report: an object of the vendor's own, which arrives as it was given."""

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.chapters.fields import first_value, is_writable
from conformance.model import Call, Sent
from conformance.obligation import KEPT, Finding, broken
from contracts.model import shown

_FIELD = "metadata"
# Beyond it, readers of JSON in many languages have doubles only.
_SAFE_INTEGER = 2**53


def is_object(sent: Sent) -> Finding | None:
    """Ask that metadata is an object."""
    value = None if sent.value is None else sent.value.get(_FIELD)
    if value in (None, ""):
        return None
    if isinstance(value, Mapping):
        return KEPT
    return broken("metadata is no JSON object", got=shown(value), expected="an object", sent=sent, place=_FIELD)


def empty_is_omitted(sent: Sent) -> Finding | None:
    """Ask that metadata is left out when there is nothing in it."""
    if sent.value is None:
        return None
    if sent.value.get(_FIELD) != {}:
        return KEPT
    return broken("metadata is empty", got="{}", expected="no metadata", sent=sent, place=_FIELD)


def says_the_same(call: Call) -> Finding | None:
    """Ask that metadata arrives as it was given; whether 3 is written as 3.0 does not matter."""
    given, first = call.intent.args.get(_FIELD), first_value(call)
    if not isinstance(given, Mapping) or not given or first is None or not _is_writable(given):
        return None
    sent, value = first
    place = _difference(given, value.get(_FIELD, {}), _FIELD)
    if place is None:
        return KEPT
    # The names in it are another in every run, so they are no part of the place.
    got = f"at {place}: {shown(value.get(_FIELD, 'nothing'))}"
    return broken("metadata arrives changed", got=got, expected=shown(given), sent=sent, place=_FIELD)


def _is_writable(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    match value:
        case str():
            return is_writable(value)
        case Mapping():
            return all(is_writable(str(name)) and _is_writable(one) for name, one in value.items())
        case list():
            return all(map(_is_writable, value))
    return True


def _difference(given: Any, arrived: Any, place: str) -> str | None:  # noqa: ANN401 - any JSON values
    """Name the first place at which two values differ."""
    if isinstance(given, Mapping) and isinstance(arrived, Mapping):
        if given.keys() != arrived.keys():
            return place
        pairs: Sequence[tuple[str, Any, Any]] = [(f"{place}.{name}", given[name], arrived[name]) for name in given]
    elif isinstance(given, list) and isinstance(arrived, list) and len(given) == len(arrived):
        both = zip(given, arrived, strict=True)
        pairs = [(f"{place}[{at}]", mine, other) for at, (mine, other) in enumerate(both)]
    else:
        return None if _same(given, arrived) else place
    return next(filter(None, (_difference(mine, other, inner) for inner, mine, other in pairs)), None)


def _same(given: object, arrived: object) -> bool:
    if isinstance(given, bool) or isinstance(arrived, bool):
        return given is arrived
    if isinstance(given, int) and isinstance(arrived, int | float) and abs(given) > _SAFE_INTEGER:
        return float(given) == float(arrived)
    return given == arrived
