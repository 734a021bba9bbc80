"""Waiting for requests, and checking that they were sent."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from mock_server.control.entries import entry_object
from mock_server.control.known import unknown_session
from mock_server.control.leaving import LeftError, unless_left
from mock_server.control.matches import match_of
from mock_server.control.problems import ProblemError, Wrong, refusal
from mock_server.control.reading import every_entry
from mock_server.control.validation import body_of
from mock_server.fake import Fake
from mock_server.storage.entry import Entry
from mock_server.storage.search import Search
from mock_server.verification import Bounds, Match, Nearest, Verdict, counted, in_order, matching, nearest

_SECONDS = 5.0
_PAGE = 500
# A near miss is looked for among so many of the latest requests.
_LOOKED_AT = 1000


class Checks:
    """What can be checked about the requests of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def wait(self, request: Request) -> Response:
        """Wait until enough requests match, or the time is over."""
        body = body_of(request)
        match, count = match_of(self._fake, body["match"], "/match"), body.get("count", 1)
        return _Waiting(lambda: self._wait(match, count, float(body.get("seconds", _SECONDS))))

    async def verify(self, request: Request) -> Response:
        """Check what was sent."""
        body = body_of(request)
        verdict, evicted = await self._verdict(body)
        reason = verdict.reason
        if evicted and not verdict.verified:
            reason += f"; {evicted} older ones were evicted, and nothing is known of them"
        return JSONResponse(
            {
                "verified": verdict.verified,
                "count": verdict.count,
                "evicted": evicted,
                "expected": verdict.expected,
                "reason": reason,
                # What was expected is repeated there, and may be a key.
                "nearest": self._fake.worlds.secrets().hidden_in(nearest_object(verdict.nearest)),
            }
        )

    async def _wait(self, match: Match, count: int, seconds: float) -> Response:
        """Collect requests that match until there are enough. Raises the problem of time that is over before."""
        fake, end = self._fake, time.monotonic() + seconds
        found: list[Entry] = []
        seen = 0
        while True:
            # Nothing is awaited between a page that is not full and the wait for news, so none is missed.
            page = fake.journal.find(match.search, limit=_PAGE, after=seen, newest=False, full=match.needs_detail)
            found += matching(match, page, fake.contract.limits)
            seen = page[-1].seq if page else seen
            if len(found) >= count:
                return JSONResponse({"met": True, "count": len(found), "requests": list(map(entry_object, found))})
            if len(page) == _PAGE:
                await asyncio.sleep(0)
            elif (left := end - time.monotonic()) > 0:
                await fake.journal.news(left)
            else:
                raise self._not_met(match, found, Bounds(least=count))

    def _not_met(self, match: Match, found: list[Entry], bounds: Bounds) -> ProblemError:
        miss = nearest(match, self._latest(match.search.session), self._fake.contract.limits)
        said = f"{len(found)} requests matched in time, expected {bounds}"
        members = {"count": len(found), "expected": str(bounds), "nearest": nearest_object(miss)}
        return ProblemError(408, said, members=members)

    async def _verdict(self, body: Mapping[str, Any]) -> tuple[Verdict, int]:
        """Check one of the three things that can be asked for; gives how many nothing is known of, too."""
        fake, session, limits = self._fake, body.get("session"), self._fake.contract.limits
        if unknown := list(unknown_session(fake, session)):
            raise refusal(unknown)
        bounds = bounds_of(body)
        if "sequence" in body:
            wanted = [match_of(fake, one, f"/sequence/{n}", session) for n, one in enumerate(body["sequence"])]
            search = Search(session=session)
            entries = [entry async for entry in every_entry(fake.journal, search, full=True)]
            return in_order(wanted, entries, limits), fake.journal.evicted(session)
        place = "none" if "none" in body else "match"
        match = match_of(fake, body[place], f"/{place}", session)
        found = [entry async for entry in every_entry(fake.journal, match.search, full=match.needs_detail)]
        evicted = fake.journal.evicted(match.search.session)
        verdict = counted(match, bounds, found, limits, evicted)
        if not verdict.verified and bounds.too_few(verdict.count):
            # What the search left out may have come close, too.
            miss = nearest(match, self._latest(match.search.session), limits)
            reason = f"{verdict.count} requests matched" + ("" if miss else ", and no other came")
            verdict = Verdict(
                verified=False, count=verdict.count, expected=verdict.expected, reason=reason, nearest=miss
            )
        return verdict, evicted

    def _latest(self, session: str | None) -> list[Entry]:
        return self._fake.journal.find(Search(session=session), limit=_LOOKED_AT, full=True)


class _Waiting(Response):
    """An answer that is only known after some time."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Response]]) -> None:
        super().__init__()
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work, and send what it gives."""
        try:
            answer = await unless_left(send, self._work())
        except LeftError:
            # A client that left hears nothing of it.
            raise ProblemError(503, "the fake stops, and waits for no more requests") from None
        await answer(scope, receive, send)


def bounds_of(body: Mapping[str, Any]) -> Bounds:
    """Read how many requests are expected: at least one unless it is said. Raises the problem of what is no range."""
    given = [name for name in ("count", "atLeast", "atMost") if name in body]
    for alone in ("none", "sequence"):
        if alone in body and given:
            raise refusal([Wrong(f"/{name}", f"{body[name]}, beside {alone}", f"{alone} alone") for name in given])
    if "none" in body:
        return Bounds(0, 0)
    if "count" in body:
        if "atLeast" in body or "atMost" in body:
            raise refusal([Wrong("/count", f"{body['count']}, beside atLeast or atMost", "count alone")])
        return Bounds(body["count"], body["count"])
    least, most = body.get("atLeast"), body.get("atMost")
    if least is not None and most is not None and least > most:
        raise refusal([Wrong("/atMost", str(most), f"at least {least}, which is atLeast")])
    return Bounds(1 if least is None and most is None else least, most)


def nearest_object(miss: Nearest | None) -> dict[str, Any] | None:
    """Give a near miss as a JSON object."""
    if miss is None:
        return None
    return {"request": entry_object(miss.entry), "differs": [one._asdict() for one in miss.differs]}


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    own = Checks(fake)
    return [
        Route("/_mock/wait", own.wait, methods=["POST"]),
        Route("/_mock/verify", own.verify, methods=["POST"]),
    ]
