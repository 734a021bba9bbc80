"""A fake that the judge starts for itself, with a key for each trial and what arrived for it."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

from conformance.fake.entries import sent
from conformance.model import Sent
from contracts.faults import ConfigError
from contracts.operations import Contract
from contracts.world import masked
from mock_server.server import Running, running
from mock_server.settings import Settings
from mock_server.storage.entry import Entry
from mock_server.storage.schedule import Order
from mock_server.storage.search import Search

_ALL = Search()
_PAGE = 500
# A client that has been told may leave a request behind that the fake is not yet done with.
_SETTLING_SECONDS = 2.0
_LIVES_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Lot:
    """A key for one trial, which nobody prints: `shown` is how it is masked. `session` is empty for a spelled one."""

    secret: str
    shown: str
    session: str

    def __repr__(self) -> str:
        """Write it masked."""
        return f"<Lot {self.shown}>"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived since a mark, in order; `stale` came with the key of an earlier trial.

    `left` says how many armed steps nobody met, by the masked key; `until` is the mark of now.
    """

    sent: tuple[Sent, ...]
    stale: tuple[Sent, ...]
    left: Mapping[str, int]
    until: int


class JudgesFake:
    """A fake for trials, one after the other."""

    def __init__(self, fake: Running, contract: Contract) -> None:
        self.url = fake.url
        self.contract = contract
        self._running = fake
        self._fake = fake.fake
        self._gone: set[str] = set()

    def open(
        self,
        changes: Mapping[str, Any],
        plan: Sequence[str],
        *,
        persistent: bool = False,
        key: str = "",
        allow: Sequence[str] = (),
    ) -> Lot:
        """Make a key whose world has these changes, and arm a plan for it.

        `key` spells the key, `allow` are the only addresses that may use it, where there are any. Raises ConfigError
        for changes or steps that do not fit.
        """
        options = {"allow": list(allow)} if allow else {}
        return self._running.call(self._open(changes, plan, options, persistent=persistent, key=key))

    async def _open(
        self, changes: Mapping[str, Any], plan: Sequence[str], options: Mapping[str, Any], *, persistent: bool, key: str
    ) -> Lot:
        if key:
            self._fake.worlds.change({**changes, "keys": [{"key": key, **options}]})
            lot = Lot(key, masked(key), "")
            # Another trial may have spelled the same one.
            self._gone.discard(lot.shown)
        else:
            made, secret = self._fake.sessions.create(seconds=_LIVES_SECONDS, options=options, changes=changes)
            lot = Lot(secret, made.masked, made.id)
        session, spelled = (lot.session, None) if lot.session else (None, lot.shown)
        if plan:
            self._fake.faults.arm(Order(tuple(plan), session=session, key=spelled))
        if persistent:
            self._fake.faults.arm(Order(tuple(plan[-1:]), session=session, key=spelled, always=True))
        return lot

    def mark(self) -> int:
        """Give what stands for now: `arrived` gives what comes after it."""
        return self._running.call(self._mark())

    async def _mark(self) -> int:
        return self._fake.journal.last_seq()

    def arrived(self, since: int, lots: Sequence[Lot]) -> Arrivals:
        """Give what arrived since a mark, once the fake is done with it, and what is left of the plans."""
        return self._running.call(self._arrived(since, lots))

    async def _arrived(self, since: int, lots: Sequence[Lot]) -> Arrivals:
        entries = self._entries(since)
        waited = 0.0
        while any(entry.seconds is None for entry in entries) and waited < _SETTLING_SECONDS:
            await self._fake.journal.news(0.05)
            waited += 0.05
            entries = self._entries(since)
        mine = {lot.shown for lot in lots}
        arrived = [sent(entry, self.contract, mine=entry.key in mine) for entry in entries]
        return Arrivals(
            sent=tuple(one for one in arrived if not self._is_stale(one)),
            stale=tuple(one for one in arrived if self._is_stale(one)),
            left={lot.shown: self._left(lot) for lot in lots},
            until=entries[-1].seq if entries else since,
        )

    def _is_stale(self, one: Sent) -> bool:
        # The key is unknown by now, but it is still masked in the same way.
        return (one.key or one.header(self.contract.key_header)) in self._gone

    def _entries(self, since: int) -> list[Entry]:
        found: list[Entry] = []
        while page := self._fake.journal.find(_ALL, limit=_PAGE, after=since, newest=False, full=True):
            found += page
            since = page[-1].seq
            if len(page) < _PAGE:
                break
        return found

    def _left(self, lot: Lot) -> int:
        def is_of_lot(order: Order) -> bool:
            return order.session == lot.session if lot.session else order.key == lot.shown

        return sum(fault.remaining or 0 for fault in self._fake.faults.all() if is_of_lot(fault.order))

    def close(self, lots: Sequence[Lot]) -> None:
        """Take the keys of a trial back."""
        self._running.call(self._close(lots))

    async def _close(self, lots: Sequence[Lot]) -> None:
        for lot in lots:
            if lot.session:
                self._fake.sessions.end(lot.session)
            else:
                self._fake.worlds.reset()
            self._gone.add(lot.shown)
        self._fake.faults.clear()


@contextlib.contextmanager
def judges_fake(contract: Contract, spec: str | None = None) -> Iterator[JudgesFake]:
    """Start a fake for trials, on a free port of loopback."""
    with as_file(files("conformance") / "world.toml") as world:
        settings = Settings(
            port=0, log_level="error", spec=spec, world=str(world), journal_bodies="full", control=False
        )
        with running(settings) as started:
            yield JudgesFake(started, contract)


__all__ = ["Arrivals", "ConfigError", "JudgesFake", "Lot", "judges_fake"]
