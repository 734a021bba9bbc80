"""The command `traffic`: what it reads, what it says, what it ends with."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.commands.traffic import recorded_in, traffic_command
from contracts.faults import ConfigError
from contracts.operations import Contract
from tests.conformance.traffic_made import GIFT, KEY, journaling, upload
from tests.conftest import ANALYTICS, EVENT, send


def told(source: str, *options: str) -> Result:
    return CliRunner().invoke(traffic_command, [source, *options], standalone_mode=True)


def report_of(source: str, *options: str) -> tuple[int, dict[str, Any]]:
    result = told(source, "--json", "-", *options)
    return result.exit_code, json.loads(result.stdout)


def failed(report: dict[str, Any]) -> set[str]:
    return {one["id"] for one in report["obligations"] if one["verdict"] == "fail"}


def test_right_traffic_conforms(tmp_path: Path) -> None:
    file, (body, headers) = tmp_path / "journal", upload()
    agent: dict[str, str | None] = {"User-Agent": "acme/1.0"}
    with journaling(file) as fake:
        send(fake.url, ANALYTICS, EVENT, headers=agent)
        send(fake.url, GIFT, body, headers={**agent, **headers})

    status, report = report_of(str(file))

    found = {one["id"]: one["verdict"] for one in report["obligations"]}
    assert status == 0
    assert set(found.values()) <= {"pass", "untested", "not-applicable"}
    assert (found["O-01"], found["U-02"], found["N-04"]) == ("pass", "pass", "untested")
    assert found["R-04"] == "not-applicable"


def test_wrong_traffic_deviates(journal: Path) -> None:
    status, report = report_of(str(journal))

    assert status == 1
    assert {"N-04", "N-14", "O-02"} <= failed(report)
    assert KEY not in json.dumps(report)


def test_a_running_fake_is_asked_by_its_url(tmp_path: Path) -> None:
    with journaling(tmp_path / "journal") as fake:
        send(fake.url, ANALYTICS, {**EVENT, "phone": "12 34"})

        status, report = report_of(fake.url)

    assert status == 1
    assert failed(report) == {"N-04"}


def test_nothing_recorded_is_too_little(tmp_path: Path) -> None:
    with journaling(tmp_path / "journal"):
        pass

    code, report = report_of(str(tmp_path / "journal"))

    assert (code, report["limitations"]) == (4, ["there is no request of a client in it"])


def test_what_was_not_exercised_fails_when_it_is_required(tmp_path: Path) -> None:
    with journaling(tmp_path / "journal") as fake:
        send(fake.url, ANALYTICS, EVENT)

    assert report_of(str(tmp_path / "journal"))[0] == 0
    assert report_of(str(tmp_path / "journal"), "--require")[0] == 4


def test_what_cannot_be_shown_stands_in_the_report(tmp_path: Path) -> None:
    with journaling(tmp_path / "journal", journal_bodies="none") as fake:
        send(fake.url, ANALYTICS, EVENT)

    report = report_of(str(tmp_path / "journal"))[1]

    assert report["limitations"] == [
        "1 request: the body is not known, since the fake kept less than all of it (--journal-bodies)"
    ]


def test_a_file_that_is_neither_is_told(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "notes.txt").write_text("hello")

    with pytest.raises(ConfigError, match="is no HTTP archive: no JSON"):
        recorded_in(str(tmp_path / "notes.txt"), contract)
    with pytest.raises(ConfigError, match="nothing else has sessions"):
        recorded_in(str(tmp_path / "notes.txt"), contract, session="s-1")
    with pytest.raises(ConfigError, match="cannot be read: is a directory"):
        recorded_in(str(tmp_path), contract)
