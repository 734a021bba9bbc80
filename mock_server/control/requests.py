"""The requests that were sent: in pages, counted, and one in full with its explanation."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.world import Key
from contracts.world_file import key_of
from mock_server.catalogue import plain_key
from mock_server.control.entries import entry_object, full_object
from mock_server.control.known import known_session
from mock_server.control.matches import search_of
from mock_server.control.problems import missing
from mock_server.control.validation import query_of
from mock_server.curl import corrected_command, sent_command
from mock_server.explanation import correction, explained
from mock_server.fake import Fake
from mock_server.storage.entry import Entry

_PAGE = 50


class Requests:
    """The requests of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def page(self, request: Request) -> Response:
        """List a page of requests."""
        query, journal = query_of(request), self._fake.journal
        search = search_of(self._fake, query)
        limit, newest = query.get("limit", _PAGE), query.get("order", "newest") == "newest"
        bounds = {name: query[name] for name in ("before", "after") if name in query}
        # One more than asked for, to know whether there is a next page.
        found = journal.find(search, limit=limit + 1, newest=newest, full=query.get("full", False), **bounds)
        shown = found[:limit]
        return JSONResponse(
            {
                "requests": [self._object(entry) for entry in shown],
                "total": journal.count(search),
                "evicted": journal.evicted(search.session),
                "next": shown[-1].seq if len(found) > limit else None,
            }
        )

    async def count(self, request: Request) -> Response:
        """Count requests."""
        search = search_of(self._fake, query_of(request))
        journal = self._fake.journal
        return JSONResponse({"count": journal.count(search), "evicted": journal.evicted(search.session)})

    async def one(self, request: Request) -> Response:
        """Show one request in full."""
        fake, name = self._fake, request.path_params["id"]
        entry = fake.journal.one(name)
        if entry is None or entry.detail is None:
            raise missing("request", name, "it may have been evicted; GET /_mock/requests lists those that are kept")
        return JSONResponse(self._object(entry))

    async def forget(self, request: Request) -> Response:
        """Forget every request, or those of a session."""
        session = known_session(self._fake, query_of(request).get("session"))
        return JSONResponse({"deleted": self._fake.journal.delete(session)})

    def _object(self, entry: Entry) -> dict[str, Any]:
        """Give a request as much in full as it was asked for."""
        if entry.detail is None:
            return entry_object(entry)
        contract = self._fake.contract
        return full_object(entry, entry.detail, explained(entry, contract), self._curl(entry), contract.limits)

    def _curl(self, entry: Entry) -> dict[str, Any]:
        """Write a request as it was sent, and as it would be accepted, or the reason why it cannot be."""
        fake = self._fake
        key_header = fake.contract.key_header
        key = key_of_entry(fake, entry) or plain_key(fake.world)
        found = correction(entry, fake.contract, key, fake.now()) if key is not None and entry.broken else None
        return {
            "sent": sent_command(entry, fake.url, key_header),
            "corrected": (corrected_command(found, fake.url, key_header) or None) if found else None,
            "changes": (list(found.changes) or [found.reason]) if found else [],
        }


def key_of_entry(fake: Fake, entry: Entry) -> Key | None:
    """Find the key that a request came with, with the world that it sees now; None when it is not known (any more)."""
    try:
        data = fake.worlds.data(entry.session or None)
    except LookupError:
        return None
    for row in data["keys"] if entry.key else ():
        if row["key"] == entry.key:
            others = {name: value for name, value in row.items() if name != "key"}
            return key_of({**others, "masked": entry.key}, data, fake.contract, session=entry.session)
    return None


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    own = Requests(fake)
    return [
        Route("/_mock/requests", own.page, methods=["GET"]),
        Route("/_mock/requests", own.forget, methods=["DELETE"]),
        Route("/_mock/requests/count", own.count, methods=["GET"]),
        Route("/_mock/requests/{id}", own.one, methods=["GET"]),
    ]
