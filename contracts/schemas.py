"""Judges a value by a schema of the spec: valid or not, and if not, what is wrong with which field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from contracts.model import shown

_TYPE_WORDS = {
    "string": "a string",
    "object": "a JSON object",
    "array": "a list",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
ANY_OTHER = "any other keyword"
"""Stands, as a keyword, for those that a field does not show at first sight, such as one of a value within it."""

# What a form may say about the whole body: all of it is broken, if at all, at one field.
_OF_THE_BODY = {"type", "title", "description", "examples", "properties", "required", "oneOf", "anyOf", "if", "then"}


class SchemaFault:
    """One keyword of the schema that one field broke.

    What there is to say of it is written when it is asked for: of the keywords that a field breaks, one is told.
    """

    __slots__ = ("_body", "_error", "_schema", "field", "keyword")

    def __init__(self, schema: "BodySchema", body: Mapping[str, object], field: str, error: Any) -> None:  # noqa: ANN401 - the library's type
        self.field = field
        self.keyword: str = error.kind.name
        self._schema = schema
        self._body = body
        self._error = error

    @property
    def got(self) -> str:
        """What the field holds, or that it is not there."""
        if self.field not in self._body:
            return "nothing"
        value = self._error.instance
        return f"{len(value)} of them" if self.keyword == "maxItems" else shown(value)

    @property
    def expected(self) -> str:
        """What the schema asks for."""
        return self._schema.expectation(self.field, self.keyword, self._error.kind)

    @property
    def limit(self) -> int:
        """The bound of a size keyword; 0 of others."""
        return int(self._error.kind.as_dict().get("limit", 0))

    @property
    def is_time(self) -> bool:
        """Whether a time is asked for."""
        return bool(self._schema.properties.get(self.field, {}).get("format") == "date-time")


@dataclass(frozen=True, slots=True)
class Alternative:
    """One form that a body may have: the fields it names, the ones it requires, and the values that select it."""

    named: frozenset[str]
    required: frozenset[str]
    selectors: Mapping[str, tuple[object, ...]]

    def selected_by(self, body: Mapping[str, object]) -> bool:
        """Whether every selecting field has one of the values that belong to this form."""
        for field, values in self.selectors.items():  # noqa: SIM110 - a generator for every request would cost more
            if body.get(field) not in values:
                return False
        return True


class BodySchema:
    """The compiled schema of one request body."""

    def __init__(self, document: dict[str, Any], pointer: str) -> None:
        """Compile the schema at `pointer`, a JSON pointer into the whole spec.

        Raises ValueError when it is no schema, names an unknown format, or refers to nothing.
        """
        registry = jsonschema_rs.Registry([("urn:spec", document)])
        self._validator = jsonschema_rs.Draft202012Validator(
            {"$ref": f"urn:spec#{pointer}"},
            registry=registry,
            validate_formats=True,
            ignore_unknown_formats=False,
            # The content of a file is counted and sniffed while it streams; here it is only text of some length.
            formats={"binary": lambda _: True},
            offline=True,
        )
        self.is_valid = self._validator.is_valid
        self._expectations: dict[tuple[str, str], str] = {}
        schema = resolved(document, {"$ref": f"#{pointer}"})
        self.properties: dict[str, Mapping[str, Any]] = {}
        self.alternatives = tuple(self._alternatives(document, schema))
        self.named = frozenset().union(*(form.named for form in self.alternatives))
        self.keywords = {field: frozenset(self._keywords(document, field)) for field in self.named}

    def _alternatives(self, document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterable[Alternative]:
        _answerable(schema)
        forms = [resolved(document, form) for form in schema.get("oneOf", schema.get("anyOf", [schema]))]
        for form in forms:
            _answerable(form)
            # A field that may be anything, or nothing, is described by true or false.
            described = {name: resolved(document, value) for name, value in form.get("properties", {}).items()}
            properties = {name: {} if isinstance(value, bool) else value for name, value in described.items()}
            selectors = {
                name: tuple(value["enum"] if "enum" in value else [value["const"]])
                for name, value in properties.items()
                if len(forms) > 1 and ("enum" in value or "const" in value)
            }
            self.properties.update(properties)
            yield Alternative(frozenset(properties), frozenset(form.get("required", ())), selectors)

    def _keywords(self, document: Mapping[str, Any], field: str) -> Iterable[str]:
        """List the schema keywords that a value of this field may break."""
        schema = self.properties[field]
        parts = [schema, resolved(document, schema["items"])] if "items" in schema else [schema]
        silent = {"description", "examples", "items", "title", "default", "additionalProperties", "properties"}
        yield from (word for part in parts for word in part if word not in silent)
        yield from ("required", ANY_OTHER)

    def required(self, body: Mapping[str, object]) -> frozenset[str]:
        """List the fields that the schema requires in this body: those of the form that the body selects."""
        forms = [form for form in self.alternatives if form.selected_by(body)] or self.alternatives
        return forms[0].required if len(forms) == 1 else frozenset.intersection(*(form.required for form in forms))

    def faults(self, body: Mapping[str, object]) -> tuple[SchemaFault, ...]:
        """List what is wrong with a body, at most once for a field and keyword; nothing when it is valid."""
        found: dict[tuple[str, str], SchemaFault] = {}
        for error in self._errors(body):
            fault = SchemaFault(self, body, field_of(error), error)
            found.setdefault((fault.field, fault.keyword), fault)
        return tuple(found.values())

    def _errors(self, body: Mapping[str, object]) -> Iterable[Any]:
        for error in self._validator.iter_errors(body):
            branches = getattr(error.kind, "context", None)
            if branches is None or error.instance_path:
                yield error
                continue
            chosen = [
                branch
                for form, branch in zip(self.alternatives, branches, strict=False)
                if form.selectors and form.selected_by(body)
            ]
            yield from chosen[0] if chosen else self._shared(branches)

    @staticmethod
    def _shared(branches: Iterable[Iterable[Any]]) -> Iterable[Any]:
        """Give the errors that every form has: what is wrong whichever form was meant."""
        listed = [{(field_of(error), error.kind.name): error for error in branch} for branch in branches]
        return [error for place, error in listed[0].items() if all(place in other for other in listed)]

    def expectation(self, field: str, keyword: str, kind: Any) -> str:  # noqa: ANN401 - the library's type
        """Say what a field has to be by a keyword; `kind` is the library's own account of what broke it."""
        place = (field, keyword)
        # It is the same for every request, and takes longer to say than to find broken.
        known = self._expectations.get(place)
        if known is None:
            known = self._expectations[place] = self._expected(field, keyword, kind.as_dict())
        return known

    def _expected(self, field: str, keyword: str, details: Mapping[str, Any]) -> str:
        schema = self.properties.get(field, {})
        match keyword:
            case "required":
                return f"the field {field}"
            case "type":
                return " or ".join(_TYPE_WORDS[name] for name in details["types"])
            case "minLength" | "minItems":
                return "at least one" if keyword == "minItems" else "text that is not empty"
            case "maxItems":
                return f"at most {details['limit']}"
            case "enum" | "const":
                values = [value for form in self.alternatives for value in form.selectors.get(field, ())]
                return "one of " + ", ".join(map(str, values or schema.get("enum", [schema.get("const")])))
            case _:
                example = f", as in {schema['examples'][0]!r}" if schema.get("examples") else ""
                return f"{schema.get('description', keyword).rstrip('.')}{example}"


