"""What is kept of all that cases say."""

import pytest

from conformance.judging import Judged
from conformance.obligation import Level, noted
from conformance.records import Record, add_all, kind_of, new_records
from tests.conformance.made_runs import BLOCKS, NOTES, PASSES, case, fails, finding, obligation, sent

SAME_KIND = [
    pytest.param("got 'a'", "got 'b'", True, id="quoted"),
    pytest.param('got "a"', 'got "b \\" c"', True, id="double-quoted"),
    pytest.param("after 3 attempts", "after 40 attempts", True, id="numbers"),
    pytest.param("null was sent", "a list was sent", False, id="another"),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME_KIND)
def test_findings_of_one_kind(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a column of the table
    assert (kind_of(finding(one)) == kind_of(finding(other))) is same
    assert kind_of(finding(one, "phone")) != kind_of(finding(one, "email"))


def test_everything_is_counted_and_little_is_kept() -> None:
    record = Record()
    for number in range(200):
        record.add(fails(f"way {'x' * number}"), case(sent(number)))
        record.add(Judged(noted=(noted(f"note {'x' * number}"),)), case())

    assert (record.failed, record.noted, record.exercised) == (200, 200, 400)
    assert len(record.failures) == 50
    assert len(record.notes) == 5
    assert sum(map(len, record.examples.values())) == 3


def test_a_case_of_each_level_is_kept() -> None:
    record = Record()
    for _ in range(10):
        record.add(fails("small", Level.ASSUMED), case(sent()))
    record.add(fails("large"), case(sent()))

    heavy, light = record.example(None), record.example(Level.ASSUMED)

    assert heavy
    assert heavy.finding.what == "large"
    assert light
    assert light.finding.what == "small"
    assert record.example(Level.SHOULD) is None


def test_notes_of_one_kind_are_kept_once() -> None:
    record = Record()
    for number in (1, 2):
        record.add(Judged(noted=(noted(f"waited {number} s"),)), case())

    assert [note.what for note in record.notes] == ["waited 1 s"]
    assert record.noted == 2


def test_records_of_a_run() -> None:
    records = new_records([obligation("N-14"), obligation("N-15")])

    add_all(records, {"N-14": PASSES, "N-16": NOTES}, case(sent()))
    add_all(records, {"N-14": BLOCKS}, case(sent()))

    assert {name: (one.kept, one.blocked, one.exercised) for name, one in records.items()} == {
        "N-14": (1, 1, 1),
        "N-15": (0, 0, 0),
        "N-16": (0, 0, 1),
    }
