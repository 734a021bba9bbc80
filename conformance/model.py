"""The values of the judge: what a caller wants of a client, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from contracts.model import Breach, Brief
from contracts.multipart_body import Part
from contracts.stages import WHOLE_BODY

Pairs = tuple[tuple[str, str], ...]
_NO_METHOD = "-"


# What a client is asked


@dataclass(frozen=True, slots=True, repr=False)
class File(Brief):
    """A file that a caller gives: `head`, then `filler` again and again up to `size` bytes. Never held in memory."""

    name: str
    content_type: str
    size: int
    head: bytes = b"GIF89a"
    filler: bytes = b"\0"

    @property
    def shown_name(self) -> str:
        """Its name and size."""
        return f"{self.name!r} {self.size} bytes"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a caller hands to a client: an operation, its arguments as they are, files. `label` says whence it is."""

    operation: str
    args: Mapping[str, Any]
    files: tuple[File, ...] = ()
    label: str = ""


# What came of it. All judges look at the same requests and calls, which keep what is found out about them: no slots.


@dataclass(frozen=True, repr=False)
class Sent(Brief):
    """One request as it arrived, and what it was answered.

    `at` is in seconds of the epoch, `seconds` how long it took, None when that is unknown. `key` is masked, and empty
    for none and for an unknown one; `mine` says whether it is the key that the client was given for this case. `status`
    is 0 when no answer went out; `stayed` says whether the client was there to the end of it. `value` is the JSON
    object of the body, None when it is none. `armed` is the step that was played to it, empty for none.
    """

    id: str
    at: float
    method: str
    target: str
    operation: str
    headers: Pairs
    key: str = ""
    mine: bool = True
    body: bytes = b""
    size: int = 0
    value: Mapping[str, Any] | None = None
    parts: tuple[Part, ...] | None = None
    breaches: tuple[Breach, ...] = ()
    flags: tuple[Breach, ...] = ()
    status: int = 0
    answer: str = ""
    accepted: bool = False
    seconds: float | None = None
    stayed: bool = True
    armed: str = ""

    @property
    def shown_name(self) -> str:
        """Its line in the log."""
        return f"{self.id} {self.method} {self.target} {self.status}"

    @property
    def is_request(self) -> bool:
        """Whether it could be read as a request at all; what could not has no method."""
        return self.method != _NO_METHOD

    @cached_property
    def given_up(self) -> bool:
        """Whether its connection ended before its body did: the client broke off, or counted wrong."""
        return any(breach.expected == WHOLE_BODY for breach in self.breaches)

    @cached_property
    def delivered(self) -> bool:
        """Whether an answer went out in full, to a client that was there for it."""
        return self.status != 0 and self.stayed and not self.given_up

    @property
    def texts(self) -> tuple[Part, ...]:
        """The parts that are no files."""
        return tuple(part for part in self.parts or () if not part.is_file)

    @property
    def files(self) -> tuple[Part, ...]:
        """The parts that are files."""
        return tuple(part for part in self.parts or () if part.is_file)

    def header(self, name: str) -> str | None:
        """Give the first header of a name in lower case."""
        return next((value for found, value in self.headers if found == name), None)

    def broken(self, *rules: str) -> Breach | None:
        """Give the first breach or flag of one of these rules."""
        return next((breach for breach in (*self.breaches, *self.flags) if breach.rule.id in rules), None)


class Outcome(StrEnum):
    """What a client said of a call, or what became of it."""

    OK = "ok"
    REFUSED = "refused"
    ERROR = "error"
    UNSUPPORTED = "unsupported"
    HANG = "hang"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the caller was told. `leaks` names the places where the key stood, which `message` shows masked."""

    outcome: Outcome
    status: int | None = None
    message: str = ""
    attempts: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    noise: str = ""
    leaks: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the caller knows that it did not work."""
        return self.outcome in {Outcome.REFUSED, Outcome.ERROR}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a client says that it can; None where it says nothing. `operations` are their ids.

    `remarks` names what it says in words that nobody knows, and so counts for nothing.
    """

    operations: frozenset[str]
    retries_on: frozenset[int] | None = None
    max_attempts: int | None = None
    time_scale: bool = False
    async_send: bool = False
    batches_files: bool = False
    concurrency: int = 1
    timeout_ms: int | None = None
    name: str = ""
    version: str = ""
    language: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """One call of a client, and all that is known about it.

    `plan` are the steps that were armed for its requests, `left` how many of them nobody met. `wrong` are the rules
    that the intent breaks when it is sent as it stands, without what is empty. `key` is the masked key.
    """

    intent: Intent
    sent: tuple[Sent, ...]
    reply: Reply
    plan: tuple[str, ...] = ()
    left: int = 0
    wrong: tuple[Breach, ...] = ()
    key: str = ""

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with the intent."""
        return not self.wrong

    @cached_property
    def mine(self) -> tuple[Sent, ...]:
        """What was sent for this call, with its key or with none."""
        return tuple(sent for sent in self.sent if sent.operation == self.intent.operation)


@dataclass(frozen=True, slots=True)
class Case:
    """One trial and what came of it: its calls in their order, and what arrived after the last of them was over.

    `strays` are requests that went to another origin than the one that the client was given. `trial` is its name,
    `time_scale` what waits were multiplied with. Calls at once leave `together` what cannot be told apart.
    """

    trial: str
    calls: tuple[Call, ...]
    can: Capabilities
    late: tuple[Sent, ...] = ()
    strays: tuple[Sent, ...] = ()
    together: tuple[Sent, ...] = ()
    time_scale: float = 1.0

    @property
    def sent(self) -> tuple[Sent, ...]:
        """All that arrived for the calls."""
        return (*(sent for call in self.calls for sent in call.sent), *self.together)


@dataclass(frozen=True, slots=True)
class Attempts:
    """The requests that one call made, in their order: at least one. Of a watched client, those with one content.

    `left` is how many answers were planned for further ones.
    """

    operation: str
    sent: tuple[Sent, ...]
    can: Capabilities | None = None
    time_scale: float = 1.0
    left: int = 0
