"""A server with a small application that says what it saw, and a client that speaks bytes."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_server.protocol import protocol_class

JSON = (b"content-type", b"application/json")
PATIENCE = 10.0

HOST = b"Host: fake\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
GET = b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n"
GET_B = b"GET /b HTTP/1.1\r\n" + HOST + b"\r\n"
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"


def ask(path: str, method: str = "GET", version: str = "1.1") -> bytes:
    return f"{method} {path} HTTP/{version}\r\nHost: fake\r\n\r\n".encode()


def post(body: bytes, *headers: bytes, path: str = "/p") -> bytes:
    start = f"POST {path} HTTP/1.1\r\n".encode()
    return b"%b%bContent-Length: %d\r\n%b\r\n%b" % (start, HOST, len(body), b"".join(headers), body)


def post_chunked(body: bytes, *headers: bytes) -> bytes:
    """Give a request with one chunk for each byte."""
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    return b"POST /p HTTP/1.1\r\n%b%b%b\r\n%b0\r\n\r\n" % (HOST, CHUNKED, b"".join(headers), chunks)


@dataclass
class Noting:
    """An edge that keeps what it refused."""

    header_bytes: int = 4096
    header_seconds: float = 5.0
    body_seconds: float = 60.0
    failure: bytes = b'{"failed": true}'
    refused: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, check: str, got: str, client: tuple[str, int] | None) -> bytes:
        assert client is not None
        assert client[0] == "127.0.0.1"
        self.refused.append((check, got))
        body = check.encode()
        return b"HTTP/1.1 400 Bad Request\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (len(body), body)

    @property
    def checks(self) -> list[str]:
        return [check for check, _ in self.refused]


async def read_body(receive: Receive) -> tuple[bytes, str | None]:
    """Read the whole body; the second value is why it is not whole."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        body += message["body"]
        if not message["more_body"]:
            return body, message.get("broken")


async def reply(send: Send, body: bytes, *headers: tuple[bytes, bytes], status: int = 200) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [JSON, length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Say what came: head, body, and whether the body was whole."""
    body, broken = await read_body(receive)
    seen = {
        "method": scope["method"],
        "version": scope["http_version"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
        "body": body.decode("latin-1"),
        "broken": broken,
    }
    await reply(send, json.dumps(seen).encode())


@dataclass
class Running:
    """A server that runs, and the loop that it runs on."""

    port: int
    edge: Noting
    parser: str
    protocol: type[asyncio.Protocol]
    server: uvicorn.Server
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread

    def connect(self, context: ssl.SSLContext | None = None) -> "Client":
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        return Client(raw if context is None else context.wrap_socket(raw, server_hostname="localhost"))

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()

    def soon(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds, looked at between two steps of the server."""

        async def wait() -> None:
            async with asyncio.timeout(PATIENCE):
                while not holds():  # noqa: ASYNC110 - the server has no event for it
                    await asyncio.sleep(0.002)

        asyncio.run_coroutine_threadsafe(wait(), self.loop).result(PATIENCE)

    @property
    def connections(self) -> set[Any]:
        return self.server.server_state.connections

    # Looks inside, as nothing outside tells when the server has read what was sent.

    def busy(self) -> bool:
        return any(connection._active for connection in self.connections)  # noqa: SLF001

    def half_closed(self) -> bool:
        return any(connection._ended for connection in self.connections)  # noqa: SLF001

    def inside_a_head(self) -> bool:
        return any(connection._parser.partial for connection in self.connections)  # noqa: SLF001

    def reading_paused(self) -> bool:
        return any(connection.flow.read_paused for connection in self.connections)


@contextlib.contextmanager
def serving(app: ASGIApp, edge: Noting, parser: str, **options: Any) -> Iterator[Running]:  # noqa: ANN401 - uvicorn's
    """Serve in a thread: with h11 on asyncio, and with httptools on uvloop where that is installed."""
    listener = socket.create_server(("127.0.0.1", 0))
    protocol = protocol_class(edge, pure_python=parser == "h11")
    config = uvicorn.Config(
        app,
        http=protocol,
        loop="asyncio" if parser == "h11" else "auto",
        ws="none",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        **options,
    )
    server = uvicorn.Server(config)
    ready: list[asyncio.AbstractEventLoop] = []
    started = threading.Event()

    async def run() -> None:
        ready.append(asyncio.get_running_loop())
        serve = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serve.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0)
        started.set()
        await serve

    def main() -> None:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(run())

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    assert started.wait(PATIENCE)
    running = Running(listener.getsockname()[1], edge, parser, protocol, server, ready[0], thread)
    try:
        yield running
    finally:
        running.stop()
        listener.close()


@dataclass
class Answer:
    """One answer off the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def seen(self) -> dict[str, Any]:
        """What the echoing application saw."""
        seen: dict[str, Any] = json.loads(self.body)
        return seen

    @property
    def closes(self) -> bool:
        return self.headers.get("connection") == "close"


class Client:
    """A connection that sends bytes as they are given."""

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self._file: BufferedReader = raw.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.raw.close()

    def send(self, data: bytes) -> Self:
        self.raw.sendall(data)
        return self

    def drip(self, data: bytes) -> Self:
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            self.raw.sendall(bytes([byte]))
        return self

    def half_close(self) -> Self:
        self.raw.shutdown(socket.SHUT_WR)
        return self

    def reset(self) -> None:
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._file.close()
        self.raw.close()

    def head(self) -> tuple[int, dict[str, str]]:
        """Read a status line and headers."""
        status = self._file.readline()
        assert status, "the connection ended without an answer"
        headers: dict[str, str] = {}
        while (line := self._file.readline().rstrip(b"\r\n")) != b"":
            name, _, value = line.decode("latin-1").partition(": ")
            assert name not in headers
            headers[name] = value
        return int(status.split()[1]), headers

    def answer(self, *, bodiless: bool = False) -> Answer:
        """Read an answer as its framing says."""
        status, headers = self.head()
        if bodiless:
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        elif "content-length" in headers:
            body = self._file.read(int(headers["content-length"]))
        else:
            body = self._file.read()
        return Answer(status, headers, body)

    def _chunk(self) -> bytes:
        chunk = self._file.read(int(self._file.readline(), 16))
        self._file.readline()
        return chunk

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def rest(self) -> bytes:
        """Read to the end of the connection."""
        return self._file.read()

    def ending(self) -> tuple[bytes, str]:
        """Read all there is; say whether the connection was then closed or reset."""
        seen = b""
        while True:
            try:
                piece = self._file.read1(1 << 16)
            except ConnectionResetError:
                return seen, "reset"
            if not piece:
                return seen, "closed"
            seen += piece
