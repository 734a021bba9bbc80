"""Sessions: each a fresh key with a copy of the world, for a test that wants nobody else in it."""

import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from contracts.operations import Contract
from contracts.world import masked
from contracts.world_file import check_world
from mock_server.storage.database import Database
from mock_server.storage.keyring import digest
from mock_server.storage.revisions import Revisions
from mock_server.storage.secrecy import SESSION_KEY_PREFIX
from mock_server.storage.worlds import Worlds

DAY = 86_400.0
# For so long a session that is over can still be looked at.
_AFTERLIFE = 3_600.0
_COLUMNS = "id, name, masked, created, expires, ended"


@dataclass(frozen=True, slots=True)
class Session:
    """A session; its times are in seconds of the epoch, `ended` is None unless somebody ended it before it expired."""

    id: str
    name: str
    masked: str
    created: float
    expires: float
    ended: float | None


class Sessions:
    """The sessions of one fake."""

    def __init__(
        self,
        database: Database,
        revisions: Revisions,
        worlds: Worlds,
        contract: Contract,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._revisions = revisions
        self._worlds = worlds
        self._contract = contract
        self._now = now

    def adopt(self, contract: Contract) -> None:
        """Go on with another contract."""
        self._contract = contract

    def create(
        self,
        *,
        name: str = "",
        seconds: float = DAY,
        options: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> tuple[Session, str]:
        """Make a session that lives so many seconds; gives it with its key, which nobody can give once more.

        `options` are those of a key: `allow`, `answer`, `asset_bytes`; `changes` are made to its copy of the world.
        Raises ConfigError.
        """
        world = self._worlds.checked(changes or {})
        if options:
            check_world({**world, "keys": [{"key": "session", **options}]}, "the session", self._contract)
        secret, now = SESSION_KEY_PREFIX + token_hex(16), self._now()
        session = Session(f"s-{token_hex(6)}", name, masked(secret), now, now + seconds, None)
        with self._database.transaction() as connection:
            faults_changed = _forget_those_over(connection, now)
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, NULL, 0, ?, ?)",
                (
                    session.id,
                    digest(secret),
                    session.masked,
                    name,
                    now,
                    session.expires,
                    json.dumps(options or {}),
                    json.dumps(world),
                ),
            )
        self._revisions.worlds.change()
        if faults_changed:
            self._revisions.faults.change()
        return session, secret

    def all(self) -> list[Session]:
        """Give all sessions, the oldest first, also such as are over since a short time."""
        sql = f"SELECT {_COLUMNS} FROM sessions ORDER BY created, rowid"  # noqa: S608 - a constant
        return [Session(*row) for row in self._database.rows(sql)]

    def get(self, session_id: str) -> Session | None:
        """Give one session."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM sessions WHERE id = ?", [session_id])  # noqa: S608 - the same
        return Session(*rows[0]) if rows else None

    def end(self, session_id: str) -> bool:
        """End a session: its key is unknown from now on. Says whether there was one to end."""
        now = self._now()
        with self._database.transaction() as connection:
            sql = "UPDATE sessions SET ended = ? WHERE id = ? AND ended IS NULL AND expires > ?"
            ended = connection.execute(sql, (now, session_id, now)).rowcount > 0
            connection.execute("DELETE FROM faults WHERE session = ?", (session_id,))
        self._revisions.worlds.change()
        self._revisions.faults.change()
        return ended

    def clear(self) -> int:
        """End all sessions and forget them; gives how many were known."""
        with self._database.transaction() as connection:
            cleared = connection.execute("DELETE FROM sessions").rowcount
            connection.execute("DELETE FROM faults WHERE session != ''")
        self._revisions.worlds.change()
        self._revisions.faults.change()
        return cleared


def _forget_those_over(connection: sqlite3.Connection, now: float) -> bool:
    """Delete what was armed for sessions that are over, and those long over; says whether anything was armed."""
    # There may be thousands of sessions that are over, and only a few faults.
    is_over = "EXISTS (SELECT 1 FROM sessions WHERE id = faults.session AND coalesce(ended, expires) < ?)"
    disarmed = connection.execute(f"DELETE FROM faults WHERE session <> '' AND {is_over}", (now,)).rowcount  # noqa: S608 - a constant
    gone = connection.execute("DELETE FROM sessions WHERE coalesce(ended, expires) < ?", (now - _AFTERLIFE,)).rowcount
    if gone:
        connection.execute("DELETE FROM evictions WHERE session <> '' AND session NOT IN (SELECT id FROM sessions)")
    return disarmed > 0
