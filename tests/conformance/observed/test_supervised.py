"""Somebody's own command is run within bounds: in time, with signals handed on, with nothing of it left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.observed import supervised
from conformance.observed.supervised import Ended, run_command
from contracts.faults import ConfigError

_LONG = 30.0


def python(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def run(command: tuple[str, ...], *, seconds: float = _LONG, meanwhile: Callable[[], None] = lambda: None) -> Ended:
    return run_command(command, {"FOR_IT": "yes"}, seconds=seconds, meanwhile=meanwhile)


ENDS = [
    pytest.param(python("pass"), Ended(0), id="well"),
    pytest.param(python("raise SystemExit(3)"), Ended(3), id="status"),
    pytest.param(python("import os; os.kill(os.getpid(), 9)"), Ended(-9), id="signal"),
    pytest.param(
        python("import os, sys; sys.exit(0 if os.environ['FOR_IT'] == 'yes' and os.environ['PATH'] else 1)"),
        Ended(0),
        id="environment",
    ),
]


@pytest.mark.parametrize(("command", "ended"), ENDS)
def test_how_a_command_ended_is_told(command: tuple[str, ...], ended: Ended) -> None:
    assert run(command) == ended


def test_its_output_goes_where_ours_does(capfd: pytest.CaptureFixture[str]) -> None:
    run(python("import sys; print('out'); print('err', file=sys.stderr)"))

    assert capfd.readouterr() == ("out\n", "err\n")


def test_a_command_that_there_is_not_is_told() -> None:
    with pytest.raises(ConfigError, match="no-such-command: cannot be started: no such file or directory"):
        run(("no-such-command", "a secret argument"))


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervised, "_LOOK_SECONDS", 0.05)

    assert run(python("import time; time.sleep(60)"), seconds=0.2) == Ended(-signal.SIGTERM, late=True)


def test_one_that_does_not_want_to_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervised, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(supervised, "_LEAVING_SECONDS", 0.1)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"

    ended = run(python(stubborn), seconds=1.5)

    assert ended == Ended(-signal.SIGKILL, late=True)


def test_what_it_leaves_behind_is_ended(tmp_path: Path) -> None:
    left = tmp_path / "left"
    starts = (
        f"import subprocess, sys; p = subprocess.Popen(['sleep', '60']); open({str(left)!r}, 'w').write(str(p.pid))"
    )

    run(python(starts))

    end = time.monotonic() + 5
    while _lives(int(left.read_text())) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _lives(int(left.read_text()))


def _lives(pid: int) -> bool:
    """Whether a process runs; one that nobody has asked how it ended does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_what_is_to_be_done_meanwhile_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(supervised, "_LOOK_SECONDS", 0.02)
    mark = tmp_path / "mark"
    waits = f"import os, time\nwhile not os.path.exists({str(mark)!r}): time.sleep(0.01)"

    assert run(python(waits), meanwhile=mark.touch) == Ended(0)


SIGNALS = [pytest.param(number, id=number.name) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]

_US = """
import sys
from conformance.observed.supervised import run_command
ended = run_command(sys.argv[1:], {}, seconds=30, meanwhile=lambda: None)
print(ended)
"""
_IT = """
import signal, sys, time
def tell(number, frame):
    print("got", number, flush=True)
    sys.exit(7)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, tell)
print("ready", flush=True)
time.sleep(30)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_signals_are_handed_on(number: signal.Signals) -> None:
    us = subprocess.Popen([*python(_US), *python(_IT)], stdout=subprocess.PIPE, text=True)
    with us:
        assert us.stdout is not None
        assert us.stdout.readline() == "ready\n"

        os.kill(us.pid, number)

        assert us.stdout.read() == f"got {number.value}\nEnded(status=7, late=False, interrupted=True)\n"


WITHOUT_GROUPS = """
import os
import signal
from enum import IntEnum

del os.killpg, signal.SIGHUP
signal.Signals = IntEnum("Signals", {one.name: one.value for one in signal.Signals if one.name != "SIGHUP"})
from conformance.cli import main

main()
"""


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(("list", "--level", "must"), 0, "", id="list"),
        pytest.param(("client", "watch", "--", "true"), 2, "this system: there are no process groups", id="watch"),
    ],
)
def test_where_there_are_no_process_groups_only_watching_is_refused(
    arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = subprocess.run(
        (*python(WITHOUT_GROUPS), *arguments), capture_output=True, text=True, timeout=_LONG, check=False
    )

    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (status, True, False)
    assert done.stderr.count("\n") <= 1
