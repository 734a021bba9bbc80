"""What a connection asks of a parser, and what it is told by one.

A parser finds where heads, bodies and messages end. What a head may say is decided in `heads`, for all parsers.
"""

from typing import Protocol

from mock_server.wire.heads import Headers


class Sink(Protocol):
    """Who is told what a parser read, in this order for each request."""

    def on_head(self, method: str, target: bytes, version: str, headers: Headers) -> None:
        """Take a head; names are in lower case, and values without blanks around them."""

    def on_body(self, chunk: bytes) -> None:
        """Take a part of the body, without its framing."""

    def on_end(self) -> None:
        """Take note that the request is whole."""


class Parser(Protocol):
    """Reads requests out of bytes, however these are cut."""

    partial: bool
    """Whether it holds the beginning of a head."""

    def __init__(self, sink: Sink) -> None: ...

    def feed(self, data: bytes) -> None:
        """Read on; raises `Malformed`, after which nothing more may be fed."""

    def drop(self) -> None:
        """Let go of the sink: parser and sink hold one another."""
