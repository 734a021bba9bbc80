"""Collects what a fake in this process says of its own: errors that it logs, and notes about its journal."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

_LOGGERS = ("uvicorn.error", "mock_server")


class Complaints(io.StringIO):
    """What was said since it was last taken. It is the stream for the log of a fake, and may be used by threads."""

    def __init__(self) -> None:
        super().__init__()
        self._said: SimpleQueue[str] = SimpleQueue()

    def write(self, text: str, /) -> int:
        """Collect a text."""
        self._said.put(text)
        return len(text)

    def taken(self) -> str:
        """Take what was said, a line or more for each complaint; empty when there is none."""
        return "".join(self._each()).rstrip("\n")

    def _each(self) -> Iterator[str]:
        while True:
            try:
                yield self._said.get_nowait()
            except Empty:
                return


@contextmanager
def collected() -> Iterator[Complaints]:
    """Collect the errors that fakes in this process log, for as long as the block lasts."""
    complaints = Complaints()
    handler = logging.StreamHandler(complaints)
    handler.setLevel(logging.ERROR)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield complaints
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
