"""Judges a value by a schema of the spec: valid or not, and if not, what is wrong with which field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from contracts.references import resolved
from contracts.schema_faults import ANNOTATIONS, BETWEEN_FIELDS, FaultFinder, SchemaFault, compiled, described_by

ANY_OTHER = "any other keyword"
"""Stands, as a keyword, for those that a field does not show at first sight, such as one of a value within it."""

_FORMS = ("oneOf", "anyOf")
# What a form may say about the whole body: all of it is broken, if at all, at one field.
_OF_THE_BODY = {"type", "title", "description", "examples", "properties", "required"} | BETWEEN_FIELDS


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
        (validator,) = compiled(document, [{"$ref": f"#{pointer}"}])
        self.is_valid = validator.is_valid
        self._document = document
        schema = resolved(document, {"$ref": f"#{pointer}"})
        forms = [resolved(document, form) for form in schema.get("oneOf", schema.get("anyOf", ()))]
        around = {word: schema[word] for word in schema if not forms or word not in _FORMS}
        self._forms = [[around, form] for form in forms] or [[around]]
        self.properties: dict[str, Mapping[str, Any]] = {}
        self.alternatives = tuple(map(self._alternative, self._forms))
        if "oneOf" in schema:
            _tell_apart(self.alternatives)
        self.named = frozenset().union(*(form.named for form in self.alternatives))
        self.keywords = {field: frozenset(self._keywords(document, field)) for field in self.named}

    def _alternative(self, schemas: list[Mapping[str, Any]]) -> Alternative:
        properties: dict[str, Mapping[str, Any]] = {}
        required: set[str] = set()
        asked_for: set[str] = set()
        for schema in schemas:
            _answerable(self._document, schema)
            described = schema.get("properties", {}).items()
            properties |= {name: described_by(self._document, node) for name, node in described}
            required.update(schema.get("required", ()))
            then = resolved(self._document, schema.get("then", {}))
            asked_for.update(required, then.get("required", ()), then.get("properties", ()))
        if missing := asked_for - properties.keys():
            raise ValueError(f"asked for, but not among the properties: {', '.join(sorted(missing))}")
        selectors = {
            name: tuple(schema["enum"] if "enum" in schema else [schema["const"]])
            for name, schema in properties.items()
            if len(self._forms) > 1 and ("enum" in schema or "const" in schema)
        }
        self.properties.update(properties)
        return Alternative(frozenset(properties), frozenset(required), selectors)

    def _keywords(self, document: Mapping[str, Any], field: str) -> Iterable[str]:
        """List the schema keywords that a value of this field may break."""
        schema = self.properties[field]
        parts = [schema, resolved(document, schema["items"])] if "items" in schema else [schema]
        silent = ANNOTATIONS | {"items", "additionalProperties", "properties"}
        yield from (word for part in parts for word in part if word not in silent)
        yield from ("required", ANY_OTHER)

    def required(self, body: Mapping[str, object]) -> frozenset[str]:
        """List the fields that the schema requires in this body: those of the form that the body selects."""
        forms = [form for form in self.alternatives if form.selected_by(body)] or self.alternatives
        return forms[0].required if len(forms) == 1 else frozenset.intersection(*(form.required for form in forms))

    def faults(self, body: Mapping[str, object]) -> list[SchemaFault]:
        """List what is wrong with a body that is not valid, once for a field and keyword.

        It is what is wrong by the form that the body selects. When it selects none, it is what is wrong with the fields
        that are wrong in every form, whichever was meant; or by the first form when there is no such field.
        """
        finders = self._finders
        if len(finders) == 1:
            return finders[0].faults(body)
        for form, finder in zip(self.alternatives, finders, strict=True):
            if form.selectors and form.selected_by(body):
                return finder.faults(body)
        by_form = [finder.faults(body) for finder in finders]
        wrong = frozenset.intersection(*(frozenset(fault.field for fault in faults) for faults in by_form))
        return [fault for fault in by_form[0] if fault.field in wrong] or by_form[0]

    @cached_property
    def _finders(self) -> tuple[FaultFinder, ...]:
        # Not at the start, which has no time for it: whether a body is valid is known without.
        choices: dict[str, list[object]] = {}
        for form in self.alternatives:
            for field, values in form.selectors.items():
                choices.setdefault(field, []).extend(values)
        return tuple(FaultFinder(self._document, schemas, choices) for schemas in self._forms)


def _tell_apart(forms: Sequence[Alternative]) -> None:
    """Refuse forms of which a body may have several, where it has to have exactly one: no rule could answer."""
    for one, other in combinations(forms, 2):
        shared = one.required & other.required & one.selectors.keys() & other.selectors.keys()
        if not any(all(value not in other.selectors[field] for value in one.selectors[field]) for field in shared):
            raise ValueError("no field that is required tells the forms of oneOf apart; expected an enum or a const")


def _answerable(document: Mapping[str, Any], form: Mapping[str, Any]) -> None:
    """Refuse a schema that a body can break without breaking it at a field that is described: no rule could answer."""
    others = {word for word in form if word not in _OF_THE_BODY and not word.startswith("x-")}
    if form.get("additionalProperties") is True:
        others.remove("additionalProperties")
    if others:
        raise ValueError(f"no rule can answer for {', '.join(sorted(others))}, which is about no single field")
    if "then" in form:
        _answerable(document, resolved(document, form["then"]))
