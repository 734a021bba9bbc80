"""A client that is a Python object, in this process."""

import importlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

from conformance.clients.client import AdapterError, Config, GivenFile, Order
from conformance.clients.replies import capabilities, reply_of
from conformance.model import Capabilities, Outcome, Reply
from contracts.operations import Contract

Make = Callable[[Config], Any]

_MOST_HANGS = 3


class Refused(Exception):  # noqa: N818 - it is no error of the client
    """To be raised by a client that does not send what it was asked to send. Any other exception does as well."""


class PythonClient:
    """A client that `make` makes for each key: with a method for each operation, or `call(operation, args, files)`.

    What such a method gives does not matter; what it raises is its failure. The HTTP status is read from the
    exception's `status`, `status_code` or `response.status_code`. What it declares stands in `capabilities`, of `make`
    or of what that makes.
    """

    def __init__(self, make: Make, contract: Contract) -> None:
        self._make = make
        self._operations = frozenset(operation.id for operation in contract.operations.values())
        self._made: dict[tuple[str, str], Any] = {}
        self._hangs = 0
        self.can = Capabilities(self._operations)

    def __enter__(self) -> Self:
        """Make one client to see what it can."""
        made = self._client(Config("http://127.0.0.1:9", "key-of-no-client"))
        said = getattr(self._make, "capabilities", None) or getattr(made, "capabilities", {})
        able = frozenset(
            name for name in self._operations if callable(getattr(made, "call", getattr(made, name, None)))
        )
        if not able:
            names = ", ".join(sorted(self._operations))
            raise AdapterError(f"{type(made).__name__} has no method call, and none of {names}")
        self.can = capabilities(said, able, name=getattr(self._make, "__name__", ""), language="python")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what can be closed."""
        for made in self._made.values():
            _close(made)

    def call(self, orders: Sequence[Order]) -> list[Reply]:
        """Ask for calls, each in a thread of its own, so that one that hangs is left behind."""
        if self._hangs >= _MOST_HANGS:
            raise AdapterError(f"the client hung {_MOST_HANGS} times")
        pending = [(order, time.perf_counter(), _started(self._run, order)) for order in orders]
        return [self._reply(order, began, future) for order, began, future in pending]

    def drain(self, deadline: float) -> Reply:
        """Call `drain` of each client that has one."""
        began = time.perf_counter()
        for (_, secret), made in list(self._made.items()):
            if not callable(getattr(made, "drain", None)):
                continue
            future = _started(made.drain)
            error = _error(future, deadline)
            if error is not None:
                return _failed(error, secret, time.perf_counter() - began)
        return Reply(Outcome.OK, seconds=time.perf_counter() - began)

    def _client(self, config: Config) -> Any:  # noqa: ANN401 - the user's object
        whose = (config.base_url, config.api_key)
        if whose not in self._made:
            if len(self._made) >= 2:  # noqa: PLR2004 - as many keys as one trial has
                _close(self._made.pop(next(iter(self._made))))
            self._made[whose] = self._make(config)
        return self._made[whose]

    def _run(self, order: Order) -> None:
        client = self._client(order.config)
        args, files = dict(order.intent.args), list(order.files)
        if callable(getattr(client, "call", None)):
            client.call(order.intent.operation, args, files)
        elif order.files:
            getattr(client, order.intent.operation)(**args, files=files)
        else:
            getattr(client, order.intent.operation)(**args)

    def _reply(self, order: Order, began: float, future: "Future[None]") -> Reply:
        error = _error(future, max(0.0, order.deadline - (time.perf_counter() - began)))
        seconds = time.perf_counter() - began
        if error is None:
            return Reply(Outcome.OK, seconds=seconds)
        if isinstance(error, TimeoutError) and not future.done():
            self._hangs += 1
            return Reply(Outcome.HANG, seconds=seconds, message=f"no reply within {order.deadline:g} s")
        return _failed(error, order.config.api_key, seconds)


def _started(work: Callable[..., Any], *arguments: Any) -> "Future[None]":  # noqa: ANN401 - handed on
    future: Future[None] = Future()

    def run() -> None:
        try:
            work(*arguments)
        except BaseException as error:  # noqa: BLE001 - it is told to the caller
            future.set_exception(error)
        else:
            future.set_result(None)

    threading.Thread(target=run, daemon=True).start()
    return future


def _error(future: "Future[None]", seconds: float) -> BaseException | None:
    try:
        return future.exception(timeout=seconds)
    except TimeoutError as error:
        return error


def _failed(error: BaseException, secret: str, seconds: float) -> Reply:
    if not isinstance(error, Exception):
        return reply_of(Outcome.CRASH, secret, seconds, message=f"{type(error).__name__}: {error}")
    status = next((found for found in _statuses(error) if isinstance(found, int)), None)
    outcome = Outcome.REFUSED if type(error).__name__ == "Refused" else Outcome.ERROR
    return reply_of(outcome, secret, seconds, status=status, message=str(error), detail={"type": type(error).__name__})


def _statuses(error: Exception) -> list[object]:
    response = getattr(error, "response", None)
    return [
        getattr(error, "status", None), getattr(error, "status_code", None), getattr(response, "status_code", None),
        getattr(error, "code", None),
    ]  # fmt: skip


def _close(made: Any) -> None:  # noqa: ANN401 - the user's object
    close = getattr(made, "close", None)
    if callable(close):
        close()


def load(name: str) -> Make:
    """Find a factory by `package.module:name`. Raises AdapterError that says what is missing."""
    module_name, colon, path = name.partition(":")
    if not (colon and module_name and path):
        raise AdapterError(f"python:{name}: expected python:MODULE:FACTORY")
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:  # noqa: BLE001 - whatever their module does when it is imported
        raise AdapterError(
            f"python:{name}: {module_name} cannot be imported: {type(error).__name__}: {error}"
        ) from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise AdapterError(f"python:{name}: {module_name} has no {path}")
        found = getattr(found, part)
    if not callable(found):
        raise AdapterError(f"python:{name}: {path} is no factory: it cannot be called")
    factory: Make = found
    return factory


__all__ = ["GivenFile", "Make", "PythonClient", "Refused", "load"]
