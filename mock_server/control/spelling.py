"""The names of the world's tables and options: as JSON spells them here, and as TOML and the storage do."""

from collections.abc import Mapping
from typing import Any

SNAKE = {"eventValues": "event_values", "registrationPages": "registration_pages", "assetBytes": "asset_bytes"}
"""The names that differ; all others are the same in both."""

_CAMEL = {snake: camel for camel, snake in SNAKE.items()}

# A name without a value of its own is null, a table without a row an empty list.
_USER = {"id": "", "email": None, "phone": None, "events": ()}
_KEY = dict.fromkeys(("key", "name", "allow", "answer", "assetBytes", "users", "events", "pairs")) | {"name": ""}
_WORLD: dict[str, Any] = {
    "users": (),
    "events": (),
    "experiences": (),
    "eventValues": (),
    "registrationPages": (),
    "pairs": {},
    "keys": (),
}


def changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the changes of a world as the storage takes them."""
    renamed = _renamed(body, SNAKE)
    if "keys" in renamed:
        renamed["keys"] = [_renamed(row, SNAKE) for row in renamed["keys"]]
    return renamed


def world_object(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Give a world, as the storage tells it, as a JSON object in which nothing is left out."""
    tables = {**_WORLD, **_renamed(data, _CAMEL)}
    tables["users"] = [{**_USER, **row} for row in tables["users"]]
    tables["keys"] = [{**_KEY, **_renamed(row, _CAMEL)} for row in tables["keys"]]
    return {"name": name, **{table: tables[table] for table in _WORLD}}


def _renamed(members: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in members.items()}
