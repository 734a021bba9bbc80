"""Watches the files of spec and world while a fake serves, and lets it go on with what they say now."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from contracts.faults import ConfigError, Fault
from contracts.operations import Contract
from contracts.spec import load_contract
from contracts.world_file import load_world_data
from mock_server.fake import Fake
from mock_server.storage.database import StorageError
from mock_server.storage.rows import RowMaker

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.3
# An editor may write a file in several steps; one that stays the same for so long is taken for finished.
_STEADY_SECONDS = 0.05


class Loaded(NamedTuple):
    """What the files say: the contract, the data of the world, and the name of that."""

    contract: Contract
    data: dict[str, Any]
    name: str


class Watcher:
    """Looks at the files of one fake. `renew` is called when the fake has another contract.

    What cannot be used is told in the log, with every fault, and all stays as it was until the files can be used.
    """

    def __init__(self, fake: Fake, renew: Callable[[], None]) -> None:
        self._fake = fake
        self._renew = renew
        self._files = tuple(file for file in (fake.settings.spec, fake.settings.world) if file is not None)
        self._seen = self._contents()
        self._changed: dict[str, None] = {}
        self._waiting: Loaded | None = None
        self._complaint: tuple[Fault, ...] = ()

    async def watch(self) -> None:
        """Look again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - nobody waits for this task, so nobody else would say that it has failed
                self._waiting = None
                _log.exception("what has changed could not be taken up; all stays as it was")

    async def look(self) -> None:
        """Look once, and let the fake go on with what has changed."""
        found = self._contents()
        if found != self._seen:
            await asyncio.sleep(_STEADY_SECONDS)
            if found != self._contents():
                return
            self._changed |= {file: None for file in self._files if found[file] != self._seen[file]}
            self._seen = found
            self._complaint = ()
            self._waiting = await self._loaded()
        if self._waiting is not None:
            self._adopt(self._waiting)

    def _contents(self) -> Mapping[str, bytes | None]:
        """Read the files, which are small: time and size of a file may be the same after a change of it."""
        return {file: _content(file) for file in self._files}

    async def _loaded(self) -> Loaded | None:
        settings = self._fake.settings
        try:
            # To compile a spec takes longer than a request may wait.
            return await asyncio.to_thread(_load, settings.spec, settings.world)
        except ConfigError as error:
            self._complain(error.faults)
            return None

    def _adopt(self, loaded: Loaded) -> None:
        """Go on with what was loaded, all of it or nothing; requests that have begun keep what they began with."""
        fake, (contract, data, name) = self._fake, loaded
        try:
            # What somebody armed or changed since the start can be in the way, and can be taken out of it.
            misfits = [*fake.worlds.misfits(contract, data), *fake.faults.misfits(contract)]
            if misfits:
                self._complain(tuple(misfits))
                return
            fake.journal.adopt(RowMaker(contract, fake.settings.journal_bodies))
        except StorageError:
            # The log says so already; the next look tries again.
            return
        fake.worlds.adopt(contract, data, name)
        fake.sessions.adopt(contract)
        fake.faults.adopt(contract)
        fake.contract = contract
        self._renew()
        self._waiting = None
        fake.log.note(f"reloaded {', '.join(self._changed)}{self._where()}: {_sums(loaded)}")
        self._changed.clear()

    def _complain(self, faults: tuple[Fault, ...]) -> None:
        if faults == self._complaint:
            return
        self._complaint = faults
        self._fake.log.note(f"not reloaded{self._where()}, all stays as it was: {len(faults)} to be mended")
        for fault in faults:
            self._fake.log.note(f"  {fault}")

    def _where(self) -> str:
        """Name the process where there are several, each of which watches for itself."""
        return f" by worker {os.getpid()}" if self._fake.settings.workers > 1 else ""


def _content(file: str) -> bytes | None:
    try:
        return Path(file).read_bytes()
    except OSError:
        return None


def _load(spec: str | None, world: str | None) -> Loaded:
    contract = load_contract(spec)
    return Loaded(contract, *load_world_data(world, contract))


def _sums(loaded: Loaded) -> str:
    contract, data, _ = loaded
    return (
        f"{len(contract.operations)} operations, {len(contract.rules)} rules, {len(contract.answers)} answers, "
        f"{len(data['keys'])} keys, {len(data.get('users', ()))} users"
    )
