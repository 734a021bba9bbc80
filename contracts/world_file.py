"""Reads a world from TOML, and says everything that is wrong with the file at once."""

import copy
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from ipaddress import ip_address, ip_network
from typing import Any

import jsonschema_rs

from contracts.faults import ConfigError, Fault
from contracts.files import read_text
from contracts.operations import Contract
from contracts.world import Key, Network, User, World, ascii_lower, indexed, masked

Steps = tuple[str | int, ...]

_NAME = {"type": "string", "minLength": 1}
_NAMES = {"type": "array", "items": _NAME, "uniqueItems": True}
_PAIRS = {"type": "object", "minProperties": 1, "additionalProperties": {**_NAMES, "minItems": 1}}


# What a header can carry as it is.
_KEY = {"type": "string", "pattern": "^[!-~]+$"}


def _table(required: str, kind: Mapping[str, Any] = _NAME, **others: object) -> dict[str, Any]:
    properties = {required: kind, **others}
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": [required],
            "additionalProperties": False,
            "properties": properties,
        },
    }


_SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["keys"],
    "additionalProperties": False,
    "properties": {
        "experiences": _NAMES,
        "event_values": _NAMES,
        "registration_pages": _NAMES,
        "pairs": _PAIRS,
        "events": _table("id"),
        "users": _table("id", email=_NAME, phone=_NAME, events=_NAMES),
        "keys": {
            **_table(
                "key",
                _KEY,
                name=_NAME,
                allow=_NAMES,
                answer=_NAME,
                asset_bytes={"type": "integer", "minimum": 1},
                users=_NAMES,
                events=_NAMES,
                pairs=_PAIRS,
            ),
            "minItems": 1,
        },
    },
}
_VALIDATOR = jsonschema_rs.Draft202012Validator(_SHAPE)
SOME_KEY: dict[str, Any] = {"key": "some-key"}
"""Stands for keys that are not at hand, or not there: a world has at least one, changes need none."""


def world_text() -> str:
    """Give the text of the built-in world."""
    return (files("contracts") / "world.toml").read_text(encoding="utf-8")


def load_world(file: str | None, contract: Contract) -> World:
    """Load and check the world: the given file, or the built-in one.

    Raises ConfigError with every fault, each with its table.
    """
    data, name = load_world_data(file, contract)
    return world_of(data, name, contract)


def load_world_data(file: str | None, contract: Contract) -> tuple[dict[str, Any], str]:
    """Load and check a world, as the data that the file holds; gives the name of the world as well."""
    text, name = (world_text(), "the built-in world") if file is None else (read_text(file, "the world"), file)
    return _read(text, name, contract), name


def read_world(text: str, name: str, contract: Contract) -> World:
    """Read the text of a world for a contract; `name` is what a fault calls it. Raises ConfigError."""
    return world_of(_read(text, name, contract), name, contract)


def _read(text: str, name: str, contract: Contract) -> dict[str, Any]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Fault(name, f"no TOML: {error}")]) from None
    check_world(data, name, contract)
    return data


def check_world(data: Mapping[str, Any], name: str, contract: Contract) -> None:
    """Check data that describes a world. Raises ConfigError with every fault, each with its table."""
    rest, faults = _shaped(data)
    _raise([*faults, *_twice(rest), *_dangling(rest), *_unanswered(rest, contract), *_addresses(rest)], name)


def check_changes(data: Mapping[str, Any], name: str, contract: Contract) -> None:
    """Check data that are changes to a world, to which they may refer. Raises ConfigError as `check_world` does."""
    rest, faults = _shaped({"keys": [SOME_KEY], **data})
    _raise([*faults, *_twice(rest), *_unanswered(rest, contract), *_addresses(rest)], name)


def check_relations(data: Mapping[str, Any], name: str) -> None:
    """Check what the rows of a world say of each other, where each row was checked. Raises ConfigError likewise."""
    _raise([*_twice(data), *_dangling(data)], name)


def _raise(faults: Sequence[Fault], name: str) -> None:
    if faults:
        raise ConfigError([Fault(f"{name}: {fault.place}" if fault.place else name, fault.problem) for fault in faults])


def _shaped(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Fault]]:
    """Give what has the right shape, and say of the rest what is wrong with it."""
    shapeless = list(_values_beyond_json(data)) or list(_shape_faults(data))
    return _without(data, [path for path, _ in shapeless]), [Fault(_place(path), said) for path, said in shapeless]


def _without(data: Mapping[str, Any], paths: Iterable[Steps]) -> dict[str, Any]:
    """Leave out what has not the right shape, so that the rest can be looked at as well; rows keep their numbers."""
    wrong = list(paths)
    rest: dict[str, Any] = copy.deepcopy(dict(data)) if wrong else dict(data)
    for path in wrong:
        match path:
            case [str(table), int(row), str(option), *_]:
                rest[table][row].pop(option, None)
            case [str(table), int(row)]:
                rest[table][row] = {}
            case [str(table), *_]:
                rest.pop(table, None)
    return rest


