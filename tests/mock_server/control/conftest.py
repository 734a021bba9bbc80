"""A fake of each test's own, since the control API changes what is in it."""

from collections.abc import Iterator

import pytest

from mock_server.server import Running, running


@pytest.fixture
def own() -> Iterator[Running]:
    """Give a fake that no other test uses."""
    with running() as started:
        yield started
