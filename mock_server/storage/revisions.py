"""Tells all workers of a fake at once that the world, the armed answers or the journal have changed."""

import mmap
from pathlib import Path
from secrets import token_bytes

from contracts.faults import ConfigError, Fault

_WIDTH = 8
_KINDS = 4
_WORLDS, _FAULTS, _REQUESTS, _DELETIONS = (slice(_WIDTH * kind, _WIDTH * (kind + 1)) for kind in range(_KINDS))


class Revisions:
    """A few bytes that all workers see, and that are others after every change. To look at them costs next to nothing.

    They are written after a change was committed, so whoever sees new ones also sees what has changed.
    """

    def __init__(self, file: str | None) -> None:
        """Share them beside the database `file`, or with nobody. Raises ConfigError for what cannot be written."""
        self._bytes = mmap.mmap(-1, _KINDS * _WIDTH) if file is None else _mapped(Path(f"{file}-revision"))

    @property
    def worlds(self) -> bytes:
        """What stands for the present worlds and sessions."""
        return self._bytes[_WORLDS]

    @property
    def faults(self) -> bytes:
        """What stands for the present armed answers."""
        return self._bytes[_FAULTS]

    @property
    def requests(self) -> bytes:
        """What stands for the requests that are stored."""
        return self._bytes[_REQUESTS]

    @property
    def deletions(self) -> bytes:
        """What stands for all that was asked to be deleted of them."""
        return self._bytes[_DELETIONS]

    def worlds_changed(self) -> None:
        """Say that a world or a session is another."""
        self._bytes[_WORLDS] = token_bytes(_WIDTH)

    def faults_changed(self) -> None:
        """Say that other answers are armed."""
        self._bytes[_FAULTS] = token_bytes(_WIDTH)

    def requests_changed(self) -> bytes:
        """Say that more requests are stored; gives what stands for them now."""
        self._bytes[_REQUESTS] = changed = token_bytes(_WIDTH)
        return changed

    def requests_deleted(self) -> None:
        """Say that requests were deleted."""
        self._bytes[_DELETIONS] = token_bytes(_WIDTH)


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("a+b") as file:
            file.seek(0)
            # Only one of several workers that begin together has to be first: all of them write the same zeros.
            file.write(bytes(max(0, _KINDS * _WIDTH - len(file.read()))))
            file.flush()
            return mmap.mmap(file.fileno(), _KINDS * _WIDTH)
    except OSError as error:
        raise ConfigError([Fault(str(path), f"is needed beside the journal: {error.strerror}")]) from None
