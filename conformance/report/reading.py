"""Reads reports from files, and says of what is none where it differs from one."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.report.document import FORMAT
from contracts.faults import ConfigError, Fault
from contracts.model import shown

_MOST_FAULTS = 10


@cache
def schema() -> dict[str, Any]:
    """Give the JSON Schema of a report."""
    found: dict[str, Any] = json.loads((files("conformance.report") / "schema.json").read_text(encoding="utf-8"))
    return found


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())


def read_report(path: Path) -> dict[str, Any]:
    """Read a report. Raises ConfigError that names the file, the place in it and what was expected."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise ConfigError([Fault(str(path), f"cannot be read: {(error.strerror or str(error)).lower()}")]) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError([Fault(str(path), f"is no report: no JSON: {error}")]) from None
    return checked(value, str(path))


def checked(value: object, place: str) -> dict[str, Any]:
    """Give a report back that fits the schema. Raises ConfigError with what does not fit, each with its place."""
    if not isinstance(value, dict) or "format" not in value:
        raise ConfigError([Fault(place, "is no report of distinct-conformance: it has no member format")])
    if value["format"] != FORMAT:
        problem = f"got {shown(value['format'])}, expected {FORMAT}: another version wrote it"
        raise ConfigError([Fault(f"{place}: format", problem)])
    faults = _faults(value, place)
    if faults:
        raise ConfigError(faults)
    return value


def _faults(value: Mapping[str, Any], place: str) -> list[Fault]:
    faults = []
    for error in _validator().iter_errors(value):
        where = "/".join(str(step) for step in error.instance_path)
        message = error.message if len(error.message) <= 300 else f"{error.message[:300]}…"  # noqa: PLR2004 - a few lines
        faults.append(Fault(f"{place}: {where or 'the report'}", message))
        if len(faults) == _MOST_FAULTS:
            break
    return faults


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number in JSON")
