"""Starts and stops a fake: as this process, with workers, or in a thread. The door of the package."""

import contextlib
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from contracts.faults import ConfigError, Fault
from contracts.spec import load_contract
from contracts.world_file import load_world
from mock_server.app import Application
from mock_server.fake import Fake
from mock_server.journal import MemoryJournal
from mock_server.memory import keep_receive_buffers, spare_the_collector
from mock_server.protocol import protocol_class
from mock_server.request_log import RequestLog
from mock_server.settings import Settings

_BACKLOG = 2048
_GRACE_SECONDS = 5


def build_fake(settings: Settings) -> Fake:
    """Build a fake from its settings. Raises ConfigError for a spec or a world that cannot be used."""
    contract = load_contract(settings.spec)
    return Fake(
        contract=contract,
        world=load_world(settings.world, contract),
        journal=MemoryJournal(settings.journal_entries),
        log=RequestLog(sys.stderr, as_json=settings.log_json, level=settings.log_level),
        plain=settings.plain,
        trusted=settings.trusted,
        header_seconds=settings.header_seconds,
        body_seconds=settings.body_seconds,
    )


class FakeConfig(uvicorn.Config):
    """uvicorn's configuration of a fake. It builds the fake where it is loaded, so it can go to a worker process.

    `tuned` says whether the process is the fake's own, and its memory may be set up for serving.
    """

    def __init__(self, settings: Settings, *, tuned: bool) -> None:
        super().__init__(
            app="",
            interface="asgi3",
            loop="asyncio" if settings.pure_python else "auto",
            ws="none",
            lifespan="off",
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
        self.tuned = tuned
        self.fake: Fake | None = None

    def load_app(self) -> Any:  # noqa: ANN401 - uvicorn's signature
        """Build the fake, and the protocol class that is bound to it."""
        self.fake = build_fake(self.settings)
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

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals as uvicorn does, but don't raise them again at the end: being stopped is no failure."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def listen(settings: Settings) -> socket.socket:
    """Bind and listen, so that no client is refused from here on.

    Raises ConfigError for an address that can't be had.
    """
    place = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off on each connection.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([Fault(place, f"cannot listen there: {reason[0].lower()}{reason[1:]}")]) from None
    listener.setblocking(False)  # noqa: FBT003 - socket's signature
    return listener


def check_tls(settings: Settings) -> None:
    """Try the certificate and its key. Raises ConfigError that says which file is wrong."""
    if settings.tls_cert is None:
        return
    for file in filter(None, (settings.tls_cert, settings.tls_key)):
        try:
            with open(file, "rb"):  # noqa: PTH123 - only whether it can be
                pass
        except OSError as error:
            raise ConfigError([Fault(file, f"cannot be read: {(error.strerror or '').lower()}")]) from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (ssl.SSLError, OSError) as error:
        files = " with ".join(filter(None, (settings.tls_cert, settings.tls_key)))
        reason = getattr(error, "reason", None) or str(error)
        problem = f"no usable certificate and key in PEM form: {reason.lower().replace('_', ' ')}"
        raise ConfigError([Fault(files, problem)]) from None


def url_of(settings: Settings, listener: socket.socket) -> str:
    """Give the base URL under which a listening fake is reached."""
    host, port = listener.getsockname()[:2]
    if settings.host in {"", "0.0.0.0", "::"}:  # noqa: S104 - only compared
        host = "localhost"
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def run(settings: Settings, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until a signal says to stop; requests in flight are answered first."""
    config = FakeConfig(settings, tuned=True)
    if settings.workers > 1:
        on_ready()
        Multiprocess(config, [listener]).run()
    else:
        Server(config, on_ready).run([listener])


@dataclass(frozen=True, slots=True)
class Running:
    """A fake that runs in a thread: where it is, and what it has seen."""

    url: str
    fake: Fake


@contextlib.contextmanager
def running(settings: Settings | None = None) -> Iterator[Running]:
    """Run a fake in a thread of this process, on a free port of loopback unless the settings name one."""
    chosen = settings or Settings(port=0, log_level="error")
    listener = listen(chosen)
    ready = threading.Event()
    config = FakeConfig(replace(chosen, workers=1), tuned=False)
    config.load()
    server = Server(config, ready.set)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        if config.fake is None or not ready.wait(timeout=10):
            raise RuntimeError("the fake did not start within 10 s")
        yield Running(url_of(chosen, listener), config.fake)
    finally:
        server.should_exit = True
        thread.join(timeout=_GRACE_SECONDS + 5)
