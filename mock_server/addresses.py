"""Where the control API and the page are."""

CONTROL_ROOT = "/_mock"
"""What stands in front of each of their paths."""


def is_control(path: str) -> bool:
    """Whether a path is one of theirs."""
    return path == CONTROL_ROOT or path.startswith(f"{CONTROL_ROOT}/")
