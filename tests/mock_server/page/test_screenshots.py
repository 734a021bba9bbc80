"""The pictures of docs/page.md; they are kept when DISTINCT_MOCK_SCREENSHOTS names the folder to put them in."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.page.conftest import Visit, control
from tests.mock_server.page.test_request_view import GIFT, WRONG, form_body

MOST_BYTES = 150_000
WIDE, NARROW = (1100, 680), (360, 740)
Window = tuple[tuple[int, int], str]

PICTURES = [
    pytest.param("requests-light", "", (WIDE, "light"), id="requests-light"),
    pytest.param("requests-dark", "", (WIDE, "dark"), id="requests-dark"),
    pytest.param("requests-narrow", "", (NARROW, "light"), id="requests-narrow"),
    pytest.param("request-light", "#/requests/{wrong}", (WIDE, "light"), id="request-light"),
    pytest.param("request-narrow", "#/requests/{wrong}", (NARROW, "dark"), id="request-narrow"),
    pytest.param("arm-light", "#/arm", (WIDE, "light"), id="arm-light"),
    pytest.param("errors-dark", "#/errors", (WIDE, "dark"), id="errors-dark"),
    pytest.param("rules-light", "#/rules/analytics.captured-at", (WIDE, "light"), id="rules-light"),
    pytest.param("world-light", "#/world", (WIDE, "light"), id="world-light"),
    pytest.param("sessions-dark", "#/sessions", (WIDE, "dark"), id="sessions-dark"),
    pytest.param("reference-light", "swagger/", (WIDE, "light"), id="reference-light"),
    pytest.param("reference-dark", "swagger/", (WIDE, "dark"), id="reference-dark"),
]


@pytest.fixture(scope="module")
def wrong(seen: Running) -> str:
    """Fill a fake with what is worth a picture; gives the id of a wrong request."""
    key = control(seen, "sessions", {"name": "checkout test"})["key"]
    for number in range(30):
        send(seen.url, ANALYTICS, {**EVENT, "experienceId": "47Gop5", "action": ["sent", "opened"][number % 2]})
    send(seen.url, GIFT, form_body("picture.gif"), headers={"Content-Type": "multipart/form-data; boundary=b"})
    send(seen.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": "unknown-key"})
    send(seen.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": key})
    send(seen.url, ANALYTICS, {**EVENT, "email": "nobody@example.com"}, headers={"x-distinct-api-key": key})
    send(seen.url, "/api/v1/user/analytic", EVENT)
    found = send(seen.url, ANALYTICS, {**WRONG, "userId": ""}).headers["distinct-mock-request"]
    control(seen, "faults", {"do": "internalServerError", "next": 3, "operation": "addUserAnalytics"})
    control(seen, "faults", {"do": "delay:100ms-400ms", "every": 5})
    send(seen.url, ANALYTICS, EVENT)
    control(seen, "faults", {"do": ["500", "tooManyRequests:5", "pass"]})
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("DISTINCT_MOCK_SCREENSHOTS") or tmp_path)


@pytest.mark.parametrize(("name", "path", "window"), PICTURES)
def test_pictures(visit: Visit, wrong: str, name: str, path: str, window: Window, folder: Path) -> None:
    page = visit(path.format(wrong=wrong), size=window[0], scheme=window[1])
    expect(page.locator(".row, .remark, .choice, .item, .panel, .opblock").first).to_be_visible()
    # The chart and the live state come a moment after the rest.
    if not path:
        expect(page.locator(".chart .bar").first).to_be_attached()
    if "swagger" not in path:
        expect(page.locator("#live")).to_have_text("live")
    file = folder / f"{name}.png"

    page.screenshot(path=file)

    assert file.stat().st_size < MOST_BYTES
