"""How much of everything a run tries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Depth:
    """One profile: generated intents for each operation, and how much shrinking may cost for each obligation.

    `thorough` runs every trial, otherwise only the core ones; `large_files` also those with files up to the limits.
    """

    name: str
    intents: int
    thorough: bool
    large_files: bool
    shrink_calls: int
    shrink_seconds: float
    derandomized: bool = True


PROFILES = {
    "quick": Depth("quick", 60, thorough=False, large_files=False, shrink_calls=150, shrink_seconds=3),
    "ci": Depth("ci", 300, thorough=True, large_files=True, shrink_calls=400, shrink_seconds=10),
    "deep": Depth(
        "deep", 5000, thorough=True, large_files=True, shrink_calls=2000, shrink_seconds=60, derandomized=False
    ),
}
