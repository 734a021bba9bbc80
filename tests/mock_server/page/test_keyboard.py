"""The page without a mouse."""

import re

import pytest
from playwright.sync_api import Page, expect

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.page.conftest import Visit


@pytest.fixture
def page(visit: Visit, seen: Running) -> Page:
    """Open the list with a few requests in it."""
    for _ in range(3):
        send(seen.url, ANALYTICS, EVENT)
    opened = visit()
    expect(opened.locator(".row.selected")).to_have_count(0)
    expect(opened.locator(".grid-body .row").nth(2)).to_be_visible()
    return opened


def selected(page: Page) -> int:
    return int(page.locator(".row.selected").get_attribute("aria-rowindex") or 0)


WALKS = [
    pytest.param(["j"], 2, id="first"),
    pytest.param(["j", "j", "j"], 4, id="down"),
    pytest.param(["j", "j", "k"], 2, id="back-up"),
    pytest.param(["k"], 2, id="not-above-the-top"),
    pytest.param(["j", "ArrowDown"], 3, id="arrow-in-the-list"),
    pytest.param(["j", "ArrowDown", "ArrowUp"], 2, id="arrows-in-the-list"),
]


@pytest.mark.parametrize(("keys", "row"), WALKS)
def test_keys_move_in_the_list(page: Page, keys: list[str], row: int) -> None:
    for key in keys:
        page.keyboard.press(key)

    assert selected(page) == row
    expect(page.locator(".row.selected a")).to_be_focused()


def test_enter_opens_and_escape_closes_where_one_was(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("article.request h1")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator(".row.selected")).to_be_visible()
    assert selected(page) == 3


def test_keys_move_between_requests(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    first = page.url
    expect(page.get_by_role("link", name="Older")).to_be_visible()

    page.keyboard.press("j")

    expect(page).not_to_have_url(first)


def test_slash_filters_and_letters_are_text_there(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("jkp?")

    expect(page.locator("[name=text]")).to_have_value("jkp?")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[name=text]")).not_to_be_focused()


def test_p_pauses_and_resumes(page: Page) -> None:
    page.keyboard.press("p")
    expect(page.locator("#live")).to_have_text("paused")

    page.keyboard.press("p")

    expect(page.locator("#live")).to_have_text("live")


def test_the_help_lists_the_keys_and_closes(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("pause and resume")

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_single_keys_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_label("Single keys are shortcuts").uncheck()
    page.keyboard.press("Escape")

    page.keyboard.press("p")
    page.keyboard.press("j")

    expect(page.locator("#live")).to_have_text("live")
    expect(page.locator(".row.selected")).to_have_count(0)


def test_tab_meets_the_skip_link_first_and_every_stop_is_seen(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    unseen = []
    for _ in range(9):
        page.keyboard.press("Tab")
        unseen += page.evaluate("""() => {
            const node = document.activeElement;
            const outlined = (one) => one && getComputedStyle(one).outlineStyle !== "none";
            const seen = outlined(node) || outlined(node.closest(".row"));
            return seen || node === document.body ? [] : [node.outerHTML];
        }""")

    assert unseen == []
    expect(page).to_have_url(re.compile("/_mock/(#/requests)?$"))


def test_the_list_is_one_stop_for_tab(page: Page) -> None:
    expect(page.locator(".grid-body a[tabindex='0']")).to_have_count(1)
