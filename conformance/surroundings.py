"""The world in which an intent is right: with the users, events and so on that it names."""

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.model import Intent
from contracts.world import ascii_lower

_NAMES: Mapping[str, str] = {
    "experiences": "experienceId", "event_values": "eventValue", "registration_pages": "registrationPageValue",
}  # fmt: skip
_USER: Mapping[str, str] = {"id": "userId", "email": "email", "phone": "phone"}


def surroundings(intents: Iterable[Intent]) -> dict[str, Any]:
    """Give the changes to a world that make everything exist which the intents name, as far as it is text."""
    all_args = [intent.args for intent in intents]
    events = dict.fromkeys(filter(None, (_text(args.get("eventId")) for args in all_args)))
    users: dict[str, dict[str, Any]] = {}
    taken: set[tuple[str, str]] = set()
    for args in all_args:
        _add_user(users, taken, args)
    world: dict[str, Any] = {
        table: list(dict.fromkeys(filter(None, (_text(args.get(field)) for args in all_args))))
        for table, field in _NAMES.items()
    }
    world["events"] = [{"id": event} for event in events]
    world["users"] = [{**user, "events": list(events)} for user in users.values()]
    return {table: rows for table, rows in world.items() if rows}


def _add_user(users: dict[str, dict[str, Any]], taken: set[tuple[str, str]], args: Mapping[str, Any]) -> None:
    """Add the one user whom an intent names, whatever it names the user by; nobody shares an address with another."""
    user: dict[str, Any] = {}
    for name, field in _USER.items():
        value = _text(args.get(field))
        mark = (name, ascii_lower(value) if name == "email" else value)
        if value and (name == "id" or mark not in taken):
            user[name] = value
            taken.add(mark)
    if user:
        users.setdefault(user.setdefault("id", f"user-of-{len(users) + 1}"), {}).update(user)


def _text(value: object) -> str:
    """Give a value that a world can hold, or nothing: not what UTF-8 cannot write."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        return ""
    return value
