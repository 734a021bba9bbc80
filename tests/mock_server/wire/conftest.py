"""A server with the echoing application for each parser, and a connection to it."""

from collections.abc import Iterator

import pytest

from tests.mock_server.wire_helpers import Client, Noting, Running, echo, serving


@pytest.fixture(scope="session", params=["httptools", "h11"])
def parser(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def _echo_server(parser: str) -> Iterator[Running]:
    with serving(echo, Noting(), parser) as running:
        yield running


@pytest.fixture
def server(_echo_server: Running) -> Running:
    _echo_server.edge.refused.clear()
    return _echo_server


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    with server.connect() as connected:
        yield connected
