"""Tries what is the same for every request: keys of any kind, and a base URL with a path."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from conformance.chapters.asked import PREFIXED
from conformance.chapters.places import PREFIX
from conformance.depth import Depth
from conformance.trial import Trial
from conformance.trials.smoke import valid_intents
from contracts.operations import Contract

_KEYS: Mapping[str, str] = {
    "symbols": "q7+Zt/4w=Lx_9-Rk",
    "one-character": "k",
    "128-characters": "0123456789abcdef" * 8,
}
_MORE_KEYS: Mapping[str, str] = {
    "like-a-token": "Bearer-abc.def.ghi",
    "percent": "abc%20def%2Fghi%zz",
    "letters-of-both-cases": "AbCdEfGhIjKlMnOp",
    "trailing-equals": "c2VjcmV0LWtleQ==",
}


def trials(contract: Contract, depth: Depth) -> Iterator[Trial]:
    """Give the trials of a profile."""
    keys = {**_KEYS, **_MORE_KEYS} if depth.thorough else _KEYS
    for intent in valid_intents(contract):
        for name, key in keys.items():
            label = f"common/key/{name}/{intent.operation}"
            yield Trial(label, (replace(intent, label=label),), key=key)
        label = f"{PREFIXED}/{intent.operation}"
        yield Trial(label, (replace(intent, label=label),), prefix=PREFIX)
