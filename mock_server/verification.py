"""Checks requests of the journal against what was expected, and finds the one that came closest.

Pure. A request matches when it differs in nothing, so what is said about a near miss is what decided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.model import Limits, shown
from contracts.world import masked_once
from mock_server.explanation import sent_value
from mock_server.storage.entry import Entry, SentPart
from mock_server.storage.search import EQUAL, Search, paths_of
from mock_server.storage.secrecy import is_secret

_NOTHING = "nothing"
_PART_MEMBERS = ("name", "filename", "sha256", "size")


class Difference(NamedTuple):
    """One thing in which a request is not what was expected; `field` is a path such as body/action."""

    field: str
    got: str
    expected: str


class Nearest(NamedTuple):
    """The request that came closest, and in what it differs."""

    entry: Entry
    differs: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What a request has to be: everything that is given has to fit.

    `body` is a part of the JSON body (or of the texts of a form): every member that is given has to be equal. `parts`
    stand in that order among those of the form. `headers` are by lower-case name.
    """

    search: Search = field(default_factory=Search)
    body: Mapping[str, Any] | None = None
    parts: tuple[Mapping[str, Any], ...] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_detail(self) -> bool:
        """Whether the summary of a request is not enough to tell."""
        return self.body is not None or self.parts is not None or bool(self.headers)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many requests are expected; None is no bound."""

    least: int | None = None
    most: int | None = None

    def __str__(self) -> str:
        """Say it in words."""
        if self.least == self.most:
            return "none" if not self.most else f"exactly {self.most}"
        if self.most is None:
            return f"at least {self.least}"
        return f"at most {self.most}" if self.least is None else f"between {self.least} and {self.most}"

    def hold(self, count: int) -> bool:
        """Whether so many are right."""
        return (self.least is None or count >= self.least) and (self.most is None or count <= self.most)

    def too_few(self, count: int) -> bool:
        """Whether more are expected."""
        return self.least is not None and count < self.least


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is as expected, how many requests (of a sequence: members) fitted, and if not, why not."""

    verified: bool
    count: int
    expected: str
    reason: str
    nearest: Nearest | None = None


def differences(match: Match, entry: Entry, limits: Limits) -> tuple[Difference, ...]:
    """List in what a request is not what was expected; nothing when it matches. It needs its detail for some."""
    return (
        *_of_summary(match.search, entry),
        *_of_body(match.body, entry, limits),
        *_of_parts(match.parts, entry),
        *_of_headers(match.headers, entry),
    )


def matching(match: Match, entries: Iterable[Entry], limits: Limits) -> list[Entry]:
    """Choose the requests that match."""
    return [entry for entry in entries if not differences(match, entry, limits)]


def nearest(match: Match, entries: Iterable[Entry], limits: Limits) -> Nearest | None:
    """Find the request that does not match and differs least.

    Of those that differ equally little, one that has another value is closer than one that has none; then the latest.
    """
    misses = (Nearest(entry, found) for entry in entries if (found := differences(match, entry, limits)))
    return min(misses, key=_distance, default=None)


def _distance(miss: Nearest) -> tuple[int, int, int]:
    return len(miss.differs), sum(one.got == _NOTHING for one in miss.differs), -miss.entry.seq


def counted(match: Match, bounds: Bounds, entries: Sequence[Entry], limits: Limits, evicted: int = 0) -> Verdict:
    """Check how many requests match, of those that are kept; any of the `evicted` ones may have matched, too."""
    found = matching(match, entries, limits)
    said, expected = f"{_requests(len(found))} matched", str(bounds)
    if bounds.hold(len(found)):
        # Nobody knows that there were not more than what is too many.
        known = not evicted or bounds.most is None
        return Verdict(verified=known, count=len(found), expected=expected, reason=said)
    if not bounds.too_few(len(found)):
        return Verdict(verified=False, count=len(found), expected=expected, reason=f"{said}: {_ids(found)}")
    closest = nearest(match, entries, limits)
    reason = f"{said} of the {len(entries)} that were looked at"
    return Verdict(verified=False, count=len(found), expected=expected, reason=reason, nearest=closest)


def in_order(sequence: Sequence[Match], entries: Sequence[Entry], limits: Limits) -> Verdict:
    """Check that requests matching a sequence came one after the other; others may have come between.

    `entries` are the oldest first.
    """
    expected = f"{_requests(len(sequence))} in this order"
    found: list[Entry] = []
    rest = entries
    for match in sequence:
        at = next((n for n, entry in enumerate(rest) if not differences(match, entry, limits)), None)
        if at is None:
            reason = _missing(found, matching(match, entries[: len(entries) - len(rest)], limits))
            closest = nearest(match, rest, limits)
            return Verdict(verified=False, count=len(found), expected=expected, reason=reason, nearest=closest)
        found.append(rest[at])
        rest = rest[at + 1 :]
    return Verdict(verified=True, count=len(found), expected=expected, reason=f"they were {_ids(found)}")


