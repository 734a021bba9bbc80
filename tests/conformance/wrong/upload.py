"""Clients that get uploads wrong."""

import base64
import contextlib
import http.client
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from conformance.clients.client import Config, GivenFile
from tests.conformance.batching import Batching
from tests.conformance.reference import MOST_BYTES, MOST_FILES, ApiError, Headers, Reference, Refused
from tests.conformance.wrong_client import Wrong

LARGE = "only profiles with large files find it"


# The form


class JsonBase64Upload(Reference):
    def post_form(self, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> None:
        assets = [base64.b64encode(file.path.read_bytes()).decode() for file in files]
        content = json.dumps({**texts, "assets": assets}).encode()
        self.attempts("giftAssets", lambda: (self.json_headers(), len(content), iter([content])))


class NoFinalBoundary(Reference):
    def closing(self, _boundary: str) -> bytes:
        return b""


class StaleBoundary(Reference):
    """Writes each body with the boundary of its first one."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first = ""

    def form(self, boundary: str, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> Iterator[bytes | GivenFile]:
        self.first = self.first or boundary
        return super().form(self.first, texts, files)


class FixedBoundary(Reference):
    def boundary(self) -> str:
        return "----WebKitFormBoundary7MA4YWxkTrZu0gW"


class UserIdMissing(Reference):
    def form(self, boundary: str, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> Iterator[bytes | GivenFile]:
        return super().form(boundary, {"eventId": texts["eventId"]}, files)


class UserIdTwice(Reference):
    def form(self, boundary: str, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> Iterator[bytes | GivenFile]:
        yield next(super().form(boundary, texts, files))
        yield from super().form(boundary, texts, files)


class EventIdMissing(Reference):
    def form(self, boundary: str, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> Iterator[bytes | GivenFile]:
        return super().form(boundary, {"userId": texts["userId"]}, files)


class UserIdTrimmedOfZeros(Reference):
    def form(self, boundary: str, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> Iterator[bytes | GivenFile]:
        return super().form(boundary, {**texts, "userId": texts["userId"].lstrip("0") or "0"}, files)


class EventIdNumberRepr(Reference):
    def form(self, boundary: str, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> Iterator[bytes | GivenFile]:
        event = texts["eventId"]
        with contextlib.suppress(ValueError):
            event = repr(float(event))
        return super().form(boundary, {**texts, "eventId": event}, files)


class IndexedNames(Reference):
    def file_field(self, number: int) -> str:
        return f"assets[{number}]"


class NoFilename(Reference):
    def file_name(self, _file: GivenFile) -> str:
        return ""


# The limits


class EmptyUpload(Reference):
    def check_count(self, files: Sequence[GivenFile]) -> None:
        if len(files) > MOST_FILES:
            raise Refused(f"{len(files)} files")


class NoCountLimit(Reference):
    def check_count(self, files: Sequence[GivenFile]) -> None:
        if not files:
            raise Refused("no files")


class NoSizeLimit(Reference):
    def check_file(self, file: GivenFile) -> None:
        if file.size <= MOST_BYTES:
            super().check_file(file)


class UploadThenFail(NoSizeLimit):
    """Notices that a file is too large when it has sent a part of it, and sends no more."""

    def contents(self, pieces: Sequence[bytes | GivenFile]) -> Iterator[bytes]:
        for piece in pieces:
            if isinstance(piece, GivenFile) and piece.size > MOST_BYTES:
                yield next(self.read(piece.path))
                raise Refused(f"{piece.name!r}: {piece.size} bytes")
            yield from super().contents([piece])

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        base = urlsplit(self.config.base_url)
        with closing(http.client.HTTPConnection(base.netloc, timeout=self.timeout)) as connection:
            connection.putrequest("POST", base.path.rstrip("/") + self.path(operation))
            for name, value in {**headers, "Content-Length": str(length)}.items():
                connection.putheader(name, value)
            connection.endheaders()
            try:
                for chunk in content:
                    connection.send(chunk)
            except Refused:
                # Says that no more will come, and waits until the other side has noticed.
                connection.sock.shutdown(socket.SHUT_WR)
            response = connection.getresponse()
            return response.status, response.read()


class OffByOne(Reference):
    def check_file(self, file: GivenFile) -> None:
        if file.size >= MOST_BYTES:
            raise Refused(f"{file.name!r}: {file.size} bytes")
        super().check_file(file)


class OffByOneDecimal(Reference):
    def check_file(self, file: GivenFile) -> None:
        if file.size >= 50_000_000:
            raise Refused(f"{file.name!r}: {file.size} bytes")
        super().check_file(file)


# The files


class SplitLosesLast(Batching):
    def batches(self, files: Sequence[GivenFile]) -> Sequence[Sequence[GivenFile]]:
        found = super().batches(files)
        return [batch for batch in found if len(batch) == MOST_FILES] or found


class FirstTenOnly(Batching):
    def batches(self, files: Sequence[GivenFile]) -> Sequence[Sequence[GivenFile]]:
        return super().batches(files)[:1]


class SplitForgetsFailure(Batching):
    """Says that all is well when only the last upload was."""

    def post_form(self, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> None:
        *others, last = self.batches(files)
        for batch in others:
            with contextlib.suppress(ApiError):
                self.post_batch(texts, batch)
        self.post_batch(texts, last)


class OverlappingBatches(Batching):
    def batches(self, files: Sequence[GivenFile]) -> Sequence[Sequence[GivenFile]]:
        step = MOST_FILES - 1 if len(files) > MOST_FILES else MOST_FILES
        return [files[first : first + MOST_FILES] for first in range(0, len(files), step)]


class Reading(Reference):
    """Reads files before it writes them into the form, and makes something of them."""

    def made(self, content: bytes) -> bytes:
        return content

    def form(self, boundary: str, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> Iterator[bytes | GivenFile]:
        for piece in super().form(boundary, texts, files):
            yield self.made(piece.path.read_bytes()) if isinstance(piece, GivenFile) else piece


class TextMode(Reading):
    def made(self, content: bytes) -> bytes:
        return content.decode("utf-8", "replace").encode()


class CrlfTranslate(Reading):
    def made(self, content: bytes) -> bytes:
        return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class LosesLastByte(Reading):
    def made(self, content: bytes) -> bytes:
        return content[:-1]


class HeaderInjection(Reference):
    def file_name(self, file: GivenFile) -> str:
        bare = file.name.replace("\\", "/").rpartition("/")[2]
        return f'; filename="{bare}"'


class Latin1Filename(Reference):
    def file_head_bytes(self, head: str) -> bytes:
        return head.encode("latin-1", "replace")


class FullPath(Reference):
    def file_name(self, file: GivenFile) -> str:
        return f'; filename="{file.path}"'


class EncodedWord(Reference):
    def file_name(self, file: GivenFile) -> str:
        if file.name.isascii():
            return super().file_name(file)
        return f'; filename="=?utf-8?B?{base64.b64encode(file.name.encode()).decode()}?="'


class AlwaysOctet(Reference):
    def file_type(self, _file: GivenFile) -> str:
        return "application/octet-stream"


class AlwaysText(Reference):
    def file_type(self, _file: GivenFile) -> str:
        return "text/plain"


class SortedFiles(Reference):
    def post_form(self, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> None:
        super().post_form(texts, sorted(files, key=lambda file: file.name))


WRONG: tuple[Wrong, ...] = (
    Wrong(JsonBase64Upload, {"U-01": "the body is JSON"}),
    Wrong(NoFinalBoundary, {"U-01": "the form never ends"}),
    Wrong(
        StaleBoundary,
        {"U-16": "the body has an earlier boundary", "U-01": "so nobody finds the parts of the second upload"},
    ),
    Wrong(
        FixedBoundary,
        {"U-16.inside": "a file holds the boundary", "U-01": "what stands behind it is read as the head of a part"},
    ),
    Wrong(UserIdMissing, {"U-02": "no userId", "U-02.given": "the caller gave one"}),
    Wrong(UserIdTwice, {"U-02": "two parts userId", "U-02.given": "the caller gave one"}),
    Wrong(EventIdMissing, {"U-03": "no eventId", "U-03.given": "the caller gave one"}),
    Wrong(UserIdTrimmedOfZeros, {"U-02.given": "0042 is sent as 42"}),
    Wrong(EventIdNumberRepr, {"U-03.given": "0042 is sent as 42.0"}),
    Wrong(IndexedNames, {"U-10": "assets[0] in place of assets", "O-10": "which is a field that no document names"}),
    Wrong(NoFilename, {"U-11": "files are sent as texts", "O-14": "for which more than 64 KiB are too much"}),
    Wrong(EmptyUpload, {"U-04": "an upload without files"}),
    Wrong(NoCountLimit, {"U-05": "eleven files in one upload"}),
    Wrong(
        NoSizeLimit,
        {"U-07": "a file of one byte too many", "U-08": "it is sent before anybody refuses it"},
        slow=LARGE,
    ),
    Wrong(UploadThenFail, {"U-08": "a part of the file was sent"}, slow=LARGE),
    Wrong(OffByOne, {"U-09": "50 MiB are refused, and one byte less is not"}, slow=LARGE),
    Wrong(OffByOneDecimal, {"U-09": "50 MB are refused by either reading"}, slow=LARGE),
    Wrong(SplitLosesLast, {"U-06": "the last files never arrive, and the caller is told that they did"}),
    Wrong(FirstTenOnly, {"U-06": "only the first ten files arrive, and the caller is told that all did"}),
    Wrong(SplitForgetsFailure, {"U-06": "the second of three uploads is refused, and the caller is not told"}),
    Wrong(OverlappingBatches, {"U-06": "the last file of an upload is the first of the next as well"}),
    Wrong(TextMode, {"U-12": "bytes that are no UTF-8 are replaced"}),
    Wrong(CrlfTranslate, {"U-12": "line ends are changed"}),
    Wrong(LosesLastByte, {"U-12": "a byte is missing"}),
    Wrong(
        HeaderInjection,
        {
            "U-13": "a quote ends the name",
            "U-01": "a line break ends the header in the middle",
            "U-02": "a name makes a second userId of the file",
        },
    ),
    Wrong(Latin1Filename, {"U-14": "the name is in Latin-1"}),
    Wrong(FullPath, {"U-14": "the folders are told"}),
    Wrong(EncodedWord, {"U-14": "the name is an encoded word"}),
    Wrong(AlwaysOctet, {"U-15.given": "the type is not passed on"}),
    Wrong(AlwaysText, {"U-15": "pictures are declared as text"}),
    Wrong(SortedFiles, {"U-17": "the files are sorted by name"}),
)
