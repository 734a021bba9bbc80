"""The amounts of network faults, bounded, and written in one form each."""

from collections.abc import Mapping

from contracts.model import shown
from mock_server.amounts import size, span

LONGEST_MS = 600_000
LARGEST_BYTES = 1 << 40

# No amount within the bounds takes more; what is much longer would be no number for Python either.
_LONGEST_TEXT = 24

# From the largest on, so that a size is written in the largest unit that it is a whole number of.
_UNITS: Mapping[str, int] = {"GiB": 1 << 30, "GB": 10**9, "MiB": 1 << 20, "MB": 10**6, "KiB": 1 << 10, "kB": 10**3}


def read_span(text: str) -> int:
    """Give the milliseconds of a time such as 250ms or 1.5s; ValueError when it is none, or out of bounds."""
    milliseconds = round(span(_short(text)) * 1000)
    if milliseconds > LONGEST_MS:
        raise ValueError(f"got {text!r}, expected at most {show_span(LONGEST_MS)}")
    return milliseconds


def show_span(milliseconds: int) -> str:
    """Write a time so that `read_span` gives it again."""
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def read_size(text: str, least: int = 0) -> int:
    """Give the bytes of a size such as 1000, 64KiB or 10MB; ValueError when it is none, or out of bounds."""
    found = size(_short(text))
    if not least <= found <= LARGEST_BYTES:
        raise ValueError(f"got {text!r}, expected a size from {least} to {show_size(LARGEST_BYTES)}")
    return found


def show_size(found: int) -> str:
    """Write a size so that `read_size` gives it again: with a unit only where nothing is lost."""
    unit = next((name for name, unit in _UNITS.items() if found >= unit and found % unit == 0), None)
    return f"{found // _UNITS[unit]}{unit}" if unit else f"{found}"


def _short(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"got {shown(text)}, expected at most {_LONGEST_TEXT} characters")
    return text
