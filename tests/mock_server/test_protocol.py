"""The protocol class as uvicorn is given it: which parser it takes, plain and with TLS."""

import asyncio
import ssl
import sys
from collections.abc import Iterator

import pytest
import trustme

from mock_server.protocol import protocol_class
from mock_server.wire.pure_parser import PureParser
from tests.mock_server.wire_helpers import GET, OFFER, Noting, Running, echo, post, serving


@pytest.fixture(scope="module", params=["httptools", "h11"])
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    with serving(echo, Noting(), request.param) as running:
        yield running


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=["httptools", "h11"])
def encrypted(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[Running]:
    with (
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.tempfile() as pem,
        serving(echo, Noting(), request.param, ssl_certfile=pem) as running,
    ):
        yield running


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_the_parser_is_the_one_asked_for(server: Running) -> None:
    with server.connect() as client:
        client.send(GET).answer()

        [connection] = server.connections

    assert issubclass(server.protocol, asyncio.Protocol)
    assert type(connection) is server.protocol
    assert (vars(server.protocol)["parser_type"] is PureParser) is (server.parser == "h11")


def test_without_httptools_it_is_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httptools", None)
    monkeypatch.delitem(sys.modules, "mock_server.wire.fast_parser", raising=False)

    assert vars(protocol_class(Noting()))["parser_type"] is PureParser


def test_requests_are_served_with_tls(encrypted: Running, trusting: ssl.SSLContext) -> None:
    with encrypted.connect(trusting) as client:
        seen = [client.send(post(body, OFFER)).answer().seen["body"] for body in (b"abc", b"x" * 300_000)]

    assert seen == ["abc", "x" * 300_000]


def test_refusals_are_seen_with_tls(encrypted: Running, trusting: ssl.SSLContext) -> None:
    with encrypted.connect(trusting) as client:
        answer = client.send(b"hello\r\n\r\n").answer()

    assert answer.body == b"http"
    encrypted.soon(lambda: not encrypted.connections)


def test_a_client_may_leave_inside_a_body_with_tls(encrypted: Running, trusting: ssl.SSLContext) -> None:
    with encrypted.connect(trusting) as client:
        client.send(post(b"abc")[:-1])
        encrypted.soon(encrypted.busy)

    encrypted.soon(lambda: not encrypted.connections)
    assert encrypted.edge.refused == []
