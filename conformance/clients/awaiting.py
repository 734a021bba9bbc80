"""Runs what a client gives to be awaited, on one event loop for all of its calls."""

import asyncio
import contextlib
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
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result(_ENDING_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ENDING_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        # Whoever waits for them hears of it.
        await asyncio.wait(others, timeout=_ENDING_SECONDS)


async def _awaited(found: Awaitable[Any]) -> Any:  # noqa: ANN401 - the user's
    return await found
