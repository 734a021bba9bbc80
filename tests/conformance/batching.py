"""A right client that divides files over several uploads."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from conformance.clients.client import GivenFile
from tests.conformance.reference import MOST_FILES, Reference, Refused


class Batching(Reference):
    """Sends as many uploads as it needs; when one fails, the caller is told so."""

    capabilities: ClassVar[Mapping[str, Any]] = {**Reference.capabilities, "batches_files": True}

    def check_count(self, files: Sequence[GivenFile]) -> None:
        if not files:
            raise Refused("no files")

    def batches(self, files: Sequence[GivenFile]) -> Sequence[Sequence[GivenFile]]:
        return [files[first : first + MOST_FILES] for first in range(0, len(files), MOST_FILES)]

    def post_form(self, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> None:
        for batch in self.batches(files):
            self.post_batch(texts, batch)

    def post_batch(self, texts: Mapping[str, Any], batch: Sequence[GivenFile]) -> None:
        super().post_form(texts, batch)
