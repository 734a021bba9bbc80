"""A process and the lines that it writes: bounded, never waited for without end, killed with all that it started."""

import contextlib
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from conformance.clients.client import AdapterError

LONGEST_LINE = 1 << 20
"""In bytes. What is longer is no message."""

_CHUNK = 1 << 16
# With the longest lines, these are 16 MiB; a process that writes more has to wait until they are read.
_LINES = 16
_TAIL = 1 << 16
_CAN_POLL = hasattr(select, "poll")
_SETTLING_SECONDS = 0.2
# The process is gone when its pipes are closed, or is just about to go.
_LEAVING_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """A line of standard output without its end, and its number. The last one may have none: `whole` is False then."""

    content: bytes
    number: int
    whole: bool = True


class EndedError(Exception):
    """The process is gone, or can no more be talked to; says how."""


class FloodError(EndedError):
    """The process writes more than can be meant."""


class Child:
    """A process in a group of its own. Its three pipes have a thread each, so that no full pipe holds up anyone."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._process = _started(words, env)
        self._lines: queue.Queue[Line | EndedError] = queue.Queue(_LINES)
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._tail = bytearray()
        self._tail_lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._write, self._read, self._listen, self._wait)
        ]
        for thread in self._threads:
            thread.start()

    def say(self, line: bytes) -> None:
        """Write a line, as soon as the process takes it."""
        self._to_write.put(line)

    def close_input(self) -> None:
        """Close its standard input, after what there is to write."""
        self._to_write.put(None)

    def next_line(self, until: float) -> Line | None:
        """Give the next line, or nothing when `until` (of the monotonic clock) comes first.

        Raises EndedError when there will be no more.
        """
        try:
            found = self._lines.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return None
        if isinstance(found, Line):
            return found
        if isinstance(found, FloodError):
            raise found
        status = self.status(time.monotonic() + _LEAVING_SECONDS)
        raise found if status is None else EndedError(_ended(status))

    def status(self, until: float) -> int | None:
        """Give the exit status, negative for a signal, or None when the process is still there at `until`."""
        try:
            return self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None

    def errors(self) -> str:
        """Give what it wrote to standard error since the last time, or the end of that."""
        self._settle()
        with self._tail_lock:
            found = self._tail.decode(errors="backslashreplace")
            self._tail.clear()
        return found

    def end(self, seconds: float = 0.0) -> bool:
        """Close its input, wait for it that long, and kill what is left; says whether it ended by itself."""
        self.close_input()
        ended = self.status(time.monotonic() + seconds) is not None
        self._stopped.set()
        _kill(self._process)
        self._process.wait()
        for thread in self._threads:
            # Whoever left its group may hold the pipes for ever.
            thread.join(_LEAVING_SECONDS)
        return ended

    # Each of these has a thread of its own.

    def _write(self) -> None:
        stream = _pipe(self._process.stdin)
        try:
            while (line := self._to_write.get()) is not None:
                stream.write(line)
                stream.flush()
        except OSError:
            self._put(EndedError("closed its standard input"))
        with contextlib.suppress(OSError):
            stream.close()

    def _read(self) -> None:
        number, begun = 1, bytearray()
        with _pipe(self._process.stdout) as stream:
            while chunk := os.read(stream.fileno(), _CHUNK):
                begun += chunk
                *lines, rest = begun.split(b"\n") if b"\n" in chunk else (begun,)
                for line in lines:
                    self._put(Line(bytes(line), number))
                    number += 1
                begun = rest
                if len(begun) > LONGEST_LINE:
                    self._put(FloodError(f"wrote a line of more than {LONGEST_LINE} bytes"))
                    self._stopped.wait()
                    return
            if begun:
                self._put(Line(bytes(begun), number, whole=False))
        self._put(EndedError("closed its standard output"))

    def _listen(self) -> None:
        with _pipe(self._process.stderr) as stream:
            while True:
                if _CAN_POLL:
                    _readable(stream, None)
                # Read and kept in one, so that nothing is on its way when the pipe is empty and the lock is free.
                with self._tail_lock if _CAN_POLL else contextlib.nullcontext():
                    chunk = os.read(stream.fileno(), _CHUNK)
                    self._tail += chunk
                    del self._tail[:-_TAIL]
                if not chunk:
                    return

    def _wait(self) -> None:
        self._process.wait()
        # Others that it started may hold its output open; what is in it by now is all that counts.
        self._threads[1].join(_LEAVING_SECONDS)
        self._put(EndedError("ended"))

    def _put(self, found: Line | EndedError) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._lines.put(found, timeout=0.1)
                return

    def _settle(self) -> None:
        """Wait until what it wrote to standard error by now is read."""
        stream, until = _pipe(self._process.stderr), time.monotonic() + _SETTLING_SECONDS
        while _CAN_POLL and time.monotonic() < until:
            try:
                if not _readable(stream, 0):
                    return
            except ValueError:
                # It is closed, so all was read.
                return
            time.sleep(0.0005)


def _started(words: Sequence[str], env: Mapping[str, str] | None) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - the user's command
            list(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            start_new_session=True,
        )
    except FileNotFoundError:
        is_script = Path(words[0]).exists()
        what = "names an interpreter that is not there" if is_script else "is no command that is there"
        raise AdapterError(f"{words[0]!r} {what}") from None
    except PermissionError:
        raise AdapterError(f"{words[0]!r} may not be executed (chmod +x makes a script a command)") from None
    except (OSError, ValueError) as error:
        raise AdapterError(f"{words[0]!r} cannot be started: {error}") from None


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("started without a pipe")
    return stream


def _readable(stream: IO[bytes], milliseconds: int | None) -> bool:
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    return any(event & select.POLLIN for _, event in poll.poll(milliseconds))


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":
        process.kill()
        return
    # The group outlives its first process.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _ended(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}" + ("" if status else ", before its input did")
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
