"""Threads for what a client does: used again, left behind when they hang, ended when nobody needs them."""

import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from conformance.clients.threads import Threads

SECONDS = 5
SEEN: ContextVar[str] = ContextVar("SEEN", default="nothing")


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads()
    yield made
    made.close()


def test_a_thread_is_used_again(threads: Threads) -> None:
    used = {threads.started(threading.current_thread).result(SECONDS) for _ in range(50)}

    assert len(used) == 1


def test_one_that_hangs_is_left_behind_and_used_again_when_it_comes_back(threads: Threads) -> None:
    over = threading.Event()
    hanging = threads.started(lambda: (over.wait(SECONDS), threading.current_thread()))
    other = threads.started(threading.current_thread).result(SECONDS)

    over.set()
    came_back, hung = hanging.result(SECONDS)
    both = [threads.started(threading.current_thread) for _ in range(2)]

    assert came_back
    assert other is not hung
    assert {one.result(SECONDS) for one in both} <= {other, hung}


def test_what_runs_at_once_has_a_thread_each(threads: Threads) -> None:
    together = threading.Barrier(8)

    started = [threads.started(lambda: together.wait(SECONDS)) for _ in range(8)]

    assert sorted(one.result(SECONDS) for one in started) == list(range(8))


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()], ids=repr)
def test_what_was_raised_is_told_and_the_thread_goes_on(error: BaseException, threads: Threads) -> None:
    def fail() -> None:
        raise error

    assert threads.started(fail).exception(SECONDS) is error
    assert threads.started(lambda: "done").result(SECONDS) == "done"


def test_nothing_of_one_context_is_seen_in_the_next(threads: Threads) -> None:
    token = SEEN.set("what the one who asks has set")

    first = threads.started(lambda: (SEEN.get(), SEEN.set("of the first"))).result(SECONDS)[0]
    second = threads.started(SEEN.get).result(SECONDS)
    SEEN.reset(token)

    assert (first, second) == ("nothing", "nothing")


def test_closing_ends_those_that_are_idle_at_once_and_the_others_when_they_are_done() -> None:
    threads, over = Threads(), threading.Event()
    busy, began = [], threading.Event()

    def work() -> None:
        busy.append(threading.current_thread())
        began.set()
        over.wait(SECONDS)

    hanging = threads.started(work)
    assert began.wait(SECONDS)
    idle = threads.started(threading.current_thread).result(SECONDS)

    threads.close()
    assert (idle.is_alive(), busy[0].is_alive()) == (False, True)
    over.set()
    hanging.result(SECONDS)
    busy[0].join(SECONDS)
    assert not busy[0].is_alive()
