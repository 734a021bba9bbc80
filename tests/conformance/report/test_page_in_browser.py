"""The page in a real browser: light and dark, narrow and wide, with hostile text, and by itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from conformance.report.page import page
from tests import browsing
from tests.browsing import PATIENCE_MS, WIDE, Watch
from tests.conformance.report.made_reports import filled, report, right

EVIL = '"\'><img src=x onerror="window.hit=1"><script>window.hit=1</script>\x1b[2J'
NARROW = (360, 740)

browser = browsing.browser

Open = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Give the function that opens a page from a file; the browser may ask for nothing else, nor complain."""
    watch = Watch()

    def opened(text: str, *, size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        tab = browser.new_page(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if scheme == "dark" else "light"
        )
        tab.set_default_timeout(PATIENCE_MS)
        watch.follow(tab, f"file://{tmp_path}")
        tab.goto(file.as_uri())
        return tab

    yield opened
    assert (watch.foreign, watch.complaints) == ([], [])


@pytest.mark.parametrize("size", [pytest.param(NARROW, id="narrow"), pytest.param(WIDE, id="wide")])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_in_every_window(show: Open, size: tuple[int, int], scheme: str) -> None:
    tab = show(page(report(), right(), filled("x" * 300)), size=size, scheme=scheme)

    width, ground = tab.evaluate(
        "[document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]"
    )

    assert width <= size[0]
    assert (ground == "rgb(20, 22, 27)") is (scheme == "dark")


def test_hostile_text_is_shown_as_text(show: Open) -> None:
    tab = show(page(filled(EVIL)))

    expect(tab.locator("main")).to_contain_text("<script>window.hit=1</script>")
    assert tab.evaluate("window.hit") is None
    assert tab.evaluate("document.querySelectorAll('img, script, [onerror]').length") == 0


def test_only_what_deviates(show: Open) -> None:
    tab = show(page(report()))
    expect(tab.locator("section")).to_have_count(8)
    expect(tab.locator("section:visible")).to_have_count(2)

    tab.get_by_label("Only what deviates").uncheck()
    expect(tab.locator("section#P-01")).to_be_visible()
    expect(tab.locator("section:visible")).to_have_count(8)

    tab.get_by_label("Only what deviates").check()
    expect(tab.locator("section#P-01")).to_be_hidden()
    expect(tab.locator("section#N-14")).to_be_visible()
    expect(tab.locator("section#N-12")).to_be_visible()
    expect(tab.locator("section:visible")).to_have_count(2)


def test_where_nothing_deviates_all_is_shown(show: Open) -> None:
    tab = show(page(right()))

    expect(tab.get_by_label("Only what deviates")).not_to_be_checked()
    expect(tab.locator("section:visible")).to_have_count(2)


def test_a_section_that_somebody_asks_for_is_shown(show: Open) -> None:
    tab = show(page(report()))

    tab.goto(f"{tab.url}#P-01")

    expect(tab.locator("section#P-01")).to_be_visible()


def test_a_row_leads_to_its_section(show: Open) -> None:
    tab = show(page(report()))

    tab.get_by_role("link", name="N-14").click()

    expect(tab.locator("section#N-14")).to_be_in_viewport()
    expect(tab.locator("section#N-14 mark")).to_have_text('"capturedAt": null')
