"""What is said of the files of an upload: kept, broken, or nothing when the situation did not occur."""

from dataclasses import replace

import pytest

from conformance.chapters.upload_files import rows
from conformance.model import Call, File, Outcome, Reply, Sent
from contracts.multipart_body import Part
from tests.conformance.uploads_made import (
    CONTRACT,
    EMPTY,
    ERROR,
    ONE,
    REFUSED,
    TWO,
    breach,
    call,
    judged,
    part,
    refused,
    upload,
    word,
)

ROWS = {row.id: row for row in rows(CONTRACT)}
GOOD = upload(part(ONE))


def large(size: int) -> File:
    return File("large.gif", "image/gif", size)


def named(name: str, sent: str | None = None) -> Call:
    """Make a call for a file of a name, and the upload in which it is called `sent`."""
    file = replace(ONE, name=name)
    return call([file], upload(part(file, filename=name if sent is None else sent)))


def flagged(declared: str, shown: str) -> Sent:
    flag = breach("gift.asset-declared", f"'one.gif', declared as {declared}", shown, "assets[1]")
    return upload(part(ONE, content_type=declared), flags=(flag,))


def grown(grown: object, size: int = 20_000_000) -> Call:
    reply = Reply(Outcome.OK, detail={"rss_growth_bytes": grown} if grown is not None else {})
    return call([large(size)], GOOD, reply=reply)


BOTH = upload(part(ONE), part(TWO))
TEXT = Part("assets", "one.gif", "text/plain", 20, part(ONE).sha256)

