"""What every test may ask for: the contract, its world, and fakes to talk to."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts.operations import Contract
from contracts.spec import load_contract
from contracts.world import Key, World
from contracts.world_file import load_world


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
