"""Starts and stops a fake: as this process, with workers, or in a thread. The door of the package."""

import asyncio
import contextlib
import socket
import tempfile
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO, TypeVar

import uvicorn

from contracts.world import Key
from mock_server.app import Application
from mock_server.building import build_fake, log_to
from mock_server.catalogue import plain_key
from mock_server.fake import Fake
from mock_server.listening import listen, url_of
from mock_server.memory import keep_receive_buffers, spare_the_collector
from mock_server.protocol import protocol_class
from mock_server.settings import Settings

_GRACE_SECONDS = 5
_START_SECONDS = 10

_Given = TypeVar("_Given")


class FakeConfig(uvicorn.Config):
    """uvicorn's configuration of a fake. It builds the fake where it is loaded, so it can go to a worker process.

    `tuned` says whether the process is the fake's own, and its memory may be set up for serving.
    """

    def __init__(self, settings: Settings, url: str, *, tuned: bool) -> None:
        super().__init__(
            app="",
            interface="asgi3",
            loop="asyncio" if settings.pure_python else "auto",
            # load_app puts ours in its place; uvicorn's own would only be imported, which costs a start some time.
            http=asyncio.Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            workers=settings.workers,
            # Clients that pool connections keep them for about a minute; ours must not be the first to close.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
        )
        self.settings = settings
        self.url = url
        self.tuned = tuned
        self.fake: Fake | None = None

    def load_app(self) -> Any:  # noqa: ANN401 - uvicorn's signature
        """Build the fake, and the protocol class that is bound to it."""
        self.fake = build_fake(self.settings, self.url)
        self.http_protocol_class = protocol_class(self.fake, pure_python=self.settings.pure_python)
        if self.tuned:
            keep_receive_buffers()
            spare_the_collector()
        return Application(self.fake)


class Server(uvicorn.Server):
    """uvicorn's server, which says when it serves, and ends with exit status 0 when it is asked to."""

    def __init__(self, config: FakeConfig, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals as uvicorn does, but don't raise them again at the end: being stopped is no failure."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def run(settings: Settings, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until a signal says to stop; requests in flight are answered first."""
    with shared_journal(settings) as journal:
        config = FakeConfig(replace(settings, journal=journal), url_of(settings, listener), tuned=True)
        if settings.workers > 1:
            from uvicorn.supervisors import Multiprocess  # noqa: PLC0415 - one process needs no supervisor

            on_ready()
            Multiprocess(config, [listener]).run()
        else:
            Server(config, on_ready).run([listener])


@contextlib.contextmanager
def shared_journal(settings: Settings) -> Iterator[str | None]:
    """Give the file of the journal. Several workers need one, so for them it is made, and removed afterwards."""
    if settings.workers == 1 or settings.journal is not None:
        yield settings.journal
        return
    with tempfile.TemporaryDirectory(prefix="distinct-mock-") as folder:
        yield str(Path(folder) / "journal")


@dataclass(frozen=True, slots=True)
class Running:
    """A fake that runs in a thread: where it is, what it has seen, and a key that may be used from this machine."""

    url: str
    fake: Fake
    loop: asyncio.AbstractEventLoop
    key: Key | None = None

    def call(self, work: Callable[[], _Given]) -> _Given:
        """Call a function where the fake runs, and give what it gives: nothing else may touch the fake meanwhile."""
        future: Future[_Given] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - it is told to the caller
                future.set_exception(error)

        # A coroutine would take a task and another future to tell of it, which takes several times as long.
        self.loop.call_soon_threadsafe(run)
        return future.result()

    def finished(self, coroutine: Coroutine[Any, Any, _Given]) -> _Given:
        """Run a coroutine there, for what has to wait."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()


@contextlib.contextmanager
def running(settings: Settings | None = None, log: TextIO | None = None) -> Iterator[Running]:
    """Run a fake in a thread of this process, on a free port of loopback unless the settings name one.

    `log` takes the log in place of stderr. A fake that fails is told with its own error: in a note to what the block
    raised, or by an error when it raised nothing.
    """
    chosen = settings or Settings(port=0, log_level="error")
    failures: list[BaseException] = []
    with contextlib.closing(listen(chosen)) as listener:
        url = url_of(chosen, listener)
        config = FakeConfig(replace(chosen, workers=1), url, tuned=False)
        config.load()
        fake = config.fake
        assert fake is not None  # noqa: S101 - load_app has made it
        if log is not None:
            fake.log = log_to(log, chosen, fake.worlds)
        key = plain_key(fake.world)
        try:
            with _serving_in_a_thread(config, listener, failures) as loop:
                yield Running(url, fake, loop, key)
        except BaseException as error:
            # What the block met is most likely its consequence.
            for failure in failures:
                error.add_note("the fake failed:\n" + "".join(traceback.format_exception(failure)).rstrip())
            raise
    if failures:
        raise RuntimeError("the fake failed while it ran") from failures[0]


@contextlib.contextmanager
def _serving_in_a_thread(
    config: FakeConfig, listener: socket.socket, failures: list[BaseException]
) -> Iterator[asyncio.AbstractEventLoop]:
    """Serve for as long as the block lasts, in the loop that is given; what ends it before that goes to `failures`."""
    ready = threading.Event()
    server = Server(config, ready.set)

    def serve() -> None:
        try:
            server.run([listener])
        except BaseException as error:  # noqa: BLE001 - told by the thread that uses the fake
            failures.append(error)
        finally:
            # One that nobody accepts from would keep clients waiting.
            listener.close()
            ready.set()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        if not ready.wait(timeout=_START_SECONDS) or not server.started or server.loop is None:
            raise RuntimeError(f"the fake did not start within {_START_SECONDS} s, or could not")
        yield server.loop
    finally:
        server.should_exit = True
        thread.join(timeout=_GRACE_SECONDS + 5)
