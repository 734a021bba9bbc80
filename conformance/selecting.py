"""Chooses obligations by patterns such as N-14 and R-*."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from conformance.obligation import Level, Obligation
from contracts.faults import ConfigError, Fault

_BY_WEIGHT = (Level.ASSUMED, Level.SHOULD, Level.MUST)


def selected(
    obligations: Iterable[Obligation], patterns: Sequence[str] = (), least: Level = Level.ASSUMED
) -> tuple[Obligation, ...]:
    """Give those that any of the patterns names, or all without one, from a level on, with what they depend on.

    Raises ConfigError for a pattern that names nothing.
    """
    known = {one.id: one for one in obligations}
    chosen: dict[str, Obligation] = {}
    faults = []
    for pattern in patterns or ("*",):
        found = {name: one for name, one in known.items() if fnmatchcase(name.upper(), pattern.strip().upper())}
        if not found:
            faults.append(Fault(f"--only {pattern}", f"names no obligation{hint(pattern, known)}"))
        chosen |= found
    if faults:
        raise ConfigError(faults)
    heavy = {name for name, one in chosen.items() if _BY_WEIGHT.index(one.level) >= _BY_WEIGHT.index(least)}
    wanted = set(heavy)
    while missing := {need for name in wanted for need in known[name].depends if need in known} - wanted:
        wanted |= missing
    return tuple(one for name, one in known.items() if name in wanted)


def hint(name: str, known: Iterable[str]) -> str:
    """Say which ids are near a name that is none, or nothing."""
    near = get_close_matches(name.upper(), list(known), n=3, cutoff=0.4)
    return f"; near it: {', '.join(near)}" if near else ""
