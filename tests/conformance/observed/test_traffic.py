"""What was recorded is read as it was, judged by what it shows, and nothing is said of what it does not show."""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.catalogue import catalogue
from conformance.commands.traffic import recorded_in, traffic_command
from conformance.fake import kept
from conformance.fake.kept import journal_requests, session_requests
from conformance.model import Sent
from conformance.obligation import KEPT, Finding, Level, Mode, Obligation, broken
from conformance.observed.recorded import Gap, Recorded, is_lost
from conformance.observed.traffic import attempts_in, run_of
from conformance.results import Verdict
from conformance.verdicts import Options
from contracts.faults import ConfigError
from contracts.model import Source
from contracts.multipart_body import Part
from contracts.operations import Contract
from mock_server.server import Running, running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, send

KEY = "vendor-test-key"
GIFT = "/api/v1/vendor/user/assets"
GIF = b"GIF89a" + bytes(20)


def upload(**texts: str) -> tuple[bytes, dict[str, str | None]]:
    """Write a gift of one file."""
    fields = {"userId": "user-john-doe", "eventId": "summer-gala", **texts}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()]
    head = '--b\r\nContent-Disposition: form-data; name="assets"; filename="a.gif"\r\nContent-Type: image/gif\r\n\r\n'
    body = "".join([*parts, head]).encode() + GIF + b"\r\n--b--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=b"}


def some_traffic(url: str, key: str = KEY) -> None:
    """Send what is right, what is wrong, an upload, and what has nothing to do with the API."""
    own: dict[str, str | None] = {"x-distinct-api-key": key}
    send(url, ANALYTICS, EVENT, headers=own)
    send(url, ANALYTICS, {**EVENT, "phone": "12 34", "userId": None}, headers=own)
    body, headers = upload()
    send(url, GIFT, body, headers={**own, **headers})
    send(url, ANALYTICS + "/", EVENT, headers=own)
    send(url, ANALYTICS, EVENT, headers={"x-distinct-api-key": "somebody-elses-key"})
    send(url, "/favicon.ico", method="GET", headers={"x-distinct-api-key": None})


