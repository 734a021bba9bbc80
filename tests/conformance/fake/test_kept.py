"""What a fake has kept is read as it was: from its journal, and from itself while it runs."""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.fake import kept
from conformance.fake.kept import journal_requests, session_requests
from conformance.model import Sent
from conformance.observed.recorded import Gap
from contracts.faults import ConfigError
from contracts.operations import Contract
from mock_server.server import Running
from tests.conformance.traffic_made import GIFT, KEY, journaling, some_traffic, upload
from tests.conftest import ANALYTICS, EVENT, send


def test_who_escapes_needlessly_is_judged_as_who_does_not(tmp_path: Path, contract: Contract) -> None:
    paths = [ANALYTICS, ANALYTICS.replace("a", "%61")]
    with journaling(tmp_path / "journal") as fake:
        for path in paths:
            send(fake.url, path, EVENT)
            send(fake.url, f"{path}?a=%62", EVENT)
        recorded = [session_requests(fake.url, contract)]
    recorded.append(journal_requests(tmp_path / "journal", contract))

    for each in recorded:
        assert [one.target for one in each.sent] == [ANALYTICS, f"{ANALYTICS}?a=%62"] * 2


def test_a_journal_is_read_as_the_judge_sees_requests(journal: Path, contract: Contract) -> None:
    recorded = journal_requests(journal, contract)

    assert [(one.operation, one.status, one.accepted) for one in recorded.sent] == [
        ("addUserAnalytics", 200, True),
        ("addUserAnalytics", 400, False),
        ("giftAssets", 200, True),
        ("", 404, False),
        ("addUserAnalytics", 401, False),
    ]
    right, wrong, gift, astray, unknown = recorded.sent
    assert right.value == EVENT
    assert {breach.rule.id for breach in wrong.breaches} >= {"analytics.phone"}
    assert [part.name for part in gift.files] == ["assets"]
    assert astray.target == ANALYTICS + "/"
    assert unknown.key == ""
    assert recorded.gaps == {}
    assert recorded.limitations == ("1 request went elsewhere without an API key, and count as nobody's",)


def test_no_key_stands_in_what_was_read(journal: Path, contract: Contract) -> None:
    recorded = journal_requests(journal, contract)

    everything = repr([(one.headers, one.body, one.key, one.target, one.breaches) for one in recorded.sent])
    assert KEY not in everything
    assert "somebody-elses-key" not in everything


def test_reading_changes_nothing(journal: Path, contract: Contract) -> None:
    before = {path: path.read_bytes() for path in journal.parent.iterdir()}

    journal_requests(journal, contract)

    assert {path: path.read_bytes() for path in journal.parent.iterdir()} == before


def test_a_journal_is_read_while_a_fake_writes_it(tmp_path: Path, contract: Contract) -> None:
    file = tmp_path / "journal"
    with journaling(file) as fake:
        send(fake.url, ANALYTICS, EVENT)

        found = journal_requests(file, contract)

        send(fake.url, ANALYTICS, EVENT)
        assert len(found.sent) == 1
        assert len(journal_requests(file, contract).sent) == 2


