"""An answer as bytes: its status line and headers, and the framing of its body."""

import re
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus

Header = tuple[bytes, bytes]

_FIELDS = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\x00-\x08\x0a-\x1f\x7f]*\r\n)*")
_FRAMES = frozenset({b"content-length", b"transfer-encoding", b"connection"})
_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class Framing:
    """How the end of one answer is told: by its length, by chunks, or by the end of the connection."""

    # One of these is built for every answer.
    __slots__ = ("_chunked", "_left", "_silent", "keep_alive")

    def __init__(self, method: str, *, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self._silent = method == "HEAD"
        self._chunked = False
        self._left: int | None = None

    def head(self, status: int, headers: Iterable[Header], defaults: list[Header], *, knows_chunks: bool) -> bytes:
        """Give status line and headers, with those added that the framing needs."""
        lines = self._read(headers)
        if self._silent or status in _WITHOUT_BODY:
            self._chunked, self._left = False, 0
        elif self._left is None and not self._chunked and knows_chunks:
            self._chunked = True
            lines.append(b"transfer-encoding: chunked\r\n")
        elif self._left is None and not self._chunked:
            self.keep_alive = False
        fields = b"".join(lines)
        if not _FIELDS.fullmatch(fields):
            raise RuntimeError("a header of the answer has a character that no header may have")
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        return b"".join((_status_line(status), _default_fields(tuple(defaults)), fields, end))

    def _read(self, headers: Iterable[Header]) -> list[bytes]:
        """Write the headers, and note what they say of the framing."""
        lines = []
        for raw_name, value in headers:
            name = raw_name.lower()
            if name not in _FRAMES or not self._ends(name, value):
                lines.append(b"%b: %b\r\n" % (name, value))
        return lines

    def _ends(self, name: bytes, value: bytes) -> bool:
        """Note what a header says of the framing. A `connection: close` is left to the end, to be there once."""
        if name == b"content-length":
            self._left = int(value)
        elif name == b"transfer-encoding":
            self._chunked = value.lower() == b"chunked"
        elif b"close" in value.lower():
            self.keep_alive = False
            return True
        return False

    def body(self, part: bytes, *, more: bool) -> bytes:
        """Give one part of the body as it goes over the wire."""
        if self._silent:
            return b""
        if self._chunked:
            chunk = b"%x\r\n%b\r\n" % (len(part), part) if part else b""
            return chunk if more else chunk + b"0\r\n\r\n"
        if self._left is not None:
            self._left -= len(part)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("the body of the answer has not the size that content-length says")
        return part


@lru_cache(maxsize=256)
def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


# The same for every answer of a second.
@lru_cache(maxsize=4)
def _default_fields(headers: tuple[Header, ...]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)
