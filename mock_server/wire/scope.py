"""What ASGI is told of a connection and of each request on it."""

import asyncio
import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

from mock_server.wire.heads import Headers, Malformed

_ABSOLUTE = re.compile(rb"https?://[\w.~%:@\[\]!$&'()*+,;=-]+(?=[/?#]|$)", re.IGNORECASE)


def connection_scope(transport: asyncio.Transport, config: Config) -> Scope:
    """Give what is the same for all requests of a connection."""
    return {
        "type": "http",
        "asgi": {"version": config.asgi_version, "spec_version": "2.3"},
        "server": get_local_addr(transport),
        "client": get_remote_addr(transport),
        "scheme": "https" if is_ssl(transport) else "http",
        "root_path": config.root_path,
    }


def request_scope(
    base: Scope, state: dict[str, Any], method: str, target: bytes, version: str, headers: Headers
) -> Scope:
    """Give the scope of one request; raises `Malformed` for a target that names nothing here."""
    path, raw_path, query = split_target(target)
    root: str = base["root_path"]
    return {
        **base,
        "http_version": version,
        "method": method,
        "path": root + path,
        "raw_path": root.encode() + raw_path,
        "query_string": query,
        "headers": headers,
        "state": state.copy(),
    }


# Most targets come again and again; the journal keeps thousands of requests, and these share what they are split into.
@lru_cache(maxsize=64)
def split_target(target: bytes) -> tuple[str, bytes, bytes]:
    """Give the path, the path as it was sent, and the query of a target in origin or absolute form."""
    if not target.startswith(b"/"):
        target = _origin_form(target)
    if b"#" in target:
        raise Malformed("a fragment in the target")
    raw_path, _, query = target.partition(b"?")
    path = raw_path.decode("ascii")
    return (unquote(path) if "%" in path else path), raw_path, query


def _origin_form(target: bytes) -> bytes:
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        raise Malformed("a target that is neither a path nor an absolute URL")
    rest = target[absolute.end() :]
    return rest if rest.startswith(b"/") else b"/" + rest
