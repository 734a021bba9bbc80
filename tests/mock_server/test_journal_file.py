"""A journal in a file: what was answered is in it whatever becomes of the fake, and all workers have the same one."""

import http.client
import json
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock_server.storage.database import Database
from tests.conftest import ANALYTICS, EVENT, Send, Start
from tests.mock_server.control.asking import ask
from tests.mock_server.killed import LOADERS, Answered, Load, killable


def stored(file: Path) -> list[Answered]:
    """Give the requests in a journal that nobody has open, after a look at whether it is whole."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = connection.execute("SELECT seq, id, status, headers FROM requests ORDER BY seq").fetchall()
        totals = connection.execute("SELECT last, entries FROM totals").fetchall()
    assert totals == [(rows[-1][0] if rows else 0, len(rows))]
    return [Answered(int(_number(headers)), identity, status) for _, identity, status, headers in rows]


def _number(headers: str) -> str:
    found = re.search("^x-number:(.+)$", headers, re.MULTILINE)
    assert found is not None, headers
    return found[1]


# Killed


@dataclass
class History:
    """A journal that is killed time and again, and what was answered in all that time."""

    file: Path
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    answered: list[Answered] = field(default_factory=list)
    kills: int = 0


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(tmp_path_factory.mktemp("killed") / "requests")


KILLS = [pytest.param(seed, 2 if seed % 4 == 3 else 1, id=f"{seed}") for seed in range(20)]


@pytest.mark.parametrize(("seed", "workers"), KILLS)
def test_what_was_answered_before_a_kill_is_in_the_file_once(seed: int, workers: int, history: History) -> None:
    chance = Random(seed)  # noqa: S311 - a choice of cases
    load = Load(history.numbers)
    before = stored(history.file) if history.kills else []

    with killable(history.file, workers) as fake:
        held = ask(fake.url, "GET", "/requests/count").value
        load.until_killed(fake.url, chance.randrange(1, 120), chance, fake.kill)

    history.kills += 1
    history.answered += load.answered
    found = stored(history.file)
    times, times_of_number = Counter(found), Counter(one.number for one in found)
    assert held == {"count": len(before), "evicted": 0}
    assert load.surprises == []
    assert [one for one in history.answered if times[one] != 1] == []
    assert [one for one in found if times_of_number[one.number] != 1] == []
    # Beside what was answered, there may be what was just about to be.
    assert len(found) - len(history.answered) <= LOADERS * history.kills
    assert found[: len(before)] == before


def test_after_the_last_kill_it_is_opened_once_more_and_goes_on(history: History, start: Start, post: Send) -> None:
    if not history.kills:
        pytest.skip("nothing was killed before")
    before = stored(history.file)

    fake = start("--journal", str(history.file))
    reply = post(fake.url, ANALYTICS, EVENT, headers={"x-number": str(next(history.numbers))})
    found = ask(fake.url, "GET", "/requests?order=newest&limit=2").value

    assert [entry["id"] for entry in found["requests"]] == [reply.headers["distinct-mock-request"], before[-1].id]
    assert (found["total"], found["evicted"]) == (len(before) + 1, 0)


# Files that are no journal, or not this fake's


def _made(path: Path, change: str) -> None:
    Database(str(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(change)


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine');")


FILES = [
    pytest.param(lambda path: _made(path, "PRAGMA user_version = 99"), "of version 99, and this", id="newer"),
    pytest.param(lambda path: _made(path, "PRAGMA user_version = 0"), "of version 0, and this", id="older"),
    pytest.param(_foreign, "is a database, but no journal of distinct-mock", id="foreign"),
    pytest.param(lambda path: path.write_text("a shopping list\n" * 100), "is no database, so no journal", id="a-text"),
]


@pytest.mark.parametrize(("make", "words"), FILES)
def test_a_file_of_another_kind_is_refused_in_a_sentence(
    make: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "requests"
    make(path)
    before = path.read_bytes()

    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--workers", "2"]
    done = subprocess.run([*command, "--journal", str(path)], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"distinct-mock: {path}: .*{words}.*; it was left as it is\n", done.stderr), done.stderr
    assert path.read_bytes() == before


# Several workers


class Caller:
    """A connection, which one worker has from the first request to the last; `worker` begins all ids that it gives."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        self.worker = self.send().split("-")[0]

    def send(self) -> str:
        """Send a request, and give its id."""
        headers = {"x-distinct-api-key": "vendor-test-key", "Content-Type": "application/json"}
        self._connection.request("POST", ANALYTICS, json.dumps(EVENT), headers)
        response = self._connection.getresponse()
        response.read()
        return str(response.headers["distinct-mock-request"])

    def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON value
        """Ask the control API."""
        self._connection.request("GET", f"/_mock{path}")
        return json.loads(self._connection.getresponse().read())

    def close(self) -> None:
        self._connection.close()


@contextmanager
def both_workers(url: str) -> Iterator[list[Caller]]:
    """Give a connection to each of two workers."""
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        found: dict[str, Caller] = {}
        for _ in range(40):
            for caller in pool.map(Caller, [url] * 8):
                stack.enter_context(closing(caller))
                found.setdefault(caller.worker, caller)
            if len(found) == 2:
                break
        assert len(found) == 2, "one of the workers takes no connections"
        yield [*found.values()]


def test_two_workers_have_one_journal(start: Start, tmp_path: Path) -> None:
    fake = start("--workers", "2", "--journal", str(tmp_path / "requests"))

    with both_workers(fake.url) as callers:
        before = [caller.get("/requests/count")["count"] for caller in callers]
        sent = [caller.send() for caller in [*callers, *callers]]
        seen = [caller.get("/requests?order=oldest&limit=1000")["requests"] for caller in callers]
        alone = [[caller.get(f"/requests/{one}")["id"] for one in sent] for caller in callers]

    assert before[0] == before[1] >= 2
    assert [[entry["id"] for entry in entries][before[0] :] for entries in seen] == [sent, sent]
    assert alone == [sent, sent]


def test_workers_without_a_journal_say_where_theirs_is_and_take_it_with_them(start: Start) -> None:
    fake = start("--workers", "2")

    health = ask(fake.url, "GET", "/health").value
    file = Path(health["journal"]["file"])
    was_there = file.is_file()
    fake.process.terminate()
    fake.process.wait(timeout=20)

    assert (health["workers"], health["journal"]["writable"], was_there) == (2, True, True)
    assert not file.parent.exists()
