"""Clients that misbehave as programs."""

from collections.abc import Iterator

from tests.conformance.reference import Headers, Reference
from tests.conformance.wrong_client import Wrong


class Telemetry(Reference):
    """Reports to its maker what it does."""

    def path(self, operation: str) -> str:
        return "/telemetry" if operation == "telemetry" else super().path(operation)

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        super().exchange("telemetry", {"User-Agent": "reference/1.0"}, 2, iter([b"{}"]))
        return super().exchange(operation, headers, length, content)


# Those that hang, crash and lose their connections stand where their answers do.
WRONG: tuple[Wrong, ...] = (Wrong(Telemetry, {"P-03": "each call is reported to another path"}),)