def _missing(found: Sequence[Entry], earlier: Sequence[Entry]) -> str:
    """Say which member of a sequence did not come, after which request, and whether it came too early."""
    after = f" after {found[-1].id}, which was number {len(found)}" if found else ""
    too_early = f"; before that came {_ids(earlier)}" if earlier else ""
    return f"number {len(found) + 1} of the sequence did not come{after}{too_early}"


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"


def _ids(entries: Sequence[Entry], most: int = 5) -> str:
    more = f" and {len(entries) - most} more" if len(entries) > most else ""
    return ", ".join(entry.id for entry in entries[:most]) + more


# What one request differs in


def _of_summary(search: Search, entry: Entry) -> Iterator[Difference]:
    for name in EQUAL:
        expected, got = getattr(search, name), getattr(entry, name)
        if expected is not None and expected != got:
            yield Difference(
                name, shown(got) if got not in {"", 0} or name == "accepted" else _NOTHING, shown(expected)
            )
    if search.rule is not None and search.rule not in {*entry.broken, *entry.flagged}:
        yield Difference("rule", ", ".join([*entry.broken, *entry.flagged]) or _NOTHING, search.rule)
    if search.path is not None and search.path not in paths_of(entry.target):
        yield Difference("path", shown(entry.target), shown(search.path))
    if search.since is not None and entry.at < search.since:
        yield Difference("at", f"{entry.at:.3f}", f"not before {search.since:.3f}")
    if search.until is not None and entry.at > search.until:
        yield Difference("at", f"{entry.at:.3f}", f"not after {search.until:.3f}")
    if search.unattributed and entry.key:
        yield Difference("key", shown(entry.key), "no known key")


def _of_body(expected: Mapping[str, Any] | None, entry: Entry, limits: Limits) -> Iterator[Difference]:
    if expected is None:
        return
    value = sent_value(entry.detail, entry.size, limits) if entry.detail else None
    if value is None:
        yield Difference("body", "no JSON object, or one that was not kept", shown(dict(expected)))
    else:
        yield from _within("body", expected, value)


def _within(place: str, expected: Mapping[str, Any], value: Mapping[str, Any]) -> Iterator[Difference]:
    """Compare the members that are given; of an object among them, again only those that are given."""
    for name, wanted in expected.items():
        at = f"{place}/{name}"
        if name not in value:
            yield Difference(at, _NOTHING, shown(wanted))
        elif isinstance(wanted, dict) and isinstance(value[name], dict):
            yield from _within(at, wanted, value[name])
        elif not is_equal(wanted, value[name]):
            yield Difference(at, shown(value[name]), shown(wanted))


def is_equal(one: object, other: object) -> bool:
    """Whether two JSON values are the same: to Python, 1 would be true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    return one == other


def _of_parts(expected: Sequence[Mapping[str, Any]] | None, entry: Entry) -> Iterator[Difference]:
    if expected is None:
        return
    rest = list(entry.detail.parts or ()) if entry.detail else []
    if entry.detail is None or entry.detail.parts is None:
        yield Difference("parts", "no form", f"{len(expected)} parts")
        return
    for number, wanted in enumerate(expected):
        place = f"parts/{number}"
        candidates = [list(_of_part(place, wanted, part)) for part in rest]
        if not candidates:
            yield Difference(place, _NOTHING, shown(dict(wanted)))
            continue
        found = min(range(len(candidates)), key=lambda n: len(candidates[n]))
        yield from candidates[found]
        # A part that does not fit is not used up: another one of those expected may be it.
        rest = rest[found + 1 :] if not candidates[found] else rest


def _of_part(place: str, expected: Mapping[str, Any], part: SentPart) -> Iterator[Difference]:
    for name in _PART_MEMBERS:
        got = getattr(part, name)
        if name in expected and expected[name] != got:
            yield Difference(f"{place}/{name}", _NOTHING if got in {None, ""} else shown(got), shown(expected[name]))


def _of_headers(expected: Mapping[str, str], entry: Entry) -> Iterator[Difference]:
    sent = entry.detail.headers if entry.detail else ()
    for name, value in expected.items():
        # The journal has secrets in their masked form, and shows none.
        wanted = masked_once(value) if is_secret(name) else value
        got = [other for header, other in sent if header == name]
        if wanted not in got:
            yield Difference(f"headers/{name}", ", ".join(map(shown, got)) or _NOTHING, shown(wanted))
