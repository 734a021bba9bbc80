"""Whose request it is: the user and the event that an accepted body is stored for."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from contracts.operations import Operation
from contracts.world import Key


class Subject(NamedTuple):
    """The id of a user, and the id or value of an event; empty where a body names none."""

    user: str = ""
    event: str = ""


def subject(operation: Operation, body: Mapping[str, Any], key: Key) -> Subject:
    """Find whom an accepted body is stored for: the first of its identifiers that is known, in the documents' order."""
    user = event = ""
    for field in key.by_identifier:
        found = key.user(field, body[field]) if field in body else None
        if found is not None:
            user = found.id
            break
    for field in operation.event_fields:
        if field in body:
            event = str(body[field])
            break
    return Subject(user, event)
