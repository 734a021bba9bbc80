"""A wrong client that breaks several things: some always, some only where generated intents get to."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.reference import Reference


class SeveralFaults(Reference):
    """Sends null, checks little, and does not wait."""

    captureAnalytics = None  # type: ignore[assignment] # noqa: N815 - what it has not

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return super().encoded({"metadata": None, "eventValue": None, **body} if "phone" in body else body)

    def check_metadata(self, metadata: object) -> None:
        pass

    def check_file(self, file: Any) -> None:  # noqa: ANN401 - as the right one
        pass

    def wait(self, attempt: int) -> None:
        pass
