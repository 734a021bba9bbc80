"""What a handle is asked with: the types of its keyword arguments, and how the control API spells them."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NotRequired, TypedDict

from contracts.world import Network
from mock_server.told import camel

File = str | os.PathLike[str]


class Options(TypedDict, total=False):
    """The options of a fake in a thread: those of `Settings`."""

    host: str
    port: int
    spec: File | None
    world: File | None
    watch: bool
    tls_cert: File | None
    tls_key: File | None
    tls_ca: File | None
    plain: bool
    log_json: bool
    log_level: str
    trusted: tuple[Network, ...]
    header_seconds: float
    body_seconds: float
    journal: File | None
    journal_entries: int
    journal_bytes: int
    journal_bodies: str
    journal_seconds: float | None
    control_token: str
    pure_python: bool


class Filters(TypedDict, total=False):
    """Which requests are meant: everything that is given has to fit. `key` may be masked or the key itself."""

    session: str
    key: str
    operation: str
    status: int
    answer: str
    rule: str
    user: str
    event: str
    accepted: bool
    path: str
    method: str
    since: datetime | str
    until: datetime | str
    unattributed: bool


class Page(Filters, total=False):
    """Which requests are meant, and how many of them (at most 1000; 50 unless said), from where, in which order."""

    limit: int
    before: int
    after: int
    order: Literal["newest", "oldest"]


class PartMatch(TypedDict, total=False):
    """What a part of a form has to be."""

    name: str
    filename: str
    sha256: str
    size: int


class Match(Filters, total=False):
    """What a request has to be. Of the `body`, every member that is given has to be equal; `parts` in their order."""

    body: Mapping[str, object]
    parts: Sequence[PartMatch]
    headers: Mapping[str, str]


class UserRow(TypedDict):
    """A user of the world; `events` are the ids of those that the user is registered for."""

    id: str
    email: NotRequired[str]
    phone: NotRequired[str]
    events: NotRequired[Sequence[str]]


class KeyRow(TypedDict):
    """A key of the world: who may use it (`allow`), and what it is answered; the rest narrows what it sees."""

    key: str
    name: NotRequired[str]
    allow: NotRequired[Sequence[str]]
    answer: NotRequired[str]
    asset_bytes: NotRequired[int]
    users: NotRequired[Sequence[str]]
    events: NotRequired[Sequence[str]]
    pairs: NotRequired[Mapping[str, Sequence[str]]]


class WorldChanges(TypedDict, total=False):
    """What is added to a world, or replaced in it; `events` are ids, `pairs` are actions by feature."""

    users: Sequence[UserRow]
    events: Sequence[str]
    experiences: Sequence[str]
    event_values: Sequence[str]
    registration_pages: Sequence[str]
    pairs: Mapping[str, Sequence[str]]
    keys: Sequence[KeyRow]


def spelled(members: Mapping[str, object]) -> dict[str, Any]:
    """Write filters or a match as the control API spells them."""
    return {name: _time(value) if isinstance(value, datetime) else value for name, value in members.items()}


def spelled_changes(changes: WorldChanges) -> dict[str, Any]:
    """Write changes of a world as the control API spells them."""
    found: dict[str, Any] = {camel(name): value for name, value in changes.items()}
    if "events" in changes:
        found["events"] = [{"id": event} for event in changes["events"]]
    for rows in ("users", "keys"):
        if rows in found:
            found[rows] = [{camel(name): value for name, value in row.items()} for row in found[rows]]
    return found


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
