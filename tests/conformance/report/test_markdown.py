"""The summary for CI: short, complete, and nothing in it means anything that it should not."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.obligation import Level
from conformance.report.markdown import markdown, plain
from tests.conformance.made_runs import fails, obligation, run
from tests.conformance.report.made_reports import filled, report, right


def test_a_run_that_deviates() -> None:
    text = markdown(report())

    lines = text.splitlines()
    assert lines[0] == "## acme 3.2 deviates"
    assert "5 of 7 obligations exercised, 2 of 5 kept." in lines
    assert "| N-14 | fail | MUST | N-14 says so: null was sent |" in lines
    assert "| N-12 | warn | SHOULD | N-12 says so: the instant is another |" in lines
    assert text.count("<details>") == text.count("</details>") == 2
    assert "P-01" not in text


def test_a_run_that_conforms_has_no_table() -> None:
    text = markdown(right())

    assert text.startswith("## acme 3.2 conforms\n\n2 of 2 obligations exercised, 2 of 2 kept.\n")
    assert "|" not in text


def test_what_is_known_says_why() -> None:
    made = report()
    made["obligations"][1] |= {"verdict": "known", "reason": "SDK 2"}

    assert "| N-14 | known | MUST | N-14 says so: SDK 2 |" in markdown(made)


def test_several_clients_side_by_side() -> None:
    lines = markdown(report(), right()).splitlines()

    assert "| obligation | acme 3.2 (1) | acme 3.2 (2) |" in lines
    assert "| N-14 | fail | pass |" in lines
    assert "| P-01 | pass |  |" in lines


def test_many_failures_are_cut() -> None:
    names = [f"N-{number}" for number in range(25)]
    made = report(run([obligation(name) for name in names], {name: [fails()] for name in names}))

    text = markdown(made)

    assert text.count("<details>") == 20
    assert "And 5 more.\n" in text


PLAIN = [
    pytest.param("a|b", r"a\|b", id="cell"),
    pytest.param("<img src=x>", r"\<img src=x\>", id="html"),
    pytest.param("http://x", r"http\://x", id="link"),
    pytest.param("`a` *b* _c_ [d](e)", r"\`a\` \*b\* \_c\_ \[d\](e)", id="marks"),
    pytest.param("two\nlines\x1b", r"two lines\\x1b", id="lines"),
]


@pytest.mark.parametrize(("text", "written"), PLAIN)
def test_text_means_nothing_to_markdown(text: str, written: str) -> None:
    assert plain(text) == written


@settings(max_examples=50)
@given(text=st.text() | st.text("`\n|<>~"))
def test_no_text_leaves_its_place(text: str) -> None:
    made = filled(f"</details>\n```\n# {text}")

    written = markdown(made)

    (fence, *_) = re.findall("^(`{3,})$", written, re.MULTILINE)
    outside = re.sub(f"(?ms)^{fence}$.*?^{fence}$", "", written)
    tags = re.findall(r"(?<!\\)</?\w+>", outside)
    assert tags == ["<details>", "<summary>", "</summary>", "</details>"]
    assert [line for line in outside.splitlines() if line.startswith("# ")] == []
    rows = [line for line in outside.splitlines() if line.startswith("| N-14")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 5


def test_the_level_that_counts_is_shown() -> None:
    made = report(run([obligation(level=Level.SHOULD)], {"N-14": [fails()]}))

    assert "| N-14 | warn | SHOULD |" in markdown(made)
