"""Reads sizes and spans of time as people write them: 64KiB, 10MB, 250ms, 2h."""

import re
from collections.abc import Mapping

_SIZES = {"": 1, "b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": 1024, "mib": 1024**2, "gib": 1024**3}
_SPANS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
# What has more digits is no amount of anything here, and may be too large for a float.
_AMOUNT = re.compile(r"(\d{1,18}(?:\.\d{1,18})?) ?([a-z]*)", re.IGNORECASE | re.ASCII)


def size(text: str) -> int:
    """Read a size in bytes, such as 1000, 64KiB or 10MB. Raises ValueError that says what was expected."""
    return round(_read(text, _SIZES, "a size such as 1000, 64KiB or 10MB"))


def span(text: str) -> float:
    """Read a span of time, and give it in seconds: 250ms, 2s, 30m, 12h, 7d; a bare number is seconds.

    Raises ValueError that says what was expected.
    """
    return _read(text, _SPANS, "a time such as 250ms, 2s, 30m, 12h or 7d")


def _read(text: str, units: Mapping[str, float], expected: str) -> float:
    found = _AMOUNT.fullmatch(text.strip())
    factor = units.get(found[2].lower()) if found else None
    if found is None or factor is None:
        raise ValueError(f"got {text!r}, expected {expected}")
    return float(found[1]) * factor
