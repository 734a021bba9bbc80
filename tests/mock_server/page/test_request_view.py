"""One request in full: what was sent, what was answered, why, and how it is sent again."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.page.conftest import Visit

WRONG = {**EVENT, "action": "read", "capturedAt": "2026-04-27 13:35"}
GIFT = "/api/v1/vendor/user/assets"


@pytest.fixture
def wrong(seen: Running) -> str:
    """Send a wrong request; gives its id."""
    return send(seen.url, ANALYTICS, WRONG).headers["distinct-mock-request"]


def test_a_wrong_request_is_explained(visit: Visit, wrong: str) -> None:
    page = visit(f"requests/{wrong}")

    expect(page).to_have_url(re.compile(f"/_mock/#/requests/{wrong}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invalid feature/action.")
    expect(page.get_by_role("heading", name="2 broken rules")).to_be_visible()
    first, second = page.locator(".remark").all()
    expect(first).to_contain_text("this one was answered")
    expect(first.locator("code.got")).to_contain_text("read")
    expect(second).to_contain_text("capturedAt is a date and time with offset")
    expect(second).to_contain_text("assumed answer")
    expect(second).to_contain_text("user-analytics, section Notes")
    expect(second).not_to_contain_text("this one was answered")


def test_a_request_shows_both_sides_without_its_key(visit: Visit, wrong: str) -> None:
    page = visit(f"#/requests/{wrong}")

    expect(page.get_by_label("Headers that were sent")).to_contain_text("x-distinct-api-key")
    expect(page.get_by_label("body", exact=True)).to_have_text(json.dumps(WRONG, indent=2))
    expect(page.get_by_label("Headers of the answer")).to_contain_text(wrong)
    expect(page.get_by_label("answer", exact=True)).to_contain_text('"statusCode": 400')
    assert "vendor-test-key" not in page.content()


COPIES = [
    pytest.param("Copy command as sent", '"action": "read"', id="as-sent"),
    pytest.param("Copy corrected command", "curl", id="corrected"),
    pytest.param("Copy body", '"action": "read"', id="body"),
    pytest.param("Copy as JSON", '"breaches"', id="json"),
]


@pytest.mark.parametrize(("button", "expected"), COPIES)
def test_copying_puts_the_text_on_the_clipboard(visit: Visit, wrong: str, button: str, expected: str) -> None:
    page = visit(f"#/requests/{wrong}")

    page.get_by_role("button", name=button).click()

    expect(page.locator("#toast")).to_have_text(re.compile("^copied"))
    copied = clipboard(page)
    assert expected in copied
    assert "vendor-test-key" not in copied


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_corrections_are_listed(visit: Visit, wrong: str) -> None:
    page = visit(f"#/requests/{wrong}")

    expect(page.locator(".changes")).to_contain_text("action")
    expect(page.locator(".changes")).to_contain_text("capturedAt")


def test_an_accepted_request_says_so(visit: Visit, seen: Running) -> None:
    reply = send(seen.url, ANALYTICS, EVENT)
    page = visit(f"#/requests/{reply.headers['distinct-mock-request']}")

    expect(page.get_by_role("heading", name="Accepted: no rule is broken")).to_be_visible()
    expect(page.get_by_text("Nothing to correct.")).to_be_visible()


def form_body(filename: str) -> bytes:
    return (
        '--b\r\nContent-Disposition: form-data; name="userId"\r\n\r\nuser-john-doe\r\n'
        '--b\r\nContent-Disposition: form-data; name="eventId"\r\n\r\nsummer-gala\r\n'
        f'--b\r\nContent-Disposition: form-data; name="assets"; filename="{filename}"\r\n'
        "Content-Type: image/gif\r\n\r\nGIF89a\r\n--b--\r\n"
    ).encode()


def test_a_form_shows_its_parts(visit: Visit, seen: Running) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    reply = send(seen.url, GIFT, form_body("picture.gif"), headers=form)
    page = visit(f"#/requests/{reply.headers['distinct-mock-request']}")

    expect(page.get_by_role("heading", name="3 parts")).to_be_visible()
    part = page.locator(".part").nth(2)
    expect(part).to_contain_text("picture.gif")
    expect(part).to_contain_text("image/gif")
    expect(part).to_contain_text("6 B (6 bytes)")


def test_an_unknown_id_says_so(visit: Visit) -> None:
    page = visit("#/requests/no-such-id", permitted=("404",))

    expect(page.get_by_role("heading", name="No such request")).to_be_visible()
    expect(page.locator("main")).to_contain_text("no-such-id")


def test_neighbours_are_one_click_away(visit: Visit, seen: Running, wrong: str) -> None:
    after = send(seen.url, ANALYTICS, EVENT).headers["distinct-mock-request"]
    page = visit(f"#/requests/{wrong}")

    page.get_by_role("link", name="Newer").click()

    expect(page).to_have_url(re.compile(f"{after}$"))
    expect(page.get_by_role("link", name="Newer")).to_have_count(0)


def test_the_answer_can_be_armed_for_the_key(visit: Visit, wrong: str) -> None:
    page = visit(f"#/requests/{wrong}")

    page.get_by_role("link", name="Arm this answer for this key").click()

    expect(page.get_by_label("Steps")).to_have_value("invalidFeatureAction")
    expect(page.get_by_label("Operation")).to_have_value("addUserAnalytics")
    expect(page.get_by_label("Session or key")).to_have_value(re.compile("^key:vend…"))
