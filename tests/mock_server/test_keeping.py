"""What a fake does beside answering: it keeps its journal tidy while it serves, and closes it at the end."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.types import Message

from mock_server.fake import Fake
from mock_server.keeping import Keeper
from mock_server.server import running
from mock_server.settings import Settings
from mock_server.storage.search import Search
from tests.conftest import ANALYTICS, EVENT, Send
from tests.mock_server.control.asking import ask
from tests.mock_server.storage.made import journal


@dataclass
class Kept:
    """Stands for a fake, and notes what is done to it."""

    settings: Settings = field(default_factory=Settings)
    done: list[str] = field(default_factory=list)
    tidied: asyncio.Event = field(default_factory=asyncio.Event)

    def tidy(self) -> None:
        self.done.append("tidy")
        if self.done.count("tidy") == 2:
            self.tidied.set()

    def close(self) -> None:
        self.done.append("close")


async def lifespan(kept: Kept) -> list[str]:
    """Take a keeper through its life, which lasts until it has tidied twice."""
    sent: list[str] = []

    async def receive() -> Message:
        if "lifespan.startup.complete" in sent:
            await asyncio.wait_for(kept.tidied.wait(), 10)
        return {}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def prepare() -> None:
        kept.done.append("prepare")

    await Keeper(cast("Fake", kept), lambda: None, prepare)({}, receive, send)
    return sent


def test_it_tidies_until_the_end_and_closes_last() -> None:
    kept = Kept()

    sent = asyncio.run(lifespan(kept))

    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert kept.done == ["prepare", "tidy", "tidy", "close"]


def test_what_goes_wrong_once_ends_neither_the_tidying_nor_the_fake(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Kept):
        def tidy(self) -> None:
            super().tidy()
            if self.done == ["prepare", "tidy"]:
                raise ZeroDivisionError

    kept = Failing()

    asyncio.run(lifespan(kept))

    assert kept.done == ["prepare", "tidy", "tidy", "close"]
    assert "ZeroDivisionError" in caplog.text


def test_what_was_served_is_in_the_file_when_the_fake_has_ended(tmp_path: Path, post: Send) -> None:
    with running(Settings(port=0, log_level="error", journal=str(tmp_path / "requests"))) as fake:
        post(fake.url, ANALYTICS, EVENT)

    (entry,) = journal(tmp_path / "requests").find(Search())
    assert (entry.answer, entry.stayed) == ("userAnalyticsAdded", True)
    assert entry.seconds is not None


def test_old_requests_go_while_nobody_calls(post: Send) -> None:
    with running(Settings(port=0, log_level="error", journal_seconds=0.3)) as fake:
        post(fake.url, ANALYTICS, EVENT)
        deadline = time.monotonic() + 10
        found: Any = None
        while time.monotonic() < deadline:
            found = ask(fake.url, "GET", "/requests").value
            if not found["requests"]:
                break

    assert (found["total"], found["evicted"]) == (0, 1)
