"""Says in words what a schema of the control API's document wants, and what of a value does not fit it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from contracts.model import shown
from contracts.references import resolved
from contracts.world import masked
from mock_server.control.problems import Wrong

Schema = Mapping[str, Any]

_TYPES = {
    "string": "text",
    "object": "an object",
    "array": "a list",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
_SECRET = {"key", "keys"}


def wanted(document: Schema, node: Schema) -> str:
    """Say what a schema wants: an integer ≥ 0, one of newest, oldest. KeyError for one that says it in other ways."""
    schema = resolved(document, node)
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(wanted(document, branch) for branch in schema["anyOf"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(_TYPES[name] for name in types) + _bounds(document, schema)


def _bounds(document: Schema, schema: Schema) -> str:
    """Say which values of its type a schema takes, as the end of a phrase."""
    bounds = [f"{sign} {schema[word]}" for word, sign in _BOUNDS.items() if word in schema]
    if bounds:
        return " " + " and ".join(bounds)
    words = []
    if schema.get("minLength", schema.get("minItems")):
        words.append("that is not empty")
    if "maxLength" in schema:
        words.append(f"of at most {schema['maxLength']} characters")
    if "maxItems" in schema:
        words.append(f"of at most {schema['maxItems']}")
    if schema.get("uniqueItems"):
        words.append("in which nothing stands twice")
    if "pattern" in schema:
        words.append(f"of {schema['description']}")
    if schema.get("format") == "date-time":
        words.append("that is a date and time with offset")
    if "items" in schema and "type" in resolved(document, schema["items"]):
        words.append(f"(each: {wanted(document, schema['items'])})")
    example = f", as in {schema['examples'][0]}" if "examples" in schema and schema["type"] == "string" else ""
    return "".join(f" {word}" for word in words) + example


def misfits(document: Schema, errors: Iterable[Any], value: object) -> Iterable[Wrong]:
    """Put the errors that jsonschema-rs found in a value into words, one for each member that is wrong."""
    for error in errors:
        # The path leads from the root of the document, and ends with the keyword that is broken.
        node: Any = reduce(lambda at, step: at[step], error.schema_path[:-1], document)
        details = error.kind.as_dict()
        path = list(error.instance_path)
        if error.kind.name == "required":
            name = details["property"]
            yield Wrong(pointer([*path, name]), "nothing", wanted(document, node["properties"][name]))
        elif "unexpected" in details:
            for name in details["unexpected"]:
                yield Wrong(pointer([*path, name]), "a member that there is not", one_of(node["properties"]))
        elif error.kind.name == "oneOf":
            members = [branch["required"][0] for branch in node["oneOf"]]
            given = [name for name in members if isinstance(value, dict) and name in value]
            yield Wrong(pointer(path), " and ".join(given) or "none of them", f"exactly one of {', '.join(members)}")
        elif error.kind.name == "anyOf" and (branch := _of_its_type(details["context"], path)):
            yield from misfits(document, branch, value)
        else:
            yield Wrong(pointer(path), got(path, error.instance), wanted(document, node))


def _of_its_type(branches: Iterable[list[Any]], path: list[str | int]) -> list[Any]:
    """Choose the errors of the branch that takes values of this type; none where that leaves open which one."""
    found = [
        errors
        for errors in branches
        if not any(error.kind.name == "type" and list(error.instance_path) == path for error in errors)
    ]
    return found[0] if len(found) == 1 else []


def one_of(names: Iterable[str]) -> str:
    """Name what there is."""
    listed = ", ".join(names)
    return f"one of {listed}" if listed else "none"


def got(path: Sequence[str | int], value: object) -> str:
    """Show a value, unless it is a key, or may have been meant as one; what holds others is told by its type."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str) and _SECRET & {*path[-1:], *path[-2:-1]}:
        return masked(value)
    # As JSON spells it, not Python.
    return json.dumps(value) if value is None or isinstance(value, bool) else shown(value)


def pointer(path: Iterable[str | int]) -> str:
    """Write a JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