def _place(path: Sequence[str | int]) -> str:
    """Write a path as TOML's tables are counted: [[users]] 2, events 1."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int):
            words[-1] = f"[[{words[-1]}]] {step + 1}" if len(words) == 1 else f"{words[-1]} {step + 1}"
        else:
            words.append(step)
    return ", ".join(words)


def _values_beyond_json(value: object, path: Steps = ()) -> Iterable[tuple[Steps, str]]:
    """Find dates, times and fractions, which no option takes."""
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _values_beyond_json(item, (*path, step))
    elif not isinstance(value, str | int):
        yield path, f"{value} is a {type(value).__name__}; no option takes one, and text stands in quotes"


def _shape_faults(data: Mapping[str, Any]) -> Iterable[tuple[Steps, str]]:
    for error in _VALIDATOR.iter_errors(data):
        path, details, problem = error.instance_path, error.kind.as_dict(), error.message
        if "unexpected" in details:
            where = error.schema_path[:-1]
            shape: Any = _SHAPE
            for step in where:
                shape = shape[step]
            for option in details["unexpected"]:
                yield (*path, option), f"no such option; there are {', '.join(shape['properties'])}"
            continue
        elif path[:1] == ["keys"] and path[2:] in ([], ["key"]) and error.kind.name in {"type", "pattern"}:
            # The library's words would show the key.
            problem = "expected [[keys]] tables with a key of visible ASCII characters"
        yield tuple(path), problem


def _twice(data: Mapping[str, Any]) -> Iterable[Fault]:
    """Find what has to be unique and stands twice."""
    for table, option, shown in (
        ("keys", "key", masked),
        ("events", "id", repr),
        ("users", "id", repr),
        ("users", "email", repr),
        ("users", "phone", repr),
    ):
        rows = [(n, row[option]) for n, row in enumerate(data.get(table, ())) if option in row]
        same = ascii_lower if option == "email" else str
        values = [same(value) for _, value in rows]
        if len(set(values)) == len(values):
            continue
        counts = Counter(values)
        for number, value in rows:
            if counts[same(value)] > 1:
                yield Fault(_place([table, number, option]), f"{shown(value)} stands {counts[same(value)]} times")


def _dangling(data: Mapping[str, Any]) -> Iterable[Fault]:
    """Find ids that lead to nothing."""
    known = {
        "events": {row.get("id") for row in data.get("events", ())},
        "users": {row.get("id") for row in data.get("users", ())},
    }
    for table, option in (("users", "events"), ("keys", "events"), ("keys", "users")):
        for number, row in enumerate(data.get(table, ())):
            for unknown in sorted(set(row.get(option, ())) - known[option]):
                problem = f"no {option[:-1]} {unknown!r} in this world"
                yield Fault(_place([table, number, option]), problem)


def _unanswered(data: Mapping[str, Any], contract: Contract) -> Iterable[Fault]:
    """Find answers of keys that the contract has not."""
    for number, row in enumerate(data.get("keys", ())):
        if "answer" not in row:
            continue
        answer = row["answer"]
        everywhere = set.intersection(*(set(operation.answers) for operation in contract.operations.values()))
        if answer not in everywhere:
            problem = f"no answer {answer!r} that every operation has; there are {', '.join(sorted(everywhere))}"
            yield Fault(_place(["keys", number, "answer"]), problem)


def _addresses(data: Mapping[str, Any]) -> Iterable[Fault]:
    for number, row in enumerate(data.get("keys", ())):
        for text in row.get("allow", ()):
            try:
                network(text)
            except ValueError as error:
                yield Fault(_place(["keys", number, "allow"]), str(error))


def network(text: str) -> Network:
    """Read an address or a network in CIDR notation. Raises ValueError that says what is wrong with it."""
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        meant = ip_network(text, strict=False)
        ip_address(text.partition("/")[0])
    except ValueError:
        raise ValueError(f"{text!r} is no IP address and no network such as 10.0.0.0/8") from None
    raise ValueError(f"{text!r} has bits set behind its prefix; the network would be {meant}")


def _pairs(table: Mapping[str, Iterable[str]]) -> frozenset[tuple[str, str]]:
    return _without_case(tuple((feature, tuple(actions)) for feature, actions in table.items()))


@lru_cache(maxsize=64)
def _without_case(table: tuple[tuple[str, tuple[str, ...]], ...]) -> frozenset[tuple[str, str]]:
    """Give the pairs of a table; kept, because most keys have the same ones."""
    return frozenset((ascii_lower(feature), ascii_lower(action)) for feature, actions in table for action in actions)


def world_of(data: Mapping[str, Any], name: str, contract: Contract) -> World:
    """Build the world that checked data describes."""
    users = _users(data)
    keys = [key_of(row, data, contract) for row in data["keys"]]
    return World(name=name, keys={key.secret: key for key in keys}, users=users)


def key_of(row: Mapping[str, Any], data: Mapping[str, Any], contract: Contract, *, session: str = "") -> Key:
    """Build one key with what it sees of the world; a row without `key` has `masked` in its place."""
    users = _users(data)
    seen = (user for user in users if user.id in row["users"]) if "users" in row else users
    secret = row.get("key", "")
    return Key(
        secret=secret,
        masked=row.get("masked") or masked(secret),
        name=row.get("name", ""),
        by_identifier=indexed(seen),
        events=frozenset(row["events"] if "events" in row else (event["id"] for event in data.get("events", ()))),
        experiences=frozenset(data.get("experiences", ())),
        event_values=frozenset(data.get("event_values", ())),
        registration_pages=frozenset(data.get("registration_pages", ())),
        pairs=_pairs(row["pairs"] if "pairs" in row else data.get("pairs", contract.pairs)),
        allow=tuple(network(text) for text in row["allow"]) if "allow" in row else None,
        answer=row.get("answer", ""),
        asset_bytes=row.get("asset_bytes"),
        session=session,
    )


def _users(data: Mapping[str, Any]) -> tuple[User, ...]:
    return tuple(
        User(row["id"], row.get("email", ""), row.get("phone", ""), frozenset(row.get("events", ())))
        for row in data.get("users", ())
    )
