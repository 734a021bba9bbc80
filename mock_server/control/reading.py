"""Reads much of the journal without holding up the requests that come meanwhile."""

import asyncio
from collections.abc import AsyncIterator

from mock_server.storage.entry import Entry
from mock_server.storage.journal import Journal
from mock_server.storage.search import Search

_PAGE = 500


async def every_entry(journal: Journal, search: Search, *, full: bool) -> AsyncIterator[Entry]:
    """Give every request that fits, the oldest first, a page at a time; others are served between two pages."""
    after = 0
    while page := journal.find(search, limit=_PAGE, after=after, newest=False, full=full):
        for entry in page:
            yield entry
        after = page[-1].seq
        await asyncio.sleep(0)