def test_a_running_fake_tells_the_same_as_its_journal(
    tmp_path: Path, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_PAGE", 2)
    file = tmp_path / "journal"
    with journaling(file) as fake:
        some_traffic(fake.url)
        told = session_requests(fake.url, contract)

    of_file = journal_requests(file, contract)
    assert [_without_times(one) for one in told.sent] == [_without_times(one) for one in of_file.sent]
    assert told.limitations == of_file.limitations


def _without_times(sent: Sent) -> Sent:
    # The control API rounds them.
    return replace(sent, at=0, seconds=None)


def test_one_session_is_read_alone(tmp_path: Path, contract: Contract) -> None:
    file = tmp_path / "journal"
    with journaling(file) as fake:
        session, secret = fake.fake.sessions.create()
        send(fake.url, ANALYTICS, EVENT)
        send(fake.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": secret})

        told = session_requests(fake.url, contract, session=session.id)
    of_file = journal_requests(file, contract, session=session.id)

    assert [one.key for one in told.sent] == [one.key for one in of_file.sent] == [session.masked]


def test_what_was_evicted_is_said(tmp_path: Path, contract: Contract) -> None:
    file = tmp_path / "journal"
    with journaling(file, journal_entries=5) as fake:
        for _ in range(8):
            send(fake.url, ANALYTICS, EVENT)
        told = session_requests(fake.url, contract)

    of_file = journal_requests(file, contract)
    gone = 8 - len(of_file.sent)
    assert gone > 0
    assert f"{gone} earlier requests had to make room: nothing is known of them" in of_file.limitations
    assert told.limitations == of_file.limitations


def test_of_bodies_that_were_not_kept_nothing_is_said(tmp_path: Path, contract: Contract) -> None:
    file = tmp_path / "journal"
    body, headers = upload()
    with journaling(file, journal_bodies="none") as fake:
        send(fake.url, ANALYTICS, {**EVENT, "phone": "12 34"})
        send(fake.url, GIFT, body, headers=headers)

    recorded = journal_requests(file, contract)

    assert list(recorded.gaps.values()) == [frozenset({Gap.BODY})] * 2
    assert recorded.limitations == (
        "2 requests: the body is not known, since the fake kept less than all of it (--journal-bodies)",
    )


def _foreign(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE t (a)")


def _newer(file: Path) -> None:
    with journaling(file):
        pass
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")


def _damaged(file: Path) -> None:
    with journaling(file) as fake:
        for _ in range(40):
            send(fake.url, ANALYTICS, EVENT)
    content = bytearray(file.read_bytes())
    content[4096 : 4096 * 4] = b"\xff" * (4096 * 3)
    file.write_bytes(bytes(content))


def _nothing(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


WRONG_FILES = [
    pytest.param(_foreign, "is a database, but no journal of distinct-mock", id="foreign"),
    pytest.param(_newer, "is a journal of version 99, and this distinct-mock knows version 1", id="newer"),
    pytest.param(_damaged, "damaged|malformed", id="damaged"),
    pytest.param(_nothing, "is no journal yet: nothing is in it", id="nothing-in-it"),
    pytest.param(lambda _: None, "cannot be read as a journal: unable to open database file", id="missing"),
    pytest.param(lambda file: file.write_text("no database"), "file is not a database", id="no-database"),
]


@pytest.mark.parametrize(("make", "problem"), WRONG_FILES)
def test_a_file_that_is_no_journal_is_told(
    make: Callable[[Path], object], problem: str, tmp_path: Path, contract: Contract
) -> None:
    file = tmp_path / "journal"
    make(file)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    with pytest.raises(ConfigError, match=problem) as raised:
        journal_requests(file, contract)

    assert [fault.place for fault in raised.value.faults] == [str(file)]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_journal_of_another_contract_is_told(journal: Path, contract: Contract) -> None:
    rules = {name: rule for name, rule in contract.rules.items() if name != "analytics.phone"}

    with pytest.raises(ConfigError, match=r"broke the rule 'analytics.phone', which this contract has not; --spec"):
        journal_requests(journal, replace(contract, rules=rules))


def test_where_no_fake_answers_is_told(contract: Contract) -> None:
    with pytest.raises(ConfigError, match=r"no fake answers at http://127.0.0.1:1: connection refused"):
        session_requests("http://127.0.0.1:1", contract)


def test_a_session_that_a_journal_does_not_know_is_told(journal: Path, contract: Contract) -> None:
    with pytest.raises(ConfigError, match=r"journal: has no session 's-12345678'$"):
        journal_requests(journal, contract, session="s-12345678")


def test_a_session_without_a_request_is_one(tmp_path: Path, contract: Contract) -> None:
    with journaling(tmp_path / "journal") as fake:
        session, _ = fake.fake.sessions.create()

    assert journal_requests(tmp_path / "journal", contract, session=session.id).sent == ()


def test_a_session_that_there_is_not_is_told(fake: Running, contract: Contract) -> None:
    with pytest.raises(ConfigError, match="s-12345678"):
        session_requests(fake.url, contract, session="s-12345678")
