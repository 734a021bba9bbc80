"""Files that change while a fake serves by them."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from contracts.operations import Contract
from contracts.spec import spec_text
from contracts.world_file import world_text
from mock_server import watching
from mock_server.building import build_fake
from mock_server.client import Control
from mock_server.fake import Fake
from mock_server.settings import Settings
from mock_server.storage.database import StorageError
from mock_server.watching import Watcher
from tests.conftest import ANALYTICS, EVENT, Reply, Served, Start, send

STRANGER = {**EVENT, "email": "new@example.com"}
NEW_USER = '\n[[users]]\nid = "user-new"\nemail = "new@example.com"\nevents = ["summer-gala"]\n'
MESSAGE, OTHER_MESSAGE = "message: 'User not found.'", "message: 'Nobody of that name.'"
PATH, OTHER_PATH = "/api/v1/user/analytics:", "/api/v2/user/events:"


def overwrite(file: Path, text: str) -> None:
    file.write_text(text)


def replace(file: Path, text: str) -> None:
    """Write as many editors do: another file, which then takes the name."""
    other = file.with_suffix(".part")
    other.write_text(text)
    other.replace(file)


def remove_first(file: Path, text: str) -> None:
    file.unlink()
    replace(file, text)


WAYS = [
    pytest.param(overwrite, id="in-place"),
    pytest.param(replace, id="renamed-over"),
    pytest.param(remove_first, id="removed-before"),
]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "copy.yaml"
    file.write_text(spec_text())
    return file


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    file = tmp_path / "world.toml"
    file.write_text(world_text())
    return file


def until(reached: Callable[[], bool], so_far: Callable[[], object]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if reached():
            return
        pause.wait(0.01)
    raise AssertionError(f"within 10 s it came to no more than: {so_far()}")


def log_has(fake: Served, text: str, times: int = 1) -> None:
    until(lambda: fake.log.read_text().count(text) >= times, fake.log.read_text)


@pytest.mark.parametrize("write", WAYS)
def test_a_message_that_changes_is_the_next_answer(
    write: Callable[[Path, str], None], spec: Path, start: Start
) -> None:
    fake = start("--watch", "--spec", str(spec))
    assert send(fake.url, ANALYTICS, STRANGER).message == "User not found."

    write(spec, spec_text().replace(MESSAGE, OTHER_MESSAGE))
    log_has(fake, f"reloaded {spec}: 3 operations")

    assert send(fake.url, ANALYTICS, STRANGER).message == "Nobody of that name."


def test_a_path_that_changes_moves_the_endpoint(spec: Path, start: Start) -> None:
    fake = start("--watch", "--spec", str(spec))
    assert send(fake.url, ANALYTICS, EVENT).status == 200

    replace(spec, spec_text().replace(PATH, OTHER_PATH))
    log_has(fake, "reloaded")

    assert send(fake.url, "/api/v2/user/events", EVENT).status == 200
    assert send(fake.url, ANALYTICS, EVENT).message == "Not found."
    assert OTHER_PATH in Control(fake.url).get("/spec.yaml")


def test_a_new_user_is_known_and_earlier_requests_stay_readable(spec: Path, world_file: Path, start: Start) -> None:
    fake = start("--watch", "--spec", str(spec), "--world", str(world_file))
    before = send(fake.url, ANALYTICS, STRANGER)

    spec.write_text(spec_text().replace("- id: analytics.user-known", "- id: analytics.somebody"))
    log_has(fake, f"reloaded {spec}")
    world_file.write_text(world_text() + NEW_USER)
    log_has(fake, f"reloaded {world_file}")

    assert send(fake.url, ANALYTICS, {**EVENT, "email": "nobody@example.com"}).broken == ["analytics.somebody"]
    assert send(fake.url, ANALYTICS, STRANGER).status == 200
    control = Control(fake.url)
    (breach,) = control.get(f"/requests/{before.headers['distinct-mock-request']}")["breaches"]
    assert (breach["rule"], breach["says"]) == ("analytics.user-known", "A rule that this contract has not.")
    assert control.get("/records")["records"][0]["user"] == "user-new"


def test_what_cannot_be_used_changes_nothing_until_it_is_mended(world_file: Path, spec: Path, start: Start) -> None:
    fake = start("--watch", "--spec", str(spec), "--world", str(world_file))

    world_file.write_text(world_text() + NEW_USER.replace("summer-gala", "no-such-event") + "\n[[users]]\nid = 5\n")
    log_has(fake, "not reloaded, all stays as it was: 2 to be mended")
    log_has(fake, "no event 'no-such-event' in this world")
    kept = send(fake.url, ANALYTICS, STRANGER)
    replace(world_file, world_text() + NEW_USER)
    log_has(fake, f"distinct-mock: reloaded {world_file}: ")

    assert kept.message == "User not found."
    assert send(fake.url, ANALYTICS, STRANGER).status == 200


NO_SUCH_CHECK = spec_text().replace("check: known-user", "check: knwon-user").encode()
FAULTY = [
    pytest.param(NO_SUCH_CHECK, "no check 'knwon-user'", id="no-such-check"),
    pytest.param(b"paths: [", "copy.yaml:2:1: did not find expected node content", id="no-yaml"),
    pytest.param(b"\xff", "is not UTF-8", id="no-text"),
    pytest.param(b"", "copy.yaml:1: ", id="empty"),
    pytest.param(None, "the spec cannot be read: No such file", id="gone"),
]


@pytest.mark.parametrize(("content", "said"), FAULTY)
def test_each_fault_of_a_spec_is_told_with_its_place(
    content: bytes | None, said: str, spec: Path, start: Start
) -> None:
    fake = start("--watch", "--spec", str(spec))

    spec.unlink()
    if content is not None:
        spec.write_bytes(content)
    log_has(fake, said)

    assert send(fake.url, ANALYTICS, EVENT).status == 200
    assert str(spec) in fake.log.read_text()
    assert "distinct-mock: reloaded" not in fake.log.read_text()


def test_each_worker_follows(spec: Path, start: Start) -> None:
    fake = start("--watch", "--spec", str(spec), "--workers", "2")
    # Both have to serve before the change, or one of them may begin with it.
    until(lambda: len({answered_by(send(fake.url, ANALYTICS, EVENT)) for _ in range(20)}) == 2, fake.log.read_text)

    replace(spec, spec_text().replace(MESSAGE, OTHER_MESSAGE))
    log_has(fake, f"reloaded {spec} by worker ", times=2)
    replies = [send(fake.url, ANALYTICS, STRANGER) for _ in range(40)]

    assert {reply.message for reply in replies} == {"Nobody of that name."}
    assert len({answered_by(reply) for reply in replies}) == 2


def answered_by(reply: Reply) -> str:
    return reply.headers["distinct-mock-request"].split("-")[0]


def test_a_request_on_its_way_keeps_what_it_began_with(spec: Path, start: Start) -> None:
    fake = start("--watch", "--spec", str(spec))
    body = json.dumps(STRANGER).encode()
    head = (
        f"POST {ANALYTICS} HTTP/1.1\r\nHost: x\r\nx-distinct-api-key: vendor-test-key\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", urlsplit(fake.url).port or 0), timeout=20) as client:
        client.sendall(head.encode() + body[:5])
        # An answer to another request shows that the server has read this one's head before.
        assert send(fake.url, ANALYTICS, EVENT).status == 200

        spec.write_text(
            spec_text()
            .replace(MESSAGE, OTHER_MESSAGE)
            .replace(PATH, OTHER_PATH)
            .replace("jsonBytes: 1048576", "jsonBytes: 10")
        )
        log_has(fake, "reloaded")
        client.sendall(body[5:])
        answer = client.makefile("rb").read().decode()

    assert answer.endswith('{"statusCode":400,"message":"User not found.","data":null}')


def test_what_is_armed_for_an_answer_that_goes_is_in_the_way_until_it_is_disarmed(spec: Path, start: Start) -> None:
    fake = start("--watch", "--spec", str(spec))
    control = Control(fake.url)
    control.post("/faults", {"do": ["userNotFound"], "operation": "addUserAnalytics"})

    spec.write_text(spec_text().replace("userNotFound", "nobody"))
    log_has(fake, "f-1: got 'userNotFound'")
    armed = send(fake.url, ANALYTICS, EVENT)
    control.delete("/faults/f-1")
    log_has(fake, "distinct-mock: reloaded")

    assert armed.message == "User not found."
    assert {entry["name"] for entry in control.get("/answers")["answers"]} >= {"nobody"}


def test_what_was_changed_since_and_sessions_stay(world_file: Path, start: Start) -> None:
    fake = start("--watch", "--world", str(world_file))
    control = Control(fake.url)
    control.patch("/world", {"users": [{"id": "user-mine", "email": "mine@example.com"}]})
    session = control.post("/sessions", {"world": {"users": [{"id": "user-its", "email": "its@example.com"}]}})

    world_file.write_text(world_text() + NEW_USER)
    log_has(fake, "reloaded")

    known = [send(fake.url, ANALYTICS, {**EVENT, "email": f"{name}@example.com"}).status for name in ("mine", "new")]
    its = send(
        fake.url, ANALYTICS, {**EVENT, "email": "its@example.com"}, headers={"x-distinct-api-key": session["key"]}
    )
    assert ([*known, its.status]) == [200, 200, 200]


def test_a_change_that_the_new_world_has_no_place_for_is_in_its_way(world_file: Path, start: Start) -> None:
    fake = start("--watch", "--world", str(world_file))
    control = Control(fake.url)
    control.patch("/world", {"users": [{"id": "user-mine", "email": "mine@example.com", "events": ["summer-gala"]}]})

    world_file.write_text('[[keys]]\nkey = "another-test-key"\n')
    log_has(fake, "what was changed since: [[users]] 1, events: no event 'summer-gala' in this world")
    kept = send(fake.url, ANALYTICS, EVENT)
    control.post("/reset", {"what": ["world"]})
    log_has(fake, "distinct-mock: reloaded")

    assert kept.status == 200
    assert send(fake.url, ANALYTICS, EVENT).status == 401
    assert (
        send(fake.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": "another-test-key"}).message
        == "User not found."
    )


def test_a_session_that_always_gets_what_goes_is_in_the_way(spec: Path, start: Start) -> None:
    fake = start("--watch", "--spec", str(spec))
    control = Control(fake.url)
    session = control.post("/sessions", {"answer": "unauthorized"})["id"]

    spec.write_text(spec_text().replace("unauthorized", "noEntry"))
    log_has(fake, f"session {session}: [[keys]] 1, answer: no answer 'unauthorized'")
    control.delete(f"/sessions/{session}")

    log_has(fake, "distinct-mock: reloaded")


# One watcher by itself


class Watched(NamedTuple):
    """A fake that serves nobody, its watcher, and how often it was renewed."""

    fake: Fake
    watcher: Watcher
    renewals: list[Contract]


@pytest.fixture
def watched(spec: Path) -> Iterator[Watched]:
    fake = build_fake(Settings(spec=str(spec), watch=True, log_level="error"))
    renewals: list[Contract] = []
    yield Watched(fake, Watcher(fake, lambda: renewals.append(fake.contract)), renewals)
    fake.close()


def test_touching_a_file_reloads_nothing(watched: Watched, spec: Path) -> None:
    os.utime(spec, (1, 1))

    asyncio.run(watched.watcher.look())

    assert watched.renewals == []


def test_a_file_that_is_still_being_written_waits_for_the_next_look(
    watched: Watched, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = spec_text().replace(MESSAGE, OTHER_MESSAGE)
    spec.write_text(whole[:9000])

    async def write_on(_: float) -> None:
        overwrite(spec, whole)

    async def look_twice() -> None:
        with monkeypatch.context() as patch:
            # Of this module alone: other fakes of this process sleep as well.
            patch.setattr(watching, "asyncio", SimpleNamespace(sleep=write_on))
            await watched.watcher.look()
        assert watched.renewals == []
        await watched.watcher.look()

    asyncio.run(look_twice())

    assert [contract.answers["userNotFound"].message for contract in watched.renewals] == ["Nobody of that name."]


def test_a_journal_that_cannot_be_written_is_waited_for(
    watched: Watched, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_: object) -> None:
        raise StorageError("database is locked")

    spec.write_text(spec_text().replace(MESSAGE, OTHER_MESSAGE))
    with monkeypatch.context() as patch:
        patch.setattr(watched.fake.journal, "adopt", locked)
        asyncio.run(watched.watcher.look())
    meanwhile = list(watched.renewals)

    asyncio.run(watched.watcher.look())

    assert (meanwhile, watched.renewals) == ([], [watched.fake.contract])


def test_a_failure_of_ours_is_logged_and_ends_no_watch(
    watched: Watched, spec: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object) -> None:
        monkeypatch.undo()
        # Something to be seen by the next look.
        spec.write_text(spec_text().replace(MESSAGE, OTHER_MESSAGE))
        raise RuntimeError("a mistake")

    async def watch_until_renewed() -> None:
        renewed = asyncio.Event()
        task = asyncio.create_task(Watcher(watched.fake, renewed.set).watch())
        await asyncio.sleep(0)
        overwrite(spec, "")
        async with asyncio.timeout(20):
            await renewed.wait()
        task.cancel()

    monkeypatch.setattr(watching, "_load", failing)
    asyncio.run(watch_until_renewed())

    assert "could not be taken up" in caplog.text
    assert "a mistake" in caplog.text


def test_nothing_to_watch_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    from mock_server.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["serve", "--watch"])

    assert ended.value.code == 2
    assert "--watch needs --spec or --world" in capfd.readouterr().err
