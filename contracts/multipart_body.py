"""Reads a multipart/form-data body as it streams in: counts and hashes files, keeps text, stops at a broken limit.

A push parser without I/O: feed it any cut of the bytes, and it gives the same parts.
"""

import hashlib
import logging
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from contracts.media import HEAD_BYTES
from contracts.stages import MULTIPART, TEXT_PART_SIZE

# RFC 2046 allows text before the first boundary; nobody needs more of it than this.
_PREAMBLE_BYTES = 65536
# A boundary is a whole line, which blanks may end: what RFC 2046 calls padding of the transport.
_LINE_END = re.compile(rb"[ \t]*(\r\n|--)")
_POSITION = re.compile(r" (at \d+|\(\d+\))$")
# The parser warns of every malformed body; whoever reads the form learns of it from `stop`.
_SILENT = logging.getLogger(f"{__name__}.parser")
_SILENT.disabled = True
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_EXTENDED = re.compile(r";\s*filename\*\s*=([^;]*)", re.IGNORECASE)


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
        self._preamble = b""
        self._is_open = False
        self._assets = 0
        self._digest = hashlib.sha256()
        # As bytes: no header brings text beyond Latin-1, and such text would raise.
        _, options = parse_options_header(content_type.encode("latin-1", "replace"))
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
        except FormParserError:
            self._malformed("a boundary that is too long")
        else:
            self._parser.logger = _SILENT
        if not self._boundary:
            self._malformed("a Content-Type without boundary")

    def feed(self, data: bytes) -> Stop | None:
        """Take the next bytes; give the reason when this is as far as the body is to be read."""
        self.size += len(data)
        if self.stop is None and not self._is_open:
            data = self._skip_preamble(data)
        if self.stop is None and data:
            try:
                self._parser.write(data)
            except _StopReadingError:
                pass
            except MultipartParseError as error:
                # The parser counts from the beginning of these bytes, which is wherever the network cut.
                at = self.size - len(data) + error.offset
                self._malformed(f"{_POSITION.sub('', str(error)).lower()}, at byte {at}")
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
        opening = b"--" + self._boundary
        held, self._preamble = self._preamble + data, b""
        at = held.find(opening)
        while at >= 0:
            end = _LINE_END.match(held, at + len(opening))
            if end and held[max(0, at - 2) : at] in {b"", b"\r\n"}:
                self._is_open = True
                return opening + held[end.start(1) :]
            at = held.find(opening, at + 1)
        if len(held) > _PREAMBLE_BYTES:
            self._malformed("no boundary at the beginning of the body")
        self._preamble = held
        return b""

    def _on_part_begin(self) -> None:
        if len(self.parts) >= self._limits.parts:
            self._halt(MULTIPART, f"more than {self._limits.parts} parts", f"at most {self._limits.parts} parts")
        self._headers: dict[bytes, bytes] = {}
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
        self._headers[self._header_field.lower()] = self._header_value
        self._header_field = self._header_value = b""

    def _on_headers_finished(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        _, options = parse_options_header(disposition)
        if b"name" not in options:
            self._halt(MULTIPART, "a part without a name", "a name in every part's Content-Disposition")
        self._name = options[b"name"].decode("utf-8", "replace")
        filename = options.get(b"filename")
        # Older clients send only the extended form for a name beyond ASCII; that is a file all the same.
        self._filename = _extended_name(disposition) if filename is None else filename.decode("utf-8", "replace")
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
                content_type=_media_type(self._headers.get(b"content-type", b"")),
                size=self._size,
                sha256=self._digest.hexdigest() if is_file else "",
                text=self._text.decode("utf-8", "replace"),
                head=self._head,
            )
        )

    def _on_end(self) -> None:
        self._complete = True


def _media_type(value: bytes) -> str:
    return value.partition(b";")[0].strip().lower().decode("latin-1")


def _extended_name(disposition: bytes) -> str | None:
    """Read the file name out of `filename*=UTF-8''...` (RFC 5987); names are data, so no fault of theirs matters."""
    found = _EXTENDED.search(_QUOTED.sub('""', disposition.decode("latin-1")))
    return unquote(found[1].strip().rpartition("'")[2]) if found else None
