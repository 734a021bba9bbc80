"""How the control API writes points in time."""

from datetime import UTC, datetime


def written(seconds: float) -> str:
    """Write unix seconds in ISO 8601, in UTC, with milliseconds: 2026-11-21T12:00:00.000Z."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
