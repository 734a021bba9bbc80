"""What all endpoints of one fake share: the contract, the world, the journal, the clock and the ids."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from secrets import token_hex

from contracts.head import caller_address
from contracts.model import Answer, Breach, Judgement
from contracts.operations import Contract
from contracts.world import Network, World
from mock_server.exchange import Exchange
from mock_server.journal import Journal
from mock_server.request_log import RequestLog

Headers = list[tuple[bytes, bytes]]

_JSON = (b"content-type", b"application/json")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Fake:
    """One fake. `plain` leaves the explanation headers out; `trusted` are the proxies whose word counts.

    `header_seconds` and `body_seconds` bound how long a request may take to arrive, `linger_seconds` how long a
    refused upload is read on without progress, so that its client sees the answer.
    """

    contract: Contract
    world: World
    journal: Journal
    log: RequestLog
    plain: bool = False
    trusted: tuple[Network, ...] = ()
    header_seconds: float = 10.0
    body_seconds: float = 120.0
    linger_seconds: float = 5.0
    now: Callable[[], datetime] = _utc_now
    _prefix: str = field(default_factory=lambda: token_hex(3))
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def header_bytes(self) -> int:
        """How many bytes a request line and its headers may have."""
        return self.contract.limits.header_bytes

    @property
    def failure(self) -> bytes:
        """The body of the contract's 500, for when the fake itself fails."""
        return self.contract.failure.body

    def begin(self, method: str, path: str, peer: str, forwarded: Sequence[str]) -> Exchange:
        """Begin the record of a request that has arrived."""
        address = caller_address(peer, forwarded, self.trusted) if self.trusted else peer
        return Exchange(f"{self._prefix}-{next(self._numbers)}", self.now(), time.perf_counter(), method, path, address)

    def decide(self, exchange: Exchange, judgement: Judgement) -> Answer:
        """Choose what is sent, and record it before it goes out."""
        key = exchange.key
        exchange.answer = judgement.answer
        if key is not None and key.answer:
            exchange.answer = self.contract.answers[key.answer]
        exchange.breaches, exchange.flags = judgement.breaches, judgement.flags
        self.journal.record(exchange)
        return exchange.answer

    def left(self, exchange: Exchange) -> None:
        """Record that the client went before there was an answer."""
        exchange.stayed = False
        self.journal.record(exchange)

    def end(self, exchange: Exchange) -> None:
        """Complete the record of a request, and log it."""
        exchange.duration = time.perf_counter() - exchange.started
        self.journal.complete(exchange)
        self.log.write(exchange)

    def headers(self, exchange: Exchange, answer: Answer) -> Headers:
        """Give the headers of an answer: the contract's, and unless `plain` those that explain it."""
        headers = [_JSON, (b"content-length", b"%d" % len(answer.body))]
        if not self.plain:
            headers.append((b"distinct-mock-request", exchange.id.encode()))
            if exchange.breaches:
                headers.append((b"distinct-mock-broken", ", ".join(exchange.broken).encode()))
            if exchange.flags:
                headers.append((b"distinct-mock-flags", ", ".join(exchange.flagged).encode()))
        return headers

    def refuse(self, check: str, got: str, client: tuple[str, int] | None) -> bytes:
        """Answer and record what never became a request; gives the whole response, which ends the connection."""
        exchange = self.begin("-", "-", client[0] if client else "", ())
        answer = self.decide(exchange, self.wire_breach(check, got))
        self.end(exchange)
        head = b"HTTP/1.1 %d %s\r\n" % (answer.status, HTTPStatus(answer.status).phrase.encode())
        fields = b"".join(b"%s: %s\r\n" % header for header in self.headers(exchange, answer))
        return head + fields + b"connection: close\r\n\r\n" + answer.body

    def wire_breach(self, check: str, got: str) -> Judgement:
        """Judge a request that no operation has to judge."""
        rule = self.contract.wire_rule[check]
        return Judgement(rule.refusal, (Breach(rule, check, got, rule.says),))
