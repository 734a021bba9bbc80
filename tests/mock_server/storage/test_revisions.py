"""Revisions: another one after every change, for all who share them."""

from pathlib import Path

import pytest

from contracts.faults import ConfigError
from mock_server.storage.revisions import Revisions


def test_each_kind_of_change_has_its_own() -> None:
    revisions = Revisions(None)
    worlds, faults = revisions.worlds, revisions.faults

    revisions.worlds_changed()
    assert (revisions.worlds != worlds, revisions.faults) == (True, faults)
    revisions.faults_changed()
    assert revisions.faults != faults


def test_those_beside_one_file_are_the_same(tmp_path: Path) -> None:
    one, other = (Revisions(str(tmp_path / "requests")) for _ in range(2))
    assert one.worlds == other.worlds

    one.worlds_changed()
    other.faults_changed()

    assert (one.worlds, one.faults) == (other.worlds, other.faults)
    assert Revisions(str(tmp_path / "requests")).worlds == one.worlds


def test_those_of_nobody_are_not_shared() -> None:
    one, other = Revisions(None), Revisions(None)

    one.worlds_changed()

    assert one.worlds != other.worlds


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "requests-revision").mkdir()

    with pytest.raises(ConfigError, match="requests-revision: is needed beside the journal: Is a directory"):
        Revisions(str(tmp_path / "requests"))
