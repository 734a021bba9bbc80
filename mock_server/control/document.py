"""The control API's own OpenAPI document, compiled: what each operation takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from contracts.references import resolved
from contracts.yaml_text import read_yaml
from mock_server.control.problems import Wrong
from mock_server.control.wording import misfits, one_of, pointer

_BASE = "urn:control"
_METHODS = frozenset({"get", "put", "post", "delete", "patch"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter: its schema in the document, and the type that its text stands for."""

    reference: str
    kind: str


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one path takes. `body` is the place of the body's schema, empty when there is no body."""

    id: str
    query: Mapping[str, Parameter]
    body: str = ""
    body_required: bool = False


class ControlDocument:
    """The document, and the operations in it by method and path."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self._registry = jsonschema_rs.Registry([(_BASE, content)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self.operations = {
            (method.upper(), path): self._operation(f"/paths/{path.replace('/', '~1')}/{method}", node)
            for path, item in content["paths"].items()
            for method, node in item.items()
            if method in _METHODS
        }

    def faults(self, reference: str, value: object) -> list[Wrong]:
        """List what of a value does not fit the schema at `reference`, a JSON pointer into the document."""
        validator = self.validator(reference)
        return [] if validator.is_valid(value) else list(misfits(self.content, validator.iter_errors(value), value))

    def validator(self, reference: str) -> jsonschema_rs.Draft202012Validator:
        """Give the validator of the schema at `reference`; each is compiled when it is first asked for."""
        if reference not in self._validators:
            self._validators[reference] = jsonschema_rs.Draft202012Validator(
                # A path may have braces, which no reference may have as they are.
                {"$ref": f"{_BASE}#{quote(reference, safe='/~')}"},
                registry=self._registry,
                validate_formats=True,
                ignore_unknown_formats=False,
                offline=True,
            )
        return self._validators[reference]

    def query_faults(self, operation: Operation, query: Mapping[str, object]) -> list[Wrong]:
        """List what is wrong with query parameters, whose texts were read as `value_of` does."""
        found = []
        for name, value in query.items():
            if name not in operation.query:
                found.append(Wrong(f"?{name}", "a parameter that there is not", one_of(operation.query)))
                continue
            faults = self.faults(operation.query[name].reference, value)
            found += [Wrong(f"?{name}", fault.got, fault.expected) for fault in faults]
        return found

    def _operation(self, place: str, node: Mapping[str, Any]) -> Operation:
        query = {}
        for number, parameter in enumerate(node.get("parameters", ())):
            where = parameter["$ref"][1:] if "$ref" in parameter else f"{place}/parameters/{number}"
            described = resolved(self.content, parameter)
            schema = resolved(self.content, described["schema"])
            query[described["name"]] = Parameter(f"{where}/schema", schema.get("type", "string"))
        body = node.get("requestBody")
        if body is None:
            return Operation(node["operationId"], query)
        schema_place = place + pointer(["requestBody", "content", "application/json", "schema"])
        return Operation(node["operationId"], query, schema_place, body["required"])


@cache
def control_document() -> ControlDocument:
    """Give the document that comes with the package."""
    text = (files("mock_server.control") / "openapi.yaml").read_text(encoding="utf-8")
    return ControlDocument(read_yaml(text, "the control API's document"))
