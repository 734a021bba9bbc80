"""A journal in a file that cannot be written for a while: requests are refused, and nothing answered is lost."""

import os
import resource
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ANALYTICS, EVENT, Reply, Send, Served, Start
from tests.mock_server.control.asking import ask


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process brings about."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("the condition did not come about within 10 s")


def notes(fake: Served) -> list[str]:
    """Give what the log says of the fake itself."""
    return [line for line in fake.log.read_text().splitlines() if line.startswith("distinct-mock: ")]


def statuses(file: Path) -> dict[str, tuple[int, str, bool]]:
    """Give status, answer and verdict of each request in a journal, which has to be whole, by its id."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = connection.execute("SELECT id, status, answer, accepted FROM requests").fetchall()
    assert len({row[0] for row in rows}) == len(rows)
    return {identity: (status, answer, bool(accepted)) for identity, status, answer, accepted in rows}


def identity(reply: Reply) -> str:
    return reply.headers["distinct-mock-request"]


def is_told(fake: Served, reply: Reply, reason: str) -> None:
    """Check that a refused request, the readiness and the log give the reason."""
    ready = ask(fake.url, "GET", "/ready")
    assert (reply.status, reply.message) == (500, "Internal server error.")
    assert reply.headers["distinct-mock-journal"] == reason
    assert (ready.status, ready.detail) == (503, f"the journal cannot be written: {reason}")
    (note,) = notes(fake)
    assert note.endswith(f"cannot be written: {reason}; requests get 500 until it can")


def is_over(fake: Served, reply: Reply) -> None:
    """Check that requests are taken again, and that the log says so, once."""
    assert (reply.status, "distinct-mock-journal" in reply.headers) == (200, False)
    _, note = notes(fake)
    assert note.endswith(" can be written again")


def is_ready(fake: Served) -> bool:
    return ask(fake.url, "GET", "/ready").status == 200


# Locked


def test_a_locked_file_is_told_until_it_is_let_go(start: Start, post: Send, tmp_path: Path) -> None:
    file = tmp_path / "requests"
    fake = start("--journal", str(file))
    before = post(fake.url, ANALYTICS, EVENT)

    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        refused = [post(fake.url, ANALYTICS, EVENT) for _ in range(5)]
        took = time.monotonic() - began
        is_told(fake, refused[0], "database is locked")
    until(lambda: is_ready(fake))
    after = post(fake.url, ANALYTICS, EVENT)

    is_over(fake, after)
    # Only the first waits, for two seconds: a fake that waited each time would do nothing else.
    assert took < 8
    assert {reply.headers["distinct-mock-journal"] for reply in refused} == {"database is locked"}
    assert statuses(file) == {
        identity(before): (200, "userAnalyticsAdded", True),
        **{identity(reply): (500, "internalServerError", False) for reply in refused},
        identity(after): (200, "userAnalyticsAdded", True),
    }


def test_who_was_told_no_before_sending_a_body_is_told_that_it_is_over(start: Start, tmp_path: Path) -> None:
    fake = start("--journal", str(tmp_path / "requests"))
    head = f"POST {ANALYTICS} HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n"

    with closing(sqlite3.connect(tmp_path / "requests", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with socket.create_connection(("127.0.0.1", int(fake.url.rpartition(":")[2])), timeout=20) as client:
            client.sendall(head.encode())
            answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"connection: close\r\n" in answer


# Full


@dataclass(frozen=True)
class Room:
    """A folder where a fake soon finds no room, until more is made; `reason` is what SQLite calls that."""

    folder: Path
    begin: Callable[[Served], object]
    make: Callable[[Served], object]
    reason: str


@contextmanager
def small_disk(folder: Path) -> Iterator[Room]:
    """Give a file system of a megabyte, most of which a file takes that can be removed."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    filler = folder / "filler"
    filler.write_bytes(bytes(600_000))
    try:
        yield Room(folder, lambda _: None, lambda _: filler.unlink(), "database or disk is full")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def small_files(folder: Path) -> Iterator[Room]:
    """Give a folder where the files of a fake may only grow to some size."""

    def limit(size: int) -> Callable[[Served], object]:
        return lambda fake: resource.prlimit(fake.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    yield Room(folder, limit(300_000), limit(resource.RLIM_INFINITY), "disk I/O error")


@pytest.fixture(params=[small_disk, small_files])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    folder = tmp_path / "folder"
    folder.mkdir()
    with request.param(folder) as made:
        yield made


def test_a_full_disk_is_told_until_there_is_room(room: Room, start: Start, post: Send) -> None:
    file = room.folder / "requests"
    fake = start("--journal", str(file), "--log-level", "error")
    room.begin(fake)

    taken: list[Reply] = []
    for number in range(200):
        reply = post(fake.url, ANALYTICS, {**EVENT, "phone": "0" * 15_000} if number % 2 else EVENT)
        if "distinct-mock-journal" in reply.headers:
            break
        taken.append(reply)
    is_told(fake, reply, room.reason)
    when_full = statuses(file)
    room.make(fake)
    until(lambda: is_ready(fake))
    after = post(fake.url, ANALYTICS, EVENT)

    answered = {identity(one): one.status for one in taken}
    assert set(answered.values()) == {200, 400}
    assert {one: status for one, (status, _, _) in when_full.items()} == answered
    is_over(fake, after)
    found = statuses(file)
    assert {one: found[one] for one in when_full} == when_full
    assert {one: found[one] for one in found.keys() - when_full.keys()} == {
        identity(reply): (500, "internalServerError", False),
        identity(after): (200, "userAnalyticsAdded", True),
    }
