"""The views of what can be looked up: errors, rules, world, sessions; and what all views share."""

import re

import pytest
from playwright.sync_api import expect

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.page.conftest import Visit, control


def test_errors_are_listed_with_commands_to_copy(visit: Visit) -> None:
    page = visit("#/errors")

    item = page.locator(".item", has_text="Invalid feature/action.").first
    item.get_by_role("button", name="Copy command").click()

    expect(page.locator("#toast")).to_have_text(re.compile("^copied"))
    assert "$DISTINCT_API_KEY" in page.evaluate("navigator.clipboard.readText()")


def test_errors_can_be_filtered(visit: Visit) -> None:
    page = visit("#/errors")
    expect(page.locator(".item").first).to_be_visible()

    page.get_by_label("Status").select_option("413")
    page.locator("[name=text]").fill("asset")

    expect(page.locator(".counts")).to_have_text(re.compile(r"^\d+ of \d+ answers"))
    expect(page.locator(".item")).to_have_count(1)
    expect(page.locator(".item")).to_contain_text("assetTooLarge")


def test_a_rule_can_be_linked_to(visit: Visit) -> None:
    page = visit("#/rules/analytics.captured-at")

    expect(page.locator(".target")).to_be_in_viewport()
    expect(page.locator(".target")).to_contain_text("capturedAt is a date and time with offset")


def test_assumed_rules_can_be_singled_out(visit: Visit) -> None:
    page = visit("#/rules?basis=assumed")

    expect(page.locator(".counts")).to_have_text(re.compile(r"^\d+ of \d+ rules"))
    expect(page.locator(".item .chip.documented")).to_have_count(0)
    expect(page.locator(".item .chip.assumed").first).to_be_visible()


def test_the_world_is_shown_with_masked_keys(visit: Visit) -> None:
    page = visit("#/world")

    expect(page.locator("main")).to_contain_text("john.doe@example.com")
    expect(page.locator("main")).to_contain_text("a key that always gets 500")
    expect(page.locator("main")).to_contain_text("registration_email")
    assert "vendor-test-key" not in page.content()


def test_a_session_is_created_used_judged_and_ended(visit: Visit, seen: Running) -> None:
    page = visit("#/sessions")
    page.get_by_label("Name").fill("checkout")
    page.get_by_role("button", name="Create session").click()
    page.get_by_role("button", name="Copy key").click()
    expect(page.locator("#toast")).to_have_text("copied key")
    key = page.evaluate("navigator.clipboard.readText()")
    card = page.locator(".session", has_text="checkout")
    expect(card).to_contain_text("no requests")

    assert send(seen.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": key}).status == 200
    expect(card).to_contain_text("✓ clean")
    send(seen.url, ANALYTICS, {}, headers={"x-distinct-api-key": key})
    expect(card).to_contain_text("✗ rules broken")
    card.get_by_role("link", name="Requests").click()
    expect(page.locator(".grid-body .row")).to_have_count(2)

    page.goto(f"{seen.url}/_mock/#/sessions")
    assert key not in page.content()
    card.get_by_role("button", name="End checkout").click()
    card.get_by_text("End it?").click()
    expect(card).to_contain_text("Ended")
    assert send(seen.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": key}).status == 401


def test_only_the_verdict_of_a_session_that_got_requests_is_read_again(visit: Visit, seen: Running) -> None:
    used, other = (control(seen, "sessions", {"name": name}) for name in ("one in use", "another one"))
    page = visit("#/sessions")
    cards = {name: page.locator(".session", has_text=name) for name in ("one in use", "another one")}
    expect(cards["another one"]).to_contain_text("no requests")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    send(seen.url, ANALYTICS, {}, headers={"x-distinct-api-key": used["key"]})
    expect(cards["one in use"]).to_contain_text("✗ rules broken")

    assert any(url.endswith(f"/sessions/{used['id']}/verdict") for url in asked)
    assert not any(url.endswith(f"/sessions/{other['id']}/verdict") for url in asked)


# Counts how many reads of the list go on at once, and makes each take long.
SLOW = """() => {
    const [quick, wait] = [window.fetch, (ms) => new Promise((done) => setTimeout(done, ms))];
    Object.assign(window, { going: 0, most: 0 });
    window.fetch = async (path, options) => {
        if (path !== "sessions") return quick(path, options);
        window.most = Math.max(window.most, ++window.going);
        await wait(900);
        return quick(path, options).finally(() => window.going--);
    };
}"""


def test_sessions_are_read_one_time_after_the_other(visit: Visit, seen: Running) -> None:
    made = control(seen, "sessions", {"name": "of a slow fake"})
    page = visit("#/sessions")
    card = page.locator(".session", has_text="of a slow fake")
    expect(card).to_contain_text("no requests")
    page.evaluate(SLOW)

    for _ in range(8):
        send(seen.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": made["key"]})
        page.wait_for_timeout(250)

    # What came while one of them went on is read by the next.
    expect(card).to_contain_text("8 (8 accepted, 0 refused)")
    assert page.evaluate("window.most") == 1


def test_an_unknown_view_says_so(visit: Visit) -> None:
    expect(visit("#/nowhere").get_by_role("heading", name="No such view")).to_be_visible()


def test_the_theme_is_remembered(visit: Visit) -> None:
    page = visit(scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)

    page.get_by_role("button", name="Theme").click()

    expect(page.get_by_role("button", name="Theme")).to_contain_text("light")
    light = page.evaluate(ground)
    page.reload()
    assert page.evaluate(ground) == light != dark


VIEWS = ["requests", "arm", "errors", "rules", "world", "sessions"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_fits_a_narrow_screen_and_its_controls_have_names(visit: Visit, seen: Running, view: str) -> None:
    send(seen.url, ANALYTICS, EVENT)
    control(seen, "sessions", {"name": "a long name " * 8})
    page = visit(f"#/{view}", size=(360, 740))
    expect(page.locator(".row, .choice, .item, .panel").first).to_be_visible()

    nameless = page.evaluate("""() => [...document.querySelectorAll("button, a[href], input, select")]
        .filter((node) => node.checkVisibility())
        .filter((node) => !(node.innerText || node.ariaLabel || node.labels?.[0]?.innerText || "").trim())
        .map((node) => node.outerHTML)""")

    assert nameless == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
