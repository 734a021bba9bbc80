"""How much of everything a run tries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Depth:
    """One profile: how many intents are generated for each operation, and what shrinking may cost.

    The latter in calls for each obligation, and in seconds for all together. `written` runs the trials that are written
    down: the core ones, and all when `thorough`; `large_files` also those with files up to the limits. Unless
    `derandomized`, a seed is drawn. `limitation` is what a report has to say of it.
    """

    name: str
    intents: int
    thorough: bool = False
    large_files: bool = False
    shrink_calls: int = 0
    shrink_seconds: float = 0
    derandomized: bool = True
    written: bool = True
    limitation: str = ""


PROFILES = {
    "quick": Depth("quick", 60, shrink_calls=150, shrink_seconds=3),
    "ci": Depth("ci", 300, thorough=True, large_files=True, shrink_calls=400, shrink_seconds=10),
    "deep": Depth(
        "deep", 5000, thorough=True, large_files=True, shrink_calls=2000, shrink_seconds=60, derandomized=False
    ),
}
"""The profiles that a user chooses from."""

PER_CALL = Depth(
    "per-call",
    0,
    limitation="each call starts a process, so only the written trials that matter most were tried, whatever the "
    "profile: no generated calls, no large files",
)
"""For clients of which each call costs the start of a process."""

SMOKE = Depth("smoke", 0, written=False)
"""For one call of each operation, and one that is refused."""

REPLAY = Depth("replay", 0, written=False)
"""For stored cases alone, between such calls."""
