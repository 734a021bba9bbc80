"""What a fake does beside answering: keeps its journal tidy, watches its files, ends as an orphan, and then closes."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from mock_server.fake import Fake
from mock_server.watching import Watcher

_PAUSE_SECONDS = 0.2

_log = logging.getLogger(__name__)


class Keeper:
    """The lifespan of a fake, as an ASGI application.

    `renew` is called when the fake has another contract, `prepare` soon after the start, for what can wait until then.
    """

    def __init__(self, fake: Fake, renew: Callable[[], None], prepare: Callable[[], Awaitable[None]]) -> None:
        self._fake = fake
        self._prepare = prepare
        self._watcher = Watcher(fake, renew) if fake.settings.watch else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Live from the server's start to its end."""
        await receive()
        tasks = [asyncio.create_task(self._keep())]
        if self._watcher is not None:
            tasks.append(asyncio.create_task(self._watcher.watch()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._fake.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _keep(self) -> None:
        await asyncio.sleep(_PAUSE_SECONDS)
        try:
            await self._prepare()
        except Exception:  # noqa: BLE001 - whatever it was
            # Whoever asks for it is told; the journal has to be kept all the same.
            _log.exception("the control API could not be loaded")
        more = False
        while True:
            await asyncio.sleep(0 if more else _PAUSE_SECONDS)
            if self._fake.settings.workers > 1 and _is_orphan():
                _log.error("the process that started this worker is gone, and the worker ends too")
                signal.raise_signal(signal.SIGTERM)
                return
            more = False
            try:
                more = self._fake.tidy()
            except Exception:  # noqa: BLE001 - whatever it was
                # It is tried again: nobody else would notice that this task has ended.
                _log.exception("the journal could not be tidied")


def _is_orphan() -> bool:
    """Whether the process that started this worker was killed: nobody else would end the worker then."""
    from multiprocessing import parent_process  # noqa: PLC0415 - only workers need it, and have loaded it

    parent = parent_process()
    return parent is not None and not parent.is_alive()
