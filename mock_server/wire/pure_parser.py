"""The parser on h11, for everywhere."""

import re

import h11

from mock_server.wire.heads import METHODS, Malformed, header
from mock_server.wire.parsing import Sink

_BLANK_LINE = re.compile(rb"\n\r?\n")
_REQUEST_LINE = re.compile(rb"[A-Z-]+ +[!-~]+ HTTP/[0-9]\.[0-9]\r\n")
# What h11 lets pass and httptools does not: bare LF or CR, folded lines, control characters.
_ILLEGAL = re.compile(rb"(?<!\r)\n|\n[ \t]|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# A list of lengths counts as several.
_LENGTHS = re.compile(rb"(?:\ncontent-length:|(?<=\ncontent-length:)[^\r]*,)", re.IGNORECASE)
_LONGEST_METHOD = max(map(len, METHODS)) + 1


class PureParser:
    """h11, for reading only: it is given whole heads, and a new connection of its own for each request."""

    def __init__(self, sink: Sink) -> None:
        self.partial = False
        self._sink = sink
        self._head = bytearray()
        self._body: h11.Connection | None = None

    def feed(self, data: bytes) -> None:
        """Read on; raises `Malformed`."""
        rest = data
        while rest:
            rest = self._read_head(rest) if self._body is None else self._read_body(self._body, rest)

    def drop(self) -> None:
        """Let go of the sink."""
        del self._sink

    def _read_head(self, data: bytes) -> bytes:
        """Collect a head and hand it on when it is whole; give what follows it."""
        head = self._head
        if not head:
            data = data.lstrip(b"\r\n")
        searched = max(0, len(head) - 3)
        head += data
        end = _BLANK_LINE.search(head, searched)
        if not _begins_well(head):
            raise Malformed("not HTTP/1.1: no request line")
        self.partial = bool(head) and end is None
        if end is None:
            return b""
        whole, rest = bytes(head[: end.end()]), bytes(head[end.end() :])
        head.clear()
        if _ILLEGAL.search(whole):
            raise Malformed("not HTTP/1.1: a line end or a character that no header may have")
        # h11 makes one of several that say the same.
        if len(_LENGTHS.findall(whole)) > 1:
            raise Malformed("several content-length headers")
        self._tell_head(whole)
        return rest

    def _tell_head(self, head: bytes) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=len(head) + (1 << 18))
        connection.receive_data(head)
        request = _next_event(connection)
        if not isinstance(request, h11.Request):
            raise Malformed("not HTTP/1.1: no request")
        version = request.http_version.decode()
        headers = tuple(header(name, value) for name, value in request.headers)
        self._sink.on_head(request.method.decode(), request.target, version, headers)
        self._body = connection
        self._read_body(connection, b"")

    def _read_body(self, connection: h11.Connection, data: bytes) -> bytes:
        """Hand on what is there of a body; give what follows its end."""
        if data:
            connection.receive_data(data)
        while True:
            event = _next_event(connection)
            if isinstance(event, h11.Data):
                self._sink.on_body(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._body = None
                self._sink.on_end()
                return connection.trailing_data[0]
            else:
                return b""


def _begins_well(head: bytearray) -> bool:
    """Say whether a request may begin like this; what is none should not have to wait for its end."""
    if b"\n" in head:
        return _REQUEST_LINE.match(head) is not None
    method, blank, _ = head[:_LONGEST_METHOD].decode("latin-1").partition(" ")
    return method in METHODS if blank else any(known.startswith(method) for known in METHODS)


def _next_event(connection: h11.Connection) -> object:
    try:
        return connection.next_event()
    except h11.RemoteProtocolError as error:
        # Behind the colon h11 quotes what was sent; that may be a secret.
        raise Malformed(f"not HTTP/1.1: {str(error).partition(':')[0]}") from error
