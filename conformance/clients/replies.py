"""Makes replies of what a client said, without its key."""

from collections.abc import Mapping
from typing import Any

from conformance.model import Capabilities, Outcome, Reply
from contracts.faults import ConfigError, Fault
from contracts.world import masked

# A shorter key turns up in words that are none.
_LEAST = 6
_LONGEST_TEXT = 4000


def reply_of(outcome: Outcome, secret: str, seconds: float, **said: Any) -> Reply:  # noqa: ANN401 - the fields of Reply
    """Make a reply in which the key is masked wherever it stands, with the places where it stood."""
    leaks = tuple(name for name, value in said.items() if len(secret) >= _LEAST and secret in str(value))
    return Reply(
        outcome, seconds=seconds, leaks=leaks, **{name: _hidden(value, secret) for name, value in said.items()}
    )


def _hidden(value: Any, secret: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        shown = value.replace(secret, masked(secret)) if len(secret) >= _LEAST else value
        return shown[:_LONGEST_TEXT]
    if isinstance(value, Mapping):
        return {_hidden(name, secret): _hidden(item, secret) for name, item in value.items()}
    return [_hidden(item, secret) for item in value] if isinstance(value, list) else value


def capabilities(said: Mapping[str, Any], operations: frozenset[str], **about: str) -> Capabilities:
    """Read what a client declares, in the words of the protocol. Raises ConfigError for what does not fit."""
    retries = said.get("retries")
    faults = []
    if retries is not None and not isinstance(retries, Mapping):
        faults.append(Fault("capabilities.retries", f"got {retries!r}, expected an object with on and max_attempts"))
    faults += [
        Fault(f"capabilities.{name}", f"got {said[name]!r}, expected a whole number from 1 on")
        for name in ("concurrency", "timeout_ms")
        if said.get(name) is not None and not (isinstance(said[name], int) and said[name] > 0)
    ]
    if faults:
        raise ConfigError(faults)
    return Capabilities(
        operations=operations,
        retries_on=frozenset(retries.get("on", ())) if retries is not None else None,
        max_attempts=retries.get("max_attempts") if retries is not None else None,
        time_scale=bool(said.get("time_scale")),
        async_send=bool(said.get("async_send")),
        batches_files=bool(said.get("batches_files")),
        concurrency=said.get("concurrency") or 1,
        timeout_ms=said.get("timeout_ms"),
        **about,
    )
