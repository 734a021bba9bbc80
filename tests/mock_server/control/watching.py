"""Watches a fake from within: who waits for news of it."""

import time
from collections.abc import Callable

import pytest

from mock_server.server import Running


class Watched:
    """Counts who waits for news of a fake."""

    def __init__(self, fake: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waiting = 0
        self._news = fake.fake.journal.news
        monkeypatch.setattr(fake.fake.journal, "news", self._counted)

    async def _counted(self, seconds: float) -> None:
        self.waiting += 1
        try:
            await self._news(seconds)
        finally:
            self.waiting -= 1


def until(condition: Callable[[], bool]) -> None:
    """Look again and again whether something is so; fails after 10 s."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
