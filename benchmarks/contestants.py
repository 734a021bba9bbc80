"""Starts the servers that are compared, on free ports of loopback, and stops them whatever happens."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.messages import ANALYTICS, HOST, KEY, KEY_HEADER, VALID

_ROOT = Path(__file__).parents[1]
_START_SECONDS = 60
_STOP_SECONDS = 10

Command = Callable[[int, Path], list[str]]
"""Gives the command that serves on a port; may write what the server needs into its folder."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server to be compared. What it writes goes to a file in its folder, or nowhere when it is `unheard`."""

    name: str
    command: Command
    peer: bool = False
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A contestant that answers; `start_seconds` is how long that took from the start of its process."""

    contestant: Contestant
    port: int
    pid: int
    start_seconds: float
    idle_mb: float


def fake(name: str, *options: str, unheard: bool = False) -> Contestant:
    """Make a contestant of our fake with these options; `{folder}` in them becomes the contestant's folder."""

    def command(port: int, folder: Path) -> list[str]:
        chosen = (option.replace("{folder}", str(folder)) for option in options)
        return [sys.executable, "-m", "mock_server", "serve", "--port", str(port), *chosen]

    return Contestant(name, command, unheard=unheard)


def on_uvicorn(name: str, module: str) -> Contestant:
    """Make a contestant of the `app` in a module of this folder, on uvicorn as it comes, without its logs."""

    def command(port: int, _: Path) -> list[str]:
        serve = [sys.executable, "-m", "uvicorn", f"benchmarks.{module}:app", "--app-dir", str(_ROOT)]
        return [*serve, "--port", str(port), "--log-level", "error", "--no-access-log"]

    return Contestant(name, command)


BARE = on_uvicorn("bare ASGI app, uvicorn", "bare_app")
ROUTE = on_uvicorn("Starlette Route, uvicorn", "starlette_app")
FAKE = fake("distinct-mock, no log", "--log-level", "error")


@contextlib.contextmanager
def started(contestant: Contestant, folder: Path) -> Iterator[Running]:
    """Start a contestant, wait until it answers a valid request with 200, and stop it in the end."""
    home = Path(tempfile.mkdtemp(prefix="contestant-", dir=folder))
    port = free_port()
    command = contestant.command(port, home)
    with (home / "output").open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if contestant.unheard else output,
            stderr=subprocess.STDOUT,
            env=_environment(folder),
            # So that Ctrl-C stops the benchmark, and the benchmark its servers.
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(port, process, contestant, home)
        seconds = time.perf_counter() - began
        yield Running(contestant, port, process.pid, seconds, processes.resident_mb(process.pid))
    finally:
        _stop(process)


@contextlib.contextmanager
def all_started(contestants: Iterable[Contestant], folder: Path) -> Iterator[list[Running]]:
    """Start all contestants, and stop them in the end. Those in Python have been started before, so are compiled."""
    contestants = list(contestants)
    for contestant in contestants:
        if not contestant.peer:
            compile_first(contestant, folder)
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(started(contestant, folder)) for contestant in contestants]


def compile_first(contestant: Contestant, folder: Path) -> None:
    """Start a contestant and stop it, so that from now on it finds its bytecode, as an installed one does."""
    with started(contestant, folder):
        pass


@contextlib.contextmanager
def bench() -> Iterator[Path]:
    """Give a temporary folder to work in; being told to stop ends the program in order, with its servers."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("benchmark: told to stop"))
    try:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            yield Path(folder)
    except KeyboardInterrupt:
        sys.exit("benchmark: interrupted")


def free_port() -> int:
    """Find a port of loopback that is free at the moment."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def post_json(port: int, body: bytes) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Post an analytics body; give the answer's status, headers and body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_START_SECONDS)
    try:
        connection.request("POST", ANALYTICS, body, {"Content-Type": "application/json", KEY_HEADER: KEY})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def _environment(folder: Path) -> dict[str, str]:
    """Leave out what changes how Python runs, and keep bytecode, but out of the project's tree.

    A server that has to compile its modules starts later, and receives uploads at twice the speed: probably since
    what the compiler frees makes glibc keep the memory of its receive buffers.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MALLOC_"))}
    return {**inherited, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], contestant: Contestant, home: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    answer: object = "nothing"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            status, _, answer = post_json(port, VALID.numbered(0))
            # Some peers answer 200, with nothing, to what no stub matches.
            if status == VALID.status and b'"statusCode"' in answer:
                return
        except (OSError, http.client.HTTPException) as error:
            answer = error
        time.sleep(0.001)
    said = (home / "output").read_text(errors="replace")[-2000:]
    raise SystemExit(f"{contestant.name}: got {answer!r}, expected a valid request to be accepted; it wrote:\n{said}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