FILES = [
    pytest.param("U-06", call([ONE, TWO], BOTH), "kept", id="06-all"),
    pytest.param("U-06", call([ONE, TWO], GOOD, upload(part(TWO))), "kept", id="06-divided"),
    pytest.param("U-06", call([ONE, ONE], upload(part(ONE), part(ONE))), "kept", id="06-given-twice"),
    pytest.param("U-06", call([ONE, TWO], GOOD), "broken", id="06-lost"),
    pytest.param("U-06", call([ONE, TWO], GOOD, refused("gift.body")), "broken", id="06-failure-not-told"),
    pytest.param("U-06", call([ONE, TWO], GOOD, reply=ERROR), "kept", id="06-failure-told"),
    pytest.param("U-06", call([ONE, TWO], BOTH, upload(part(TWO))), "broken", id="06-doubled"),
    pytest.param("U-06", call([ONE], GOOD, GOOD, plan=("500",)), "kept", id="06-sent-again"),
    pytest.param("U-06", call([ONE, EMPTY], GOOD), "kept", id="06-empty-left-out"),
    pytest.param("U-06", call([ONE, TWO], GOOD, reply=Reply(Outcome.HANG)), "not exercised", id="06-hangs"),
    pytest.param("U-06", call([ONE, TWO], refused("gift.body")), "not exercised", id="06-none-accepted"),
    pytest.param("U-12", call([ONE, TWO], BOTH), "kept", id="12-intact"),
    pytest.param("U-12", call([TWO], GOOD), "broken", id="12-other-bytes"),
    pytest.param("U-12", call([ONE], GOOD, upload(part(EMPTY))), "broken", id="12-on-a-retry"),
    pytest.param("U-12", call([ONE], refused("gift.body", part(TWO))), "not exercised", id="12-malformed"),
    pytest.param("U-12", call([ONE], upload()), "not exercised", id="12-no-files"),
    pytest.param("U-13", named('a"b.gif'), "kept", id="13-as-it-is"),
    pytest.param("U-13", named('a"b.gif', "a%22b.gif"), "kept", id="13-percent-encoded"),
    pytest.param("U-13", named('a"b.gif', "a_b.gif"), "kept", id="13-replaced"),
    pytest.param("U-13", named('a"b.gif', "file.gif"), "kept", id="13-another-name"),
    pytest.param("U-13", named('a"; x="b.gif', "a"), "broken", id="13-cut-at-a-quote"),
    pytest.param("U-13", named("x/a;b.gif", "a"), "broken", id="13-cut-behind-a-folder"),
    pytest.param("U-13", named('"a.gif', ""), "broken", id="13-cut-to-nothing"),
    pytest.param("U-13", named("a\r\nb.gif", "a\nb.gif"), "broken", id="13-control-character"),
    pytest.param("U-13", named("a.gif"), "not exercised", id="13-plain"),
    pytest.param("U-13", call([replace(ONE, name='a"b')], reply=REFUSED), "not exercised", id="13-not-sent"),
    pytest.param("U-14", GOOD, "kept", id="14-plain"),
    pytest.param("U-14", upload(part(ONE, filename="n\u00e4ive \U0001f600.gif")), "kept", id="14-utf-8"),
    pytest.param("U-14", upload(part(ONE, filename="n\ufffdive.gif")), "broken", id="14-latin-1"),
    pytest.param("U-14", upload(part(ONE, filename="=?utf-8?B?YQ==?=")), "broken", id="14-encoded-word"),
    pytest.param("U-14", upload(part(ONE, filename="/home/me/a.gif")), "broken", id="14-path"),
    pytest.param("U-14", upload(part(ONE, filename="me\\a.gif")), "kept", id="14-backslash"),
    pytest.param("U-14", upload(part(ONE, filename="..%2Fa.gif")), "kept", id="14-percent-encoded"),
    pytest.param("U-14", upload(part(ONE, filename=None)), "not exercised", id="14-no-name"),
    pytest.param("U-15", GOOD, "kept", id="15-right"),
    pytest.param("U-15", flagged("image/jpg", "image/jpeg"), "kept", id="15-same-kind"),
    pytest.param("U-15", flagged("video/mp4", "image/gif"), "broken", id="15-other-kind"),
    pytest.param("U-15", flagged("text/plain", "image/gif"), "broken", id="15-no-media"),
    pytest.param("U-15", upload(part(ONE, content_type="application/octet-stream")), "not exercised", id="15-octets"),
    pytest.param("U-15.given", call([ONE], GOOD), "kept", id="15-passed-on"),
    pytest.param("U-15.given", call([ONE], upload(TEXT)), "kept", id="15-wrong-is-for-15"),
    pytest.param(
        "U-15.given",
        call([ONE], upload(part(ONE, content_type="application/octet-stream"))),
        "broken",
        id="15-octets-given",
    ),
    pytest.param("U-15.given", call([ONE], upload(part(ONE, content_type=""))), "broken", id="15-no-type"),
    pytest.param("U-15.given", call([TWO], GOOD), "not exercised", id="15-another-file"),
    pytest.param(
        "U-15.given",
        call([replace(ONE, content_type="")], upload(part(ONE, content_type=""))),
        "not exercised",
        id="15-none-given",
    ),
    pytest.param("U-17", call([ONE, TWO], BOTH), "kept", id="17-in-order"),
    pytest.param("U-17", call([TWO, ONE], BOTH), "broken", id="17-other-order"),
    pytest.param("U-17", call([TWO, ONE], GOOD, upload(part(TWO))), "not exercised", id="17-one-in-each"),
    pytest.param("U-17", call([ONE, ONE], upload(part(ONE), part(ONE))), "not exercised", id="17-the-same"),
    pytest.param("U-18", call([EMPTY], reply=REFUSED), "noted", id="18-refused"),
    pytest.param("U-18", call([EMPTY], refused("gift.assets-present", part(EMPTY))), "noted", id="18-sent"),
    pytest.param("U-18", call([ONE, EMPTY], GOOD), "noted", id="18-left-out"),
    pytest.param("U-18", call([ONE], GOOD), "not exercised", id="18-none"),
    pytest.param("U-18", call([EMPTY]), "not exercised", id="18-silent-is-for-O-15"),
]

MEMORY = [
    pytest.param(grown(1_000_000), "noted", id="streams"),
    pytest.param(grown(60_000_000), "noted", id="does-not"),
    pytest.param(grown(None), "not exercised", id="not-told"),
    pytest.param(grown("much"), "not exercised", id="no-number"),
    pytest.param(grown(1000, size=1000), "not exercised", id="too-small-to-tell"),
]


@pytest.mark.parametrize(("row", "found", "expected"), FILES)
def test_row_is_judged(row: str, found: Sent | Call, expected: str) -> None:
    finding = judged(ROWS[row], found)

    assert word(finding) == expected


@pytest.mark.parametrize(("found", "expected"), MEMORY)
def test_memory_is_noted(found: Call, expected: str) -> None:
    finding = judged(ROWS["U-20"], found)

    assert word(finding) == expected


def test_memory_tells_streaming_from_holding() -> None:
    few, many = (judged(ROWS["U-20"], grown(size)) for size in (1_000_000, 60_000_000))

    assert few is not None
    assert many is not None
    assert few.what.startswith("streams")
    assert many.what.startswith("does not stream")


@pytest.mark.parametrize("row", sorted(ROWS))
def test_every_row_is_in_a_table(row: str) -> None:
    assert row in {str(param.values[0]) for param in FILES} | {"U-20"}
