"""One request and what became of it: the record that the journal keeps and the log prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from contracts.model import Answer, Breach
from contracts.multipart_body import Part
from contracts.world import Key
from mock_server.storage.entry import Armed
from mock_server.undocumented import ArmedAnswer

Headers = list[tuple[bytes, bytes]]

_JSON = ((b"content-type", b"application/json"),)


@dataclass(slots=True)
class Exchange:
    """A request as it came and was answered. Written in two steps: before the answer goes out, and after.

    `duration` is in seconds, and None until the exchange is over; `stayed` says whether the client was there to the
    end. `size` counts the bytes of the body that were read; `body` holds those of a JSON body, and the first of what
    was no form; `parts` those of a form. `accepted` says whether what was sent is stored. The answer has its own
    headers, unless `plain` those that explain it, and `more_headers`. `seq` is its number in the journal once it is
    written there, `weight` about how many bytes it takes until then. `fingerprint` is 0 where no worker needs it.
    """

    id: str
    at: datetime
    started: float
    method: str
    path: str
    address: str
    query: str = ""
    headers: Sequence[tuple[bytes, bytes]] = ()
    weight: int = 0
    operation: str = ""
    key: Key | None = None
    size: int = 0
    body: bytes = b""
    parts: Sequence[Part] | None = None
    answer: Answer | None = None
    accepted: bool = False
    breaches: Sequence[Breach] = ()
    flags: Sequence[Breach] = ()
    armed: Armed | None = None
    plain: bool = False
    more_headers: Sequence[tuple[bytes, bytes]] = ()
    fingerprint: int = 0
    duration: float | None = None
    stayed: bool = True
    seq: int = 0

    @property
    def status(self) -> int:
        """The status that was sent, or 0 when the client left before there was one."""
        return self.answer.status if self.answer else 0

    @property
    def sent_headers(self) -> Headers:
        """The headers that were sent; told by the rest, so that nobody has to keep them."""
        return self.headers_of(self.answer) if self.answer else []

    def headers_of(self, answer: Answer) -> Headers:
        """Give the headers that an answer has here: its own, and unless `plain` those that explain it."""
        own = answer.headers if isinstance(answer, ArmedAnswer) else _JSON
        headers = [*own, _content_length(len(answer.body))]
        if not self.plain:
            headers.append((b"distinct-mock-request", self.id.encode()))
            if self.breaches:
                headers.append((b"distinct-mock-broken", ", ".join(self.broken).encode()))
            if self.flags:
                headers.append((b"distinct-mock-flags", ", ".join(self.flagged).encode()))
            if self.armed:
                headers.append((b"distinct-mock-armed", _armed_words(self.armed)))
        headers += self.more_headers
        return headers

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def broken(self) -> list[str]:
        """The ids of the broken rules, each once, in order."""
        return list(dict.fromkeys([breach.rule.id for breach in self.breaches])) if self.breaches else []

    @property
    def flagged(self) -> list[str]:
        """The ids of what was accepted and flagged, each once, in order."""
        return list(dict.fromkeys([flag.rule.id for flag in self.flags])) if self.flags else []


@lru_cache(maxsize=64)
def _content_length(size: int) -> tuple[bytes, bytes]:
    return b"content-length", b"%d" % size


def _armed_words(armed: Armed) -> bytes:
    return header_text(f"{armed.id} {armed.step}" + ("" if armed.documented else " (not documented)"))


def header_text(words: str) -> bytes:
    """Write words as the value of a header."""
    return words.encode("ascii", "replace")
