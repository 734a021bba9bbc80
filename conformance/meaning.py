"""What an intent means, and what is wrong with it when a client sends it as it stands."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from conformance.model import File, Intent
from conformance.surroundings import surroundings
from contracts.case import Circumstances
from contracts.json_body import read_json
from contracts.judge import judge_form, judge_json
from contracts.model import Breach
from contracts.multipart_body import Part, Stop
from contracts.operations import Contract, Operation
from contracts.world_file import key_of

# The rules that only report; what breaks them cannot be stored as it was meant, either.
_UNWRITABLE = "plain-json"
_NOW = Circumstances(datetime(2026, 11, 1, tzinfo=UTC))
_HEAD_BYTES = 512


@dataclass(frozen=True, slots=True)
class _Form:
    parts: Sequence[Part]
    stop: Stop | None


def meant(intent: Intent) -> dict[str, Any]:
    """Give the fields that an intent asks to send: all that it gives a value for."""
    return {name: value for name, value in intent.args.items() if value is not None and value != ""}


def wrong_with(intent: Intent, contract: Contract, changes: Mapping[str, Any] | None = None) -> tuple[Breach, ...]:
    """Give the rules that an intent breaks when it is sent as it stands, in a world where what it names exists."""
    operation = contract.operation(intent.operation)
    key = key_of({"key": "none"}, surroundings([intent]) if changes is None else changes, contract)
    if operation.asset_field:
        form = _form(intent, operation)
        judgement = judge_form(operation, form, key, _NOW, contract.limits)
    else:
        body = json.dumps(meant(intent)).encode()
        judgement = judge_json(operation, read_json(body, contract.limits), key, _NOW, contract.limits)
    return judgement.breaches + tuple(flag for flag in judgement.flags if flag.rule.check == _UNWRITABLE)


def _form(intent: Intent, operation: Operation) -> _Form:
    texts = [Part(name, None, "", len(str(value)), text=str(value)) for name, value in meant(intent).items()]
    files = [_file(file, operation.asset_field) for file in intent.files]
    large = next((file for file in intent.files if file.size > operation.asset_bytes), None)
    stop = (
        Stop("maxLength", f"{large.size} bytes", f"at most {operation.asset_bytes}", operation.asset_bytes)
        if large
        else None
    )
    return _Form([*texts, *files], stop)


def _file(file: File, field: str) -> Part:
    head = (file.head + file.filler * _HEAD_BYTES)[: min(file.size, _HEAD_BYTES)]
    return Part(field, file.name, file.content_type, file.size, head=head)
