"""What is said of the limits of an upload: kept, broken, or nothing when the situation did not occur."""

import pytest

from conformance.chapters.upload_limits import rows, smaller_limit
from conformance.model import Call, Case, File, Sent
from tests.conformance.uploads_made import (
    CONTRACT,
    EMPTY,
    ERROR,
    ONE,
    REFUSED,
    call,
    case,
    judged,
    part,
    refused,
    upload,
    word,
)

ROWS = {row.id: row for row in rows(CONTRACT)}
LIMIT = 52_428_800
SMALLER = 50_000_000
GOOD = upload(part(ONE))
WORKS = call([ONE], GOOD)


def large(size: int) -> File:
    return File("large.gif", "image/gif", size)


def at(size: int, *, taken: bool) -> Call:
    """Make a call for one file of a size, which is taken or refused."""
    file = large(size)
    return call([file], upload(part(ONE, size=size))) if taken else call([file], reply=REFUSED)


LIMITS = [
    pytest.param("U-04", case(WORKS, call([], reply=REFUSED)), "kept", id="04-refused"),
    pytest.param("U-04", case(call([], reply=REFUSED)), "not exercised", id="04-nothing-works"),
    pytest.param("U-04", case(WORKS), "not exercised", id="04-with-files"),
    pytest.param("U-04", call([], refused("gift.assets-present")), "broken", id="04-sent"),
    pytest.param("U-04", call([], refused("gift.assets-present", part(EMPTY))), "broken", id="04-empty-file-instead"),
    pytest.param("U-05", GOOD, "kept", id="05-few"),
    pytest.param("U-05", refused("gift.asset-count", part(ONE)), "broken", id="05-eleven"),
    pytest.param("U-05", upload(), "not exercised", id="05-none"),
    pytest.param("U-07", GOOD, "kept", id="07-small"),
    pytest.param("U-07", refused("gift.asset-size", part(ONE)), "broken", id="07-too-large"),
    pytest.param("U-07", refused("gift.body", part(ONE)), "not exercised", id="07-unknown"),
    pytest.param("U-08", case(WORKS, call([large(LIMIT + 1)], reply=REFUSED)), "kept", id="08-refused"),
    pytest.param("U-08", case(call([large(LIMIT + 1)], reply=REFUSED)), "not exercised", id="08-nothing-works"),
    pytest.param("U-08", case(WORKS, call([large(LIMIT)], refused("gift.body"))), "not exercised", id="08-fits"),
    pytest.param("U-08", call([large(LIMIT + 1)], refused("gift.asset-size")), "broken", id="08-sent"),
    pytest.param("U-08", call([large(LIMIT + 1)], refused("gift.body"), reply=REFUSED), "broken", id="08-in-part"),
    pytest.param(
        "U-08",
        case(call([large(LIMIT + 1)], reply=REFUSED), late=(refused("gift.body"),)),
        "broken",
        id="08-noticed-late",
    ),
    pytest.param(
        "U-08",
        call([large(LIMIT + 1)], refused("gift.asset-size", size=0), GOOD, reply=ERROR),
        "kept",
        id="08-asked-first",
    ),
    pytest.param("U-09", at(SMALLER, taken=True), "kept", id="09-taken"),
    pytest.param("U-09", at(SMALLER, taken=False), "broken", id="09-refused"),
    pytest.param("U-09", case(at(LIMIT - 1, taken=True), at(LIMIT, taken=False)), "broken", id="09-one-byte-off"),
    pytest.param(
        "U-09",
        case(at(SMALLER, taken=True), at(LIMIT - 1, taken=False), at(LIMIT, taken=False)),
        "kept",
        id="09-decimal",
    ),
    pytest.param("U-09", case(at(LIMIT - 1, taken=True), at(LIMIT, taken=True)), "not exercised", id="09-not-asked"),
    pytest.param("U-09", call([large(SMALLER)], reply=REFUSED, plan=("500",)), "not exercised", id="09-armed"),
    pytest.param(
        "U-09", call([large(SMALLER)], reply=REFUSED, wrong="gift.user-known"), "not exercised", id="09-wrong-otherwise"
    ),
    pytest.param("U-09.reading", at(LIMIT, taken=True), "noted", id="09-larger-megabyte"),
    pytest.param("U-09.reading", at(LIMIT, taken=False), "noted", id="09-smaller-megabyte"),
    pytest.param("U-09.reading", at(SMALLER, taken=True), "not exercised", id="09-either-megabyte"),
    pytest.param("U-09.reading", call([large(LIMIT)], refused("gift.body")), "not exercised", id="09-unknown"),
]


@pytest.mark.parametrize(("row", "found", "expected"), LIMITS)
def test_row_is_judged(row: str, found: Sent | Call | Case, expected: str) -> None:
    finding = judged(ROWS[row], found)

    assert word(finding) == expected


@pytest.mark.parametrize("row", sorted(ROWS))
def test_every_row_is_in_the_table(row: str) -> None:
    assert row in {str(param.values[0]) for param in LIMITS}


def test_limits_are_those_of_the_contract() -> None:
    assert smaller_limit(CONTRACT) == SMALLER
    assert ROWS["U-07"].says == f"No file of an upload is larger than {LIMIT} bytes."
