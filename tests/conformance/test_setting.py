"""Where clients are tried: in a time zone in which nobody can take local time for UTC."""

import os
import subprocess
import sys
import time

import pytest

from conformance.setting import far_from_greenwich

TOLD = "import time; print(time.localtime(0).tm_hour)"


def hours() -> tuple[int, int]:
    """Give the local hour of 1970 here, and in a process that is started."""
    told = subprocess.run([sys.executable, "-c", TOLD], capture_output=True, text=True, timeout=60, check=True)
    return time.localtime(0).tm_hour, int(told.stdout)


@pytest.fixture(autouse=True)
def _at_greenwich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)


def test_local_time_is_far_from_utc_for_as_long_as_a_client_is_tried() -> None:
    before = hours()

    with far_from_greenwich():
        within = hours()

    assert within == (12, 12)
    assert (hours(), "TZ" in os.environ) == (before, False)


def test_a_zone_that_was_chosen_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")

    with far_from_greenwich():
        assert os.environ["TZ"] == "Asia/Kolkata"
    assert os.environ["TZ"] == "Asia/Kolkata"


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt])
def test_it_ends_whatever_happens(trouble: type[BaseException]) -> None:
    with pytest.raises(trouble), far_from_greenwich():
        raise trouble

    assert "TZ" not in os.environ
