"""Sets everything up that a client is tried with: two fakes, a folder for files, a time zone, the client itself."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.clients.client import Client
from conformance.fake.started import judges_fake
from conformance.files import FileStore
from conformance.runner import Runner
from contracts.operations import Contract

TIME_SCALE = 0.01
"""What clients that can are told to multiply their waits with."""

_FAR_ZONE = "Pacific/Auckland"


@contextlib.contextmanager
def far_from_greenwich() -> Iterator[None]:
    """Have this process and those that it starts live in another time zone, unless one was chosen for them.

    Where the local time is UTC, as on most machines that build, nobody sees that a client tells the one for the other.
    """
    if os.environ.get("TZ") or not hasattr(time, "tzset"):
        yield
        return
    os.environ["TZ"] = _FAR_ZONE
    time.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        time.tzset()


@contextlib.contextmanager
def file_store() -> Iterator[FileStore]:
    """Give a place for the files of trials, which goes away at the end."""
    with TemporaryDirectory(prefix="distinct-conformance-") as folder:
        yield FileStore(Path(folder))


@contextlib.contextmanager
def runner_for(
    client: Client,
    contract: Contract,
    *,
    spec: str | None = None,
    deadline: float = 10.0,
    time_scale: float = TIME_SCALE,
) -> Iterator[Runner]:
    """Give what puts a client to trials. `spec` is the file of the contract, None for the one that comes along.

    Raises AdapterError when the client cannot be started.
    """
    with (
        far_from_greenwich(),
        judges_fake(contract, spec) as fake,
        judges_fake(contract, spec) as elsewhere,
        file_store() as store,
        client,
    ):
        yield Runner(
            fake,
            client,
            store,
            contract,
            elsewhere=elsewhere,
            time_scale=time_scale,
            deadline=deadline,
        )
