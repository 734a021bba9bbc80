"""Sessions: a key of its own for each test, and what belongs to it."""

from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_server.control.known import SESSIONS
from mock_server.control.problems import Wrong, missing, refusal
from mock_server.control.reading import every_entry
from mock_server.control.spelling import SNAKE, changes
from mock_server.control.times import written
from mock_server.control.validation import body_of
from mock_server.fake import Fake
from mock_server.storage.journal import Journal
from mock_server.storage.search import Search
from mock_server.storage.sessions import Session


class Sessions:
    """The sessions of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def all(self, _: Request) -> Response:
        """List the sessions, without their keys."""
        armed = self._armed()
        return JSONResponse({"sessions": [self._object(session, armed) for session in self._fake.sessions.all()]})

    async def create(self, request: Request) -> Response:
        """Begin a session, and tell its key this once."""
        body = body_of(request)
        if "keys" in body.get("world", {}):
            raise refusal([Wrong("/world/keys", "keys for a session", "none: a session has one key, its own")])
        options = {SNAKE.get(name, name): body[name] for name in ("allow", "answer", "assetBytes") if name in body}
        session, secret = self._fake.sessions.create(
            name=self._fake.worlds.secrets().hidden(body.get("name", "")),
            seconds=body.get("seconds", 86_400),
            options=options,
            changes=changes(body.get("world", {})),
        )
        return JSONResponse(
            {**self._object(session, self._armed()), "key": secret}, 201, {"location": f"/_mock/sessions/{session.id}"}
        )

    async def one(self, request: Request) -> Response:
        """Show one session."""
        return JSONResponse(self._object(self._asked(request), self._armed()))

    async def end(self, request: Request) -> Response:
        """End a session; one that has ended already stays so."""
        self._fake.sessions.end(self._asked(request).id)
        return Response(status_code=204)

    async def verdict(self, request: Request) -> Response:
        """Sum up what the requests of a session broke."""
        return JSONResponse(await verdict(self._fake.journal, self._asked(request).id))

    def _asked(self, request: Request) -> Session:
        session = self._fake.sessions.get(request.path_params["id"])
        if session is None:
            raise missing("session", request.path_params["id"], SESSIONS)
        return session

    def _armed(self) -> Counter[str | None]:
        """Count what is armed for each session, and not used up."""
        return Counter(fault.order.session for fault in self._fake.faults.all() if fault.active)

    def _object(self, session: Session, armed: Counter[str | None]) -> dict[str, Any]:
        return {
            "id": session.id,
            "masked": session.masked,
            "name": session.name,
            "created": written(session.created),
            "expires": written(session.expires),
            "ended": None if session.ended is None else written(session.ended),
            "requests": self._fake.journal.count(Search(session=session.id)),
            "faults": armed[session.id],
        }


async def verdict(journal: Journal, session: str) -> dict[str, Any]:
    """Sum up the requests of a session: how many were accepted, which rules were broken, the most frequent first."""
    requests = accepted = 0
    rules: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    answers: Counter[tuple[str, int]] = Counter()
    async for entry in every_entry(journal, Search(session=session), full=False):
        requests += 1
        accepted += entry.accepted
        rules.update(entry.broken)
        flags.update(entry.flagged)
        answers[entry.answer, entry.status] += 1
    # Last, so that it counts what made room while others were read.
    evicted = journal.evicted(session)
    return {
        "session": session,
        "requests": requests,
        "accepted": accepted,
        "refused": requests - accepted,
        "evicted": evicted,
        "rules": [{"id": rule, "count": count} for rule, count in rules.most_common()],
        "flags": [{"id": flag, "count": count} for flag, count in flags.most_common()],
        "answers": [
            {"name": name or None, "status": status or None, "count": count}
            for (name, status), count in answers.most_common()
        ],
        "clean": not rules,
        "complete": not evicted,
    }


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    own = Sessions(fake)
    return [
        Route("/_mock/sessions", own.all, methods=["GET"]),
        Route("/_mock/sessions", own.create, methods=["POST"]),
        Route("/_mock/sessions/{id}", own.one, methods=["GET"]),
        Route("/_mock/sessions/{id}", own.end, methods=["DELETE"]),
        Route("/_mock/sessions/{id}/verdict", own.verdict, methods=["GET"]),
    ]
