"""The chapter on uploads as a whole: what it covers, and what is none of its business."""

from dataclasses import replace

from conformance.chapters.upload import obligations
from tests.conformance.uploads_made import CONTRACT, ONE, call, judged, part, upload

ROWS = {one.id: one for one in obligations(CONTRACT)}
NUMBERS = {f"U-{number:02}" for number in (*range(1, 19), 20)}


def test_catalogue_has_every_row() -> None:
    assert {row.partition(".")[0] for row in ROWS} == NUMBERS


def test_other_operations_are_no_uploads() -> None:
    other = call([ONE], upload(part(ONE)))
    other = replace(other, intent=replace(other.intent, operation="addUserAnalytics"))
    judges = [row for row in ROWS.values() if row.request is None]

    assert [row.id for row in judges if judged(row, other)] == []


def test_rules_of_uploads_are_covered() -> None:
    covered = {rule for row in ROWS.values() for rule in row.rules}

    assert covered == {
        "gift.body", "gift.media-type", "gift.user-known", "gift.user-once", "gift.event-known", "gift.assets-present",
        "gift.asset-count", "gift.asset-size", "gift.asset-unambiguous-size", "gift.asset-declared",
    }  # fmt: skip
