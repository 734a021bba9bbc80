"""A fake that the judge starts for itself, with a key for each trial and what arrived for it."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from typing import Any

from conformance.fake.entries import has_other_words, sent
from conformance.model import Sent
from conformance.soundness import HarnessError
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
# A client that has been told, or has given up, may leave a request behind that the fake is not yet done with.
_LOOK_SECONDS = 0.002
_LOOKS = 1000
# To take a connection, to make its protocol, to read from it: more than the fake's loop needs for that.
_TURNS = 10
_LIVES_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Wish:
    """The key that a trial needs: one whose world has these changes, with a plan that is armed for it.

    The plan's last step is played for ever when it is `persistent`. `key` spells the key, one is made when it is empty.
    `allow` are the only addresses that may use it, where there are any.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    plan: tuple[str, ...] = ()
    persistent: bool = False
    key: str = ""
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lot:
    """A key for one trial, which nobody prints: `shown` is how it is masked. `session` is empty for a spelled one."""

    secret: str = field(repr=False)
    shown: str
    session: str


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived, in order; `stale` came with the key of an earlier trial.

    `left` says how many armed steps nobody met, by the masked key; `since` when it was last looked, in seconds of the
    epoch.
    """

    sent: tuple[Sent, ...]
    stale: tuple[Sent, ...]
    left: Mapping[str, int]
    since: float = 0.0

    def late(self, found: Iterable[Sent]) -> list[Sent]:
        """Give those that came since the last look; one that came before, and ended only now, was there in time."""
        return [one for one in found if one.at >= self.since]


class JudgesFake:
    """A fake for trials, one after the other."""

    def __init__(self, fake: Running, contract: Contract) -> None:
        self.url = fake.url
        self.contract = contract
        self._running = fake
        self._fake = fake.fake
        self._lots: list[Lot] = []
        self._gone: set[str] = set()
        self._seq = 0
        self._recorded = 0
        self._begun = 0
        self._seen = 0
        self._stuck = 0
        self._looked = 0.0
        self._left: Mapping[str, int] = {}

    def begin(self, wishes: Sequence[Wish]) -> list[Lot]:
        """Make the keys of a trial; those of the trial before are taken back.

        Raises ConfigError for changes or steps that do not fit, HarnessError when what was armed is not there.
        """
        return self._running.call(lambda: self._begin(wishes))

    def _begin(self, wishes: Sequence[Wish]) -> list[Lot]:
        for lot in self._lots:
            if lot.session:
                self._fake.sessions.end(lot.session)
            else:
                self._fake.worlds.reset()
        if self._lots:
            self._fake.faults.clear()
        self._gone.update(lot.shown for lot in self._lots)
        # One after the other, so that what was made is taken back when the next one cannot be.
        self._lots = []
        for wish in wishes:
            self._lots.append(self._lot(wish))
            # Another trial may have spelled the same key, or had one with the same mask, which is short.
            self._gone.discard(self._lots[-1].shown)
            self._arm(wish, self._lots[-1])
        self._left = {lot.shown: self._left_of(lot) for lot in self._lots}
        for wish, lot in zip(wishes, self._lots, strict=True):
            if self._left[lot.shown] != len(wish.plan):
                raise HarnessError(f"{len(wish.plan)} answers were to be armed, and {self._left[lot.shown]} are")
        return self._lots

    def _lot(self, wish: Wish) -> Lot:
        options = {"allow": list(wish.allow)} if wish.allow else {}
        if wish.key:
            self._fake.worlds.change({**wish.changes, "keys": [{"key": wish.key, **options}]})
            return Lot(wish.key, masked(wish.key), "")
        made, secret = self._fake.sessions.create(seconds=_LIVES_SECONDS, options=options, changes=wish.changes)
        return Lot(secret, made.masked, made.id)

    def _arm(self, wish: Wish, lot: Lot) -> None:
        session, spelled = (lot.session, None) if lot.session else (None, lot.shown)
        if wish.plan:
            self._fake.faults.arm(Order(wish.plan, session=session, key=spelled))
        if wish.persistent:
            self._fake.faults.arm(Order(wish.plan[-1:], session=session, key=spelled, always=True))

    def arrived(self, *, is_unanswered: bool = False) -> Arrivals:
        """Give what arrived since the last look, once the fake is done with it, and what is left of the plans.

        A client that `is_unanswered` may have left before the fake, on a busy machine, read what was sent: it is read
        first.

        Raises HarnessError when requests arrived that the journal does not hold, or an answer is not the contract's.
        """
        if is_unanswered:
            return self._running.finished(self._arrived_when_done())
        nothing_new = self._fake.journal.recorded == self._recorded and self._fake.begun == self._begun
        if nothing_new and self._fake.in_flight <= self._stuck:
            return Arrivals((), (), self._left, self._looked)
        return self._running.call(self._arrived_if_done) or self._running.finished(self._arrived_when_done())

    def _arrived_if_done(self) -> Arrivals | None:
        return self._arrived() if self._fake.in_flight <= self._stuck else None

    async def _arrived_when_done(self) -> Arrivals:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for _ in range(_LOOKS):
            if self._fake.in_flight <= self._stuck:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return self._arrived()

    def _arrived(self) -> Arrivals:
        # Nobody is waited for twice.
        self._stuck = self._fake.in_flight
        entries = self._entries()
        self._recorded, self._seq = self._fake.journal.recorded, entries[-1].seq if entries else self._seq
        self._begun = self._fake.begun
        self._count(len(entries))
        foreign = next((entry for entry in entries if has_other_words(entry, self.contract)), None)
        if foreign is not None:
            raise HarnessError(f"the fake answered request {foreign.id} with other words than the contract has for it")
        self._left = {lot.shown: self._left_of(lot) for lot in self._lots}
        mine = {lot.shown for lot in self._lots}
        arrived = [sent(entry, self.contract, mine=entry.key in mine) for entry in entries]
        since, self._looked = self._looked, self._fake.now().timestamp()
        return Arrivals(
            sent=tuple(one for one in arrived if not self._is_stale(one)),
            stale=tuple(one for one in arrived if self._is_stale(one)),
            left=self._left,
            since=since,
        )

    def _count(self, found: int) -> None:
        """See to it that no request is missing: all that are over have to be in the journal, or have been there."""
        self._seen += found
        over = self._fake.begun - self._fake.in_flight
        if self._seen < over and self._seen + self._fake.journal.evicted() < over:
            raise HarnessError(f"{over} requests arrived, and the journal holds {self._seen} of them")

    def _is_stale(self, one: Sent) -> bool:
        # The key is unknown by now, but it is still masked in the same way.
        return (one.key or one.header(self.contract.key_header)) in self._gone

    def _entries(self) -> list[Entry]:
        found: list[Entry] = []
        since = self._seq
        while page := self._fake.journal.find(_ALL, limit=_PAGE, after=since, newest=False, full=True):
            found += page
            since = page[-1].seq
            if len(page) < _PAGE:
                break
        return found

    def _left_of(self, lot: Lot) -> int:
        def is_of_lot(order: Order) -> bool:
            return order.session == lot.session if lot.session else order.key == lot.shown

        return sum(fault.remaining or 0 for fault in self._fake.faults.all() if is_of_lot(fault.order))


@contextlib.contextmanager
def judges_fake(contract: Contract, spec: str | None = None) -> Iterator[JudgesFake]:
    """Start a fake for trials, on a free port of loopback."""
    with as_file(files("conformance") / "world.toml") as world:
        settings = Settings(
            port=0, log_level="error", spec=spec, world=str(world), journal_bodies="full", control=False
        )
        with running(settings) as started:
            yield JudgesFake(started, contract)


__all__ = ["Arrivals", "ConfigError", "JudgesFake", "Lot", "Wish", "judges_fake"]
