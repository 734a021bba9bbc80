"""Ends what takes its time when its client leaves, or the server stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Send

Result = TypeVar("Result")


class LeftError(Exception):
    """The client left, or the server stops: nobody waits for the result any more."""


async def unless_left(send: Send, work: Coroutine[Any, Any, Result]) -> Result:
    """Do some work for as long as somebody waits for it; raises LeftError as soon as nobody does."""
    doing = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(send))
    try:
        await asyncio.wait((doing, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise LeftError
        return doing.result()
    finally:
        for task in (doing, leaving):
            task.cancel()
        # To cancel is only to ask; what a task still does must not run on beside the next request.
        await asyncio.gather(doing, leaving, return_exceptions=True)


async def _left(send: Send) -> None:
    # ASGI tells of a client that is gone, and not of one that has ended its side, as those that give up do first.
    try:
        await send({"type": "wire.wait", "seconds": None})
    except ConnectionError:
        return
