"""A client behind a command that is run for each call: told by its environment, heard by its exit status."""

import json
import os
import re
import shutil
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from conformance.clients.child import Child, EndedError, FloodError, Line
from conformance.clients.client import AdapterError, Order
from conformance.clients.json_lines import MOST_FAILURES
from conformance.clients.noise import FLOOD, Noise
from conformance.clients.protocol import REPLY, faults, parsed
from conformance.clients.replies import reply_of
from conformance.model import Capabilities, Outcome, Reply
from contracts.operations import Contract

OUTCOMES: Mapping[int, Outcome] = {0: Outcome.OK, 64: Outcome.REFUSED, 69: Outcome.UNSUPPORTED}
"""What exit statuses mean; any other is an error. 64 and 69 are EX_USAGE and EX_UNAVAILABLE of sysexits.h."""

_PREFIX = "DISTINCT_"
# What one variable may hold is limited, on Linux to 128 KiB.
_LONGEST = 100_000
_KEYS = 4
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES = {
    str: "string", bool: "boolean", int: "number", float: "number", dict: "object", list: "array", type(None): "null",
}  # fmt: skip
_TOLD = ("status", "message", "attempts", "detail")


class PerCallClient:
    """A client that the command `words` is, run anew for each call."""

    def __init__(self, words: Sequence[str], contract: Contract) -> None:
        self._words = words
        self._folder: TemporaryDirectory[str] | None = None
        self._failures = 0
        self._keys: deque[str] = deque(maxlen=_KEYS)
        operations = frozenset(operation.id for operation in contract.operations.values())
        self.can = Capabilities(operations, name=Path(words[0]).name)

    def __enter__(self) -> Self:
        """Look for the command."""
        if shutil.which(self._words[0]) is None:
            what = "may not be executed (chmod +x)" if Path(self._words[0]).is_file() else "is no command that is there"
            raise AdapterError(f"{self._words[0]!r} {what}")
        self._folder = TemporaryDirectory(prefix="distinct-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Throw away what it was told."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def call(self, orders: Sequence[Order]) -> list[Reply]:
        """Run the command for each call, one after the other."""
        return [self._call(order) for order in orders]

    def drain(self, deadline: float) -> Reply:  # noqa: ARG002 - every adapter has it
        """Do nothing: with its process, the client is done."""
        return Reply(Outcome.OK)

    def _call(self, order: Order) -> Reply:
        if self._failures >= MOST_FAILURES:
            raise AdapterError(f"the command hung or crashed {MOST_FAILURES} times in a row")
        if order.config.api_key not in self._keys:
            self._keys.append(order.config.api_key)
        began = time.monotonic()
        child = Child(self._words, self._environment(order))
        child.close_input()
        noise = Noise()
        try:
            said, outcome, why = _heard(child, noise, began + order.deadline)
            errors = child.errors()
        finally:
            child.end()
        self._failures = self._failures + 1 if outcome in {Outcome.HANG, Outcome.CRASH} else 0
        seconds = time.monotonic() - began
        if outcome is not Outcome.OK and not (why or said.get("message")):
            errors, said["message"] = _last_line(errors)
        told = {**said, "message": why or said.get("message", ""), "noise": noise.take(errors)}
        return reply_of(outcome, self._keys, seconds, **told)

    def _environment(self, order: Order) -> dict[str, str]:
        if self._folder is None:
            raise AdapterError("the client was not started")
        told = Path(self._folder.name) / "args.json"
        told.write_text(json.dumps(dict(order.intent.args)), encoding="ascii")
        ours = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
        return {**ours, **dict(variables(order)), "DISTINCT_ARGS_FILE": str(told)}


def _last_line(text: str) -> tuple[str, str]:
    """Part the last line of a text, with which a command says why it failed, from what stands before it."""
    before, _, last = text.rstrip().rpartition("\n")
    return before, last.strip()


def _heard(child: Child, noise: Noise, until: float) -> tuple[dict[str, Any], Outcome, str]:
    """Wait for the end of a command: what it said on standard output, its outcome, and why there is none."""
    said: dict[str, Any] = {}
    try:
        while (line := child.next_line(until)) is not None:
            found = _told(line)
            if found is None:
                noise.add(line.content)
            else:
                said = found
            if noise.is_flood:
                return said, Outcome.HANG, f"it wrote {FLOOD}"
    except FloodError as error:
        return said, Outcome.HANG, f"it {error}"
    except EndedError as error:
        status = child.status(until)
        if status is None:
            return said, Outcome.HANG, "no end in time"
        return (said, OUTCOMES.get(status, Outcome.ERROR), "") if status >= 0 else (said, Outcome.CRASH, f"it {error}")
    return said, Outcome.HANG, "no end in time"


def _told(line: Line) -> dict[str, Any] | None:
    """Read a line of standard output as the members of a reply, or as nothing when it is no such thing."""
    if not line.content.lstrip().startswith(b"{"):
        return None
    try:
        message = parsed(line.content, "")
    except AdapterError:
        # It may be the API's answer, right or wrong, that just passes by.
        return None
    if faults({"id": 1, "outcome": "ok", **message}, REPLY):
        return None
    return {name: message[name] for name in _TOLD if message.get(name) is not None}


def variables(order: Order) -> Iterator[tuple[str, str]]:
    """Give what a command is told of a call, as environment variables."""
    config, args = order.config, order.intent.args
    yield "DISTINCT_BASE_URL", config.base_url
    yield "DISTINCT_API_KEY", config.api_key
    yield "DISTINCT_OP", order.intent.operation
    yield "DISTINCT_TIME_SCALE", f"{config.time_scale:g}"
    if config.timeout_ms is not None:
        yield "DISTINCT_TIMEOUT_MS", str(config.timeout_ms)
    as_json = json.dumps(dict(args))
    if len(as_json) <= _LONGEST:
        yield "DISTINCT_ARGS_JSON", as_json
    yield from _flattened(args)
    yield "DISTINCT_FILES", str(len(order.files))
    for number, file in enumerate(order.files, start=1):
        name = f"DISTINCT_FILE_{number}"
        yield name, str(file.path)
        if _fits(file.name):
            yield f"{name}_NAME", file.name
        yield f"{name}_TYPE", file.content_type
        yield f"{name}_SIZE", str(file.size)
        yield f"{name}_SHA256", file.sha256


def _flattened(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give a variable for each value, its text or its JSON, one for its type, and one that names what did not fit."""
    unfit = []
    taken = set()
    for name, value in args.items():
        variable = name.upper()
        text = value if isinstance(value, str) else json.dumps(value)
        if not _NAME.fullmatch(name) or variable in taken or not _fits(text):
            unfit.append(ascii(name)[1:-1])
            continue
        taken.add(variable)
        yield f"DISTINCT_TYPE_{variable}", _TYPES.get(type(value), "object")
        if value is not None:
            yield f"DISTINCT_ARG_{variable}", text
    if unfit:
        yield "DISTINCT_ARGS_UNFIT", " ".join(unfit)[:_LONGEST]


def _fits(text: str) -> bool:
    """Whether a text can stand in the environment: no NUL, nothing that UTF-8 cannot write, not too long."""
    try:
        return "\0" not in text and len(text.encode()) <= _LONGEST
    except UnicodeEncodeError:
        return False
