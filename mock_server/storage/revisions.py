"""Tells all workers of a fake at once that the world, the armed answers or the journal have changed."""

import mmap
from pathlib import Path
from secrets import token_bytes

from contracts.faults import ConfigError, Fault

_WIDTH = 8
_KINDS = ("worlds", "faults", "requests", "deletions")


class Revision:
    """What stands for the present state of one kind of thing: a few bytes, others after every change."""

    def __init__(self, everything: mmap.mmap, kind: str) -> None:
        """Take the bytes of all kinds."""
        self._bytes = everything
        self._place = slice(_WIDTH * _KINDS.index(kind), _WIDTH * (_KINDS.index(kind) + 1))

    @property
    def now(self) -> bytes:
        """The bytes as they are now."""
        return self._bytes[self._place]

    def change(self) -> bytes:
        """Say that something has changed; gives the bytes that stand for it now."""
        self._bytes[self._place] = changed = token_bytes(_WIDTH)
        return changed


class Revisions:
    """A few bytes that all workers see, and that are others after every change. To look at them costs next to nothing.

    They are written after a change was committed, so whoever sees new ones also sees what has changed: the `worlds` and
    sessions, the armed `faults`, the `requests` that are stored, and the `deletions` of such.
    """

    def __init__(self, file: str | None) -> None:
        """Share them beside the database `file`, or with nobody. Raises ConfigError for what cannot be written."""
        everything = mmap.mmap(-1, len(_KINDS) * _WIDTH) if file is None else _mapped(Path(f"{file}-revision"))
        self.worlds, self.faults, self.requests, self.deletions = (Revision(everything, kind) for kind in _KINDS)


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("a+b") as file:
            file.seek(0)
            # Only one of several workers that begin together has to be first: all of them write the same zeros.
            file.write(bytes(max(0, len(_KINDS) * _WIDTH - len(file.read()))))
            file.flush()
            return mmap.mmap(file.fileno(), len(_KINDS) * _WIDTH)
    except OSError as error:
        raise ConfigError([Fault(str(path), f"is needed beside the journal: {error.strerror}")]) from None
