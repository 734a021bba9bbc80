"""A real browser, and a watch over what it does."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

# The first is the second without windows, and takes less of a machine.
PROGRAMS = ("chromium-headless-shell", "chromium")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = (1280, 800)
# How long a page may take until it is as it should be: nothing that is measured, only when to give up.
PATIENCE_MS = 30_000


expect.set_options(timeout=PATIENCE_MS)


# For a module, not the session: while playwright runs, no other test of this thread can have an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield started
        started.close()


@dataclass
class Watch:
    """What a browser did that the page must not make it do."""

    permitted: tuple[str, ...] = ()
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, page: Page, origin: str) -> None:
        """Watch a tab from now on; only requests to the origin, and to nowhere, are right."""
        page.on("request", lambda request: self._asked(request.url, origin))
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, url: str, origin: str) -> None:
        if not url.startswith((f"{origin}/", "data:", "blob:", "about:")):
            self.foreign.append(url)

    def _said(self, message: ConsoleMessage) -> None:
        told = message.type in {"error", "warning"}
        if told and not any(text in message.text for text in self.permitted):
            self.complaints.append(message.text)
