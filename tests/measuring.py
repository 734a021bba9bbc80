"""What of the tests is not measured for coverage."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from coverage import Coverage


@contextmanager
def not_measuring() -> Iterator[None]:
    """Measure no coverage for a while."""
    measured = Coverage.current()
    if measured is None:
        yield
        return
    measured.stop()
    try:
        yield
    finally:
        # Which has programs that are started from now on measured, too.
        measured.start()
        leave_programs_unmeasured()


def leave_programs_unmeasured() -> None:
    """Measure no coverage of programs that tests start, which would double the time they take and show little else."""
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
