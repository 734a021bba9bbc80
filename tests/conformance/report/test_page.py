"""The page: one file with everything in it, and no markup but ours."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.report.page import page
from tests.conformance.made_runs import fails, obligation, run
from tests.conformance.report.made_reports import filled, report, right


class Seen(HTMLParser):
    """The elements, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def ids(self) -> list[str]:
        return [value for name, value in self.attributes if name == "id"]


def test_every_obligation_has_a_section_and_a_row_that_leads_there() -> None:
    made = report()

    seen = Seen(page(made))

    names = [one["id"] for one in made["obligations"]]
    assert [name for name in seen.ids() if name in names] == names
    assert [value for name, value in seen.attributes if name == "href"] == [f"#{name}" for name in names]


def test_nothing_is_fetched_and_nothing_runs() -> None:
    text = page(report(), right())

    seen = Seen(text)
    assert {"script", "link", "img", "iframe", "object", "form"} & set(seen.elements) == set()
    assert [value for name, value in seen.attributes if name == "src" or name.startswith("on")] == []
    assert "url(" not in text
    assert "@import" not in text


def test_the_policy_permits_this_style_alone() -> None:
    text = page(report())

    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert ("content", policy) in Seen(text).attributes


def test_a_failure_is_told_in_full() -> None:
    text = "".join(Seen(page(report())).texts)

    for part in (
        "user-analytics, Body Parameters",
        "null was sent",
        "The caller was told: error 400 no user",
        '"capturedAt": null',
        'curl -X POST "$DISTINCT_BASE_URL"',
        "--seed 7 --only N-14",
        "5 of 7 obligations exercised, 2 of 5 kept",
    ):
        assert part in text
    assert "<mark>&#34;capturedAt&#34;: null</mark>" in page(report())


def test_what_happened_stands_once() -> None:
    made = run([obligation()], {"N-14": [fails("a null"), fails("a blank"), fails("a list")]})

    texts = Seen(page(report(made))).texts

    assert [sum(what in text for text in texts) for what in ("a null", "a blank", "a list")] == [1, 1, 1]


def test_several_clients_side_by_side() -> None:
    text = page(report(), right())

    seen = Seen(text)
    assert seen.ids().count("N-14") == 1
    assert "2 clients" in seen.texts
    assert [word for word in seen.texts if word in {"fail", "pass"}].count("pass") >= 2
    assert "acme 3.2 (2) conforms" in seen.texts


@settings(max_examples=40)
@given(text=st.text())
def test_all_that_a_client_says_is_text(text: str) -> None:
    evil = f"{text}\"'><script>window.hit=1</script><img src=x onerror=window.hit=1>"

    seen = Seen(page(filled(evil)))

    assert {"script", "img"} & set(seen.elements) == set()
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert any("<script>window.hit=1</script>" in each for each in seen.texts)
