"""Changes to the data of a world, pure: what they are added to, and how."""

from collections.abc import Iterable, Mapping
from typing import Any

Data = dict[str, Any]

_NAMES = ("experiences", "event_values", "registration_pages")
_ROWS = ("events", "users")


def merged(data: Mapping[str, Any], changes: Mapping[str, Any]) -> Data:
    """Add changes to the data of a world; rows of the same id are replaced, names and pairs added. Keys stay."""
    result = dict(data)
    for table in _ROWS:
        if table in changes:
            result[table] = _replaced(data.get(table, ()), changes[table])
    for names in _NAMES:
        if names in changes:
            result[names] = list(dict.fromkeys([*data.get(names, ()), *changes[names]]))
    if "pairs" in changes:
        result["pairs"] = _added(data.get("pairs", {}), changes["pairs"])
    return result


def joined(first: Mapping[str, Any], then: Mapping[str, Any]) -> Data:
    """Make one set of changes of two."""
    return {**first, **{name: value for name, value in merged(first, then).items() if name != "keys"}}


def _replaced(rows: Iterable[Mapping[str, Any]], changed: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    by_id = {row["id"]: row for row in rows}
    by_id.update({row["id"]: row for row in changed})
    return list(by_id.values())


def _added(pairs: Mapping[str, Iterable[str]], more: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {
        feature: list(dict.fromkeys([*pairs.get(feature, ()), *more.get(feature, ())]))
        for feature in dict.fromkeys([*pairs, *more])
    }
