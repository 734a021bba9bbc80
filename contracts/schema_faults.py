"""Finds what is wrong with a body by its schema: which keyword each field breaks, and what it asks for.

The library says that as well, but makes so much of each error that a wrong request would cost twice a right one.
It is asked only for what lies within a field, or between fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from jsonschema_rs import Draft202012Validator, Registry

from contracts.model import shown
from contracts.references import followed, resolved

_TYPE_WORDS = {
    "string": "a string",
    "object": "a JSON object",
    "array": "a list",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}

# Each looks at nothing but the value and what it says itself (JSON Schema Validation, section 6).
_ALONE = frozenset({
    "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
    "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "format",
})  # fmt: skip
ANNOTATIONS = frozenset({"title", "description", "default", "examples", "$ref"})
"""The keywords that no value breaks by itself."""
BETWEEN_FIELDS = frozenset({"if", "then"})
"""The keywords of a body that look at several of its fields."""

Place = tuple[str, str]
"""A field, and a keyword of it."""

_NOTHING = object()


class SchemaFault(NamedTuple):
    """One keyword of the schema that one field broke.

    `value` is what the field holds, or what is wrong within that; `limit` the bound of a size keyword, and 0 of
    others; `is_time` says whether a time is asked for.
    """

    field: str
    keyword: str
    expected: str
    limit: int
    is_time: bool
    value: object

    @property
    def got(self) -> str:
        """What the field holds, or that it is not there."""
        if self.value is _NOTHING:
            return "nothing"
        if self.keyword == "maxItems" and isinstance(self.value, list):
            return f"{len(self.value)} of them"
        return shown(self.value)


def compiled(document: dict[str, Any], schemas: Sequence[object]) -> list[Draft202012Validator]:
    """Compile schemas that may refer to any part of the document.

    Raises ValueError when one is no schema, names an unknown format, or refers to nothing.
    """
    # As a part of the document, so that what they refer to is looked for there.
    registry = Registry([("urn:spec", {**document, "x-schemas": list(schemas)})])
    return [_validator({"$ref": f"urn:spec#/x-schemas/{number}"}, registry) for number in range(len(schemas))]


def _validator(schema: dict[str, Any], registry: Registry | None = None) -> Draft202012Validator:
    return Draft202012Validator(
        schema,
        registry=registry,
        validate_formats=True,
        ignore_unknown_formats=False,
        # The content of a file is counted and sniffed while it streams; here it is only text of some length.
        formats={"binary": lambda _: True},
        offline=True,
    )


def described_by(document: Mapping[str, Any], node: object) -> Mapping[str, Any]:
    """Give the schema of a field; one that may be anything, or nothing, is described by true or false.

    Raises LookupError when it refers to nothing.
    """
    return _as_mapping(resolved(document, node))


def _as_mapping(schema: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a node of a document
    return {} if isinstance(schema, bool) else schema


class FaultFinder:
    """Finds what is wrong with a body by all of some schemas."""

    def __init__(
        self, document: dict[str, Any], schemas: Iterable[Mapping[str, Any]], choices: Mapping[str, Sequence[object]]
    ) -> None:
        """Take resolved schemas of objects, and by field the values that it may have in any form of the body."""
        self._required: list[SchemaFault] = []
        described: list[tuple[str, Any]] = []
        between: list[Mapping[str, Any]] = []
        for schema in schemas:
            described += schema.get("properties", {}).items()
            self._required += (_missing(name) for name in schema.get("required", ()))
            looked_at = {word: schema[word] for word in schema if word in BETWEEN_FIELDS}
            between += [looked_at] if looked_at else []
        validators = compiled(document, [*between, *(node for _, node in described)])
        self._between = validators[: len(between)]
        self._fields = [
            _Field(name, list(followed(document, node)), validator, choices.get(name, ()))
            for (name, node), validator in zip(described, validators[len(between) :], strict=True)
        ]

    def faults(self, body: Mapping[str, object]) -> list[SchemaFault]:
        """List what is wrong with a body, once for a field and keyword."""
        found: dict[Place, SchemaFault] = {}
        for field in self._fields:
            if field.name in body and not field.is_valid(body[field.name]):
                field.find(body[field.name], found)
        for fault in self._required:
            if fault.field not in body:
                found[fault.field, fault.keyword] = fault
        for validator in self._between:
            if not validator.is_valid(body):
                self._find_between(validator.iter_errors(body), found)
        return list(found.values())

    def _find_between(self, errors: Iterable[Any], found: dict[Place, SchemaFault]) -> None:
        for error in errors:
            if error.instance_path:
                field = next(field for field in self._fields if field.name == error.instance_path[0])
                fault = field.fault(error.kind.name, _argument(error), error.instance)
            else:
                fault = _missing(error.kind.as_dict()["property"])
            found.setdefault((fault.field, fault.keyword), fault)


class _Field:
    """The schema of one field, and of each of its keywords that can be judged alone."""

    __slots__ = ("_alone", "_choices", "_has_more", "_schema", "_validator", "is_valid", "name")

    def __init__(
        self, name: str, schemas: Sequence[Any], validator: Draft202012Validator, choices: Sequence[object]
    ) -> None:
        """Take the schema and each that it refers to; the last of them says what there is to say."""
        self.name = name
        self.is_valid = validator.is_valid
        self._validator = validator
        self._choices = choices
        *referring, self._schema = map(_as_mapping, schemas)
        self._alone = [
            (_validator({word: argument}).is_valid, (name, word), self.fault(word, argument, None)[:-1])
            for word, argument in self._schema.items()
            if word in _ALONE
        ]
        beside_references = any(schema.keys() - ANNOTATIONS for schema in referring)
        self._has_more = beside_references or bool(self._schema.keys() - _ALONE - ANNOTATIONS)

    def find(self, value: object, found: dict[Place, SchemaFault]) -> None:
        """Add what is wrong with a value that is not valid."""
        count = len(found)
        for is_valid, place, said in self._alone:
            if not is_valid(value):
                found.setdefault(place, SchemaFault(*said, value))
        if self._has_more or len(found) == count:
            for error in self._validator.iter_errors(value):
                fault = self.fault(error.kind.name, _argument(error), error.instance)
                found.setdefault((self.name, fault.keyword), fault)

    def fault(self, keyword: str, argument: Any, value: object) -> SchemaFault:  # noqa: ANN401 - whatever a keyword takes
        """Say that a value breaks a keyword with this argument."""
        limit = argument if isinstance(argument, int) and keyword.startswith(("min", "max")) else 0
        is_time = self._schema.get("format") == "date-time"
        return SchemaFault(self.name, keyword, self._expected(keyword, argument), limit, is_time, value)

    def _expected(self, keyword: str, argument: Any) -> str:  # noqa: ANN401
        match keyword:
            case "type":
                names = [argument] if isinstance(argument, str) else argument
                return " or ".join(_TYPE_WORDS[name] for name in names)
            case "minLength" | "minItems":
                return "at least one" if keyword == "minItems" else "text that is not empty"
            case "maxItems":
                return f"at most {argument}"
            case "enum" | "const":
                values = self._choices or ([argument] if keyword == "const" else argument)
                return "one of " + ", ".join(map(str, values))
            case _:
                example = f", as in {self._schema['examples'][0]!r}" if self._schema.get("examples") else ""
                return f"{self._schema.get('description', keyword).rstrip('.')}{example}"


def _missing(name: str) -> SchemaFault:
    return SchemaFault(name, "required", f"the field {name}", 0, is_time=False, value=_NOTHING)


def _argument(error: Any) -> Any:  # noqa: ANN401 - the library's type
    """Give what the schema says with the keyword that was broken, which is all that the library's account holds."""
    return next(iter(error.kind.as_dict().values()), None)
