"""What a handle gives: requests, records and armed faults as values, read from the JSON of the control API."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from contracts.model import Brief
from mock_server.printable import printable

_Value = TypeVar("_Value")

_LONGEST_PATH = 80


@dataclass(frozen=True, slots=True)
class Played:
    """What was played to a request in place of its answer: the armed fault, `prefer`, or `key` for a fixed answer."""

    id: str
    step: str
    documented: bool


@dataclass(frozen=True, slots=True, repr=False)
class SentRequest(Brief):
    """One request that was sent, and what became of it.

    `key` is masked, and None for an unknown one. `status` is None when no answer went out, `milliseconds` until the
    request is `completed`. `size` is in bytes; `path` has the query. `stayed` says whether the client was there to
    the end.
    """

    seq: int
    id: str
    at: datetime
    session: str | None
    key: str | None
    address: str
    method: str
    path: str
    operation: str | None
    status: int | None
    answer: str | None
    accepted: bool
    size: int
    milliseconds: float | None
    stayed: bool
    completed: bool
    user: str | None
    event: str | None
    broken: tuple[str, ...]
    flags: tuple[str, ...]
    armed: Played | None

    @property
    def shown_name(self) -> str:
        """The line that the log has for it."""
        return " ".join(columns(self)).rstrip()

    def __str__(self) -> str:
        """Write the line that the log has for it."""
        return self.shown_name


@dataclass(frozen=True, slots=True, repr=False)
class Body(Brief):
    """A body as it was kept: `text`, or `base64` where it is none; `json` is its value where it has one.

    `size` and `kept` are in bytes. `sha256` is of all of it, and None when all of it was kept.
    """

    text: str | None
    base64: str | None
    size: int
    kept: int
    sha256: str | None
    json: Any  # any JSON value

    @property
    def shown_name(self) -> str:
        """How large it is."""
        return f"of {self.size} bytes"


@dataclass(frozen=True, slots=True, repr=False)
class SentPart(Brief):
    """One part of a form. A file has a `filename` and no `text`."""

    name: str
    filename: str | None
    content_type: str | None
    size: int
    sha256: str | None
    text: str | None

    @property
    def shown_name(self) -> str:
        """Its name, and how large it is."""
        return f"{self.name!r} of {self.size} bytes"


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One rule that a request broke, or that flagged it: what was got and expected; `answered`: it chose the answer."""

    rule: str
    says: str
    demand: str
    answer_basis: str | None
    source: Mapping[str, str]
    field: str
    got: str
    expected: str
    hint: str | None
    answer: str | None
    status: int | None
    message: str | None
    answered: bool


@dataclass(frozen=True, slots=True, repr=False)
class FullRequest(SentRequest):
    """One request in full, with what was sent and answered.

    `corrected` is a curl command for a request that would be accepted, where there is one, and `changes` says how it
    differs from the one that was `sent`. $DISTINCT_API_KEY stands for the key in both.
    """

    headers: tuple[tuple[str, str], ...]
    body: Body
    parts: tuple[SentPart, ...] | None
    answer_headers: tuple[tuple[str, str], ...]
    answer_body: str
    breaches: tuple[BrokenRule, ...]
    flagged: tuple[BrokenRule, ...]
    sent: str
    corrected: str | None
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that was accepted; `size` is in bytes."""

    filename: str | None
    content_type: str | None
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """An accepted request as a server would have stored it: `body` is its value, `assets` are those of a form."""

    seq: int
    id: str
    at: datetime
    operation: str
    session: str | None
    user: str | None
    event: str | None
    body: Mapping[str, Any] | None  # any JSON object
    assets: tuple[Asset, ...] | None


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """What is armed: its steps (`do`), for whom, on which schedule (`mode`), and how often it was `used` so far.

    `seen` counts the requests that it was asked for, `remaining` those that it will still be played to, if that is
    settled. `documented`: it consists of the contract's answers alone. Not `active`: it is used up.
    """

    id: str
    do: tuple[str, ...]
    operation: str | None
    session: str | None
    key: str | None
    mode: str
    next: int | None
    every: int | None
    probability: float | None
    seed: int | None
    seen: int
    used: int
    remaining: int | None
    documented: bool
    active: bool
    created: datetime


def sent_request(row: Mapping[str, Any]) -> SentRequest:
    """Read a request of a list."""
    return _value(SentRequest, _with_played(row))


def full_request(row: Mapping[str, Any]) -> FullRequest:
    """Read a request in full."""
    request, response, curl, parts = row["request"], row["response"], row["curl"], row["request"]["parts"]
    return _value(
        FullRequest,
        {
            **_with_played(row),
            "headers": _pairs(request["headers"]),
            "body": _value(Body, request["body"]),
            "parts": None if parts is None else [_value(SentPart, part) for part in parts],
            "answerHeaders": _pairs(response["headers"]),
            "answerBody": response["body"],
            "breaches": [_value(BrokenRule, one) for one in row["breaches"]],
            "flagged": [_value(BrokenRule, one) for one in row["flagged"]],
            **curl,
        },
    )


def record(row: Mapping[str, Any]) -> Record:
    """Read a record."""
    assets = row["assets"]
    return _value(Record, {**row, "assets": None if assets is None else [_value(Asset, one) for one in assets]})


def armed_fault(row: Mapping[str, Any]) -> ArmedFault:
    """Read an armed fault."""
    return _value(ArmedFault, row)


def columns(request: SentRequest) -> tuple[str, ...]:
    """Write a request as the columns of a table: those of the log."""
    notes = (*request.broken, *(f"({flag})" for flag in request.flags))
    armed = f"[{request.armed.step}]" if request.armed else ""
    status = str(request.status or "---") + ("" if request.stayed else " client left")
    texts = (
        request.at.isoformat(timespec="milliseconds")[11:23],
        request.id,
        request.key or "-",
        request.operation or f"{request.method} {request.path[:_LONGEST_PATH]}",
        status,
        "..." if request.milliseconds is None else f"{request.milliseconds:.1f}ms",
        " ".join(filter(None, (*notes, armed))),
    )
    return tuple(map(printable, texts))


def camel(name: str) -> str:
    """Write a name as the control API spells its members."""
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _value(kind: type[_Value], row: Mapping[str, Any]) -> _Value:
    """Make a value of a JSON object. What it has no field for is left out: a newer fake may tell more."""
    members = {field.name: row[camel(field.name)] for field in fields(kind)}  # type: ignore[arg-type] # a dataclass
    return kind(**{name: _fitting(name, value) for name, value in members.items()})


def _fitting(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if name in {"at", "created"}:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) and name != "json" else value


def _with_played(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "armed": None if row["armed"] is None else _value(Played, row["armed"])}


def _pairs(rows: list[list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in rows]
