"""What every adapter offers: a client that can be asked for calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from conformance.model import Capabilities, Intent, Reply
from contracts.faults import ConfigError, Fault


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file on disk, as a client is handed it: where it lies, and what it is to be called. `size` is in bytes."""

    path: Path
    name: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Config:
    """How a client is set up: where the API is, and with which key.

    `time_scale` is what waits between attempts are to be multiplied with, `timeout_ms` how long an answer may take,
    None for the client's own.
    """

    base_url: str
    api_key: str = field(repr=False)
    time_scale: float = 1.0
    timeout_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One call that a client is asked for. It counts as hanging after `deadline` seconds."""

    intent: Intent
    config: Config
    files: tuple[GivenFile, ...] = ()
    deadline: float = 10.0


class AdapterError(Exception):
    """The adapter is at fault, or cannot be started: no verdict about the client follows."""


def no_client(spec: str, expected: str) -> ConfigError:
    """Make what is raised for a text that names no client."""
    return ConfigError([Fault("the client", f"got {spec!r}, expected {expected}")])


class Client(Protocol):
    """A client behind an adapter.

    It starts with `with`, which raises AdapterError when it cannot, and says then what it can. After a hang or a crash
    it is there again for the next call, until that happened too often: then `call` raises AdapterError.
    """

    @property
    def can(self) -> Capabilities:
        """What the client declares."""
        ...

    def call(self, orders: Sequence[Order]) -> list[Reply]:
        """Ask for calls and give the replies in the order of the orders; several are asked for at once."""
        ...

    def drain(self, deadline: float) -> Reply:
        """Ask it to finish what it does in the background."""
        ...

    def __enter__(self) -> Self:
        """Start it."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; what does not end by itself is killed."""
        ...