@contextlib.contextmanager
def journaling(file: Path, **options: Any) -> Iterator[Running]:  # noqa: ANN401 - those of Settings
    with running(Settings(port=0, log_level="error", journal=str(file), **options)) as fake:
        yield fake


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a journal of some traffic."""
    file = tmp_path_factory.mktemp("traffic") / "journal"
    with journaling(file) as fake:
        some_traffic(fake.url)
    return file


# Reading a journal


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


# Attempts


def made(number: int, status: int = 500, *, at: float | None = None, **others: Any) -> Sent:  # noqa: ANN401 - of Sent
    """Make a request; they come a second apart, and say the same."""
    values: dict[str, Any] = {"value": {"userId": "a"}, "body": b"{}", "key": "k", **others}
    when = float(number) if at is None else at
    return Sent(f"r-{number}", when, "POST", ANALYTICS, "addUserAnalytics", (), status=status, seconds=0.01, **values)


def file(sha256: str, size: int = 3) -> tuple[Part, ...]:
    return (Part("userId", None, "", 1, text="a"), Part("assets", "a.gif", "image/gif", size, sha256))


GROUPS = [
    pytest.param([made(1), made(2, 200)], [[1, 2]], id="again-after-a-failure"),
    pytest.param([made(1, 400), made(2, 400), made(3, 400)], [[1, 2, 3]], id="again-after-refusals"),
    pytest.param([made(1, 200), made(2, 200)], [[1], [2]], id="another-call-after-success"),
    pytest.param([made(1), made(2, value={"userId": "b"}), made(3, 200)], [[1, 3], [2]], id="others-between"),
    pytest.param([made(1), made(2, at=60)], [[1], [2]], id="long-after"),
    pytest.param([made(1), made(2, key="other")], [[1], [2]], id="another-key"),
    pytest.param([made(1, 0), made(2, 200)], [[1, 2]], id="again-after-no-answer"),
    pytest.param([replace(made(1), operation="")], [], id="no-operation"),
    pytest.param([made(1, parts=file("x")), made(2, parts=file("x"))], [[1, 2]], id="the-same-files"),
    pytest.param([made(1, parts=file("x")), made(2, parts=file("y"))], [[1], [2]], id="other-files"),
    pytest.param([made(1, parts=file("x")), made(2, parts=file("e", 0))], [[1, 2]], id="files-that-were-read-before"),
    pytest.param([made(1, 401, value=None, body=b""), made(2, 401, value=None, body=b"")], [[1], [2]], id="unread"),
    pytest.param([made(1, 400, parts=file("x")), made(2, parts=file("e", 0))], [[1], [2]], id="empty-after-refusal"),
]


@pytest.mark.parametrize(("sent", "groups"), GROUPS)
def test_what_may_be_one_call_is_put_together(sent: list[Sent], groups: list[list[int]]) -> None:
    found = [[int(one.id[2:]) for one in attempts.sent] for attempts in attempts_in(sent)]

    assert found == groups


def _once(attempts: Any) -> Finding:  # noqa: ANN401 - Attempts
    return KEPT if len(attempts.sent) == 1 else broken("tried again", sent=attempts.sent[-1])


def _has_agent(sent: Sent) -> Finding | None:
    return KEPT if sent.header("user-agent") else broken("no agent", sent=sent)


ONCE = Obligation("R-04", Level.MUST, "Not again.", Source("x", ""), attempts=_once)
AGENT = Obligation("O-12", Level.MUST, "An agent.", Source("x", ""), request=_has_agent)


def verdicts(recorded: Recorded, contract: Contract, mode: Mode, *, calls_differ: bool = False) -> list[Verdict]:
    run = run_of(recorded, contract, [ONCE, AGENT], Options(), mode=mode, calls_differ=calls_differ)
    return [result.verdict for result in run.results]


def test_recorded_requests_say_nothing_of_attempts(contract: Contract) -> None:
    recorded = Recorded((made(1, 400), made(2, 400)))

    assert verdicts(recorded, contract, Mode.TRAFFIC) == [Verdict.NOT_APPLICABLE, Verdict.FAIL]


def test_what_may_be_calls_of_their_own_is_only_noted(contract: Contract) -> None:
    recorded = Recorded((made(1, 400), made(2, 400)))

    run = run_of(recorded, contract, [ONCE], Options(), mode=Mode.WATCH)

    assert run.results[0].verdict is Verdict.INFO
    assert run.results[0].notes[0].what == "tried again, unless these were calls of their own (--calls-differ)"
    assert run.limitations[-1].startswith("1 time the same was sent again after it had failed")


def test_where_calls_differ_what_comes_again_is_a_retry(contract: Contract) -> None:
    recorded = Recorded((made(1, 400), made(2, 400)))

    assert verdicts(recorded, contract, Mode.WATCH, calls_differ=True)[0] is Verdict.FAIL


def test_an_upload_that_lost_its_files_is_no_call_of_its_own(contract: Contract) -> None:
    recorded = Recorded((made(1, parts=file("x")), made(2, parts=file("e", 0))))

    assert verdicts(recorded, contract, Mode.WATCH)[0] is Verdict.FAIL


def test_a_command_that_says_the_same_twice_is_told(contract: Contract) -> None:
    recorded = Recorded((made(1, 200, accepted=True), made(2, 200, accepted=True)))

    run = run_of(recorded, contract, [ONCE], Options(), mode=Mode.WATCH, calls_differ=True)

    assert run.limitations == ("1 request said the same as an accepted one before: calls of their own, it seems",)


def test_what_is_not_known_is_not_judged(contract: Contract) -> None:
    gaps = {"r-1": frozenset({Gap.HEADERS})}

    assert verdicts(Recorded((made(1, 200),), gaps), contract, Mode.TRAFFIC)[1] is Verdict.UNTESTED


LOST = [
    pytest.param(Gap.KEY, {"O-03", "O-05"}, {"O-01", "O-06", "N-14", "U-02"}, id="key"),
    pytest.param(Gap.HEADERS, {"O-06", "O-12", "U-01"}, {"O-01", "N-14", "U-02"}, id="headers"),
    pytest.param(Gap.BODY, {"N-14", "U-05", "C-02", "C-04.email", "O-14"}, {"O-01", "O-06", "C-01"}, id="body"),
    pytest.param(Gap.BYTES, {"U-07", "U-12", "O-07"}, {"U-02", "U-05", "U-10", "U-11", "N-14"}, id="bytes"),
]


@pytest.mark.parametrize(("gap", "lost", "judged"), LOST)
def test_each_gap_takes_what_it_has_to(gap: Gap, lost: set[str], judged: set[str]) -> None:
    assert {name for name in lost | judged if is_lost(name, [gap])} == lost


# The command


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


def test_every_lost_obligation_is_one_of_the_catalogue(contract: Contract) -> None:
    ids = {one.id for one in catalogue(contract)}

    assert {name for name in ids if is_lost(name, list(Gap))} >= {"O-03", "O-07", "U-01", "U-07", "N-14", "C-02"}
