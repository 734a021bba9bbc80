"""A file that is no report is told where it differs from one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.report.document import document
from conformance.report.reading import read_report
from contracts.faults import ConfigError
from tests.conformance.made_runs import mixed


@pytest.fixture
def report() -> dict[str, Any]:
    return document(mixed())


def test_a_report_is_read(tmp_path: Path, report: dict[str, Any]) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report))

    assert read_report(file) == json.loads(json.dumps(report))


def no_seed(report: dict[str, Any]) -> None:
    del report["seed"]


def another_verdict(report: dict[str, Any]) -> None:
    report["obligations"][1]["verdict"] = "fine"


def another_member(report: dict[str, Any]) -> None:
    report["obligations"][0]["counterexample"] = {"x": 1}


def another_version(report: dict[str, Any]) -> None:
    report["format"] = 2


def no_version(report: dict[str, Any]) -> None:
    del report["format"]


def everything(report: dict[str, Any]) -> None:
    for obligation in report["obligations"]:
        obligation.clear()


WRONG = [
    pytest.param(no_seed, 'r.json: the report: "seed" is a required property', id="missing"),
    pytest.param(another_verdict, 'r.json: obligations/1/verdict: "fine" is not one of', id="value"),
    pytest.param(another_member, "r.json: obligations/0/counterexample:", id="shape"),
    pytest.param(another_version, "r.json: format: got 2, expected 1: another version wrote it", id="version"),
    pytest.param(no_version, "is no report of distinct-conformance: it has no member format", id="no-version"),
    pytest.param(everything, "r.json: obligations/0:", id="all"),
]


@pytest.mark.parametrize(("spoil", "told"), WRONG)
def test_what_does_not_fit_is_told_with_its_place(
    tmp_path: Path, report: dict[str, Any], spoil: Callable[[dict[str, Any]], None], told: str
) -> None:
    spoil(report)
    file = tmp_path / "r.json"
    file.write_text(json.dumps(report))

    with pytest.raises(ConfigError) as caught:
        read_report(file)

    assert told in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert len(str(caught.value)) < 8000


CONTENTS = [
    pytest.param(b"{", "is no report: no JSON: ", id="half"),
    pytest.param(b'{"format": NaN}', "NaN is no number in JSON", id="nan"),
    pytest.param(b"\xff", "is no report: no JSON: ", id="bytes"),
    pytest.param(b"[1]", "it has no member format", id="list"),
    pytest.param(b"[" * 100_000, "is no report: no JSON: ", id="deep"),
]


@pytest.mark.parametrize(("content", "told"), CONTENTS)
def test_a_file_of_another_kind(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "r.json"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=told):
        read_report(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.json: cannot be read: no such file or directory"):
        read_report(tmp_path / "none.json")
