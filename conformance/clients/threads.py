"""Runs what a client does in threads, of which one that hangs can be left behind."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import Context
from queue import SimpleQueue
from typing import Any, NamedTuple

Work = Callable[[], Any]
_Jobs = SimpleQueue[tuple[Work, "Future[Any]"] | None]


class _Idle(NamedTuple):
    thread: threading.Thread
    jobs: _Jobs


class Threads:
    """Threads for one piece of work after the other: to start one for each would take longer than most calls."""

    def __init__(self) -> None:
        self._idle: list[_Idle] = []
        self._lock = threading.Lock()
        self._is_open = True

    def started(self, work: Work) -> "Future[Any]":
        """Start some work in a thread that does nothing else meanwhile, nor sees what others have set in a context."""
        future: Future[Any] = Future()
        with self._lock:
            jobs = self._idle.pop().jobs if self._idle else None
        if jobs is None:
            jobs = SimpleQueue()
            threading.Thread(target=self._work, args=(jobs,), daemon=True).start()
        jobs.put((work, future))
        return future

    def _work(self, jobs: _Jobs) -> None:
        while (job := jobs.get()) is not None:
            tell = _done(*job)
            with self._lock:
                is_open = self._is_open
                if is_open:
                    self._idle.append(_Idle(threading.current_thread(), jobs))
            # Only now, so that the next piece of work finds this thread idle.
            tell()
            # What it was about may be large, or wait to be closed.
            del job, tell
            if not is_open:
                return

    def close(self) -> None:
        """End all that are idle; those at work end when that is done."""
        with self._lock:
            self._is_open, idle, self._idle = False, self._idle, []
        for _, jobs in idle:
            jobs.put(None)
        for thread, _ in idle:
            thread.join()


def _done(work: Work, future: "Future[Any]") -> Callable[[], None]:
    """Do some work, and give the function that tells its result."""
    try:
        found = Context().run(work)
    except BaseException as error:  # noqa: BLE001 - it is told to who started it
        failure = error
        return lambda: future.set_exception(failure)
    return lambda: future.set_result(found)
