"""What is wrong with a request is marked in it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.report.wire import wire
from contracts.multipart_body import Part
from tests.conformance.made_runs import case, fails, obligation, run, sent
from tests.conformance.report.made_reports import filled, report

FORM = (Part("userId", None, "", 1, text="u"), Part("assets", "a.png", "image/png", 67, sha256="ab" * 32))


def request(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of a request
    one = replace(sent(), **more)
    made = report(run([obligation()], {"N-14": [fails(request=one)]}, at=case(one)))
    found = made["obligations"][0]["counterexample"]["calls"][0]["requests"][0]
    return dict(found)


def marked(of: dict[str, Any], place: str, got: str = "") -> list[str]:
    return [piece.text for piece in wire(of, {"place": place, "got": got}) if piece.marked]


BODY = b'{"email": "a", "metadata": {"n": [1, 2]}, "capturedAt": null, "said": "x \\" }"}'
MARKS = [
    pytest.param("capturedAt", "", ['"capturedAt": null'], id="member"),
    pytest.param("said", "", ['"said": "x \\" }"'], id="text-with-quote"),
    pytest.param("metadata", "", ['"metadata": {"n": [1, 2]}'], id="object"),
    pytest.param("metadata/n", "", ['"n": [1, 2]'], id="step"),
    pytest.param("body metadata.n", "", ['"n": [1, 2]'], id="words"),
    pytest.param("content-type", "", ["content-type: application/json"], id="header"),
    pytest.param("Content-Type", "", ["content-type: application/json"], id="header-spelled-otherwise"),
    pytest.param("header content-type", "", ["content-type: application/json"], id="header-in-words"),
    pytest.param("method", "", ["POST"], id="method"),
    pytest.param("path", "", ["/api/v1/user/analytics"], id="path"),
    pytest.param("", "'application/json'", ["application/json"], id="by-value"),
    pytest.param("nowhere", "null", ["null"], id="by-value-when-the-place-is-unknown"),
    pytest.param("nowhere", "a", [], id="not-by-a-letter"),
    pytest.param("", "", [], id="nothing"),
]


@pytest.mark.parametrize(("place", "got", "shown"), MARKS)
def test_the_place_is_marked(place: str, got: str, shown: list[str]) -> None:
    assert marked(request(body=BODY), place, got) == shown


def test_parts_are_marked_by_their_name_or_their_file() -> None:
    form = request(parts=FORM, body=b"")

    assert marked(form, "userId") == ["userId: u"]
    assert marked(form, "a.png") == [f"assets; filename=a.png (image/png): 67 bytes, sha256 {'ab' * 32}"]


def test_what_is_no_utf_8_is_marked() -> None:
    assert marked(request(body='{"x":"é"}'.encode("latin-1")), "") == [r"\xe9"]


def test_without_a_finding_all_is_there_and_nothing_is_marked() -> None:
    pieces = wire(request(body=BODY))

    text = "".join(piece.text for piece in pieces)
    assert text.startswith("POST /api/v1/user/analytics\nhost: 127.0.0.1:PORT\nx-distinct-api-key: dmk_…key1\n")
    assert text.endswith(f"\n\n{BODY.decode()}")
    assert not any(piece.marked for piece in pieces)


def test_a_body_that_is_cut_says_so() -> None:
    assert wire(request(body=b"x" * 9000))[-1].text == "\n… 9000 bytes in all"


@settings(max_examples=50)
@given(text=st.text(), place=st.text(), got=st.text())
def test_marking_changes_no_text(text: str, place: str, got: str) -> None:
    one = filled(text)["obligations"][0]["counterexample"]["calls"][0]["requests"][0]

    plain, with_marks = wire(one), wire(one, {"place": place, "got": got})

    assert "".join(piece.text for piece in plain) == "".join(piece.text for piece in with_marks)
