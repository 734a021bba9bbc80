"""The lines that an adapter and the judge write to each other, by `protocol.schema.json`."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn

import jsonschema_rs

from conformance.clients.client import AdapterError, Order

VERSION = 1
HELLO_REPLY = "helloReply"
REPLY = "reply"
CAPABILITIES = "capabilities"

_MOST_FAULTS = 5
# A version that does not fit is told first: it explains the rest.
_FIRST = ("protocol", "id")


@cache
def schema() -> Mapping[str, Any]:
    """Give the JSON Schema of both directions."""
    text = (files("conformance.clients") / "protocol.schema.json").read_text(encoding="utf-8")
    read: Mapping[str, Any] = json.loads(text)
    return read


@cache
def _validator(definition: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**schema(), "oneOf": [{"$ref": f"#/$defs/{definition}"}]})


def line_of(message: Mapping[str, Any]) -> bytes:
    """Write a message: in ASCII, so that no text is lost on its way, not even one that UTF-8 cannot write."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def call_message(number: int, order: Order) -> dict[str, Any]:
    """Say what a call asks for."""
    config = order.config
    return {
        "id": number,
        "cmd": "call",
        "op": order.intent.operation,
        "config": {
            "base_url": config.base_url,
            "api_key": config.api_key,
            "time_scale": config.time_scale,
            "timeout_ms": config.timeout_ms,
        },
        "args": dict(order.intent.args),
        "files": [
            {
                "path": str(file.path),
                "name": file.name,
                "content_type": file.content_type,
                "size": file.size,
                "sha256": file.sha256,
            }
            for file in order.files
        ],
    }


def read(line: bytes, definition: str, place: str) -> dict[str, Any]:
    """Read a line as what it has to be. Raises AdapterError that says in words what is wrong with it, and where.

    What that says holds the whole line, with any key in it.
    """
    message = parsed(line, place)
    found = faults(message, definition)
    if found:
        listed = "".join(f"\n    {fault}" for fault in found[:_MOST_FAULTS])
        raise AdapterError(f"{place}:{listed}\n  the line: {_shown(line)}")
    return message


def parsed(line: bytes, place: str) -> dict[str, Any]:
    """Read a line as a JSON object. Raises AdapterError like `read`."""
    try:
        text = line.decode()
        value = json.loads(text, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise AdapterError(
            f"{place}: byte {error.start + 1} is 0x{line[error.start]:02x}, expected text in UTF-8\n"
            f"  the line: {_shown(line)}"
        ) from None
    except json.JSONDecodeError as error:
        raise AdapterError(
            f"{place}: no JSON, at column {error.colno}: {error.msg[0].lower()}{error.msg[1:]}; "
            "what is no message belongs on standard error\n"
            f"  the line: {_shown(line)}"
        ) from None
    except (ValueError, RecursionError) as error:
        raise AdapterError(f"{place}: no JSON: {error}\n  the line: {_shown(line)}") from None
    if not isinstance(value, dict):
        raise AdapterError(f"{place}: got {type(value).__name__}, expected a JSON object\n  the line: {_shown(line)}")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def faults(message: Any, definition: str) -> list[str]:  # noqa: ANN401 - any JSON value
    """Say what is wrong with a message: which member, what was got and what was expected."""
    found = [_fault(error) for error in _leaves(_validator(definition).iter_errors(message))]
    return sorted(dict.fromkeys(found), key=lambda fault: not fault.startswith(_FIRST))


def _leaves(errors: Any) -> Any:  # noqa: ANN401 - the library's types
    for error in errors:
        branches = getattr(error.kind, "context", None)
        if branches is None:
            yield error
        else:
            for branch in branches:
                yield from _leaves(branch)


def _fault(error: Any) -> str:  # noqa: ANN401 - the library's type
    place = ".".join(str(step) for step in error.instance_path)
    details = error.kind.as_dict()
    if error.kind.name != "required":
        return (
            f"{place or 'the line'}: got {json.dumps(error.instance)}, expected {_expected(error.kind.name, details)}"
        )
    missing = details["property"]
    near = _near(missing, error.instance)
    place = ".".join(filter(None, (place, missing)))
    return f"{place}: got nothing, expected {_described(error, missing)}" + (f"; {near!r} is near it" if near else "")


_TYPES = {
    "object": "an object", "array": "a list", "integer": "a whole number", "number": "a number", "string": "text",
    "boolean": "true or false", "null": "null",
}  # fmt: skip


_EXPECTED = {
    "minimum": "at least {limit}", "maximum": "at most {limit}", "minItems": "at least {limit} of them",
    "maxItems": "an object", "const": "{expected_value}",
}  # fmt: skip


def _expected(keyword: str, details: Mapping[str, Any]) -> str:
    if keyword == "type":
        # The library lists them in an order of its own.
        return " or ".join(words for name, words in _TYPES.items() if name in details["types"])
    if keyword == "enum":
        return f"one of {', '.join(json.dumps(value) for value in details['options'])}"
    return _EXPECTED[keyword].format(**details)


def _described(error: Any, missing: str) -> str:  # noqa: ANN401 - the library's type
    if error.instance_path:
        return "it"
    return {
        "id": "the number of the message that is answered",
        "protocol": str(VERSION),
        "operations": "the list of operations that the client has",
        "outcome": '"ok", "refused", "error" or "unsupported"',
    }.get(missing, "it")


def _near(missing: str, message: Any) -> str:  # noqa: ANN401 - any JSON value
    names = [name for name in message if isinstance(name, str)] if isinstance(message, Mapping) else []
    return next(iter(get_close_matches(missing, names, n=1, cutoff=0.6)), "")


def remarks(message: Mapping[str, Any], definition: str, place: str = "") -> list[str]:
    """Name the members that are none of the protocol's, at any depth, and so are ignored."""
    return list(_remarks(message, schema()["$defs"][definition], place))


def _remarks(message: Mapping[str, Any], described: Mapping[str, Any], place: str) -> Iterator[str]:
    # What is described by no properties may have any.
    properties = described.get("properties", message)
    for name, value in message.items():
        if name not in properties:
            near = get_close_matches(name, properties, n=1)
            hint = f"; near it: {near[0]!r}" if near else ""
            yield f"{place + name!r} is no member of the protocol and was ignored{hint}"
        elif isinstance(value, Mapping) and properties is not message:
            yield from _remarks(value, _resolved(properties[name]), f"{place}{name}.")


def _resolved(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference to another definition."""
    found: Mapping[str, Any] = described
    if "$ref" in described:
        found = schema()["$defs"][described["$ref"].rpartition("/")[2]]
    return found


def _shown(line: bytes) -> str:
    text = line.decode(errors="backslashreplace").rstrip()
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


__all__ = ["CAPABILITIES", "HELLO_REPLY", "REPLY", "VERSION", "call_message", "faults", "line_of", "read", "remarks"]