def _answerable(form: Mapping[str, Any]) -> None:
    """Refuse a schema that a body can break without breaking it at a field that is described: no rule could answer."""
    others = {word for word in form if word not in _OF_THE_BODY and not word.startswith("x-")}
    if others - ({"additionalProperties"} if form.get("additionalProperties") is True else set()):
        raise ValueError(f"no rule can answer for {', '.join(sorted(others))}, which is about no single field")
    missing = set(form.get("required", ())) - set(form.get("properties", ()))
    if missing:
        raise ValueError(f"required, but not among the properties: {', '.join(sorted(missing))}")


def field_of(error: Any) -> str:  # noqa: ANN401 - the library's type
    """Name the field that an error is about: the one that is wrong, or the one that is missing."""
    path = error.instance_path
    if path:
        return str(path[0])
    return str(error.kind.as_dict().get("property", ""))


def resolved(document: Mapping[str, Any], node: Any) -> Any:  # noqa: ANN401 - any node of a document
    """Follow the references of a node within the document.

    Raises LookupError when a reference leads to nothing or out of the document.
    """
    for _ in range(20):
        if not isinstance(node, Mapping) or "$ref" not in node:
            return node
        reference = node["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise LookupError(reference)
        node = document
        for step in reference[2:].split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
    raise LookupError(reference)
