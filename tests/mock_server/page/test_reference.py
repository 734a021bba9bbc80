"""Swagger UI: both documents, drawn and tried on the fake itself."""

import re

from playwright.sync_api import expect

from tests.mock_server.page.conftest import Visit

STATUS = ".live-responses-table tbody .response-col_status"


def test_the_contract_is_shown_and_a_request_is_tried_on_this_fake(visit: Visit) -> None:
    page = visit("swagger/", permitted=("400", "401"))
    block = page.locator(".opblock", has_text="/api/v1/user/analytics")

    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Execute").click()

    expect(block.locator(STATUS)).to_have_text(re.compile("401"))
    expect(block.locator(".live-responses-table")).to_contain_text("Unauthorized.")
    expect(block.locator(".request-url")).to_contain_text("http://127.0.0.1:")


def test_the_control_api_is_shown_and_tried(visit: Visit) -> None:
    page = visit("swagger/?of=control")
    block = page.locator(".opblock-get", has=page.locator('[data-path="/_mock/ready"]'))

    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Execute").click()

    expect(block.locator(STATUS)).to_have_text(re.compile("200"))


def test_the_reference_knows_the_version_of_the_documents(visit: Visit) -> None:
    page = visit("swagger/")

    expect(page.locator(".info")).to_contain_text("OAS 3.1")
    expect(page.locator(".errors-wrapper, img[alt='Online validator badge']")).to_have_count(0)
    page.get_by_role("link", name="Control API of this fake").click()
    expect(page.locator(".info .title")).to_be_visible()
