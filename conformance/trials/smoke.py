"""The first trial and the last: does the client work at all, and does it still."""

from collections.abc import Iterator

from conformance.model import File, Intent
from conformance.trial import Trial
from contracts.operations import Contract

FIRST = "smoke"
CLOSING = "closing"


def valid_intents(contract: Contract) -> tuple[Intent, ...]:
    """Give one plain intent for each operation: the first example of the spec, and a small picture for its files."""
    return tuple(
        Intent(operation.id, *_example(contract, operation.path.removeprefix(operation.prefix), operation.media_type))
        for operation in contract.operations.values()
    )


def _example(contract: Contract, path: str, media_type: str) -> tuple[dict[str, object], tuple[File, ...]]:
    content = contract.document["paths"][path]["post"]["requestBody"]["content"][media_type]
    value = next(iter(content["examples"].values()))["value"]
    files = tuple(
        File("picture.gif", "image/gif", 64) for item in value.values() if isinstance(item, list) for _ in item
    )
    return {name: item for name, item in value.items() if not isinstance(item, list)}, files


def trials(contract: Contract, operations: frozenset[str], name: str = FIRST) -> Iterator[Trial]:
    """Give a trial for each operation that a client has: accepted, and with a planned refusal.

    The last one of all is to be given the same: what happened in between must not show.
    """
    for intent in valid_intents(contract):
        if intent.operation in operations:
            yield Trial(f"{name}/{intent.operation}/accepted", (intent,))
            yield Trial(f"{name}/{intent.operation}/refused", (intent,), plan=("400",))
