"""Storage for tests, put together by hand: exchanges, journals, worlds, armed faults."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.model import Answer
from contracts.spec import load_contract
from contracts.world import Key
from contracts.world_file import load_world_data
from mock_server.exchange import Exchange
from mock_server.storage.armed import ArmedFaults
from mock_server.storage.database import Database
from mock_server.storage.journal import Journal
from mock_server.storage.revisions import Revisions
from mock_server.storage.rows import RowMaker
from mock_server.storage.secrecy import Secrets
from mock_server.storage.sessions import Sessions
from mock_server.storage.worlds import Worlds

AT = datetime(2026, 4, 27, 13, 35, tzinfo=UTC)
ANSWER = Answer("userAnalyticsAdded", 200, "User analytics added successfully.", b'{"statusCode":200}')


def exchange(number: int = 1, *, seconds: float | None = None, **facts: Any) -> Exchange:  # noqa: ANN401 - any member
    """Give an exchange; `number` makes its id, and by default its time in seconds after AT."""
    made = Exchange(
        id=f"abc-{number}",
        at=AT + timedelta(seconds=number if seconds is None else seconds),
        started=float(number),
        method="POST",
        path="/api/v1/user/analytics",
        address="127.0.0.1",
        answer=ANSWER,
    )
    for name, value in facts.items():
        setattr(made, name, value)
    return made


def of_session(key: Key, session: str) -> Key:
    """Give a key as that of a session."""
    return replace(key, session=session)


def journal(  # noqa: PLR0913 - what a journal can be told, each with what most tests need
    file: Path | None = None,
    *,
    entries: int = 10_000,
    weight: int = 1 << 25,
    bodies: str = "head",
    secrets: Iterable[str] = (),
    keep_seconds: float | None = None,
    shared: bool = False,
) -> Journal:
    """Give a journal in memory, or in a file."""
    known = Secrets(secrets)
    return Journal(
        Database(None if file is None else str(file)),
        RowMaker(load_contract(), bodies),
        lambda: known,
        (entries, weight),
        keep_seconds=keep_seconds,
        others=Revisions(None if file is None else str(file)) if shared else None,
    )


@dataclass
class Clock:
    """A time that stands still until it is moved; in seconds of the epoch."""

    seconds: float = AT.timestamp()

    def __call__(self) -> float:
        """Give the time."""
        return self.seconds


class Stored:
    """One worker's view of what is stored beside requests. Two of them with the same file are two workers."""

    def __init__(self, file: Path | None = None, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        contract = load_contract()
        place = None if file is None else str(file)
        data, name = load_world_data(None, contract)
        self.database = Database(place)
        self.revisions = Revisions(place)
        self.worlds = Worlds(self.database, self.revisions, contract, data, name)
        self.sessions = Sessions(self.database, self.revisions, self.worlds, contract, self.clock)
        self.faults = ArmedFaults(self.database, self.revisions, contract, self.clock)

    def key(self, secret: str) -> Key:
        """Find a key in the world as it is now; KeyError when it is unknown."""
        return self.worlds.current(self.clock()).keys[secret]
