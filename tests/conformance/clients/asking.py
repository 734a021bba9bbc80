"""What the tests of adapters share: calls to ask for, and processes that misbehave."""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance.clients.client import Config, Order
from conformance.clients.json_lines import JsonLinesClient
from conformance.model import Intent
from contracts.operations import Contract

CHILD = Path(__file__).parent / "child_process.py"
KEY = "dmk_0123456789abcdef0123456789abcdef"


def words(behaviour: str) -> list[str]:
    """Give the command of a process that misbehaves."""
    return [sys.executable, str(CHILD), behaviour]


def speaking(behaviour: str, contract: Contract, **options: Any) -> JsonLinesClient:  # noqa: ANN401 - handed on
    """Give a client behind such a process."""
    return JsonLinesClient(words(behaviour), contract, **options)


def order(args: Mapping[str, Any] | None = None, *, key: str = KEY, deadline: float = 5.0, **more: Any) -> Order:  # noqa: ANN401 - handed on
    """Give a call to ask for."""
    intent = Intent("addUserAnalytics", {"userId": "u"} if args is None else args)
    return Order(intent, Config("http://127.0.0.1:9", key), deadline=deadline, **more)


def is_gone(pid: int) -> bool:
    """Whether a process is gone, or a zombie, within a second."""

    def gone() -> bool:
        try:
            return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return True

    return _within(1, gone)


def are_as_many(threads: int) -> bool:
    """Whether there are so many threads within two seconds: one that was told to go takes its time."""
    return _within(2, lambda: threading.active_count() == threads)


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
