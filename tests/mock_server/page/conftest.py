"""A real browser, a fake for it to look at, and a watch over what the browser does."""

import json
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from mock_server.server import Running, running

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
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="module")
def seen() -> Iterator[Running]:
    """Give the fake that the tests of a module look at; what they send to it stays."""
    with running() as started:
        yield started


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


@dataclass(frozen=True)
class Tab:
    """The one tab that the tests of a module share, since opening one takes longer than most tests."""

    page: Page
    watch: Watch


@pytest.fixture(scope="module")
def tab(browser: Browser, seen: Running) -> Tab:
    """Open the tab, and watch over it."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    opened = Tab(context.new_page(), Watch())
    opened.watch.follow(opened.page, seen.url)
    return opened


Visit = Callable[..., Page]


@pytest.fixture
def visit(tab: Tab, seen: Running) -> Iterator[Visit]:
    """Give the function that opens the page as if for the first time.

    At the end no request may have left the fake, and the browser may have complained about nothing but what was
    `permitted`: that includes what the Content-Security-Policy forbids.
    """
    page, watch = tab.page, tab.watch
    watch.permitted, watch.foreign, watch.complaints = (), [], []

    def open_page(
        path: str = "", *, size: tuple[int, int] = WIDE, scheme: str = "light", permitted: tuple[str, ...] = ()
    ) -> Page:
        watch.permitted = permitted
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        # Another hash alone would not load the document anew.
        page.goto("about:blank")
        page.goto(f"{seen.url}/_mock/{path}")
        return page

    yield open_page
    page.evaluate("localStorage.clear()")
    assert (watch.foreign, watch.complaints) == ([], [])


def control(seen: Running, path: str, body: dict[str, Any], *, method: str = "POST") -> dict[str, Any]:
    """Ask the control API of a fake."""
    url = f"{seen.url}/_mock/{path}"
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)  # noqa: S310 - our own fake
    with urllib.request.urlopen(request) as response:  # noqa: S310 - our own fake
        found: dict[str, Any] = json.load(response)
        return found
