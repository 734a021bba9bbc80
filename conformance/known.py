"""The known-failures file: what is known to deviate, strictly in both ways.

An entry says how an obligation fails. What fails so is no news; what passes, fails otherwise or did not happen is.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from conformance.obligation import Finding, Level
from conformance.records import kind_of
from conformance.report.masking import Cleaner
from conformance.results import Result, Run, Verdict
from conformance.verdicts import PROFILE_NEEDS
from contracts.faults import ConfigError, Fault
from contracts.model import shown

FILE_NAME = "distinct-known.toml"

_MOST_EXPANSIONS = 20
_MANDATORY = ("obligation", "reason", "match")
_KINDS: Mapping[str, tuple[type, str]] = {
    "obligation": (str, "text"),
    "reason": (str, "text"),
    "match": (str, "text"),
    "issue": (str, "text"),
    "expires": (date, "a date such as 2027-03-01"),
    "flaky": (bool, "true or false"),
    "crash": (bool, "true or false"),
}
_WITHOUT_VERDICT = {Verdict.UNTESTED, Verdict.BLOCKED, Verdict.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class Known:
    """One entry. `obligation` may hold `*`; `ids` are those that it stands for.

    `match` is a part of what the failure's fingerprint says. From `expires` on it holds no more. A `flaky` one may pass
    as well. A `crash` one is about what cannot be tried, because the client or the machine would not survive it.
    """

    place: str
    obligation: str
    reason: str
    match: str
    ids: frozenset[str]
    issue: str = ""
    expires: date | None = None
    flaky: bool = False
    crash: bool = False

    @property
    def told(self) -> str:
        """Why it is known, for a report."""
        return f"{self.reason} ({self.issue})" if self.issue else self.reason

    def is_over(self, today: date) -> bool:
        """Whether it has expired."""
        return self.expires is not None and today >= self.expires

    def fits(self, finding: Finding) -> bool:
        """Whether an obligation fails as this says."""
        return self.match in fingerprint(finding) or self.match in finding.what


def fingerprint(finding: Finding) -> str:
    """Give the line that a failure is recognised by: the same in every run, without the values that vary."""
    what, place = kind_of(finding)
    return Cleaner().text(f"{place}: {what}" if place else what)


# Reading


def load_known(path: Path, obligations: Sequence[str]) -> tuple[Known, ...]:
    """Read a file; `obligations` are the ids of the catalogue. Raises ConfigError with every fault and its place."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([Fault(str(path), f"cannot be read: {(error.strerror or str(error)).lower()}")]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([Fault(str(path), f"is no UTF-8: byte {error.start}")]) from None
    return read_known(text, obligations, str(path))


def read_known(text: str, obligations: Sequence[str], file: str = FILE_NAME) -> tuple[Known, ...]:
    """Read the text of a file. Raises ConfigError with every fault and its place."""
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Fault(file, f"is no TOML: {error}")]) from None
    rows = value.pop("known", [])
    faults = [Fault(f"{file}: {name}", "is nothing that a known-failures file holds: [[known]]") for name in value]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError([*faults, Fault(f"{file}: known", f"got {shown(rows)}, expected entries under [[known]]")])
    entries = []
    for number, row in enumerate(rows, 1):
        place = f"{file}: known[{number}]"
        found = list(_faults(row, place))
        ids = _expanded(row.get("obligation"), obligations)
        found += [] if found else list(_expansion_faults(row["obligation"], ids, obligations, place))
        faults += found
        if not found:
            entries.append(Known(place=place, ids=ids, **row))
    if faults:
        raise ConfigError(faults)
    return tuple(entries)


def _faults(row: Mapping[str, Any], place: str) -> Iterator[Fault]:
    for name in _MANDATORY:
        if name not in row:
            yield Fault(place, f"has no {name}")
    for name, value in row.items():
        if name not in _KINDS:
            yield Fault(f"{place}.{name}", f"is no member of an entry; expected one of {', '.join(_KINDS)}")
            continue
        kind, expected = _KINDS[name]
        # A date with a time is a date to Python, and true is a number.
        if not isinstance(value, kind) or isinstance(value, datetime):
            yield Fault(f"{place}.{name}", f"got {shown(value)}, expected {expected}")
        elif name in _MANDATORY and not str(value).strip():
            yield Fault(f"{place}.{name}", "is empty")


def _expanded(pattern: object, obligations: Sequence[str]) -> frozenset[str]:
    form = re.compile(re.escape(str(pattern)).replace(r"\*", ".*"))
    return frozenset(one for one in obligations if form.fullmatch(one))


