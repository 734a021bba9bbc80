"""The client with Python's own http.client."""

import http.client
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import distinct
import rules


class Client(distinct.Client):
    """Makes a connection for each request, and writes its forms itself, piece by piece from the files."""

    def exchange(self, url: str, fields: rules.Fields, files: Sequence[Any]) -> tuple[int, bytes]:
        """Send one request."""
        pieces, kind = form(fields, files) if files else ([distinct.json_body(fields)], "application/json")
        length = sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces)
        headers = {**self.headers, "Content-Type": kind, "Content-Length": str(length)}
        parts = urlsplit(url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        connection = kinds[parts.scheme](parts.netloc, timeout=self.timeout)
        try:
            send(connection, parts.path, headers, contents(pieces))
            answer = connection.getresponse()
            return answer.status, whole(answer)
        except (OSError, http.client.HTTPException) as error:
            raise distinct.ApiError(None, f"no answer: {type(error).__name__}") from None
        finally:
            connection.close()


def send(connection: http.client.HTTPConnection, path: str, headers: dict[str, str], content: Iterator[bytes]) -> None:
    """Send a request, as much of it as is wanted: the API may have answered before the end."""
    connection.putrequest("POST", path)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    try:
        for chunk in content:
            connection.send(chunk)
    except (BrokenPipeError, ConnectionResetError):
        # What it answered may be there to read.
        return


def form(fields: rules.Fields, files: Sequence[Any]) -> tuple[list[Any], str]:
    """Give the pieces of a form, bytes and files, and its content type."""
    boundary = secrets.token_hex(16)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    pieces: list[Any] = [f'{head}{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    for file in files:
        name = rules.file_name(file.name).replace('"', "%22")
        pieces += [
            f'{head}assets"; filename="{name}"\r\nContent-Type: {file.content_type}\r\n\r\n'.encode(),
            file,
            b"\r\n",
        ]
    return [*pieces, f"--{boundary}--\r\n".encode()], f"multipart/form-data; boundary={boundary}"


def contents(pieces: Sequence[Any]) -> Iterator[bytes]:
    """Give the bytes of the pieces, a file's in chunks."""
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        with Path(piece.path).open("rb") as opened:
            while chunk := opened.read(1 << 18):
                yield chunk


def whole(answer: http.client.HTTPResponse) -> bytes:
    """Read the body of an answer, or what came of it."""
    try:
        return answer.read()
    except http.client.IncompleteRead as error:
        return error.partial


make = Client
