"""What is wrong with something that the user configured: every fault with its place, never only the first."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, and what was got and expected."""

    place: str
    problem: str

    def __str__(self) -> str:
        """Write the fault as one line."""
        return f"{self.place}: {self.problem}" if self.place else self.problem


class ConfigError(Exception):
    """The spec, the world or an option cannot be used. `faults` holds all that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
