"""What an obligation is, how much it binds, and what a judge finds about it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cached_property
from typing import Any

from conformance.model import Attempts, Call, Case, Sent
from contracts.model import Source


class Level(StrEnum):
    """How much an obligation binds.

    MUST: a document says it, or without it the caller's data or the caller's knowledge is wrong. SHOULD: a standard, or
    good practice that is argued for. ASSUMED: the documents leave it open; never more than something to know.
    """

    MUST = "MUST"
    SHOULD = "SHOULD"
    ASSUMED = "ASSUMED"


class Mode(StrEnum):
    """How something can be judged: with an adapter, from what a command sent, or from recorded traffic."""

    ACTIVE = "A"
    WATCH = "W"
    TRAFFIC = "P"


# What was found


@dataclass(frozen=True, slots=True)
class Finding:
    """What one judge says of one case: kept or broken, or only something to know (`kept` is None).

    A broken one says what happened, what was got and what was expected, in which request and at which `place` of it (a
    field, a header, a part). `level` is set where a rule's basis makes it another than the obligation's. What was
    `measured`, such as a time, stands apart from what was got: it is another in every run, and a busy machine may be
    behind it.
    """

    kept: bool | None
    what: str = ""
    got: str = ""
    expected: str = ""
    request: str = ""
    place: str = ""
    level: Level | None = None
    measured: str = ""


KEPT = Finding(kept=True)


def broken(  # noqa: PLR0913 - what a finding says
    what: str,
    *,
    got: str = "",
    expected: str = "",
    sent: Sent | None = None,
    place: str = "",
    level: Level | None = None,
    measured: str = "",
) -> Finding:
    """Say that an obligation was broken."""
    return Finding(
        kept=False,
        what=what,
        got=got,
        expected=expected,
        request=sent.id if sent else "",
        place=place,
        level=level,
        measured=measured,
    )


def noted(what: str, *, sent: Sent | None = None) -> Finding:
    """Say what a client does where either is fine."""
    return Finding(kept=None, what=what, request=sent.id if sent else "")


class Kind(StrEnum):
    """What a judge looks at; the name of the field in which an obligation has such a judge."""

    REQUEST = auto()
    ATTEMPTS = auto()
    CALL = auto()
    CASE = auto()


# A judge gives nothing when the situation did not occur.
OfRequest = Callable[[Sent], Finding | None]
OfAttempts = Callable[[Attempts], Finding | None]
OfCall = Callable[[Call], Finding | None]
OfCase = Callable[[Case], Finding | None]


@dataclass(frozen=True)
class Obligation:
    """One thing that a client has to do, and how it is judged: by exactly one of the four kinds of judges.

    `source` is a document and its section, or a standard; `because` argues for what neither says. `rules` are the
    contract's rules that it covers. `depends` are the obligations without which this one cannot be judged in the same
    case. `needs` names what a client has to declare (see `Capabilities`). `operation` is the id of the only operation
    that it is about, `shown_by` are those of which a client needs one for it to be seen at all. A `validity` one is
    about sending nothing that the API refuses, which thin clients leave to the server.
    """

    id: str
    level: Level
    says: str
    source: Source
    because: str = ""
    request: OfRequest | None = None
    attempts: OfAttempts | None = None
    call: OfCall | None = None
    case: OfCase | None = None
    rules: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    operation: str = ""
    shown_by: tuple[str, ...] = ()
    validity: bool = False

    @cached_property
    def kind(self) -> Kind:
        """What its judge looks at."""
        return next(kind for kind in Kind if getattr(self, kind) is not None)

    @cached_property
    def judge(self) -> Callable[[Any], Finding | None]:
        """Its judge, which takes what its kind says."""
        judge: Callable[[Any], Finding | None] = getattr(self, self.kind)
        return judge

    @property
    def modes(self) -> frozenset[Mode]:
        """How it can be judged."""
        if self.request:
            return frozenset(Mode)
        return frozenset({Mode.ACTIVE, Mode.WATCH}) if self.attempts else frozenset({Mode.ACTIVE})
