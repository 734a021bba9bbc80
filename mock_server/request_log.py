"""Writes a line for each request: as text for people, or as JSON for machines."""

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TextIO

from contracts.model import Breach
from mock_server.exchange import Exchange
from mock_server.printable import printable

LEVELS = ("debug", "info", "warning", "error")
"""From every request with its breaches, over every request and only refused ones, to none."""

Hide = Callable[[Exchange, str], str]
"""Takes the keys out of a text that came with a request."""

_REFUSED = 400


def _as_it_is(_exchange: Exchange, text: str) -> str:
    return text


class RequestLog:
    """Writes finished exchanges to a stream; under load many lines at once, and a single one without delay."""

    def __init__(
        self,
        stream: TextIO,
        *,
        as_json: bool,
        level: str,
        link: str = "",
        hide: Hide = _as_it_is,
    ) -> None:
        """Log to `stream`; `level` is one of LEVELS, `link` what leads to a request when its id is put behind it.

        `hide` takes the keys out of a text that came with a request.
        """
        self._stream = stream
        self._as_json = as_json
        self._write_line: Callable[[Exchange, str, Hide], str] = json_line if as_json else text_line
        self._hide = hide
        self._link = link
        self._details = level == "debug" and not as_json
        self._lowest = {"debug": 0, "info": 0, "warning": _REFUSED, "error": 1000}[level]
        self._pending: list[str] = []

    def write(self, exchange: Exchange) -> None:
        """Log one exchange, if its status is worth a line at this level."""
        if _weight(exchange) < self._lowest:
            return
        if not self._pending:
            asyncio.get_running_loop().call_soon(self.flush)
        self._pending.append(self._write_line(exchange, self._link, self._hide))
        if self._details:
            self._pending += detail_lines(exchange, self._hide)

    def note(self, text: str) -> None:
        """Log a word of the fake's own, whatever the level."""
        if self._as_json:
            self._pending.append(json.dumps({"time": _written(datetime.now(UTC)), "note": text}) + "\n")
        else:
            self._pending.append(f"distinct-mock: {printable(text)}\n")
        self.flush()

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


def _weight(exchange: Exchange) -> int:
    """Give its status; a client that left before there was one is as noteworthy as a refusal."""
    return exchange.status or 499


def text_line(exchange: Exchange, link: str = "", hide: Hide = _as_it_is) -> str:
    """Write an exchange for a person: time, id, key, operation, status, duration, broken rules, flags.

    A link to its page follows where something is to be found out there.
    """
    at = exchange.at.isoformat(timespec="milliseconds")[11:23]
    key = exchange.key.masked if exchange.key else "-"
    # The path of an operation is known to be none but its own.
    what = exchange.operation or f"{hide(exchange, exchange.method)} {hide(exchange, exchange.path)[:80]}"
    status = str(exchange.status) if exchange.stayed else f"{exchange.status or '---'} client left"
    notes = " ".join([*exchange.broken, *(f"({flag})" for flag in exchange.flagged)])
    line = f"{at} {exchange.id} {key} {what} {status} {1000 * (exchange.duration or 0):.1f}ms {notes}".rstrip()
    if link and (exchange.flags or _weight(exchange) >= _REFUSED):
        line += f" {link}{exchange.id}"
    return printable(line) + "\n"


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def json_line(exchange: Exchange, link: str = "", hide: Hide = _as_it_is) -> str:
    """Write an exchange as one JSON object, with a link to its page where there are pages."""
    method, path = exchange.method, exchange.path
    if not exchange.operation:
        method, path = hide(exchange, method), hide(exchange, path)
    return (
        json.dumps(
            {
                "time": _written(exchange.at),
                "id": exchange.id,
                "key": exchange.key.masked if exchange.key else None,
                # Behind a proxy it is what the client says.
                "address": hide(exchange, exchange.address),
                "method": method,
                "path": path[:200],
                "operation": exchange.operation or None,
                "status": exchange.status or None,
                "answer": exchange.answer.name if exchange.answer else None,
                "broken": exchange.broken,
                "flagged": exchange.flagged,
                "milliseconds": round(1000 * (exchange.duration or 0), 3),
                "stayed": exchange.stayed,
                "link": f"{link}{exchange.id}" if link else None,
            }
        )
        + "\n"
    )


def detail_lines(exchange: Exchange, hide: Hide = _as_it_is) -> Iterable[str]:
    """Write each breach and flag under the line of its request."""
    yield from (hide(exchange, _detail("broke", breach)) for breach in exchange.breaches)
    yield from (hide(exchange, _detail("flag", flag)) for flag in exchange.flags)


def _detail(word: str, breach: Breach) -> str:
    hint = f"; {breach.hint}" if breach.hint else ""
    text = f"    {word} {breach.rule.id}: {breach.field}: got {breach.got}, expected {breach.expected}{hint}"
    return printable(text) + "\n"
