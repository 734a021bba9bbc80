"""Begins anew: forgets requests, faults, sessions and changes of the world, of all or of one session."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_server.control.known import unknown_session
from mock_server.control.problems import Wrong, refusal
from mock_server.control.validation import body_of
from mock_server.fake import Fake

_ALL = ("requests", "faults", "world", "sessions")
_OF_A_SESSION = ("requests", "faults", "world")


class Reset:
    """Resets one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def reset(self, request: Request) -> Response:
        """Forget what is named, and say how much there was."""
        body = body_of(request)
        session = body.get("session")
        if unknown := list(unknown_session(self._fake, session)):
            raise refusal(unknown)
        what = body.get("what", _ALL if session is None else _OF_A_SESSION)
        if session is not None and "sessions" in what:
            expected = f"some of {', '.join(_OF_A_SESSION)}; DELETE /_mock/sessions/{session} ends it"
            raise refusal([Wrong("/what", "'sessions' beside a session", expected)])
        fake = self._fake
        return JSONResponse(
            {
                "faults": fake.faults.clear(session) if "faults" in what else 0,
                "world": fake.worlds.reset(session) if "world" in what else False,
                # Last, so that whatever else was reset still knew whose it was.
                "sessions": fake.sessions.clear() if "sessions" in what else 0,
                "requests": fake.journal.delete(session) if "requests" in what else 0,
            }
        )


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    return [Route("/_mock/reset", Reset(fake).reset, methods=["POST"])]
