"""What all endpoints of one fake share: the contract, the world, the journal, the clock and the ids."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from secrets import token_hex

from contracts.head import caller_address
from contracts.judge import with_limit
from contracts.model import Answer, Breach, Judgement
from contracts.operations import Contract, Operation
from contracts.world import Key, World
from mock_server.acts import Play
from mock_server.exchange import Exchange, header_text
from mock_server.on_demand import preferred
from mock_server.request import Request
from mock_server.request_log import RequestLog
from mock_server.settings import Settings
from mock_server.storage.armed import ArmedFaults
from mock_server.storage.database import StorageError
from mock_server.storage.entry import Armed
from mock_server.storage.journal import Journal
from mock_server.storage.sessions import Sessions
from mock_server.storage.worlds import Worlds

_ACCEPTED_BELOW = 300


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Fake:
    """One fake. `url` is where it is reached, `started` when it began, in seconds of the epoch.

    `linger_seconds` is how long a refused upload is read on without progress, so that its client sees the answer. On a
    busy machine a client may prepare a large file for that long between the head and the first of the body.
    `begun` counts the requests that have begun, `in_flight` those of them that are not over; both may be read from any
    thread.
    """

    contract: Contract
    worlds: Worlds
    journal: Journal
    sessions: Sessions
    faults: ArmedFaults
    log: RequestLog
    settings: Settings
    url: str = ""
    started: float = field(default_factory=time.time)
    linger_seconds: float = 30.0
    begun: int = 0
    in_flight: int = 0
    now: Callable[[], datetime] = _utc_now
    _prefix: str = field(default_factory=lambda: token_hex(3))
    _complained: str = ""

    @property
    def world(self) -> World:
        """The world as it is now."""
        return self.worlds.current(time.time())

    @property
    def header_bytes(self) -> int:
        """How many bytes a request line and its headers may have."""
        return self.contract.limits.header_bytes

    @property
    def header_seconds(self) -> float:
        """How long a head may take to come."""
        return self.settings.header_seconds

    @property
    def body_seconds(self) -> float:
        """How long a body may take to come."""
        return self.settings.body_seconds

    @property
    def failure(self) -> bytes:
        """The body of the contract's 500, for when the fake itself fails."""
        return self.contract.failure.body

    # One request, step by step

    def begin(self, request: Request) -> Exchange:
        """Begin the record of a request that has arrived."""
        trusted = self.settings.trusted
        address = caller_address(request.peer, request.said.forwarded, trusted) if trusted else request.peer
        exchange = self._exchange(request.method, request.path, address)
        exchange.query, exchange.headers, exchange.weight = request.query, request.said.headers, request.head_size
        return exchange

    def _exchange(self, method: str, path: str, address: str) -> Exchange:
        self.begun += 1
        self.in_flight += 1
        name = f"{self._prefix}-{self.begun}"
        return Exchange(name, self.now(), time.perf_counter(), method, path, address, plain=self.settings.plain)

    def play(self, exchange: Exchange, operation: Operation, key: Key | None, request: Request) -> Play | None:
        """Give what is to be played to a request: what it asks for itself, or what is armed for it.

        Raises PreferenceError when it asks for what there is not.
        """
        if request.said.preferences:
            step = preferred(request.said.preferences, operation)
            if step is not None:
                exchange.armed = Armed("prefer", step.text, step.documented)
                return Play(step)
        turn = self.faults.turn(operation, key)
        if turn is None:
            return None
        exchange.armed = Armed(turn.fault, turn.step.text, turn.step.documented)
        return Play(turn.step, turn.chance)

    def decide(self, exchange: Exchange, judgement: Judgement, play: Play | None = None) -> Answer:
        """Choose what is sent, and record it before it goes out; nothing is recorded as sent when nothing goes out."""
        key, answer = exchange.key, judgement.answer
        if play is not None:
            answer = with_limit(play.answer, self.contract, key) if play.answer else answer
        elif key is not None and key.answer:
            answer = self.contract.answers[key.answer]
            exchange.armed = Armed("key", key.answer, documented=True)
        exchange.answer = answer if play is None or play.step.sends_answer else None
        exchange.breaches, exchange.flags = judgement.breaches, judgement.flags
        exchange.accepted = not exchange.breaches and answer.status < _ACCEPTED_BELOW
        self.journal.record(exchange)
        return answer

    def left(self, exchange: Exchange) -> None:
        """Record that the client went, or was cut off, before there was an answer."""
        exchange.stayed = False
        self.journal.record(exchange)

    def end(self, exchange: Exchange) -> None:
        """Complete the record of a request, and log it."""
        exchange.duration = time.perf_counter() - exchange.started
        self.in_flight -= 1
        self.journal.complete(exchange)
        self.log.write(exchange)

    # What cannot be stored, and what never became a request

    def unrecorded(self, exchange: Exchange, reason: str) -> Answer:
        """Take back an answer whose request could not be stored: the fake has failed, and says why."""
        exchange.answer, exchange.accepted = self.contract.failure, False
        exchange.more_headers = ((b"distinct-mock-journal", header_text(reason)),)
        self.complain(reason)
        return self.contract.failure

    def refuse_preference(self, exchange: Exchange, refusal: Answer) -> None:
        """Record the refusal of what a request asks for itself."""
        exchange.answer = refusal
        self.journal.record(exchange)

    def complain(self, reason: str) -> None:
        """Say in the log that the journal cannot be written, once for each reason; nothing when it can again."""
        if reason and reason != self._complained:
            self.log.note(f"the journal {self.journal.file} cannot be written: {reason}; requests get 500 until it can")
        elif self._complained and not reason:
            self.log.note(f"the journal {self.journal.file} can be written again")
        self._complained = reason

    def tidy(self) -> bool:
        """Let the journal do what can wait; to be called a few times a second. Gives whether there is more of it."""
        more = False
        try:
            more = self.journal.tidy(time.time())
        except StorageError as error:
            self.complain(str(error))
        else:
            self.complain("")
        return more

    def close(self) -> None:
        """Store what waits, and let go of the database."""
        try:
            self.journal.close()
        except StorageError as error:
            self.complain(str(error))

    def refuse(self, check: str, got: str, client: tuple[str, int] | None) -> bytes:
        """Answer and record what never became a request; gives the whole response, which ends the connection."""
        exchange = self._exchange("-", "-", client[0] if client else "")
        answer = self.decide(exchange, self.wire_breach(check, got))
        if self.journal.durable:
            try:
                self.journal.flush()
            except StorageError as error:
                answer = self.unrecorded(exchange, str(error))
        self.end(exchange)
        head = b"HTTP/1.1 %d %s\r\n" % (answer.status, HTTPStatus(answer.status).phrase.encode())
        fields = b"".join(b"%s: %s\r\n" % header for header in exchange.headers_of(answer))
        return head + fields + b"connection: close\r\n\r\n" + answer.body

    def wire_breach(self, check: str, got: str) -> Judgement:
        """Judge a request that no operation has to judge."""
        rule = self.contract.wire_rule[check]
        return Judgement(rule.refusal, (Breach(rule, check, got, rule.says),))
