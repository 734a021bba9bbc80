"""A fake under load that is killed: who loads it, and what was answered until then."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.conftest import ANALYTICS, EVENT
from tests.mock_server.test_uploads import GIFT, JPEG, form

LOADERS = 4
_PATIENCE = 30


class Kind(NamedTuple):
    """A kind of request, told by the status that it has to get; `make` gives path, body and headers."""

    status: int
    make: Callable[[int], tuple[str, bytes, dict[str, str]]]


class Answered(NamedTuple):
    """A request whose answer has come in whole: its number, the id that the fake gave it, and its status."""

    number: int
    id: str
    status: int


def _event(number: int, headers: dict[str, str], **changes: str) -> tuple[str, bytes, dict[str, str]]:
    body = {**EVENT, "capturedAt": f"2026-04-27T13:35:00.{number:06}Z", **changes}
    return ANALYTICS, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}


def _upload(number: int) -> tuple[str, bytes, dict[str, str]]:
    content = JPEG + number.to_bytes(8, "big") * (1 + number % 50 * 100)
    return GIFT, form(content), {"Content-Type": "multipart/form-data; boundary=x"}


# Accepted ones several times: most requests are.
KINDS = (
    *[Kind(200, lambda number: _event(number, {}))] * 4,
    Kind(400, lambda number: _event(number, {}, action="read")),
    Kind(401, lambda number: _event(number, {"x-distinct-api-key": "of nobody"})),
    Kind(500, lambda number: _event(number, {"Prefer": "code=500"})),
    Kind(200, _upload),
)


@dataclass
class Load:
    """Loaders of a fake, who number their requests in one row and note every answer."""

    numbers: "count[int]"
    answered: list[Answered] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    _enough: threading.Event = field(default_factory=threading.Event)

    def until_killed(self, url: str, answers: int, chance: Random, kill: Callable[[], None]) -> None:
        """Load until so many answers are in, kill, and return when the last loader has noticed."""
        with ThreadPoolExecutor(LOADERS) as pool:
            seeds = [chance.random() for _ in range(LOADERS)]
            loaders = [pool.submit(self._go_on, url, answers, Random(seed)) for seed in seeds]  # noqa: S311 - a choice of cases
            came = self._enough.wait(_PATIENCE)
            kill()
            for loader in loaders:
                loader.result(_PATIENCE)
        assert came, f"{answers} answers were expected, and {len(self.answered)} came"

    def _go_on(self, url: str, answers: int, chance: Random) -> None:
        """Send one request after the other until nobody answers."""
        with suppress(ConnectionError, http.client.HTTPException):
            while True:
                with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE)) as connection:
                    # A few, then a new connection, so that every worker is called.
                    for _ in range(chance.randrange(1, 20)):
                        self._send(connection, chance.choice(KINDS))
                        if len(self.answered) >= answers:
                            self._enough.set()

    def _send(self, connection: http.client.HTTPConnection, kind: Kind) -> None:
        number = next(self.numbers)
        path, body, headers = kind.make(number)
        headers = {"x-distinct-api-key": "vendor-test-key", "x-number": str(number), **headers}
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        response.read()
        self.answered.append(Answered(number, response.headers["distinct-mock-request"], response.status))
        if response.status != kind.status:
            self.surprises.append(f"{number}: {response.status} and not {kind.status}; {response.headers}")


@dataclass(frozen=True)
class Killable:
    """A fake in a group of processes of its own."""

    url: str
    kill: Callable[[], None]


@contextmanager
def killable(journal: Path, workers: int) -> Iterator[Killable]:
    """Serve with a journal in a file; `kill` kills the process and its workers at once, with SIGKILL."""
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--ready-json", "--log-level", "error"]
    process = subprocess.Popen(
        [*command, "--journal", str(journal), "--workers", str(workers)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    stdout = process.stdout
    assert stdout is not None

    def kill() -> None:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            # Workers hold it too: when it ends, all of them have.
            stdout.read()
            process.wait(_PATIENCE)

    with closing(stdout):
        try:
            yield Killable(json.loads(stdout.readline())["url"], kill)
        finally:
            kill()
