"""Requests that were recorded, by whatever means, and what the record does not show of them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import unquote, urlsplit

from conformance.model import Sent
from conformance.obligation import Obligation
from contracts.operations import Contract


class Gap(StrEnum):
    """What a record may not show of a request."""

    KEY = "the API key is not known"
    HEADERS = "the headers are not known"
    BODY = "the body is not known"
    BYTES = "what its bytes were is not known, only what they say"
    FRAMING = "how it went over the wire is not known"


# The obligations that cannot be judged without it; what judges a form looks at its bytes nearly everywhere.
_LOST: Mapping[Gap, tuple[str, ...]] = {
    Gap.KEY: ("O-03", "O-04", "O-05"),
    Gap.HEADERS: ("O-03", "O-04", "O-05", "O-06", "O-09", "O-12", "U-01", "U-16"),
    Gap.BODY: ("O-05", "O-07", "O-08", "O-09", "O-10", "O-14*", "U-*", "N-*", "C-0[2-9]*"),
    Gap.BYTES: ("O-05", "O-07", "O-08", "O-09", "U-01", "U-07", "U-12", "U-14", "U-15", "U-16"),
    Gap.FRAMING: ("O-09",),
}  # fmt: skip

NOBODYS_CALL = "went elsewhere without an API key, and count as nobody's"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Requests in their order. `gaps` holds, by the id of a request, what is not known of it.

    `limitations` are sentences about what cannot be said for that reason.
    """

    sent: tuple[Sent, ...]
    gaps: Mapping[str, frozenset[Gap]] = field(default_factory=dict)
    limitations: tuple[str, ...] = ()

    def judged_by(self, sent: Sent, obligations: Sequence[Obligation]) -> Sequence[Obligation]:
        """Give the obligations that one of the requests can be judged by."""
        gaps = self.gaps.get(sent.id)
        return [one for one in obligations if not is_lost(one.id, gaps)] if gaps else obligations


def is_lost(obligation_id: str, gaps: Iterable[Gap]) -> bool:
    """Whether an obligation cannot be judged without something."""
    return any(fnmatchcase(obligation_id, pattern) for gap in gaps for pattern in _LOST[gap])


def told_gaps(gaps: Mapping[str, frozenset[Gap]], why: str) -> Iterator[str]:
    """Say of how many requests something is not known, and why."""
    for gap in Gap:
        count = sum(gap in each for each in gaps.values())
        if count:
            yield f"{counted(count, 'request')}: {gap}, since {why}"


def counted(count: int, noun: str) -> str:
    """Write how many there are of something."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def is_for_the_api(path: str, *, has_key: bool, contract: Contract) -> bool:
    """Whether a request may be a client's of this API: it has a key, or its path is meant to be a documented one."""
    return has_key or _plain(path) in {_plain(known) for known in contract.operations}


def path_of(target: str) -> str:
    """Give the path of a request's target, decoded; a slash that is encoded separates nothing."""
    path = urlsplit("//host" + target).path if target.startswith("/") else target
    return path if "%2f" in path.lower() else unquote(path)


def _plain(path: str) -> str:
    """Write a path so that what differs in slashes and the case of letters alone is the same."""
    return re.sub("/+", "/", unquote(path)).rstrip("/").lower()
