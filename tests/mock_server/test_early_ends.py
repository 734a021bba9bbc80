"""Requests that end before their time: a client that pauses or leaves, and a fake that fails."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from mock_server.client import Control
from mock_server.exchange import Exchange
from mock_server.server import Running, running
from mock_server.settings import Settings
from mock_server.storage.journal import Journal
from tests.conftest import ANALYTICS, Send

HEAD = (
    b"POST /api/v1/user/analytics HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"x-distinct-api-key: %b\r\nContent-Length: 1000\r\n\r\n"
)


@pytest.fixture
def impatient() -> Iterator[Running]:
    with running(Settings(port=0, log_level="error", body_seconds=0.6)) as fake:
        yield fake


def connect(fake: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(fake.url.rpartition(":")[2])), timeout=10)


def over(fake: Running, *, stayed: bool) -> dict[str, Any]:
    """Wait for an exchange that is over, with a client who stayed or who did not."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for entry in Control(fake.url).get("/requests")["requests"]:
            if entry["completed"] and entry["stayed"] == stayed:
                return dict(entry)
    raise AssertionError("no such exchange came to its end")


def test_a_refused_client_that_pauses_is_left(impatient: Running) -> None:
    impatient.fake.linger_seconds = 0.2

    with connect(impatient) as client:
        client.sendall(HEAD % b"wrong" + b"x" * 10)
        began = time.monotonic()
        answer = client.makefile("rb").read()

    assert b'"message":"Unauthorized."' in answer
    assert 0.1 < time.monotonic() - began < 0.5
    assert over(impatient, stayed=True)["status"] == 401


def test_a_refused_client_that_drips_has_the_time_of_a_body(impatient: Running) -> None:
    with connect(impatient) as client:
        client.sendall(HEAD % b"wrong")
        client.settimeout(0.05)
        began, seen = time.monotonic(), b""
        while time.monotonic() - began < 5:
            try:
                piece = client.recv(1000)
            except TimeoutError:
                client.sendall(b"x")
                continue
            if not piece:
                break
            seen += piece

    assert b'"message":"Unauthorized."' in seen
    assert 0.5 < time.monotonic() - began < 2


def test_a_client_that_leaves_is_recorded_so(fake: Running, post: Send) -> None:
    with connect(fake) as client:
        client.sendall(HEAD % b"vendor-test-key" + b"x" * 10)
        # Closed with bytes unread, a connection is reset, which is not the same as a body that was cut short.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        # The answer to another request shows that the fake has read this one's head.
        post(fake.url, ANALYTICS, {})

    entry = over(fake, stayed=False)
    assert (entry["status"], entry["answer"], entry["operation"]) == (None, None, "addUserAnalytics")


def test_a_failure_of_the_fake_is_answered_in_the_contracts_form(
    fake: Running, post: Send, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Journal, exchange: Exchange) -> NoReturn:  # noqa: ARG001 - a method's signature
        raise OSError("no space left on device")

    monkeypatch.setattr(Journal, "record", fail)

    reply = post(fake.url, ANALYTICS, {})

    assert (reply.status, reply.message) == (500, "Internal server error.")
    # What really happened is for whoever runs the fake.
    assert "no space left on device" in caplog.text


def test_no_query_no_header_no_body_is_too_little(fake: Running, post: Send) -> None:
    reply = post(fake.url, ANALYTICS, None, headers={"Content-Type": None})

    assert (reply.status, json.loads(reply.text)["message"]) == (415, "Unsupported media type.")
