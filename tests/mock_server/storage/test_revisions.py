"""Revisions: another one after every change, for all who share them."""

from pathlib import Path

import pytest

from contracts.faults import ConfigError
from mock_server.storage.revisions import Revisions

KINDS = ["worlds", "faults", "requests", "deletions"]


def told(revisions: Revisions) -> list[bytes]:
    return [revisions.worlds.now, revisions.faults.now, revisions.requests.now, revisions.deletions.now]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_change_has_its_own(kind: str) -> None:
    revisions = Revisions(None)
    before = told(revisions)

    changed = getattr(revisions, kind).change()

    assert getattr(revisions, kind).now == changed
    assert [one != other for one, other in zip(told(revisions), before, strict=True)] == [one == kind for one in KINDS]


def test_a_shorter_file_of_before_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / "requests-revision").write_bytes(b"12345678" * 2)

    assert told(Revisions(str(tmp_path / "requests"))) == [b"12345678", b"12345678", bytes(8), bytes(8)]


def test_those_beside_one_file_are_the_same(tmp_path: Path) -> None:
    one, other = (Revisions(str(tmp_path / "requests")) for _ in range(2))
    assert one.worlds.now == other.worlds.now

    one.worlds.change()
    other.faults.change()

    assert told(one) == told(other)
    assert Revisions(str(tmp_path / "requests")).worlds.now == one.worlds.now


def test_those_of_nobody_are_not_shared() -> None:
    one, other = Revisions(None), Revisions(None)

    one.worlds.change()

    assert one.worlds.now != other.worlds.now


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "requests-revision").mkdir()

    with pytest.raises(ConfigError, match="requests-revision: is needed beside the journal: Is a directory"):
        Revisions(str(tmp_path / "requests"))
