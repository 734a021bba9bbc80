"""What the head of a request must be before it is served, the same for every parser.

A parser hands over what it read. Whatever two parsers see differently is decided here, so that a client
meets the same fake with and without the compiled parser.
"""

from functools import lru_cache

Headers = tuple[tuple[bytes, bytes], ...]

# The methods that the compiled parser knows and that stand in HTTP/1.x; it cannot read any other.
_METHODS = """
ACL BIND CHECKOUT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH
POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE
"""
METHODS = frozenset(_METHODS.split())

# Two of one of these leave open where the request ends or whom it is for.
_SINGLE = frozenset({b"host", b"content-length", b"transfer-encoding"})
_WATCHED = _SINGLE | {b"connection", b"expect"}

# Longer lengths overflow a counter somewhere; a quintillion bytes will not come.
_LENGTH_DIGITS = 18


class Malformed(Exception):  # noqa: N818 - it names what the bytes are
    """Bytes that cannot be served. `check` and `got` are what the edge is told."""

    def __init__(self, got: str, check: str = "http") -> None:
        super().__init__(got)
        self.got = got
        self.check = check


# Most headers are in every request of a client; the journal keeps thousands of requests, and these share them.
@lru_cache(maxsize=128)
def header(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Give a header as it is judged: its name in lower case, its value without blanks behind it."""
    return name.lower(), value.rstrip(b" \t")


def head_size(method: str, target: bytes, headers: Headers) -> int:
    """Count the bytes of request line and headers when written plainly: one blank after a colon, CRLF after a line."""
    frame = len("  HTTP/1.1\r\n\r\n")
    return frame + len(method) + len(target) + sum(len(name) + len(value) + 4 for name, value in headers)


# Most heads come again and again. What is wrong is found anew each time.
@lru_cache(maxsize=64)
def agree(method: str, version: str, headers: Headers) -> tuple[bool, bool]:
    """Say whether the connection may go on after this request, and whether its client waits for 100 Continue.

    Raises `Malformed` where readers could differ on what the request is or where it ends.
    """
    if version not in {"1.1", "1.0"}:
        raise Malformed(f"HTTP/{version}, expected HTTP/1.1")
    if method not in METHODS:
        raise Malformed("a method that is not served")
    modern = version == "1.1"
    found = _watched(headers)
    if modern and b"host" not in found:
        raise Malformed("no Host header")
    _refuse_unclear_framing(found, modern=modern)
    if not modern:
        return False, False
    keep_alive = b"connection" not in found or not _has_token(found[b"connection"], b"close")
    return keep_alive, b"expect" in found and _has_token(found[b"expect"], b"100-continue")


def _watched(headers: Headers) -> dict[bytes, bytes]:
    """Pick the headers that say how the connection goes on; lists that came in several lines are joined."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in _WATCHED:
            continue
        if name not in found:
            found[name] = value
        elif name in _SINGLE:
            raise Malformed(f"several {name.decode()} headers")
        else:
            found[name] += b"," + value
    return found


def _refuse_unclear_framing(found: dict[bytes, bytes], *, modern: bool) -> None:
    length = found.get(b"content-length")
    coding = found.get(b"transfer-encoding")
    if length is not None and (not length.isdigit() or len(length) > _LENGTH_DIGITS):
        raise Malformed("a Content-Length that is not a number of bytes")
    if coding is None:
        return
    if length is not None:
        raise Malformed("both Content-Length and Transfer-Encoding")
    if coding.lower() != b"chunked" or not modern:
        raise Malformed("a Transfer-Encoding other than chunked in HTTP/1.1")


def _has_token(value: bytes, token: bytes) -> bool:
    return token in (part.strip() for part in value.lower().split(b","))
