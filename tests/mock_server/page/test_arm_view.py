"""Arming by click: what is chosen is what is played, and it is counted down."""

import re

import pytest
from playwright.sync_api import Page, expect

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.page.conftest import Visit, control


@pytest.fixture
def page(visit: Visit) -> Page:
    """Open the view with nothing armed."""
    opened = visit("#/arm")
    expect(opened.locator(".choice").first).to_be_visible()
    expect(opened.locator(".armed-list li").first).to_be_visible()
    if opened.get_by_role("button", name="Disarm all").is_visible():
        opened.get_by_role("button", name="Disarm all").click()
    expect(opened.locator(".armed-list")).to_contain_text("Nothing is armed")
    return opened


def test_an_answer_is_armed_by_click_and_counted_down(page: Page, seen: Running) -> None:
    page.locator(".choice", has_text="internalServerError").click()
    page.get_by_label("how many of the next requests").fill("2")
    page.get_by_role("button", name="Arm", exact=True).click()

    expect(page.locator(".armed-list .left")).to_have_text("2")
    assert send(seen.url, ANALYTICS, EVENT).status == 500
    expect(page.locator(".armed-list .left")).to_have_text("1")
    assert send(seen.url, ANALYTICS, EVENT).status == 500
    expect(page.locator(".armed-list")).to_contain_text("used up: played 2 times")
    assert send(seen.url, ANALYTICS, EVENT).status == 200


def test_what_is_disarmed_is_played_no_more(page: Page, seen: Running) -> None:
    page.locator(".choice", has_text="userNotFound").click()
    page.get_by_role("radio", name="always").check()
    page.get_by_role("button", name="Arm", exact=True).click()
    expect(page.locator(".armed-list")).to_contain_text("always")
    assert send(seen.url, ANALYTICS, EVENT).message == "User not found."

    page.get_by_role("button", name=re.compile(r"^Disarm f-")).click()

    expect(page.locator(".armed-list")).to_contain_text("Nothing is armed")
    assert send(seen.url, ANALYTICS, EVENT).status == 200


def test_choices_add_up_to_a_series(page: Page, seen: Running) -> None:
    page.get_by_label("Each choice adds to a series").check()
    page.locator(".choice", has_text="internalServerError").click()
    page.locator(".choice", has_text="unauthorized").click()
    page.get_by_role("button", name="Arm", exact=True).click()
    expect(page.locator(".armed-list .left")).to_have_text("2")

    assert [send(seen.url, ANALYTICS, EVENT).status for _ in range(3)] == [500, 401, 200]


MODES = [
    pytest.param("one in how many requests", "3", "one of 3", id="every"),
    pytest.param("probability, 0 to 1", "0.5", "probability 0.5", id="probability"),
]


@pytest.mark.parametrize(("field", "value", "expected"), MODES)
def test_a_number_means_its_mode(page: Page, field: str, value: str, expected: str) -> None:
    page.get_by_label("Steps").fill("500")
    page.get_by_label(field).fill(value)
    page.get_by_role("button", name="Arm", exact=True).click()

    expect(page.locator(".armed-list")).to_contain_text(expected)


def test_an_operation_leaves_its_own_answers(page: Page) -> None:
    expect(page.locator(".choice", has_text="assetTooLarge")).to_be_visible()

    page.get_by_label("Operation").select_option("addUserAnalytics")

    expect(page.locator(".choice", has_text="assetTooLarge")).to_have_count(0)
    expect(page.locator(".choice", has_text="invalidFeatureAction")).to_be_visible()


def test_variants_of_a_fault_are_choices_of_their_own(page: Page) -> None:
    steps = page.locator(".choice code").all_inner_texts()

    assert {"reset:before", "reset:during", "reset:after", "delay:200ms", "truncate", "hang"} <= set(steps)


def test_every_choice_can_be_armed(page: Page, seen: Running) -> None:
    for step in page.locator(".choice code").all_inner_texts():
        assert control(seen, "faults", {"do": step})["active"], step


def test_a_step_that_is_none_is_refused_with_a_reason(visit: Visit) -> None:
    page = visit("#/arm", permitted=("400",))

    page.get_by_label("Steps").fill("userNotFond")
    page.get_by_role("button", name="Arm", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("userNotFound")