def _expansion_faults(pattern: str, ids: frozenset[str], obligations: Sequence[str], place: str) -> Iterator[Fault]:
    if not ids:
        near = get_close_matches(pattern, obligations, cutoff=0.5)
        hint = f"; near it: {', '.join(near)}" if near else ""
        yield Fault(f"{place}.obligation", f"there is no obligation {pattern!r}{hint}")
    if len(ids) > _MOST_EXPANSIONS:
        yield Fault(
            f"{place}.obligation", f"{pattern!r} stands for {len(ids)} obligations, expected at most {_MOST_EXPANSIONS}"
        )


# Applying


def apply_known_to(run: Run, known: Sequence[Known], today: date) -> Run:
    """Take a run's known failures into account."""
    results, faults = apply_known(run.results, known, today)
    return replace(run, results=results, known_faults=(*run.known_faults, *faults))


def apply_known(
    results: Sequence[Result], known: Sequence[Known], today: date
) -> tuple[tuple[Result, ...], tuple[str, ...]]:
    """Give the verdicts that follow from what is known, and what is wrong with entries.

    Wrong is an entry that has expired, whose obligation fails otherwise, or of which nothing was exercised. Entries
    about obligations that the run was not about are left alone.
    """
    alive = [entry for entry in known if not entry.is_over(today)]
    applied = tuple(_applied(result, [one for one in alive if result.obligation.id in one.ids]) for result in results)
    faults = [_told(one, f"expired on {one.expires}") for one in known if one not in alive and _scope(one, results)]
    faults += [fault for result in applied for fault in _otherwise(result, alive)]
    for entry in alive:
        scope = _scope(entry, applied)
        if scope and not any(_met(entry, result) for result in scope):
            faults.append(_told(entry, f"never matched: {_seen(scope)}; nothing failed with {entry.match!r}"))
    return applied, tuple(faults)


def _scope(entry: Known, results: Sequence[Result]) -> list[Result]:
    """Give the results that an entry is about; not what the profile leaves out."""
    return [one for one in results if one.obligation.id in entry.ids and not _is_left_out(one)]


def _is_left_out(result: Result) -> bool:
    return result.verdict is Verdict.NOT_APPLICABLE and any(need in PROFILE_NEEDS for need in result.obligation.needs)


def _applied(result: Result, entries: Sequence[Known]) -> Result:
    if not entries:
        return result
    if result.verdict in _WITHOUT_VERDICT:
        crash = next((one for one in entries if one.crash), None)
        return replace(result, verdict=Verdict.KNOWN, reason=f"not tried: {crash.told}") if crash else result
    if not result.failed:
        return _passed(result, entries)
    if unmatched(result, entries):
        return result
    reasons = dict.fromkeys(one.told for one in entries if any(one.fits(failure) for failure in weighty(result)))
    return replace(result, verdict=Verdict.KNOWN, reason="; ".join(reasons))


def _passed(result: Result, entries: Sequence[Known]) -> Result:
    if all(entry.flaky for entry in entries):
        return replace(result, reason=f"passes this time, known to be flaky: {entries[0].told}")
    places = ", ".join(entry.place for entry in entries if not entry.flaky)
    return replace(result, verdict=Verdict.STALE, reason=f"passes now; to be removed: {places}")


def weighty(result: Result) -> tuple[Finding, ...]:
    """Give the failures that an entry has to account for: what is assumed weighs only when there is nothing else."""
    return tuple(one for one in result.failures if one.level is not Level.ASSUMED) or result.failures


def unmatched(result: Result, entries: Sequence[Known]) -> tuple[Finding, ...]:
    """Give the failures that no entry accounts for."""
    return tuple(one for one in weighty(result) if not any(entry.fits(one) for entry in entries))


def _otherwise(result: Result, alive: Sequence[Known]) -> Iterator[str]:
    entries = [entry for entry in alive if result.obligation.id in entry.ids]
    if result.failed and entries:
        for failure in unmatched(result, entries):
            yield _told(entries[0], f"{result.obligation.id} fails otherwise: {fingerprint(failure)}")


def _met(entry: Known, result: Result) -> bool:
    """Whether an entry has to do with what happened; an obligation that passes is told as stale."""
    if result.verdict in _WITHOUT_VERDICT:
        return entry.crash
    return not result.failed or any(entry.fits(failure) for failure in result.failures)


def _seen(scope: Sequence[Result]) -> str:
    """Say what became of the obligations of an entry."""
    return ", ".join(f"{one.obligation.id} is {one.verdict.value}" for one in scope[:5])


def _told(entry: Known, problem: str) -> str:
    return f"{entry.place} ({entry.obligation}): {problem}"
