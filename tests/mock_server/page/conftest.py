"""The page in a browser: a fake to look at, and a tab to look at it with."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from mock_server.server import Running, running
from tests import browsing
from tests.browsing import PATIENCE_MS, WIDE, Watch

browser = browsing.browser


@pytest.fixture(scope="module")
def seen() -> Iterator[Running]:
    """Give the fake that the tests of a module look at; what they send to it stays."""
    with running() as started:
        yield started


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
