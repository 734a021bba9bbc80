"""Reads a multipart/form-data body as it streams in: counts and hashes files, keeps text, stops at a broken limit.

A push parser without I/O: feed it any cut of the bytes, and it gives the same parts.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from contracts.media import HEAD_BYTES
from contracts.stages import MULTIPART, TEXT_PART_SIZE

# RFC 2046 allows text before the first boundary; nobody needs more of it than this.
_PREAMBLE_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Part:
    """One part. A file has its size in bytes, SHA-256 and first bytes; anything else has its text."""

    name: str
    filename: str | None
    content_type: str
    size: int
    sha256: str = ""
    text: str = ""
    head: bytes = field(default=b"", repr=False)

    @property
    def is_file(self) -> bool:
        """Whether the part was sent as a file, with a file name of any kind."""
        return self.filename is not None


@dataclass(frozen=True, slots=True)
class Stop:
    """Why reading ended early: the check or the schema keyword that broke, with the limit that it has."""

    check: str
    got: str
    expected: str
    limit: int = 0


@dataclass(frozen=True, slots=True)
class FormLimits:
    """The bounds of one form: how many files its asset field takes, and the sizes of files and texts in bytes."""

    asset_field: str
    asset_count: int
    asset_bytes: int
    text_bytes: int
    parts: int


class _StopReadingError(Exception):
    """Leaves the parser from within a callback."""


class FormReader:
    """Takes the bytes of one body.

    `parts` holds what was complete so far, `stop` why reading ended early, if it did, `size` the bytes that came.
    """

    def __init__(self, content_type: str, limits: FormLimits) -> None:
        """Read the boundary out of a Content-Type header; a missing one ends the reading at once."""
        self.parts: list[Part] = []
        self.stop: Stop | None = None
        self.size = 0
        self._limits = limits
        self._complete = False
        self._preamble: bytearray | None = bytearray()
        self._assets = 0
        self._digest = hashlib.sha256()
        _, options = parse_options_header(content_type)
        self._boundary = options.get(b"boundary", b"")
        callbacks = {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }
        try:
            self._parser: Any = MultipartParser(self._boundary, callbacks)  # type: ignore[arg-type] # a typed dict there
        except MultipartParseError:
            self._malformed("a boundary that is too long")
        if not self._boundary:
            self._malformed("a Content-Type without boundary")

    def feed(self, data: bytes) -> Stop | None:
        """Take the next bytes; give the reason when this is as far as the body is to be read."""
        self.size += len(data)
        if self.stop is None and self._preamble is not None:
            data = self._skip_preamble(data)
        if self.stop is None and data:
            try:
                self._parser.write(data)
            except _StopReadingError:
                pass
            except MultipartParseError as error:
                self._malformed(str(error).lower())
        return self.stop

    def finish(self) -> Stop | None:
        """Say that the body has ended; give the reason when it is not a whole form."""
        if self.stop is None and not self._complete:
            self._malformed("a body that ends before its closing boundary")
        return self.stop

    def _malformed(self, got: str) -> None:
        self.stop = Stop(MULTIPART, got, "well-formed multipart/form-data")

    def _halt(self, check: str, got: str, expected: str, limit: int = 0) -> None:
        self.stop = Stop(check, got, expected, limit)
        raise _StopReadingError

    def _skip_preamble(self, data: bytes) -> bytes:
        """Hold back what stands before the first boundary, which the parser would not take."""
        held = self._preamble = (self._preamble or bytearray()) + data
        opening = b"--" + self._boundary
        at = 0 if held.startswith(opening) else held.find(b"\r\n" + opening) + 2
        if at > 1 or held.startswith(opening):
            self._preamble = None
            return bytes(held[at:])
        if len(held) > _PREAMBLE_BYTES:
            self._malformed("no boundary at the beginning of the body")
        return b""

    def _on_part_begin(self) -> None:
        if len(self.parts) >= self._limits.parts:
            self._halt(MULTIPART, f"more than {self._limits.parts} parts", f"at most {self._limits.parts} parts")
        self._headers: dict[str, str] = {}
        self._header_field = b""
        self._header_value = b""
        self._size = 0
        self._head = b""
        self._text = bytearray()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header_field.decode("latin-1").lower()] = self._header_value.decode("utf-8", "replace")
        self._header_field = self._header_value = b""

    def _on_headers_finished(self) -> None:
        disposition = self._headers.get("content-disposition", "")
        _, options = parse_options_header(disposition)
        if b"name" not in options:
            self._halt(MULTIPART, "a part without a name", "a name in every part's Content-Disposition")
        self._name = options[b"name"].decode("utf-8", "replace")
        filename = options.get(b"filename")
        # Older clients send only the extended form for a name beyond ASCII; that is a file all the same.
        extended = filename is None and "filename*=" in disposition.replace(" ", "").lower()
        self._filename = _extended_name(disposition) if extended else _text_or_none(filename)
        if self._filename is not None:
            self._digest = hashlib.sha256()
            self._count_asset()

    def _count_asset(self) -> None:
        if self._name != self._limits.asset_field:
            return
        self._assets += 1
        limit = self._limits.asset_count
        if self._assets > limit:
            self._halt("maxItems", f"a file number {self._assets}", f"at most {limit}", limit)

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        piece = memoryview(data)[start:end]
        self._size += end - start
        if self._filename is None:
            if self._size > self._limits.text_bytes:
                limit = self._limits.text_bytes
                self._halt(TEXT_PART_SIZE, f"{self._name} with more than {limit} bytes", f"at most {limit} bytes")
            self._text += piece
            return
        if self._size > self._limits.asset_bytes and self._name == self._limits.asset_field:
            limit = self._limits.asset_bytes
            self._halt("maxLength", f"{self._filename!r} with more than {limit} bytes", f"at most {limit} bytes", limit)
        if len(self._head) < HEAD_BYTES:
            self._head += bytes(piece[: HEAD_BYTES - len(self._head)])
        self._digest.update(piece)

    def _on_part_end(self) -> None:
        is_file = self._filename is not None
        self.parts.append(
            Part(
                name=self._name,
                filename=self._filename,
                content_type=self._headers.get("content-type", "").partition(";")[0].strip().lower(),
                size=self._size,
                sha256=self._digest.hexdigest() if is_file else "",
                text=self._text.decode("utf-8", "replace"),
                head=self._head,
            )
        )

    def _on_end(self) -> None:
        self._complete = True


def _text_or_none(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


def _extended_name(disposition: str) -> str:
    """Read the file name out of `filename*=UTF-8''...` (RFC 5987); names are data, so no fault of theirs matters."""
    value = disposition.lower().rindex("filename*")
    text = disposition[value:].partition("=")[2].partition(";")[0].strip()
    return unquote(text.rpartition("'")[2])
