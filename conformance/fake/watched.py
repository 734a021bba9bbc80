"""A fake for somebody's own command: with a world that is of use to it, a key, and answers that come in a loop."""

import contextlib
from collections.abc import Iterator, Sequence

from conformance.fake.kept import recorded_of
from conformance.observed.recorded import Recorded
from contracts.operations import Contract
from contracts.world import masked
from mock_server.server import Running, running
from mock_server.settings import Settings
from mock_server.storage.entry import Entry
from mock_server.storage.schedule import Order
from mock_server.storage.search import Search

_ALL = Search()
_PAGE = 500
_MOST_REQUESTS = 100_000
_MOST_BYTES = 256 * 1024 * 1024
# A client that is done may leave a request behind that the fake is not yet done with.
_SETTLING_SECONDS = 2.0
# Looked after twice a second, a loop has no end at a few hundred requests a second.
_STEPS_AHEAD = 240


class WatchedFake:
    """A running fake. `secret` is the API key for the command, which nobody prints."""

    def __init__(self, fake: Running, contract: Contract, secret: str) -> None:
        self.url = fake.url
        self.secret = secret
        self._contract = contract
        self._running = fake
        self._fake = fake.fake

    def __repr__(self) -> str:
        """Write where it is, and no key."""
        return f"<WatchedFake {self.url}>"

    def arm_always(self, step: str) -> None:
        """Arm a step for all requests. Raises ConfigError for what is none."""
        self._running.call(lambda: self._fake.faults.arm(Order((step,), always=True)))

    def keep_armed(self, plan: Sequence[str]) -> None:
        """See to it that each operation gets the steps of a plan one after the other, again and again.

        To be called every half second. Raises ConfigError for what is no step.
        """
        self._running.call(lambda: self._keep_armed(plan))

    def _keep_armed(self, plan: Sequence[str]) -> None:
        faults = self._fake.faults
        left = {operation.id: 0 for operation in self._contract.operations.values()}
        for fault in faults.all():
            if fault.active and fault.order.operation in left:
                left[fault.order.operation] += fault.remaining or 0
            elif not fault.active:
                faults.disarm(fault.id)
        series = tuple(plan) * max(1, _STEPS_AHEAD // len(plan))
        for operation, steps in left.items():
            if steps < len(series):
                faults.arm(Order(series, operation=operation))

    def recorded(self) -> Recorded:
        """Give what came so far, once the fake is done with it."""
        return self._running.finished(self._recorded())

    async def _recorded(self) -> Recorded:
        waited = 0.0
        while any(entry.seconds is None for entry in self._entries(full=False)) and waited < _SETTLING_SECONDS:
            await self._fake.journal.news(0.05)
            waited += 0.05
        evicted = self._fake.journal.evicted()
        return recorded_of(self._entries(full=True), self._contract, self.url, evicted, mine=masked(self.secret))

    def _entries(self, *, full: bool) -> Iterator[Entry]:
        after: int | None = 0
        while page := self._fake.journal.find(_ALL, limit=_PAGE, after=after, newest=False, full=full):
            yield from page
            after = page[-1].seq


@contextlib.contextmanager
def watched_fake(
    contract: Contract, *, spec: str | None = None, world: str | None = None, port: int = 0
) -> Iterator[WatchedFake]:
    """Start a fake on loopback, with the built-in world or that of a file; the key sees all of it.

    Raises ConfigError for a world that cannot be used, and for a port that is taken.
    """
    settings = Settings(
        port=port,
        spec=spec,
        world=world,
        log_level="error",
        journal_bodies="full",
        journal_entries=_MOST_REQUESTS,
        journal_bytes=_MOST_BYTES,
    )
    with running(settings) as started:
        _, secret = started.call(lambda: started.fake.sessions.create(name="watched"))
        yield WatchedFake(started, contract, secret)
