"""Makes replies of what a client said, without its key."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from conformance.clients.client import AdapterError
from conformance.clients.protocol import CAPABILITIES, faults, remarks
from conformance.model import Capabilities, Outcome, Reply
from conformance.secrecy import is_told, without_keys
from contracts.world import masked

# A shorter key turns up in words that are none.
_LEAST = 6
_LONGEST_TEXT = 4000
_LONGEST_LINE = 300
_DEEPEST = 50


def reply_of(
    outcome: Outcome,
    secrets: Iterable[str],
    seconds: float,
    **said: Any,  # noqa: ANN401 - the fields of Reply
) -> Reply:
    """Make a reply in which the keys are masked wherever they stand, with the places where they stood."""
    keys = tuple(dict.fromkeys(secrets))
    leaks = tuple(name for name, value in said.items() if _shows(value, keys))
    kept = {name: _hidden(value, keys, _ending if name == "noise" else _beginning) for name, value in said.items()}
    return Reply(outcome, seconds=seconds, leaks=leaks, **kept)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Write a text with each key in its masked form."""
    for secret in secrets:
        if len(secret) >= _LEAST:
            for spelled in _spellings(secret):
                if spelled in text:
                    text = text.replace(spelled, masked(secret))
    # What the fake makes is known by its form, also when it is not among those at hand.
    return without_keys(text)


def complaint(text: str, secrets: Iterable[str]) -> str:
    """Write what is wrong with an adapter, which may quote it: without keys, and no line without end."""
    lines = hidden(text, secrets).split("\n")
    return "\n".join(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…" for line in lines)


@lru_cache(maxsize=64)
def _spellings(secret: str) -> tuple[str, ...]:
    """Spell a key as it is, and as JSON and URLs do."""
    in_json = json.dumps(secret)[1:-1]
    return tuple(dict.fromkeys((secret, in_json, in_json.replace("/", "\\/"), quote(secret, safe=""))))


def _shows(value: object, secrets: Sequence[str]) -> bool:
    text = value if isinstance(value, str) else str(value)
    if is_told(text):
        return True
    return any(spelled in text for secret in secrets if len(secret) >= _LEAST for spelled in _spellings(secret))


def _beginning(text: str) -> str:
    return text[:_LONGEST_TEXT]


def _ending(text: str) -> str:
    return text[-_LONGEST_TEXT:]


def _hidden(value: Any, secrets: Sequence[str], cut: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        # A report is written in UTF-8, which cannot write all that JSON can.
        return cut(hidden(value, secrets).encode(errors="backslashreplace").decode())
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {_hidden(name, secrets, cut): _hidden(item, secrets, cut, depth + 1) for name, item in value.items()}
    return [_hidden(item, secrets, cut, depth + 1) for item in value] if isinstance(value, list) else value


def capabilities(said: object, operations: frozenset[str], about: Mapping[str, str]) -> Capabilities:
    """Read what a client declares, in the words of the protocol. Raises AdapterError for what does not fit."""
    found = faults(said, CAPABILITIES)
    if found:
        raise AdapterError("".join(f"\n    capabilities.{fault}" for fault in found).lstrip())
    able = said if isinstance(said, Mapping) else {}
    retries = able.get("retries")
    return Capabilities(
        operations=operations,
        retries_on=None if retries is None else frozenset(retries.get("on", ())),
        max_attempts=None if retries is None else retries.get("max_attempts"),
        time_scale=bool(able.get("time_scale")),
        async_send=bool(able.get("async_send")),
        batches_files=bool(able.get("batches_files")),
        concurrency=able.get("concurrency") or 1,
        timeout_ms=able.get("timeout_ms"),
        name=about.get("name", ""),
        version=about.get("version", ""),
        language=about.get("language", ""),
        remarks=tuple(remarks(able, CAPABILITIES, f"{CAPABILITIES}.")),
    )
