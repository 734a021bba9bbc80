"""What every test may ask for: the contract, its world, and fakes to talk to."""

import gc
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import is_hypothesis_test, settings

from contracts.operations import Contract
from contracts.spec import load_contract
from contracts.world import Key, World
from contracts.world_file import load_world
from mock_server.server import Running, running
from tests.measuring import leave_programs_unmeasured, not_measuring

ANALYTICS = "/api/v1/user/analytics"
EVENT = {
    "email": "john.doe@example.com",
    "feature": "registration_email",
    "action": "opened",
    "experienceId": "47Gop5",
    "capturedAt": "2026-04-27T13:35:00Z",
}


# How long one example takes depends on what else runs at the time, which is no fault of what is tested.
settings.register_profile("suite", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("suite")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Measure nothing that Hypothesis tries hundreds of times: tables of the same modules reach the same lines."""
    with not_measuring() if is_hypothesis_test(pyfuncitem.obj) else nullcontext():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let one worker measure how the tests are found: all do the same."""
    with nullcontext() if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0" else not_measuring():
        return (yield)


def pytest_collection_finish() -> None:
    """Spare the collector thousands of tests and all of their modules, which stay to the end anyway."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _programs_that_tests_start() -> None:
    """Have them take no longer than they need, and hear Ctrl-C, which the background of a script does not."""
    leave_programs_unmeasured()
    # In Java they end before it pays to compile them well.
    os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Measure no coverage during a test: it does many times what others are measured at, and would take far longer."""
    with not_measuring():
        yield


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def world(contract: Contract) -> World:
    return load_world(None, contract)


@pytest.fixture(scope="session")
def key(world: World) -> Key:
    """Give the key of the built-in world that behaves."""
    return world.keys["vendor-test-key"]


@dataclass(frozen=True)
class Served:
    """A fake in a process of its own."""

    url: str
    process: subprocess.Popen[str]
    log: Path


@contextmanager
def serving(log: Path, *options: str) -> Iterator[Served]:
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--ready-json", *options],
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
    assert process.stdout is not None
    ready: dict[str, Any] = json.loads(process.stdout.readline() or "{}")
    try:
        assert ready, f"the fake did not start: {log.read_text()}"
        yield Served(ready["url"], process, log)
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def message(self) -> str:
        """The message of an answer in the contract's form; fails for any other form."""
        value = json.loads(self.text)
        assert list(value) == ["statusCode", "message", "data"], self.text
        assert (value["statusCode"], value["data"]) == (self.status, None), self.text
        return str(value["message"])

    @property
    def broken(self) -> list[str]:
        """The ids of the broken rules that the answer names."""
        return [rule for rule in self.headers.get("distinct-mock-broken", "").split(", ") if rule]

    @property
    def flagged(self) -> list[str]:
        """The ids of the flags that the answer names."""
        return [rule for rule in self.headers.get("distinct-mock-flags", "").split(", ") if rule]


def send(
    url: str,
    path: str,
    body: dict[str, Any] | bytes | None = None,
    *,
    method: str = "POST",
    source: str = "127.0.0.1",
    headers: Mapping[str, str | None] | None = None,
) -> Reply:
    """Send one request: a dict as JSON, bytes as they are. A header that is given as None is left out."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20, source_address=(source, 0))
    given = {"x-distinct-api-key": "vendor-test-key", "Content-Type": "application/json", **(headers or {})}
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    kept = {name: value for name, value in given.items() if value is not None}
    with closing(connection):
        connection.request(method, path, content, kept)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, response.read().decode())


Send = Callable[..., Reply]


@pytest.fixture(scope="session")
def post() -> Send:
    """Give the function that sends one request and returns the reply."""
    return send


@pytest.fixture(scope="session")
def fake() -> Iterator[Running]:
    """Give a fake in a thread of this process, as it is without options but for its log."""
    with running() as started:
        yield started


Start = Callable[..., Served]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start fakes with options of a test's own; they end with the test."""
    with ExitStack() as stack:
        numbers = iter(range(100))
        yield lambda *options: stack.enter_context(serving(tmp_path / f"fake-{next(numbers)}.log", *options))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a fake in a process of its own, as it is without options."""
    with serving(tmp_path_factory.mktemp("served") / "fake.log") as running:
        yield running.url
