"""Stores what comes in during one round of the event loop in one go."""

import asyncio
from collections.abc import Callable


class Rounds:
    """Calls `store` once for all who wait in a round, and hands them what it raises."""

    def __init__(self, store: Callable[[], None]) -> None:
        self._store = store
        self._waiting: list[asyncio.Future[None]] = []

    async def settled(self) -> None:
        """Wait until what there is now was stored."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._settle)
        stored = loop.create_future()
        self._waiting.append(stored)
        await stored

    def _settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        failure: Exception | None = None
        try:
            self._store()
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            failure = error
        for one in waiting:
            if one.done():
                continue
            if failure is None:
                one.set_result(None)
            else:
                one.set_exception(failure)
