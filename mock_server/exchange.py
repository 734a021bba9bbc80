"""One request and what became of it: the record that the journal keeps and the log prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.model import Answer, Breach
from contracts.multipart_body import Part
from contracts.world import Key
from mock_server.storage.entry import Armed

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Exchange:
    """A request as it came and was answered. Written in two steps: before the answer goes out, and after.

    `duration` is in seconds, and None until the exchange is over; `stayed` says whether the client was there to the
    end. `size` counts the bytes of the body that were read; `body` holds those of a JSON body, and the first of what
    was no form; `parts` those of a form. `accepted` says whether what was sent is stored. `seq` is its number in the
    journal once it is written there, `weight` about how many bytes it takes until then.
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
    sent_headers: Sequence[tuple[bytes, bytes]] = ()
    fingerprint: int | None = None
    duration: float | None = None
    stayed: bool = True
    seq: int = 0

    @property
    def status(self) -> int:
        """The status that was sent, or 0 when the client left before there was one."""
        return self.answer.status if self.answer else 0

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def broken(self) -> list[str]:
        """The ids of the broken rules, each once, in order."""
        return list(dict.fromkeys(breach.rule.id for breach in self.breaches)) if self.breaches else []

    @property
    def flagged(self) -> list[str]:
        """The ids of what was accepted and flagged, each once, in order."""
        return list(dict.fromkeys(flag.rule.id for flag in self.flags)) if self.flags else []
