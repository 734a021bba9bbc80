"""Sets everything up that a client is tried with: two fakes, a folder for files, the client itself."""

import contextlib
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
