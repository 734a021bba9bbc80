"""A client that is a Python object, in this process."""

import contextlib
import importlib
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.clients.awaiting import Loop
from conformance.clients.client import AdapterError, Config, GivenFile, Order, no_client
from conformance.clients.printed import HEARD, Hearing, Sink
from conformance.clients.replies import capabilities, reply_of
from conformance.clients.threads import Threads
from conformance.model import Capabilities, Outcome, Reply
from contracts.operations import Contract

Make = Callable[[Config], Any]

_MOST_HANGS = 3
_CLOSING_SECONDS = 3.0
_STATUSES = range(100, 600)


class Refused(Exception):  # noqa: N818 - it is no error of the client
    """To be raised by a client that does not send what it was asked to send. Any other exception does as well."""


class PythonClient:
    """A client that `make` makes for each key: with a method for each operation, or `call(operation, args, files)`.

    What such a method gives does not matter, unless it is to be awaited; what it raises is its failure. The HTTP status
    is read from the exception's `status`, `status_code` or `response.status_code`. What it declares stands in
    `capabilities`, of `make` or of what that makes. Making one may take `start_seconds`.
    """

    def __init__(self, make: Make, contract: Contract, *, start_seconds: float = 30.0) -> None:
        self._make = make
        self._operations = frozenset(operation.id for operation in contract.operations.values())
        self._start_seconds = start_seconds
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._loop = Loop()
        self._threads = Threads()
        self._hearing = Hearing()
        self._hangs = 0
        self.can = Capabilities(self._operations)

    def __enter__(self) -> Self:
        """Make one client to see what it can."""
        self._hearing.__enter__()
        try:
            self.can = self._declared(self._first())
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _first(self) -> Any:  # noqa: ANN401 - the user's object
        name = getattr(self._make, "__name__", "the factory")
        future = self._started(Sink(), self._client, Config("http://127.0.0.1:9", "key-of-no-client"))
        try:
            return future.result(timeout=self._start_seconds)
        except TimeoutError as error:
            if not future.done():
                raise AdapterError(f"{name} made no client within {self._start_seconds:g} s") from None
            raise AdapterError(f"{name} made no client: {_words(error)}") from None
        except BaseException as error:  # noqa: BLE001 - whatever their code does
            raise AdapterError(f"{name} made no client: {_words(error)}") from None

    def _declared(self, made: Any) -> Capabilities:  # noqa: ANN401 - the user's object
        whole = callable(getattr(made, "call", None))
        able = frozenset(name for name in self._operations if whole or callable(getattr(made, name, None)))
        if not able:
            names = ", ".join(sorted(self._operations))
            raise AdapterError(f"{type(made).__name__} has no method call, and none of {names}")
        said = getattr(self._make, "capabilities", None) or getattr(made, "capabilities", {})
        try:
            # As it would be written in the protocol: whatever holds the values.
            plain = json.loads(json.dumps(dict(said), default=list))
        except (TypeError, ValueError) as error:
            raise AdapterError(f"capabilities: {error}") from None
        return capabilities(plain, able, {"name": getattr(self._make, "__name__", ""), "language": "python"})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what can be closed, and wait for none of it for long."""
        # A call that was left behind may still be making one.
        for made in list(self._made.values()):
            _error(self._started(Sink(), self._close, made), _CLOSING_SECONDS)
        self._made.clear()
        self._threads.close()
        self._loop.close()
        self._hearing.__exit__(kind, error, trace)

    def call(self, orders: Sequence[Order]) -> list[Reply]:
        """Ask for calls, each in a thread that does nothing else, so that one that hangs is left behind."""
        if self._hangs >= _MOST_HANGS:
            raise AdapterError(f"the client hung {_MOST_HANGS} times in a row")
        pending = []
        for order in orders:
            sink = Sink()
            pending.append((order, time.perf_counter(), sink, self._started(sink, self._run, order)))
        return [self._reply(order, began, sink, future) for order, began, sink, future in pending]

    def drain(self, deadline: float) -> Reply:
        """Call `drain` of each client that has one."""
        began = time.perf_counter()
        for (_, secret), made in list(self._made.items()):
            if not callable(getattr(made, "drain", None)):
                continue
            sink = Sink()
            future = self._started(sink, lambda made=made: self._loop.finished(made.drain()))
            left = deadline - (time.perf_counter() - began)
            reply = self._told(future, left, secret, sink, began)
            if reply.outcome is not Outcome.OK:
                return reply
        return Reply(Outcome.OK, seconds=time.perf_counter() - began)

    def _started(self, sink: Sink, work: Callable[..., Any], *arguments: Any) -> "Future[Any]":  # noqa: ANN401 - handed on
        def heard() -> Any:  # noqa: ANN401 - what the user's code gives
            HEARD.set(sink)
            return work(*arguments)

        return self._threads.started(heard)

    def _client(self, config: Config) -> Any:  # noqa: ANN401 - the user's object
        whose = (config.base_url, config.api_key)
        with self._lock:
            if whose in self._made:
                return self._made[whose]
        # Without the lock: one that hangs here must not keep the next from trying.
        made = self._loop.finished(self._make(config))
        with self._lock:
            kept = self._made.setdefault(whose, made)
            # As many as one trial has keys.
            gone = [self._made.pop(next(iter(self._made))) for _ in range(len(self._made) - 2)]
        for one in gone if kept is made else [*gone, made]:
            self._close(one)
        return kept

    def _run(self, order: Order) -> None:
        client = self._client(order.config)
        args, files = dict(order.intent.args), list(order.files)
        if callable(getattr(client, "call", None)):
            found = client.call(order.intent.operation, args, files)
        elif order.files:
            found = getattr(client, order.intent.operation)(**args, files=files)
        else:
            found = getattr(client, order.intent.operation)(**args)
        self._loop.finished(found)

    def _reply(self, order: Order, began: float, sink: Sink, future: "Future[Any]") -> Reply:
        left = order.deadline - (time.perf_counter() - began)
        reply = self._told(future, left, order.config.api_key, sink, began)
        self._hangs = self._hangs + 1 if reply.outcome is Outcome.HANG else 0
        return reply

    def _told(self, future: "Future[Any]", left: float, secret: str, sink: Sink, began: float) -> Reply:
        error = _error(future, max(0.0, left))
        seconds, secrets = time.perf_counter() - began, (secret, *(key for _, key in list(self._made)))
        if error is None:
            return reply_of(Outcome.OK, secrets, seconds, noise=sink.text())
        if isinstance(error, TimeoutError) and not future.done():
            return reply_of(Outcome.HANG, secrets, seconds, message="no reply in time", noise=sink.text())
        return _failed(error, secrets, seconds, sink.text())

    def _close(self, made: Any) -> None:  # noqa: ANN401 - the user's object
        for name in ("aclose", "close"):
            close = getattr(made, name, None)
            if callable(close):
                # No call of a caller's fails by it.
                with contextlib.suppress(Exception):
                    self._loop.finished(close())
                return


def _error(future: "Future[Any]", seconds: float) -> BaseException | None:
    try:
        return future.exception(timeout=seconds)
    except TimeoutError as error:
        return error


def _failed(error: BaseException, secrets: Sequence[str], seconds: float, noise: str) -> Reply:
    if not isinstance(error, Exception):
        return reply_of(Outcome.CRASH, secrets, seconds, message=_words(error), noise=noise)
    status = next((found for found in _statuses(error) if type(found) is int and found in _STATUSES), None)
    outcome = Outcome.REFUSED if type(error).__name__ == "Refused" else Outcome.ERROR
    detail = {"type": type(error).__name__}
    return reply_of(outcome, secrets, seconds, status=status, message=str(error), detail=detail, noise=noise)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _statuses(error: Exception) -> list[object]:
    response = getattr(error, "response", None)
    return [
        getattr(error, "status", None), getattr(error, "status_code", None), getattr(response, "status_code", None),
        getattr(error, "code", None),
    ]  # fmt: skip


def load(name: str) -> Make:
    """Find a factory by `package.module:name`.

    Raises ConfigError for another form, and AdapterError that says what is missing.
    """
    module_name, colon, path = name.partition(":")
    if not (colon and module_name and path):
        raise no_client(f"python:{name}", "python:MODULE:FACTORY")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        # A command does not look there by itself, and it is where people keep what they try.
        sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever their module does when it is imported
        raise AdapterError(f"python:{name}: {module_name} cannot be imported: {_words(error)}") from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise AdapterError(f"python:{name}: {module_name} has no {path}")
        found = getattr(found, part)
    if not callable(found):
        raise AdapterError(f"python:{name}: {path} is no factory: it cannot be called")
    factory: Make = found
    return factory


__all__ = ["GivenFile", "Make", "PythonClient", "Refused", "load"]
