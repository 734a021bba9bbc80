"""The bare ASGI app: reads the body, throws it away, and answers the same whatever came.

It imports nothing, so that what it costs to start and to keep is the server's.
"""

from collections.abc import Awaitable, Callable
from typing import Any

_BODY = b'{"statusCode":200,"message":"Taken.","data":null}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]


async def app(
    _: dict[str, Any],  # Any: what ASGI hands over
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Serve one request."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})
