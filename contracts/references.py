"""Follows references within a document."""

from collections.abc import Iterator, Mapping
from typing import Any

_MOST_STEPS = 20


def resolved(document: Mapping[str, Any], node: Any) -> Any:  # noqa: ANN401 - any node of a document
    """Follow the references of a node within the document, and give the node that they lead to.

    Raises LookupError when a reference leads to nothing or out of the document.
    """
    *_, last = followed(document, node)
    return last


def followed(document: Mapping[str, Any], node: Any) -> Iterator[Any]:  # noqa: ANN401
    """Give a node, and each that its references lead to. Raises LookupError as `resolved` does."""
    yield node
    for _ in range(_MOST_STEPS):
        if not isinstance(node, Mapping) or "$ref" not in node:
            return
        reference = node["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise LookupError(reference)
        node = document
        for step in reference[2:].split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
        yield node
    raise LookupError(reference)
