"""Trials in files: a shrunk failure that a later run takes up, or that is tried again by itself."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.model import File, Intent
from conformance.trial import Trial
from contracts.faults import ConfigError, Fault
from contracts.model import shown
from contracts.operations import Contract

_FORMAT = 1
_TEXT: Mapping[str, Any] = {"type": "string"}
_SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["format", "obligation", "name", "intents"],
    "additionalProperties": False,
    "properties": {
        "format": {"const": _FORMAT},
        "obligation": _TEXT,
        "name": _TEXT,
        "what": _TEXT,
        "plan": {"type": "array", "items": _TEXT},
        "persistent": {"type": "boolean"},
        "key": _TEXT,
        "secondKey": {"type": "boolean"},
        "prefix": _TEXT,
        "timeoutMs": {"type": ["integer", "null"], "minimum": 1},
        "parallel": {"type": "boolean"},
        "known": {"type": "boolean"},
        "changes": {"type": "object"},
        "timeScale": {"type": ["number", "null"], "exclusiveMinimum": 0},
        "allow": {"type": "array", "items": _TEXT},
        "intents": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["operation", "args"],
                "additionalProperties": False,
                "properties": {
                    "operation": _TEXT,
                    "args": {"type": "object"},
                    "label": _TEXT,
                    "files": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name", "contentType", "size"],
                            "additionalProperties": False,
                            "properties": {
                                "name": _TEXT,
                                "contentType": _TEXT,
                                "size": {"type": "integer", "minimum": 0},
                                "head": _TEXT,
                                "filler": {"type": "string", "minLength": 4},
                            },
                        },
                    },
                },
            },
        },
    },
}
_VALIDATOR = jsonschema_rs.Draft202012Validator(_SHAPE)


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """A trial that once broke an obligation; `what` says how."""

    obligation: str
    trial: Trial
    what: str = ""


def to_json(stored: StoredTrial) -> dict[str, Any]:
    """Write a trial as JSON; members that say nothing are left out."""
    trial = stored.trial
    written: dict[str, Any] = {
        "format": _FORMAT,
        "obligation": stored.obligation,
        "name": trial.name,
        "what": stored.what,
        "plan": list(trial.plan),
        "persistent": trial.persistent,
        "key": trial.key,
        "secondKey": trial.second_key,
        "prefix": trial.prefix,
        "timeoutMs": trial.timeout_ms,
        "parallel": trial.parallel,
        "changes": dict(trial.changes),
        "timeScale": trial.time_scale,
        "allow": list(trial.allow),
        "intents": [_intent_to_json(intent) for intent in trial.intents],
    }
    kept = {name: value for name, value in written.items() if value or name in _SHAPE["required"]}
    return kept if trial.known else {**kept, "known": False}


def _intent_to_json(intent: Intent) -> dict[str, Any]:
    written = {"operation": intent.operation, "args": dict(intent.args), "label": intent.label}
    files = [
        {
            "name": file.name,
            "contentType": file.content_type,
            "size": file.size,
            "head": base64.b64encode(file.head).decode(),
            "filler": base64.b64encode(file.filler).decode(),
        }
        for file in intent.files
    ]
    return {**written, "files": files} if files else written


def from_json(value: Any, place: str, contract: Contract | None = None) -> StoredTrial:  # noqa: ANN401 - what a file holds
    """Read a trial. Raises ConfigError with every fault, each with its place.

    Without a contract, an operation may have any id.
    """
    faults = [
        Fault(f"{place}: {'/'.join(map(str, error.instance_path)) or 'the file'}", error.message)
        for error in _VALIDATOR.iter_errors(_as_unicode(value))
    ]
    faults = faults or [Fault(f"{place}: {where}", problem) for where, problem in _faults(value, contract)]
    if faults:
        raise ConfigError(faults)
    trial = Trial(
        name=value["name"],
        intents=tuple(_intent(intent) for intent in value["intents"]),
        plan=tuple(value.get("plan", ())),
        persistent=value.get("persistent", False),
        key=value.get("key", ""),
        second_key=value.get("secondKey", False),
        prefix=value.get("prefix", ""),
        timeout_ms=value.get("timeoutMs"),
        parallel=value.get("parallel", False),
        known=value.get("known", True),
        changes=value.get("changes", {}),
        time_scale=value.get("timeScale"),
        allow=tuple(value.get("allow", ())),
    )
    return StoredTrial(value["obligation"], trial, value.get("what", ""))


def _faults(value: Mapping[str, Any], contract: Contract | None) -> Iterator[tuple[str, str]]:
    """Say what is wrong with a file that has the right shape."""
    operations = [one.id for one in contract.operations.values()] if contract else []
    for number, intent in enumerate(value["intents"]):
        where = f"intents/{number}"
        if operations and intent["operation"] not in operations:
            yield f"{where}/operation", f"got {shown(intent['operation'])}, expected {' or '.join(operations)}"
        for at, file in enumerate(intent.get("files", ())):
            for name in ("head", "filler"):
                if name in file and not _is_base64(file[name]):
                    yield f"{where}/files/{at}/{name}", f"got {shown(file[name])}, expected Base64"


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True)) or not text
    except ValueError:
        return False


def _as_unicode(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Put a question mark for each lone surrogate, which an intent may hold and the validator cannot print."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _intent(value: Mapping[str, Any]) -> Intent:
    files = tuple(
        File(
            file["name"],
            file["contentType"],
            file["size"],
            base64.b64decode(file.get("head", "")),
            base64.b64decode(file.get("filler", "AA==")),
        )
        for file in value.get("files", ())
    )
    return Intent(value["operation"], value["args"], files, value.get("label", ""))


def save(stored: StoredTrial, folder: Path) -> Path:
    """Write a trial into a folder of its obligation, under a name that its content gives.

    Raises ConfigError when it cannot be written.
    """
    text = json.dumps(to_json(stored), indent=2, sort_keys=True) + "\n"
    path = folder / stored.obligation / f"{blake2b(text.encode(), digest_size=4).hexdigest()}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError([Fault(str(path), f"cannot be written: {(error.strerror or str(error)).lower()}")]) from None
    return path


def load(path: Path, contract: Contract | None = None) -> StoredTrial:
    """Read a stored trial, as `from_json` does. Raises ConfigError that names the file and what is wrong."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([Fault(str(path), f"cannot be read: {(error.strerror or str(error)).lower()}")]) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError([Fault(str(path), f"is no JSON: {error}")]) from None
    return from_json(value, str(path), contract)


def load_all(folder: Path, contract: Contract | None = None) -> Sequence[StoredTrial]:
    """Read every trial of a folder, in the order of their names; none when there is no such folder."""
    return [load(path, contract) for path in sorted(folder.glob("*/*.json"))]
