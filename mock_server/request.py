"""A request as ASGI hands it over: what its head says, and its body piece by piece."""

from starlette.types import Receive, Scope

from contracts.head import Head

Texts = tuple[str, ...]

_READ = frozenset(
    {
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"transfer-encoding",
        b"expect",
        b"x-forwarded-for",
        b"prefer",
    }
)


class ClientLeftError(Exception):
    """The client closed the connection before its request was whole."""


class Request:
    """The request of one ASGI scope: its head, and its body piece by piece.

    `head_size` is about how many bytes its head takes, as far as a client can make it larger.
    """

    # What most requests leave as it is stands here, and is not set for each of them.
    complete = False
    broken = ""
    late = False
    declared_size = 0
    content_types: Texts = ()
    forwarded: Texts = ()
    preferences: Texts = ()
    keys: Texts = ()
    _encodings: Texts = ()
    _chunked = _expects = _asked = False

    def __init__(self, scope: Scope, receive: Receive, key_header: bytes) -> None:
        self.receive = receive
        self.method: str = scope["method"]
        # As it was sent: an encoded slash separates nothing, and an encoded ? begins no query.
        raw_path: bytes = scope["raw_path"]
        self.path: str = raw_path.decode("latin-1") if b"%" in raw_path else scope["path"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        client = scope["client"]
        self.peer: str = client[0] if client else ""
        query: bytes = scope["query_string"]
        self.query = query.decode("latin-1") if query else ""
        size = len(self.path) + len(query)
        for name, value in self.headers:
            size += len(name) + len(value)
            if name == key_header:
                self.keys += (value.decode("latin-1"),)
            elif name in _READ:
                self._read(name, value)
        self.head_size = size

    def _read(self, name: bytes, value: bytes) -> None:
        if name == b"content-type":
            self.content_types += (value.decode("latin-1"),)
        elif name == b"content-length":
            self.declared_size = int(value)
        elif name == b"content-encoding":
            self._encodings += (value.decode("latin-1"),)
        elif name == b"transfer-encoding":
            self._chunked = True
        elif name == b"expect":
            self._expects = value.lower() == b"100-continue"
        elif name == b"x-forwarded-for":
            self.forwarded += (value.decode("latin-1"),)
        elif name == b"prefer":
            self.preferences += (value.decode("latin-1"),)

    def head(self, address: str) -> Head:
        """Give what the head says, for a caller at `address`."""
        return Head(self.keys, address, self.content_types, self._encodings)

    @property
    def has_more(self) -> bool:
        """Whether a part of the body was not read yet."""
        return not self.complete and (self.declared_size > 0 or self._chunked)

    @property
    def waits_for_go_ahead(self) -> bool:
        """Whether the client asked before sending its body, and got no leave so far."""
        return self._expects and not self._asked

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
