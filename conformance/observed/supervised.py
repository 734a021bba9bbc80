"""Runs somebody's own command: bounded in time, signals handed on, nothing of it left behind."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

from contracts.faults import ConfigError, Fault

_LOOK_SECONDS = 0.5
# For so long a command may go on after it was asked to end.
_LEAVING_SECONDS = 5.0
_PAUSE_SECONDS = 0.02
# Only looks whether there is anybody.
_NO_SIGNAL = 0
_HANDED_ON = tuple(one for one in signal.Signals if one.name in {"SIGINT", "SIGTERM", "SIGHUP"})


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit status, negative for a signal; whether it took too long, or we were interrupted."""

    status: int
    late: bool = False
    interrupted: bool = False


def run_command(
    command: Sequence[str], environment: Mapping[str, str], *, seconds: float, meanwhile: Callable[[], None]
) -> Ended:
    """Run a command in a process group of its own until it ends; its output goes where ours does.

    It is ended when it takes longer than `seconds`, and when we are told to end, which it is told as well. `meanwhile`
    is called twice a second. Raises ConfigError for a command that cannot be started.
    """
    # Before it starts, so that there is no moment in which only we would be told.
    with _taking_signals() as taken:
        process = _started(command, environment)
        try:
            taken.hand_on_to(process)
            return _followed(process, taken.told, time.monotonic() + seconds, meanwhile)
        finally:
            _end_group(process)


def check_system() -> None:
    """Raise ConfigError where a command cannot be run so that nothing of it is left behind."""
    if not hasattr(os, "killpg"):
        problem = "there are no process groups, which it needs; a client behind an adapter can be judged"
        raise ConfigError([Fault("this system", problem)])


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True)  # noqa: S603 - theirs
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([Fault(command[0], f"cannot be started: {reason.lower()}")]) from None


def _followed(
    process: subprocess.Popen[bytes], told: Sequence[int], end: float, meanwhile: Callable[[], None]
) -> Ended:
    while True:
        try:
            status = process.wait(timeout=_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            meanwhile()
        else:
            return Ended(status, interrupted=bool(told))
        if told:
            return Ended(_asked_to_end(process), interrupted=True)
        if time.monotonic() > end:
            _signal_group(process, signal.SIGTERM)
            return Ended(_asked_to_end(process), late=True)


def _asked_to_end(process: subprocess.Popen[bytes]) -> int:
    """Give a command its time to end, and then no more."""
    try:
        return process.wait(timeout=_LEAVING_SECONDS)
    except subprocess.TimeoutExpired:
        _signal_group(process, signal.SIGKILL)
        return process.wait()


class _Signals:
    """Keeps which signals asked us to end, and hands them on to a command once there is one."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        self.told.append(number)
        if self._process is not None:
            _signal_group(self._process, number)

    def hand_on_to(self, process: subprocess.Popen[bytes]) -> None:
        """Hand on from now on, and what came before."""
        self._process = process
        for number in list(self.told):
            _signal_group(process, number)


@contextlib.contextmanager
def _taking_signals() -> Iterator[_Signals]:
    taken = _Signals()
    # Only there can a signal be taken.
    if threading.current_thread() is not threading.main_thread():
        yield taken
        return
    before = {number: signal.signal(number, taken.take) for number in _HANDED_ON}
    try:
        yield taken
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what a command started and left behind, and the command, if it is still there."""
    _signal_group(process, signal.SIGTERM)
    end = time.monotonic() + _LEAVING_SECONDS
    while process.poll() is None or _signal_group(process, _NO_SIGNAL):
        if time.monotonic() > end:
            _signal_group(process, signal.SIGKILL)
            process.wait()
            return
        time.sleep(_PAUSE_SECONDS)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to all of a group; says whether there was anybody to take it."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
