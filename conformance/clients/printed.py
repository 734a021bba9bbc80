"""Hears what a client in this process prints, and keeps it away from what the judge prints."""

import io
import logging
import sys
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self, TextIO

# In characters; what comes behind is left out.
_MOST = 64_000


class Sink:
    """What one call printed."""

    def __init__(self) -> None:
        self._texts: list[tuple[str, str]] = []
        self._size = 0

    def add(self, where: str, text: str) -> None:
        """Keep a text."""
        self._size += len(text)
        # All of it or nothing: a cut might go through a key, which nobody would find then.
        if self._size <= _MOST:
            self._texts.append((where, text))

    def text(self) -> str:
        """Give all, each line with where it was printed."""
        whole = {where: "".join(text for one, text in self._texts if one == where) for where in ("stdout", "stderr")}
        return "\n".join(f"{where}: {line}" for where, text in whole.items() for line in text.splitlines() if line)


HEARD: ContextVar[Sink | None] = ContextVar("HEARD", default=None)
"""Where what is printed goes; to where it always goes when there is nothing."""


class _Stream(io.TextIOBase):
    """Stands for one of the two streams."""

    def __init__(self, real: TextIO, where: str) -> None:
        self._real = real
        self._where = where

    def write(self, text: str) -> int:
        sink = HEARD.get()
        if sink is None:
            return self._real.write(text)
        sink.add(self._where, text)
        return len(text)

    def flush(self) -> None:
        self._real.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return HEARD.get() is None and self._real.isatty()

    def fileno(self) -> int:
        return self._real.fileno()

    def close(self) -> None:
        """Leave the real one open: it is not ours."""

    @property
    def real(self) -> TextIO:
        return self._real

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the real one has
        return getattr(self._real, name)


class _Log(logging.Handler):
    """Takes what a client logs, as if it were printed."""

    def emit(self, record: logging.LogRecord) -> None:
        sink = HEARD.get()
        if sink is not None:
            sink.add("stderr", f"{self.format(record)}\n")


def _is_ours(_record: logging.LogRecord) -> bool:
    return HEARD.get() is None


class Hearing:
    """While it lasts, what is printed or logged where `HEARD` is set goes there."""

    def __enter__(self) -> Self:
        """Begin."""
        sys.stdout, sys.stderr = _Stream(sys.stdout, "stdout"), _Stream(sys.stderr, "stderr")
        self._ours = (sys.stdout, sys.stderr)
        self._others = list(logging.root.handlers)
        for handler in self._others:
            handler.addFilter(_is_ours)
        self._log = _Log()
        logging.root.addHandler(self._log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, unless somebody else hears by now."""
        logging.root.removeHandler(self._log)
        for handler in self._others:
            handler.removeFilter(_is_ours)
        out, err = self._ours
        if sys.stdout is out:
            sys.stdout = out.real
        if sys.stderr is err:
            sys.stderr = err.real


__all__ = ["HEARD", "Hearing", "Sink"]
