"""Reads a file that the user named."""

from pathlib import Path

from contracts.faults import ConfigError, Fault


def read_text(file: str, what: str) -> str:
    """Read a text in UTF-8; `what` is what a fault calls it. Raises ConfigError that says why it cannot be read."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([Fault(file, f"{what} cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([Fault(file, f"{what} is not UTF-8: {error.reason} at byte {error.start}")]) from None
