"""The world as it is now: what the file says, what was changed since, and the worlds of sessions."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from contracts.faults import ConfigError, Fault
from contracts.operations import Contract
from contracts.world import Key, World, masked
from contracts.world_file import SOME_KEY, check_changes, check_relations, check_world, key_of, world_of
from mock_server.storage.changes import Data, joined, merged
from mock_server.storage.database import Database
from mock_server.storage.keyring import Digest, KeyRing, digest
from mock_server.storage.revisions import Revisions
from mock_server.storage.secrecy import Secrets, Trace, is_session_key, unknown_keys

_CHANGE = "the change"


class Worlds:
    """The worlds of one fake. All workers see a change with the first request that begins after it was made."""

    def __init__(self, database: Database, revisions: Revisions, contract: Contract, data: Data, name: str) -> None:
        """Begin with the data of a world that was checked for this contract."""
        self._database = database
        self._revisions = revisions
        self._expiry = float("inf")
        self._session_keys: dict[tuple[str, int], Key] = {}
        self._known: tuple[str, ...] | None = None
        self._secrets, self._secrets_of = Secrets(), -1
        self.adopt(contract, data, name)

    def adopt(self, contract: Contract, data: Data, name: str) -> None:
        """Go on with another contract and the data of another world; changes and sessions stay."""
        self._contract = contract
        self._base = _with_pairs(data, contract)
        self._name = name
        self._session_keys.clear()
        self._shared_of: tuple[str, str] | None = None
        self._seen = b""

    def misfits(self, contract: Contract, data: Data) -> list[Fault]:
        """Give what of the changes and the sessions could not stay with another contract and world."""
        changes, added = self._changes()
        keys = [{**_unmasked(row), "key": f"added-{number}"} for number, row in enumerate(added.values())]
        checks = [
            ("what was changed since", {**merged(_with_pairs(data, contract), changes), "keys": keys or [SOME_KEY]})
        ]
        sessions = self._database.rows(
            "SELECT id, options, world FROM sessions WHERE ended IS NULL AND expires > ?", [time.time()]
        )
        checks += [
            (f"session {session}", {**json.loads(world), "keys": [{**json.loads(options), **SOME_KEY}]})
            for session, options, world in sessions
        ]
        return [fault for name, world in checks for fault in _faults(world, name, contract)]

    def current(self, now: float) -> World:
        """Give the world as it is at a time, in seconds of the epoch. Raises StorageError."""
        if self._seen != self._revisions.worlds.now or now >= self._expiry:
            self._load(now)
        return self._world

    def secrets(self) -> Secrets:
        """Give the keys that have to be kept out of what is stored. Raises StorageError.

        Those of sessions are known by their form, those that were added by the traces that are kept of them.
        """
        keys = self.current(time.time()).keys
        # Keys turn up when somebody comes with them, so the ring may have grown; most are of sessions.
        if self._secrets_of != len(keys):
            self._secrets_of = len(keys)
            known = tuple(secret for secret in keys if not is_session_key(secret))
            if known != self._known:
                self._known, self._secrets = known, Secrets(known, self._traces)
        return self._secrets

    def secrets_beside(self, headers: Sequence[tuple[bytes, bytes]], query: str) -> Secrets:
        """Give these keys, with those that one request shows, be they known or not. Raises StorageError."""
        return self.secrets().and_also(unknown_keys(headers, query, self._contract.key_header.encode()))

    def _load(self, now: float) -> None:
        seen = self._revisions.worlds.now
        stored = self._database.rows("SELECT changes, keys FROM world")[0]
        if stored != self._shared_of:
            self._load_shared(*map(json.loads, stored))
            self._shared_of = stored
        sessions = self._database.rows(
            "SELECT id, digest, revision, expires FROM sessions WHERE ended IS NULL AND expires > ?", [now]
        )
        by_digest = self._added | {row[1]: partial(self._session_key, row[0], row[2]) for row in sessions}
        living = {(row[0], row[2]) for row in sessions}
        self._session_keys = {known: key for known, key in self._session_keys.items() if known in living}
        self._expiry = min((row[3] for row in sessions), default=float("inf"))
        self._world = World(self._shared.name, KeyRing(self._shared.keys, by_digest), self._shared.users)
        self._secrets_of = -1
        self._seen = seen

    def _load_shared(self, changes: Data, added: Data) -> None:
        """Load all but the sessions, which come and go far more often."""
        data = merged(self._base, changes)
        data["keys"] = [row for row in self._base["keys"] if digest(row["key"]).hex() not in added]
        self._shared = world_of(data, self._name, self._contract)
        self._added: dict[Digest, Callable[[], Key]] = {
            bytes.fromhex(summed): partial(key_of, row, data, self._contract) for summed, row in added.items()
        }
        self._traces = [_trace(bytes.fromhex(summed), row) for summed, row in added.items()]
        self._known = None

    def _session_key(self, session: str, revision: int) -> Key:
        """Build the key of a session, unless it was built before and its world has not changed."""
        known = self._session_keys.get((session, revision))
        if known is None:
            rows = self._database.rows("SELECT masked, name, options, world FROM sessions WHERE id = ?", [session])
            if not rows:
                # Another worker has just forgotten it, and is about to say so.
                raise KeyError(session)
            shown, name, options, world = rows[0]
            row = {**json.loads(options), "masked": shown, "name": name}
            known = key_of(row, json.loads(world), self._contract, session=session)
            self._session_keys[session, revision] = known
        return known

    def _changes(self) -> tuple[Data, Data]:
        changes, added = self._database.rows("SELECT changes, keys FROM world")[0]
        return json.loads(changes), json.loads(added)

    # What the control API asks for

    def data(self, session: str | None = None) -> Data:
        """Give a world as the data of its file, with each key in its masked form. LookupError for no such session."""
        if session is not None:
            rows = self._database.rows("SELECT world, options, masked, name FROM sessions WHERE id = ?", [session])
            if not rows:
                raise LookupError(session)
            world, options, shown, name = rows[0]
            return {**json.loads(world), "keys": [{**json.loads(options), "key": shown, "name": name}]}
        changes, added = self._changes()
        data = merged(self._base, changes)
        kept = [row for row in self._base["keys"] if digest(row["key"]).hex() not in added]
        data["keys"] = [{**row, "key": masked(row["key"])} for row in kept]
        data["keys"] += [{**_unmasked(row), "key": row["masked"]} for row in added.values()]
        return data

    def change(self, changes: Mapping[str, Any], session: str | None = None) -> None:
        """Add to a world, or replace in it, what stands in `changes` under the names of a world file.

        Raises ConfigError with every fault, LookupError for no such session.
        """
        if session is not None:
            self._change_session(changes, session)
            return
        self.checked(changes)
        with self._database.transaction() as connection:
            before, added = self._changes()
            rows = {digest(row["key"]).hex(): _without_secret(row) for row in changes.get("keys", ())}
            connection.execute(
                "UPDATE world SET changes = ?, keys = ?",
                (json.dumps(joined(before, changes)), json.dumps({**added, **rows})),
            )
        self._revisions.worlds.change()

    def _change_session(self, changes: Mapping[str, Any], session: str) -> None:
        if "keys" in changes:
            raise ConfigError([Fault("keys", "a session has the one key that it was made with")])
        with self._database.transaction() as connection:
            # Within the transaction: another worker may be changing it, too.
            result = self.checked(changes, self.data(session))
            connection.execute(
                "UPDATE sessions SET world = ?, revision = revision + 1 WHERE id = ?", (json.dumps(result), session)
            )
        self._revisions.worlds.change()

    def checked(self, changes: Mapping[str, Any], data: Data | None = None) -> Data:
        """Give a world with changes in it but no keys: that of the data, or the present one. Raises ConfigError."""
        check_changes(changes, _CHANGE, self._contract)
        result = merged(data if data is not None else merged(self._base, self._changes()[0]), changes)
        result["keys"] = changes.get("keys", [])
        check_relations(result, _CHANGE)
        del result["keys"]
        return result

    def reset(self, session: str | None = None) -> bool:
        """Drop the changes to a world; that of a session becomes a new copy. Says whether there was what to drop."""
        with self._database.transaction() as connection:
            if session is None:
                sql = "UPDATE world SET changes = '{}', keys = '{}' WHERE changes <> '{}' OR keys <> '{}'"
                found = connection.execute(sql).rowcount > 0
            else:
                world = json.dumps(self.checked({}))
                sql = "UPDATE sessions SET world = ?, revision = revision + 1 WHERE id = ?"
                found = connection.execute(sql, (world, session)).rowcount > 0
        self._revisions.worlds.change()
        return found


def _with_pairs(data: Data, contract: Contract) -> Data:
    """Give data in which the pairs stand that hold where none are named: those of the contract."""
    return {"pairs": {feature: list(actions) for feature, actions in contract.pairs.items()}, **data}


def _faults(data: Data, name: str, contract: Contract) -> tuple[Fault, ...]:
    try:
        check_world(data, name, contract)
    except ConfigError as error:
        return error.faults
    return ()


def _unmasked(row: Mapping[str, Any]) -> Data:
    return {name: value for name, value in row.items() if name not in {"masked", "length"}}


def _without_secret(row: Mapping[str, Any]) -> Data:
    others = {name: value for name, value in row.items() if name != "key"}
    return {**others, "masked": masked(row["key"]), "length": len(row["key"])}


def _trace(summed: Digest, row: Mapping[str, Any]) -> Trace:
    return Trace(row["masked"].partition("…")[0], row["length"], summed, row["masked"])
