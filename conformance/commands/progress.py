"""Shows how far a run is, on a terminal; anywhere else nothing."""

import contextlib
import sys
from collections.abc import Iterator

from conformance.examination import Progress, silent


@contextlib.contextmanager
def progress_shown(*, quiet: bool) -> Iterator[Progress]:
    """Give what a run tells its progress to: one line that goes away at the end."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    # Only who looks needs it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda phase, done, of: bar.update(task, description=phase, completed=done, total=of)
