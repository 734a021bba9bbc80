"""Where the control API and the page are, and what shows that it is they who answer."""

CONTROL_ROOT = "/_mock"
"""What stands in front of each of their paths."""

CONTROL_HEADER = "distinct-mock-control"
"""The header of every answer of theirs, which no other server gives."""


def is_control(path: str) -> bool:
    """Whether a path is one of theirs."""
    return path == CONTROL_ROOT or path.startswith(f"{CONTROL_ROOT}/")
