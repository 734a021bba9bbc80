"""One request and what became of it: the record that the journal keeps and the log prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.model import Answer, Breach
from contracts.world import Key


@dataclass(slots=True)
class Exchange:
    """A request as it came and was answered. Written in two steps: before the answer goes out, and after.

    `duration` is in seconds, and None until the exchange is over; `stayed` says whether the client was there to the
    end. `size` counts the bytes of the body that were read.
    """

    id: str
    at: datetime
    started: float
    method: str
    path: str
    address: str
    operation: str = ""
    key: Key | None = None
    size: int = 0
    answer: Answer | None = None
    breaches: Sequence[Breach] = ()
    flags: Sequence[Breach] = ()
    duration: float | None = None
    stayed: bool = True

    @property
    def status(self) -> int:
        """The status that was sent, or 0 when the client left before there was one."""
        return self.answer.status if self.answer else 0

    @property
    def broken(self) -> list[str]:
        """The ids of the broken rules, each once, in order."""
        return list(dict.fromkeys(breach.rule.id for breach in self.breaches))

    @property
    def flagged(self) -> list[str]:
        """The ids of what was accepted and flagged, each once, in order."""
        return list(dict.fromkeys(flag.rule.id for flag in self.flags))
