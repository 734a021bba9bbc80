"""A request as ASGI hands it over: what its head says, and its body piece by piece."""

from functools import lru_cache
from typing import NamedTuple

from starlette.types import Receive, Scope

from contracts.head import Head
from mock_server.wire.heads import Headers

Texts = tuple[str, ...]


class ClientLeftError(Exception):
    """The client closed the connection before its request was whole."""


class Said(NamedTuple):
    """What the headers of a request say; `size` is how many bytes they take, `length` what content-length says."""

    headers: Headers
    size: int
    keys: Texts
    content_types: Texts
    content_encodings: Texts
    forwarded: Texts
    preferences: Texts
    length: int
    is_chunked: bool
    expects: bool


# A client sends the same headers again and again; the journal keeps thousands of requests, and these share them.
@lru_cache(maxsize=64)
def read_headers(headers: Headers, key_header: bytes) -> Said:
    """Give what headers say, their names being in lower case; the key is in `key_header`."""
    size, found = 0, dict[bytes, Texts]()
    for name, value in headers:
        size += len(name) + len(value)
        found[name] = (*found.get(name, ()), value.decode("latin-1"))
    return Said(
        headers=headers,
        size=size,
        keys=found.get(key_header, ()),
        content_types=found.get(b"content-type", ()),
        content_encodings=found.get(b"content-encoding", ()),
        forwarded=found.get(b"x-forwarded-for", ()),
        preferences=found.get(b"prefer", ()),
        length=int(found.get(b"content-length", ("0",))[-1]),
        is_chunked=b"transfer-encoding" in found,
        expects=found.get(b"expect", ("",))[-1].lower() == "100-continue",
    )


class Request:
    """The request of one ASGI scope: its head, and its body piece by piece.

    `head_size` is about how many bytes its head takes, as far as a client can make it larger.
    """

    # What most requests leave as it is stands here, and is not set for each of them.
    complete = False
    broken = ""
    late = False
    _asked = False

    def __init__(self, scope: Scope, receive: Receive, key_header: bytes) -> None:
        self.receive = receive
        self.method: str = scope["method"]
        # As it was sent: an encoded slash separates nothing, and an encoded ? begins no query.
        raw_path: bytes = scope["raw_path"]
        self.path: str = raw_path.decode("latin-1") if b"%" in raw_path else scope["path"]
        client = scope["client"]
        self.peer: str = client[0] if client else ""
        query: bytes = scope["query_string"]
        self.query = query.decode("latin-1") if query else ""
        self.said = said = read_headers(tuple(scope["headers"]), key_header)
        self.head_size = len(self.path) + len(query) + said.size

    def head(self, address: str) -> Head:
        """Give what the head says, for a caller at `address`."""
        said = self.said
        return Head(said.keys, address, said.content_types, said.content_encodings)

    @property
    def has_more(self) -> bool:
        """Whether a part of the body was not read yet."""
        return not self.complete and (self.said.length > 0 or self.said.is_chunked)

    @property
    def waits_for_go_ahead(self) -> bool:
        """Whether the client asked before sending its body, and got no leave so far."""
        return self.said.expects and not self._asked

    async def next_chunk(self) -> bytes:
        """Read on; raises ClientLeftError when there is nobody to read from."""
        self._asked = True
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        self.complete = not message.get("more_body", False)
        if "broken" in message:
            # Our protocol says why when a body ends that is not whole.
            self.broken, self.late = message["broken"], message["late"]
        chunk: bytes = message.get("body", b"")
        return chunk

    async def rest(self, first: bytes, most: int) -> bytes:
        """Read to the end of the body, or until it has more than `most` bytes; gives it with its first piece."""
        body = bytearray(first)
        while not self.complete and len(body) <= most:
            body += await self.next_chunk()
        return bytes(body)
