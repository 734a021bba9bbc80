"""What was accepted, as a server would have stored it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_server.control.entries import record_object
from mock_server.control.matches import search_of
from mock_server.control.reading import every_entry
from mock_server.control.validation import query_of
from mock_server.fake import Fake


class Records:
    """The accepted requests of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def all(self, request: Request) -> Response:
        """List what was accepted, the oldest first."""
        fake = self._fake
        search = search_of(fake, {**query_of(request), "accepted": True})
        records = [
            record_object(entry, entry.detail, fake.contract)
            async for entry in every_entry(fake.journal, search, full=True)
            if entry.detail is not None
        ]
        return JSONResponse({"records": records})


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    return [Route("/_mock/records", Records(fake).all, methods=["GET"])]
