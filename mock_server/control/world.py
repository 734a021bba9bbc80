"""Who exists: the world of the fake, and that of a session."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_server.control.known import known_session
from mock_server.control.problems import Wrong, refusal
from mock_server.control.spelling import changes, world_object
from mock_server.control.validation import body_of, query_of
from mock_server.fake import Fake


class Worlds:
    """The worlds of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def show(self, request: Request) -> Response:
        """Show the world of everybody, or of a session."""
        session = known_session(self._fake, query_of(request).get("session"))
        return JSONResponse(world_object(self._fake.world.name, self._fake.worlds.data(session)))

    async def change(self, request: Request) -> Response:
        """Add to it or change it, and show it."""
        session = known_session(self._fake, query_of(request).get("session"))
        body = body_of(request)
        if session is not None and "keys" in body:
            raise refusal([Wrong("/keys", f"keys for the session {session}", "none: a session has one key, its own")])
        self._fake.worlds.change(changes(body), session)
        return await self.show(request)


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    own = Worlds(fake)
    return [
        Route("/_mock/world", own.show, methods=["GET"]),
        Route("/_mock/world", own.change, methods=["PATCH"]),
    ]
