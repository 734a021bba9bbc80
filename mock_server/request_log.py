"""Writes a line for each request: as text for people, or as JSON for machines."""

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Iterable
from typing import TextIO

from contracts.model import Breach
from mock_server.exchange import Exchange

LEVELS = ("debug", "info", "warning", "error")
"""From every request with its breaches, over every request and only refused ones, to none."""


class RequestLog:
    """Writes finished exchanges to a stream; under load many lines at once, and a single one without delay."""

    def __init__(self, stream: TextIO, *, as_json: bool, level: str) -> None:
        """Log to `stream`; `level` is one of LEVELS."""
        self._stream = stream
        self._write_line: Callable[[Exchange], str] = json_line if as_json else text_line
        self._details = level == "debug" and not as_json
        self._lowest = {"debug": 0, "info": 0, "warning": 400, "error": 1000}[level]
        self._pending: list[str] = []

    def write(self, exchange: Exchange) -> None:
        """Log one exchange, if its status is worth a line at this level."""
        # A client that left before its answer has status 0, and is as noteworthy as a refusal.
        if (exchange.status or 499) < self._lowest:
            return
        if not self._pending:
            asyncio.get_running_loop().call_soon(self.flush)
        self._pending.append(self._write_line(exchange))
        if self._details:
            self._pending += detail_lines(exchange)

    def flush(self) -> None:
        """Write what is pending."""
        lines, self._pending = self._pending, []
        try:
            self._stream.write("".join(lines))
            self._stream.flush()
        except (OSError, ValueError):
            # The reader of the log is gone (a closed pipe); the fake goes on answering.
            self._lowest = 1000
            self._let_go()

    def _let_go(self) -> None:
        """Point the stream nowhere: what it still holds would fail once more when the process ends."""
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def text_line(exchange: Exchange) -> str:
    """Write an exchange for a person: time, id, key, operation, status, duration, broken rules, flags."""
    at = exchange.at.isoformat(timespec="milliseconds")[11:23]
    key = exchange.key.masked if exchange.key else "-"
    what = exchange.operation or f"{exchange.method} {exchange.path[:80]}"
    status = str(exchange.status) if exchange.stayed else f"{exchange.status or '---'} client left"
    notes = " ".join([*exchange.broken, *(f"({flag})" for flag in exchange.flagged)])
    line = f"{at} {exchange.id} {key} {what} {status} {1000 * (exchange.duration or 0):.1f}ms {notes}"
    return printable(line.rstrip()) + "\n"


def json_line(exchange: Exchange) -> str:
    """Write an exchange as one JSON object."""
    return (
        json.dumps(
            {
                "time": exchange.at.isoformat(timespec="milliseconds"),
                "id": exchange.id,
                "key": exchange.key.masked if exchange.key else None,
                "address": exchange.address,
                "method": exchange.method,
                "path": exchange.path[:200],
                "operation": exchange.operation or None,
                "status": exchange.status or None,
                "answer": exchange.answer.name if exchange.answer else None,
                "broken": exchange.broken,
                "flagged": exchange.flagged,
                "milliseconds": round(1000 * (exchange.duration or 0), 3),
                "stayed": exchange.stayed,
            }
        )
        + "\n"
    )


def detail_lines(exchange: Exchange) -> Iterable[str]:
    """Write each breach and flag under the line of its request."""
    yield from (_detail("broke", breach) for breach in exchange.breaches)
    yield from (_detail("flag", flag) for flag in exchange.flags)


def _detail(word: str, breach: Breach) -> str:
    hint = f"; {breach.hint}" if breach.hint else ""
    text = f"    {word} {breach.rule.id}: {breach.field}: got {breach.got}, expected {breach.expected}{hint}"
    return printable(text) + "\n"


def printable(text: str) -> str:
    """Escape what would move the cursor or forge another line."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
