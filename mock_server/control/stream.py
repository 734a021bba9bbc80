"""Requests as they come, as server-sent events."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from mock_server.control.entries import entry_object
from mock_server.control.faults import fault_object
from mock_server.control.leaving import LeftError, unless_left
from mock_server.control.matches import search_of
from mock_server.control.validation import query_of
from mock_server.fake import Fake
from mock_server.storage.database import StorageError
from mock_server.storage.entry import Entry
from mock_server.storage.search import Search

# So many requests are told of in so many seconds: what a person, or a page, can take in.
_MOST = 200
_ROUND_SECONDS = 0.25
# Faults are no news of the journal, and are looked at in between.
_LOOK_SECONDS = 1.0
_COMMENT_SECONDS = 15.0
# Requests that take long and whose end is still to be told; the oldest of more are told no end.
_MOST_OPEN = 500
_MOST_COUNTED = 10_000


class Feed:
    """What one client is told: every request that fits once, and again when it is complete."""

    def __init__(self, fake: Fake, search: Search, after: int | None) -> None:
        """Begin after the request of a number, or now."""
        self._fake = fake
        self._search = search
        last = fake.journal.last_seq()
        # A number that was never given is of another journal, all of whose requests are new.
        self._after = last if after is None else after if after <= last else 0
        self._open: dict[int, str] = {}
        self._faults: list[dict[str, Any]] | None = None

    async def events(self) -> AsyncGenerator[bytes, None]:
        """Give events for as long as they are asked for."""
        journal = self._fake.journal
        yield event("hello", {"seq": journal.last_seq(), "evicted": journal.evicted(self._search.session)}, self._after)
        told = time.monotonic()
        while True:
            # Nothing is awaited between finding nothing and waiting for news, so none is missed.
            found = b"".join(self._news())
            if found:
                yield found
                told = time.monotonic()
                await asyncio.sleep(_ROUND_SECONDS)
            elif time.monotonic() - told >= _COMMENT_SECONDS:
                yield b": still here\n\n"
                told = time.monotonic()
            else:
                await journal.news(_LOOK_SECONDS)

    def _news(self) -> Iterator[bytes]:
        """Give what has happened since the last time."""
        faults = [fault_object(fault) for fault in self._fake.faults.all()]
        if faults != self._faults:
            self._faults = faults
            yield event("faults", {"faults": faults})
        for request_id in list(self._open.values()):
            entry = self._fake.journal.one(request_id)
            if entry is None:
                self._open = {seq: name for seq, name in self._open.items() if name != request_id}
            elif entry.seconds is not None:
                del self._open[entry.seq]
                # Without a number: it is an old one, and the client would resume there.
                yield event("request", entry_object(entry))
        yield from self._fresh()

    def _fresh(self) -> Iterator[bytes]:
        found = self._fake.journal.find(self._search, limit=_MOST, after=self._after)[::-1]
        skipped = self._between(self._after, found[0].seq) if len(found) == _MOST else 0
        if skipped:
            yield event("skipped", {"count": skipped})
        for entry in found:
            self._after = entry.seq
            if entry.seconds is None:
                self._remember(entry)
            yield event("request", entry_object(entry), entry.seq)

    def _between(self, after: int, before: int) -> int:
        """Count the requests between two numbers, as far as that is worth the time."""
        return len(self._fake.journal.find(self._search, limit=_MOST_COUNTED, after=after, before=before))

    def _remember(self, entry: Entry) -> None:
        self._open[entry.seq] = entry.id
        if len(self._open) > _MOST_OPEN:
            del self._open[min(self._open)]


def event(name: str, data: dict[str, Any], number: int | None = None) -> bytes:
    """Write one event; JSON has no line ends of its own. Who reconnects begins after the last `number`."""
    head = f"event: {name}\n" + ("" if number is None else f"id: {number}\n")
    return f"{head}data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


class EventStream(Response):
    """An answer that goes on until its client leaves, or the server stops."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__()
        self._events = events
        # It has no length.
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send events; HEAD gets none."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            if scope["method"] != "HEAD":
                await unless_left(send, self._send_all(send))
        except (LeftError, StorageError):
            # The client comes again when there is somebody to ask.
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._events):
            async for some in self._events:
                await send({"type": "http.response.body", "body": some, "more_body": True})


class Stream:
    """The live requests of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def events(self, request: Request) -> Response:
        """Tell of requests from now on, or from where a client was when it lost the connection."""
        query = query_of(request)
        search = search_of(self._fake, query)
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 18 else query.get("after")  # noqa: PLR2004 - SQLite's integers end there
        return EventStream(Feed(self._fake, search, after).events())


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    return [Route("/_mock/stream", Stream(fake).events, methods=["GET"])]
