"""Tells those who wait that the journal holds something new."""

import asyncio

# Told after so many seconds, so that a flood of requests is told at once.
_TOLD_SECONDS = 0.005
# How often those look who have to see what other workers take, of which nobody tells them.
_LOOK_SECONDS = 0.1


class News:
    """Wakes whoever waits for a request. `shared` says that other workers take requests as well."""

    def __init__(self, *, shared: bool) -> None:
        self._shared = shared
        self._waiters: list[asyncio.Future[None]] = []
        self._telling = False

    async def wait(self, seconds: float) -> None:
        """Wait until there is something new, or until the time is over; may return before either."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await asyncio.wait([waiter], timeout=min(seconds, _LOOK_SECONDS) if self._shared else seconds)
        finally:
            # Whoever waited may have gone.
            if not waiter.done():
                self._waiters.remove(waiter)

    def tell(self) -> None:
        """Say that there is something new."""
        if self._waiters and not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_later(_TOLD_SECONDS, self._tell_all)

    def _tell_all(self) -> None:
        waiting, self._waiters, self._telling = self._waiters, [], False
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)
