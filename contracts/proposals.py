"""Proposes changes that may mend one broken rule of a body, the mildest first.

Nothing here knows whether a change helps: `contracts.mending` tries them and asks the judge.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from difflib import SequenceMatcher, get_close_matches
from itertools import islice
from typing import Any, NamedTuple

from contracts.checks import IDENTIFIERS
from contracts.model import Breach
from contracts.operations import Operation
from contracts.world import Key, User, ascii_lower

Body = Mapping[str, Any]
Change = Mapping[str, Any]
"""New values of fields; LEFT_OUT for one that goes."""

LEFT_OUT: Any = type("LeftOut", (), {"__repr__": lambda _: "LEFT_OUT"})()
"""Stands, as a value, for none: the field is not to be sent."""

_CLOSE = 0.6
# Comparing texts takes some microseconds for each.
_MOST_COMPARED = 2000
_LONGEST_COMPARED = 200
_EPOCH = re.compile(r"\d{10}(\d{3})?", re.ASCII)
_LARGEST_SECONDS = 1e11
_ATTRIBUTES = {"userId": "id", "email": "email", "phone": "phone"}


class Patient(NamedTuple):
    """A body that breaks a rule: for which operation and key, and an accepted body to take values from."""

    operation: Operation
    key: Key
    body: Body
    example: Body


def proposed(patient: Patient, breach: Breach) -> Iterator[Change]:
    """Propose changes for one breach: first what keeps most of the value that was sent, at last to leave it out."""
    fields = tuple(field for field in breach.field.split(", ") if field in patient.operation.schema.named)
    blank = [field for field in fields if patient.body.get(field, LEFT_OUT) in (None, "")]
    if blank:
        yield dict.fromkeys(blank, LEFT_OUT)
    if len(fields) == 1:
        yield from ({fields[0]: value} for value in _tidied(patient, fields[0]))
    yield from _BY_CHECK.get(breach.rule.check, _nothing)(patient, breach.rule.fields)
    if fields:
        yield {field: patient.example.get(field, LEFT_OUT) for field in fields}
        yield dict.fromkeys(fields, LEFT_OUT)


def _tidied(patient: Patient, field: str) -> Iterator[Any]:
    """Give what the value of a field was probably meant to be."""
    value = patient.body.get(field)
    user = _user_of_others(patient, field)
    if user is not None:
        yield getattr(user, _ATTRIBUTES[field]) or LEFT_OUT
    if patient.operation.schema.properties.get(field, {}).get("format") == "date-time":
        yield from _times(value)
    if isinstance(value, str):
        yield value.strip().strip("\"'").strip()
        yield from _close(value, _choices(patient.operation, field))
    if field == "phone" and isinstance(value, str):
        yield "+" + re.sub(r"\D", "", value, flags=re.ASCII)


def _user_of_others(patient: Patient, field: str) -> User | None:
    """Find the user that the other identifiers name, for a field that is one."""
    others = [name for name in _ATTRIBUTES if name != field and name in patient.body] if field in IDENTIFIERS else []
    found = (patient.key.user(name, patient.body[name]) for name in others)
    return next((user for user in found if user), None)


def _times(value: object) -> Iterator[str]:
    """Read what a lenient reader takes for a time; without an offset, it is taken for UTC."""
    try:
        if isinstance(value, str) and not _EPOCH.fullmatch(value):
            moment = datetime.fromisoformat(value.strip().upper())
        elif isinstance(value, str | int | float):
            count = float(value)
            moment = datetime.fromtimestamp(count / 1000 if count > _LARGEST_SECONDS else count, UTC)
        else:
            return
    except (ValueError, OverflowError, OSError):
        return
    yield (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat().replace("+00:00", "Z")


def _choices(operation: Operation, field: str) -> list[str]:
    """List the values that the schema lets a field choose from."""
    selecting = [value for form in operation.schema.alternatives for value in form.selectors.get(field, ())]
    return [str(value) for value in selecting or operation.schema.properties.get(field, {}).get("enum", ())]


def _close(value: object, known: Iterable[str], most: int = 2) -> list[str]:
    """Give the known values that come close to one, without regard to case."""
    if not isinstance(value, str):
        return []
    by_lower = {known_value.lower(): known_value for known_value in islice(known, _MOST_COMPARED)}
    found = get_close_matches(value[:_LONGEST_COMPARED].lower(), by_lower, n=most, cutoff=_CLOSE)
    return [by_lower[name] for name in found]


def _nothing(_patient: Patient, _fields: tuple[str, ...]) -> Iterator[Change]:
    return iter(())


def _users(patient: Patient, fields: tuple[str, ...]) -> Iterator[Change]:
    """Name a user of this world by the identifiers that were sent: one that comes close, or the example's."""
    key, body = patient.key, patient.body
    sent = [field for field in fields if field in body]
    near = [(field, name) for field in sent for name in _close(body[field], key.by_identifier[field], 1)]
    taken = [(field, patient.example[field]) for field in fields if field in patient.example]
    for field, name in (*near, *taken):
        user = key.by_identifier[field].get(ascii_lower(name) if field == "email" else name)
        if user is not None:
            yield {one: getattr(user, _ATTRIBUTES[one]) or LEFT_OUT for one in sent}


def _pairs(patient: Patient, fields: tuple[str, ...]) -> Iterator[Change]:
    """Choose the registered pair that keeps most of what was sent."""
    feature, action = (ascii_lower(str(patient.body.get(field, "")))[:_LONGEST_COMPARED] for field in fields)
    example = tuple(patient.example.get(field) for field in fields)

    def distance(pair: tuple[str, str]) -> tuple[Any, ...]:
        likeness = SequenceMatcher(None, f"{feature}/{action}", "/".join(pair)).ratio()
        other = SequenceMatcher(None, action, pair[1]).ratio()
        close = 1 - likeness if other >= _CLOSE else 1
        return pair[0] != feature, pair[1] != action, close, pair != example, pair

    for pair in sorted(islice(patient.key.pairs, _MOST_COMPARED), key=distance)[:1]:
        # A value that was right but for its case stays as it was sent.
        yield {
            field: patient.body[field] if name == sent else name
            for field, name, sent in zip(fields, pair, (feature, action), strict=True)
        }


def _known(values: Callable[[Key], frozenset[str]]) -> Callable[[Patient, tuple[str, ...]], Iterator[Change]]:
    def changes(patient: Patient, fields: tuple[str, ...]) -> Iterator[Change]:
        for name in _close(patient.body.get(fields[0]), sorted(values(patient.key))):
            yield {fields[0]: name}

    return changes


def _events_of_user(patient: Patient, fields: tuple[str, ...]) -> Iterator[Change]:
    """Choose an event that the user is registered for, or else another user for the event."""
    user_field, event_field = fields
    user = patient.key.user(user_field, patient.body.get(user_field))
    event = patient.body.get(event_field)
    for name in sorted(user.events & patient.key.events)[:1] if user else ():
        yield {event_field: name}
    for other in patient.key.by_identifier[user_field].values():
        if event in other.events:
            yield {user_field: getattr(other, _ATTRIBUTES[user_field])}
            return
    yield {field: patient.example.get(field, LEFT_OUT) for field in fields}


_BY_CHECK: Mapping[str, Callable[[Patient, tuple[str, ...]], Iterator[Change]]] = {
    "known-user": _users,
    "registered-pair": _pairs,
    "known-experience": _known(lambda key: key.experiences),
    "known-event": _known(lambda key: key.events),
    "known-event-value": _known(lambda key: key.event_values),
    "known-registration-page": _known(lambda key: key.registration_pages),
    "registered-for-event": _events_of_user,
}
