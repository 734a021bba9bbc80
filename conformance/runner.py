"""Puts a client to a trial: a fresh key, a plan, the calls, and what arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.chapters.giving_up import ENDLESS
from conformance.clients.client import Client, Config, Order
from conformance.fake.started import Arrivals, ConfigError, JudgesFake, Lot, Wish
from conformance.files import FileStore
from conformance.meaning import wrong_with
from conformance.model import Call, Case, Intent, Outcome, Reply, Sent
from conformance.surroundings import surroundings
from conformance.trial import Trial
from contracts.faults import Fault
from contracts.operations import Contract

# So much longer may a call take that fails again and again, with the real waits in between: 1 + 2 + 4 + 8 s are common.
_PATIENCE = 6


class Runner:
    """Runs trials one after the other against one client; `elsewhere` is another origin, where nobody has to call.

    `time_scale` is what clients that can are told to multiply their waits with, `deadline` how many seconds a call may
    take; longer where a client has to wait for longer.
    """

    def __init__(  # noqa: PLR0913 - the parties to a trial
        self,
        fake: JudgesFake,
        client: Client,
        store: FileStore,
        contract: Contract,
        *,
        elsewhere: JudgesFake | None = None,
        time_scale: float = 0.01,
        deadline: float = 10.0,
    ) -> None:
        self.contract = contract
        self.client = client
        self._fake = fake
        self._store = store
        self._elsewhere = elsewhere
        self._time_scale = time_scale if client.can.time_scale else 1.0
        self._deadline = deadline

    def run(self, trial: Trial) -> Case:
        """Run a trial. Raises AdapterError when the adapter is at fault, ConfigError for a trial that cannot be run."""
        world = {**(surroundings(trial.intents) if trial.known else {}), **trial.changes}
        lots = self._begin(trial, world)
        case = self._at_once(trial, lots[0], world) if trial.parallel else self._in_turn(trial, lots, world)
        strays = self._elsewhere.arrived().sent if self._elsewhere else ()
        return replace(case, strays=strays) if strays else case

    def _begin(self, trial: Trial, world: Mapping[str, Any]) -> list[Lot]:
        away = self._elsewhere.url if self._elsewhere else ""
        plan = tuple(step.replace("{elsewhere}", away) for step in trial.plan)
        wishes = [Wish(world, plan, trial.persistent, trial.key, tuple(trial.allow))]
        if trial.second_key:
            wishes.append(Wish(world))
        try:
            return self._fake.begin(wishes)
        except ConfigError as error:
            raise ConfigError(
                [Fault(f"{trial.name}: {fault.place}", fault.problem) for fault in error.faults]
            ) from None

    def _in_turn(self, trial: Trial, lots: Sequence[Lot], world: Mapping[str, Any]) -> Case:
        calls: list[Call] = []
        late: list[Sent] = []
        for number, intent in enumerate(trial.intents):
            lot = lots[number % len(lots)]
            reply = self._finished(self.client.call([self._order(intent, trial, lot)])[0], trial)
            arrived = self._fake.arrived(is_unanswered=_is_unanswered(reply))
            late += arrived.late(arrived.stale)
            calls.append(self._call(intent, trial, lot, reply, arrived, world))
        # What comes now, nobody waited for.
        arrived = self._fake.arrived()
        late += arrived.late((*arrived.stale, *arrived.sent))
        return Case(trial.name, tuple(calls), self.client.can, tuple(late), time_scale=self._scale(trial))

    def _at_once(self, trial: Trial, lot: Lot, world: Mapping[str, Any]) -> Case:
        orders = [self._order(intent, trial, lot) for intent in trial.intents]
        replies = [self._finished(reply, trial) for reply in self.client.call(orders)]
        arrived = self._fake.arrived(is_unanswered=any(map(_is_unanswered, replies)))
        nothing = Arrivals((), (), arrived.left)
        calls = tuple(
            self._call(intent, trial, lot, reply, nothing, world)
            for intent, reply in zip(trial.intents, replies, strict=True)
        )
        return Case(
            trial.name,
            calls,
            self.client.can,
            tuple(arrived.late(arrived.stale)),
            together=arrived.sent,
            time_scale=self._scale(trial),
        )

    def _order(self, intent: Intent, trial: Trial, lot: Lot) -> Order:
        return Order(
            intent=intent,
            config=Config(self._fake.url + trial.prefix, lot.secret, self._scale(trial), trial.timeout_ms),
            files=tuple(self._store.given(file) for file in intent.files),
            deadline=self._deadline_of(trial),
        )

    def _deadline_of(self, trial: Trial) -> float:
        """Give a call the time that the client says it needs: its timeouts, and waits that cannot be made shorter."""
        can = self.client.can
        hangs = sum("hang" in step.split("+") for step in trial.plan)
        patience = 1 if can.time_scale or len(trial.plan) < ENDLESS else _PATIENCE
        return self._deadline * patience + hangs * (can.timeout_ms or 0) / 1000

    def _scale(self, trial: Trial) -> float:
        if trial.time_scale is None or not self.client.can.time_scale:
            return self._time_scale
        return trial.time_scale

    def _finished(self, reply: Reply, trial: Trial) -> Reply:
        """Let a client that sends in the background finish; what it could not do is what its caller is told."""
        if not self.client.can.async_send or reply.outcome is not Outcome.OK:
            return reply
        drained = self.client.drain(self._deadline_of(trial))
        return reply if drained.outcome is Outcome.OK else drained

    def _call(
        self, intent: Intent, trial: Trial, lot: Lot, reply: Reply, arrived: Arrivals, world: Mapping[str, Any]
    ) -> Call:
        return Call(
            intent=intent,
            sent=arrived.sent,
            reply=reply,
            plan=trial.plan,
            left=arrived.left[lot.shown],
            wrong=wrong_with(intent, self.contract, world),
            key=lot.shown,
        )


def _is_unanswered(reply: Reply) -> bool:
    """Whether a call ended, and nothing says that it was because of an answer."""
    return reply.status is None and reply.outcome in {Outcome.ERROR, Outcome.HANG, Outcome.CRASH}
