"""Clients that misbehave as programs."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.conformance.reference import ApiError, Headers, Reference
from tests.conformance.wrong_client import Wrong


class CrashesOnEmoji(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        if any(ord(char) > 0xFFFF for value in body.values() for char in str(value)):
            raise SystemExit(3)
        return super().encoded(body)


class Telemetry(Reference):
    """Reports to its maker what it does."""

    def path(self, operation: str) -> str:
        return "/telemetry" if self.is_reporting else super().path(operation)

    is_reporting = False

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        self.is_reporting = True
        super().exchange(operation, {"User-Agent": "reference/1.0"}, 2, iter([b"{}"]))
        self.is_reporting = False
        return super().exchange(operation, headers, length, content)


class PoisonedPool(Reference):
    """Loses a connection of its pool with each failure, and has none left in the end."""

    connections = 12

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        if PoisonedPool.connections <= 0:
            raise ApiError(None, "no connection is left")
        status, body = super().exchange(operation, headers, length, content)
        if status >= 400:
            PoisonedPool.connections -= 1
        return status, body


WRONG: tuple[Wrong, ...] = ()
