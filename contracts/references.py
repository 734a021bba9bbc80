"""Follows references within a document."""

from collections.abc import Mapping
from typing import Any


def resolved(document: Mapping[str, Any], node: Any) -> Any:  # noqa: ANN401 - any node of a document
    """Follow the references of a node within the document.

    Raises LookupError when a reference leads to nothing or out of the document.
    """
    for _ in range(20):
        if not isinstance(node, Mapping) or "$ref" not in node:
            return node
        reference = node["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise LookupError(reference)
        node = document
        for step in reference[2:].split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
    raise LookupError(reference)
