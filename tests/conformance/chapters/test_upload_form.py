"""What is said of the form of an upload: kept, broken, or nothing when the situation did not occur."""

from dataclasses import replace

import pytest

from conformance.chapters.upload_form import rows
from conformance.model import Call, Sent
from contracts.stages import WHOLE_BODY
from tests.conformance.uploads_made import (
    CONTRACT,
    EVENT,
    ONE,
    REFUSED,
    TWO,
    USER,
    call,
    judged,
    part,
    refused,
    upload,
    word,
)

ROWS = {row.id: row for row in rows(CONTRACT)}
GOOD = upload(part(ONE))
MALFORMED = "well-formed multipart/form-data"


def malformed(body: bytes, content_type: str = "multipart/form-data; boundary=b0") -> Sent:
    sent = refused("gift.body", got="nonsense", expected=MALFORMED, body=body)
    return replace(sent, headers=(("content-type", content_type),))


FORM = [
    pytest.param("U-01", GOOD, "kept", id="01-form"),
    pytest.param("U-01", malformed(b"--b0\r\n"), "broken", id="01-malformed"),
    pytest.param("U-01", refused("gift.media-type", parts=None), "broken", id="01-no-form"),
    pytest.param("U-01", refused("gift.body", expected=WHOLE_BODY), "not exercised", id="01-cut-short"),
    pytest.param("U-01", refused("gift.asset-count", part(ONE)), "not exercised", id="01-beyond-a-limit"),
    pytest.param("U-01", upload(status=0, accepted=False), "not exercised", id="01-client-left"),
    pytest.param("U-01", refused("gift.key", parts=None), "not exercised", id="01-not-read"),
    pytest.param("U-02", GOOD, "kept", id="02-once"),
    pytest.param("U-02", upload(USER, USER, part(ONE)), "broken", id="02-twice"),
    pytest.param("U-02", upload(replace(USER, name="user"), parts=(EVENT,)), "broken", id="02-missing"),
    pytest.param("U-02", upload(replace(USER, text="", size=0)), "broken", id="02-empty"),
    pytest.param("U-02", upload(replace(USER, filename="user")), "broken", id="02-file"),
    pytest.param("U-02", malformed(b""), "not exercised", id="02-malformed"),
    pytest.param("U-02.given", call([ONE], GOOD), "kept", id="02-as-given"),
    pytest.param("U-02.given", call([ONE], upload(replace(USER, text="User"))), "broken", id="02-another"),
    pytest.param("U-02.given", call([ONE], upload(parts=(EVENT,))), "broken", id="02-not-passed-on"),
    pytest.param("U-02.given", call([ONE], GOOD, upload(USER, USER)), "broken", id="02-in-the-second-upload"),
    pytest.param("U-02.given", call([ONE], upload(replace(USER, text="42")), userId=42), "kept", id="02-number"),
    pytest.param("U-02.given", call([ONE], GOOD, userId=True), "not exercised", id="02-written-as-one-likes"),
    pytest.param("U-02.given", call([ONE], GOOD, userId="a\r\nb"), "not exercised", id="02-line-break"),
    pytest.param("U-02.given", call([ONE], GOOD, userId=None), "not exercised", id="02-not-given"),
    pytest.param("U-02.given", call([ONE], reply=REFUSED), "not exercised", id="02-nothing-sent"),
    pytest.param("U-03", GOOD, "kept", id="03-once"),
    pytest.param("U-03", upload(EVENT, EVENT), "broken", id="03-twice"),
    pytest.param("U-03", malformed(b""), "not exercised", id="03-malformed"),
    pytest.param("U-03.given", call([ONE], GOOD), "kept", id="03-as-given"),
    pytest.param("U-03.given", call([ONE], upload(replace(EVENT, text="1.0"))), "broken", id="03-another"),
    pytest.param("U-03.given", call([ONE], GOOD, eventId=""), "not exercised", id="03-not-given"),
    pytest.param("U-10", upload(part(ONE), part(TWO)), "kept", id="10-repeated"),
    pytest.param("U-10", upload(part(ONE), part(TWO, "assets[1]")), "broken", id="10-indexed"),
    pytest.param("U-10", upload(replace(USER, filename="user")), "not exercised", id="10-userId-is-for-02"),
    pytest.param("U-10", upload(), "not exercised", id="10-no-files"),
    pytest.param("U-11", GOOD, "kept", id="11-named"),
    pytest.param("U-11", upload(part(ONE, filename=None)), "broken", id="11-no-name"),
    pytest.param("U-11", upload(part(ONE, filename="")), "broken", id="11-empty-name"),
    pytest.param("U-11", upload(), "not exercised", id="11-no-files"),
    pytest.param("U-16", GOOD, "kept", id="16-read"),
    pytest.param("U-16", malformed(b"--old\r\nContent-"), "broken", id="16-stale"),
    pytest.param("U-16", malformed(b"--b0 \r\nContent-"), "not exercised", id="16-malformed-otherwise"),
    pytest.param("U-16", malformed(b"--b0\r\n", 'multipart/form-data; boundary="b0"'), "not exercised", id="16-quoted"),
    pytest.param("U-16", malformed(b"--ol"), "not exercised", id="16-only-a-piece-is-known"),
    pytest.param("U-16", malformed(b"--old\r\n", "multipart/form-data"), "not exercised", id="16-none-announced"),
    pytest.param("U-16", malformed(b"{}\r\n"), "not exercised", id="16-no-form"),
]

INSIDE = [
    pytest.param(b"\r\n--b0", "broken", id="once"),
    pytest.param(b"0\r\n--b", "broken", id="over-the-end-of-a-round"),
    pytest.param(b"\r\n--b1", "kept", id="another"),
    pytest.param(b"\0", "not exercised", id="nothing-like-it"),
]


@pytest.mark.parametrize(("row", "found", "expected"), FORM)
def test_row_is_judged(row: str, found: Sent | Call, expected: str) -> None:
    finding = judged(ROWS[row], found)

    assert word(finding) == expected


@pytest.mark.parametrize(("filler", "expected"), INSIDE)
def test_boundary_inside_a_file_is_found(filler: bytes, expected: str) -> None:
    file = replace(ONE, filler=filler, size=200)

    finding = judged(ROWS["U-16.inside"], call([file], upload(part(file))))

    assert word(finding) == expected


@pytest.mark.parametrize("row", sorted(ROWS))
def test_every_row_is_in_a_table(row: str) -> None:
    assert row in {str(param.values[0]) for param in FORM} | {"U-16.inside"}


def test_a_finding_names_request_and_place() -> None:
    finding = judged(ROWS["U-10"], upload(part(ONE, "assets[0]")))

    assert finding is not None
    assert (finding.request, finding.place, finding.got) == ("r-1", "assets[0]", "'assets[0]'")
    assert finding.expected == "'assets'"
