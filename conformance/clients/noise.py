"""What a client writes beside its replies: to standard output, where it disturbs, and to standard error."""

from collections import deque

_MOST_BYTES = 8 << 20
_MOST_LINES = 100_000
FLOOD = f"more than {_MOST_BYTES} bytes or {_MOST_LINES} lines that are no reply"
"""More than anyone prints in one call."""

# Lines, and bytes of each, that are kept until they are handed over.
_LINES = 50
_LONGEST = 4000


class Noise:
    """Collects lines of standard output that are no protocol; the last of them are kept."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque(maxlen=_LINES)
        self._bytes = 0
        self._count = 0

    @property
    def is_flood(self) -> bool:
        """Whether there was too much of it since the last time."""
        return self._bytes > _MOST_BYTES or self._count > _MOST_LINES

    def add(self, line: bytes) -> None:
        """Keep a line."""
        self._bytes += len(line)
        self._count += 1
        # A cut might go through a key, which nobody would find then.
        self._lines.append(line if len(line) <= _LONGEST else b"(a line of %d bytes)" % len(line))

    def take(self, errors: str) -> str:
        """Give what there is since the last time, with what was written to standard error: each line says where."""
        found = [f"stdout: {line.decode(errors='backslashreplace').rstrip()}" for line in self._lines]
        found += [f"stderr: {line}" for line in errors.splitlines() if line.strip()]
        self._lines.clear()
        self._bytes = self._count = 0
        return "\n".join(found)
