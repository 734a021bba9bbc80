"""HTML in whatever a client sends is shown as text, in every view that shows it."""

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.page.conftest import Visit, control

EVIL = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'


def evil_body(seen: Running) -> str:
    body = dict.fromkeys((*EVENT, EVIL), EVIL)
    return send(seen.url, ANALYTICS, body, headers={"x-evil": EVIL, "User-Agent": EVIL}).headers[
        "distinct-mock-request"
    ]


def evil_form(seen: Running) -> str:
    evil = EVIL.replace('"', "%22")
    text = (
        f'--b\r\nContent-Disposition: form-data; name="userId"\r\n\r\n{EVIL}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="{evil}"\r\n\r\n{EVIL}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="assets"; filename="{evil}"\r\n'
        f"Content-Type: text/html\r\n\r\n{EVIL}\r\n--b--\r\n"
    )
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    reply = send(seen.url, "/api/v1/vendor/user/assets", text.encode(), headers=form)
    return reply.headers["distinct-mock-request"]


def evil_path(seen: Running) -> str:
    """Send what no client of good manners sends: markup in the path, in the method's neighbourhood, in the key."""
    parts = urlsplit(seen.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        head = (
            f"GET /<img/src=x/onerror=window.hit=1>?{'<script>'} HTTP/1.1\r\nhost: x\r\nx-distinct-api-key: {EVIL}\r\n"
        )
        connection.sendall(f"{head}connection: close\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer.split(b"distinct-mock-request: ")[1].split(b"\r\n")[0].decode()


SENT = [
    pytest.param(evil_body, "window.hit=1", id="json-and-headers"),
    pytest.param(evil_form, "window.hit=1", id="form"),
    pytest.param(evil_path, "onerror=window.hit=1", id="path-and-key"),
]


def assert_harmless(page: Page) -> None:
    assert page.evaluate("window.hit") is None
    made = "document.querySelectorAll('main img, main script, main [onerror], main iframe').length"
    assert page.evaluate(made) == 0


@pytest.mark.parametrize(("make", "shown"), SENT)
def test_a_request_in_full(visit: Visit, seen: Running, make: Any, shown: str) -> None:  # noqa: ANN401 - a function
    page = visit(f"#/requests/{make(seen)}")

    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main")).to_contain_text(shown)
    assert_harmless(page)


def test_the_list_its_filters_and_their_addresses(visit: Visit, seen: Running) -> None:
    for make in (evil_body, evil_form, evil_path):
        make(seen)
    page = visit("#/requests?text=%3Cimg&who=key:%3Cimg%20src=x%20onerror=window.hit=1%3E")
    expect(page.locator(".empty")).to_be_visible()

    page.get_by_role("button", name="Clear filter").click()

    expect(page.locator(".grid-body .row").nth(2)).to_be_visible()
    expect(page.locator(".grid-body")).to_contain_text("<img/src=x")
    assert_harmless(page)


def test_an_unknown_id_and_an_unknown_view(visit: Visit) -> None:
    page = visit("#/requests/%3Cimg%20src%3Dx%20onerror%3Dwindow.hit%3D1%3E", permitted=("404",))
    expect(page.locator("main")).to_contain_text("<img src=x onerror=window.hit=1>")
    assert_harmless(page)

    page.goto(f"{seen_url(page)}/_mock/#/%3Cimg%3E")
    expect(page.get_by_role("heading", name="No such view")).to_be_visible()
    assert_harmless(page)


def seen_url(page: Page) -> str:
    return str(page.evaluate("location.origin"))


def test_the_world_and_sessions(visit: Visit, seen: Running) -> None:
    user = {"id": EVIL, "email": "evil@example.com", "events": ["summer-gala"]}
    control(seen, "world", {"users": [user], "events": [{"id": EVIL}], "pairs": {EVIL: [EVIL]}}, method="PATCH")
    control(seen, "sessions", {"name": EVIL})

    for view in ("world", "sessions", "arm"):
        page = visit(f"#/{view}")
        expect(page.locator("main")).to_contain_text("window.hit=1")
        assert_harmless(page)
