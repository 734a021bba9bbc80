"""What the wire asks of the fake."""

from typing import Protocol


class Edge(Protocol):
    """What the wire needs of the fake for requests that never reach the application."""

    @property
    def header_bytes(self) -> int:
        """The bound on request line and headers."""

    @property
    def header_seconds(self) -> float:
        """The time from the first byte of a request, or from the connection's start, to the end of its headers."""

    @property
    def body_seconds(self) -> float:
        """The time from the end of a head to the end of its body."""

    @property
    def failure(self) -> bytes:
        """The JSON body of the answer with status 500, for when the application fails."""

    def refuse(self, check: str, got: str, client: tuple[str, int] | None) -> bytes:
        """Record it, and give the whole HTTP/1.1 response.

        That is status line, headers with content-length and `connection: close`, and body.
        """
