"""Runs what a client gives to be awaited, on one event loop for all of its calls."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable
from typing import Any

_ENDING_SECONDS = 3.0


class Loop:
    """An event loop in a thread of its own, which starts when it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def finished(self, found: Any) -> Any:  # noqa: ANN401 - what the user's code gives
        """Give what was found, or what comes of it when it has to be awaited."""
        if not inspect.isawaitable(found):
            return found
        return asyncio.run_coroutine_threadsafe(_awaited(found), self._running()).result()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
                self._thread.start()
            return self._loop

    def close(self) -> None:
        """End it; what still runs is left behind."""
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(_cancel_all, self._loop)
        self._thread.join(_ENDING_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
    # After the tasks had their turn to hear of it.
    loop.call_soon(loop.stop)


async def _awaited(found: Awaitable[Any]) -> Any:  # noqa: ANN401 - the user's
    return await found
