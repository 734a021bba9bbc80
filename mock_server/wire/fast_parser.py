"""The parser on httptools, for where that is installed."""

from functools import lru_cache
from sys import intern
from typing import NamedTuple

import httptools

from mock_server.wire.heads import Headers, Malformed, header
from mock_server.wire.parsing import Sink

_HEAD_END = b"\r\n\r\n"
# Longer ones are not kept.
_KEPT_BYTES = 2048


class FastParser:
    """httptools, kept from leaving HTTP when a request offers an upgrade.

    Its parser takes such a request for the last one, and skips the body. Offers are declined here, as RFC 9110 lets
    a server do: a fresh parser is shown the head without the offer, and reads the body and whatever follows.

    The head of a request that comes in one piece is read by itself, and when it comes again, not at all.
    """

    def __init__(self, sink: Sink) -> None:
        self.partial = False
        self.on_body = sink.on_body
        self._sink = sink
        self._between_requests = True
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._offer: list[tuple[bytes, bytes]] | None = None
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Read on; raises `Malformed`."""
        if not (self._between_requests and self._tell_known(data)):
            self._read(data)

    def _read(self, data: bytes) -> None:
        rest: bytes | memoryview = data
        while rest:
            try:
                self._parser.feed_data(rest)
            except httptools.HttpParserUpgrade as switch:
                rest = memoryview(rest)[switch.args[0] :]
            except httptools.HttpParserError as error:
                raise _reason(error) from error
            else:
                return
            # Not while the switch is handled: that would take the place of the context that `_reason` looks at.
            self._decline()

    def _tell_known(self, data: bytes) -> bool:
        """Hand on what is one request and nothing else, unless it has to be read with its body."""
        begin = data.find(_HEAD_END) + len(_HEAD_END)
        if not len(_HEAD_END) < begin <= _KEPT_BYTES:
            return False
        head = _read_alone(data[:begin])
        if head is None or len(data) - begin != head.length:
            return False
        self._sink.on_head(head.method, head.target, head.version, head.headers)
        if head.length:
            self.on_body(data[begin:])
        self._sink.on_end()
        return True

    def drop(self) -> None:
        """Let go of the sink."""
        del self._parser, self._sink, self.on_body

    def _decline(self) -> None:
        """Read the head again, without the offer; the application is shown it as it was sent."""
        method, version = self._parser.get_method(), self._parser.get_http_version().encode()
        self._offer = self._headers
        lines = [b"%b: %b\r\n" % header for header in self._headers if header[0] != b"upgrade"]
        head = b"%b %b HTTP/%b\r\n%b\r\n" % (method, self._target, version, b"".join(lines))
        self._parser = httptools.HttpRequestParser(self)
        try:
            self._parser.feed_data(head)
        except httptools.HttpParserError as error:
            raise _reason(error) from error

    def on_message_begin(self) -> None:
        """Begin a head."""
        self.partial = True
        self._between_requests = False
        self._target = b""
        self._headers = []

    def on_url(self, part: bytes) -> None:
        """Collect the target."""
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header."""
        # Trailers come this way too, and are nobody's: nothing here trusts what follows a body.
        if self.partial:
            self._headers.append(header(name, value))

    def on_headers_complete(self) -> None:
        """Hand on the head, unless it is to be read again without its offer."""
        self.partial = False
        parser = self._parser
        method = intern(parser.get_method().decode("ascii"))
        if parser.should_upgrade() and method != "CONNECT":
            return
        headers, self._offer = self._offer or self._headers, None
        self._sink.on_head(method, self._target, parser.get_http_version(), tuple(headers))

    def on_message_complete(self) -> None:
        """Hand on the end, unless it is the parser leaving HTTP."""
        if not self._parser.should_upgrade():
            self._between_requests = True
            self._sink.on_end()


class _Head(NamedTuple):
    """A head, and how many bytes of a body follow it."""

    method: str
    target: bytes
    version: str
    headers: Headers
    length: int


class _Alone:
    """A sink for a head without its body."""

    head: _Head | None = None

    def on_head(self, method: str, target: bytes, version: str, headers: Headers) -> None:
        """Keep a head, unless more than a length says what follows it."""
        said = dict(headers)
        if method == "CONNECT" or b"transfer-encoding" in said:
            raise Malformed("a head that does not stand alone")
        self.head = _Head(method, target, version, headers, int(said.get(b"content-length", b"0")))

    def on_body(self, chunk: bytes) -> None:
        """Pass over a body."""

    def on_end(self) -> None:
        """Pass over an end."""


# A client sends the same head again and again, as long as its bodies are of one length.
@lru_cache(maxsize=64)
def _read_alone(data: bytes) -> _Head | None:
    """Read a head without its body; None for what is none, and where more than a length says what follows it."""
    alone = _Alone()
    parser = FastParser(alone)
    try:
        parser._read(data)  # noqa: SLF001 - `feed` would ask for the same head
    except Malformed:
        return None
    finally:
        parser.drop()
    return alone.head


def _reason(error: Exception) -> Malformed:
    """Say what was wrong. Errors of ours, raised inside of the parser's callbacks, come out wrapped."""
    inner = error.__context__
    if isinstance(error, httptools.HttpParserCallbackError) and inner is not None:
        if isinstance(inner, Malformed):
            return inner
        raise inner
    return Malformed(f"not HTTP/1.1: {error}")
