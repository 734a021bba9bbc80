"""Makes trials of tables: each row changes a plain intent in one way."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.model import Intent
from conformance.trial import Trial

LEFT_OUT = object()
"""Stands, as the value of a field, for no such field."""

Table = Mapping[str, Mapping[str, Any]]
"""What is different from the plain intent, by the names of the rows."""


def changed(plain: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Put other values into the fields of a plain intent, or leave some out."""
    return {name: value for name, value in {**plain, **changes}.items() if value is not LEFT_OUT}


def edges(operation: str, prefix: str, plain: Mapping[str, Any], table: Table) -> Iterator[Trial]:
    """Give a trial of one intent for each row of a table."""
    for name, changes in table.items():
        label = f"{prefix}/{name}"
        yield Trial(label, (Intent(operation, changed(plain, changes), label=label),))


def of_field(field: str, values: Mapping[str, Any]) -> Table:
    """Make a table that changes one field."""
    return {name: {field: value} for name, value in values.items()}
