"""Hostile and broken requests: each gets a clear answer or a closed connection in time, and the next one is served."""

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_server.server import running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, send

GOOD = json.dumps(EVENT).encode()
KEY = b"x-distinct-api-key: vendor-test-key\r\nContent-Type: application/json\r\n"
LINE = b"POST /api/v1/user/analytics HTTP/1.1\r\nHost: x\r\n"
DEADLINE = 0.4


@pytest.fixture(scope="module", params=[False, True], ids=["httptools", "h11"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    settings = Settings(
        port=0, log_level="error", header_seconds=DEADLINE, body_seconds=DEADLINE, pure_python=request.param
    )
    with running(settings) as fake:
        yield fake.url


def exchange(url: str, *packets: bytes, half_close: bool = False) -> bytes:
    """Send packets, and read until the fake closes the connection; fails when it does not."""
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as client:
        try:
            for packet in packets:
                client.sendall(packet)
            if half_close:
                client.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # the fake had heard enough
        return client.makefile("rb").read()


def json_request(body: bytes, *headers: bytes) -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    return LINE + KEY + length + b"".join(headers) + b"Connection: close\r\n\r\n" + body


def answer(reply: bytes) -> tuple[int, str]:
    head, _, body = reply.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    value = json.loads(body)
    assert value["statusCode"] == status
    return status, value["message"]


MALFORMED = (400, "Malformed request body.")
NO_HTTP = (400, "Malformed request.")

BODIES = [
    pytest.param(b"", MALFORMED, id="empty"),
    pytest.param(b"{", MALFORMED, id="cut-json"),
    pytest.param(b"[" * 100_000, MALFORMED, id="100000-deep"),
    pytest.param(b'{"a":' * 100_000, MALFORMED, id="100000-deep-objects"),
    pytest.param(b"[]," * 300_000, MALFORMED, id="many-brackets"),
    pytest.param(b"\xef\xbb\xbf" + GOOD, MALFORMED, id="byte-order-mark"),
    pytest.param("{}".encode("utf-16"), MALFORMED, id="utf-16"),
    pytest.param(b'{"a": "\xff"}', MALFORMED, id="no-utf-8"),
    pytest.param(b'{"a": NaN}', MALFORMED, id="nan"),
    pytest.param(b"\x00" * 1000, MALFORMED, id="zeros"),
    pytest.param(GOOD[:-1] + b', "metadata": ' + b'{"a":' * 499 + b"1" + b"}" * 500, None, id="500-deep"),
    pytest.param(GOOD[:-1] + b', "metadata": ' + b'{"a":' * 500 + b"1" + b"}" * 501, MALFORMED, id="501-deep"),
    pytest.param(GOOD[:-1] + b', "metadata": {"n": ' + b"9" * 5000 + b"}}", None, id="5000-digits"),
    pytest.param(GOOD[:-1] + b', "metadata": {"n": "\\ud800"}}', None, id="lone-surrogate"),
    pytest.param(GOOD + b" " * 1_048_576, (413, "Request body too large."), id="too-large"),
]


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_a_hostile_body_is_answered(body: bytes, expected: tuple[int, str] | None, url: str) -> None:
    reply = exchange(url, json_request(body))

    assert answer(reply) == (expected or (200, "User analytics added successfully."))
    assert send(url, ANALYTICS, EVENT).status == 200


HEADS = [
    pytest.param(b"nonsense\r\n\r\n", NO_HTTP, id="no-http"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), NO_HTTP, id="tls"),
    pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NO_HTTP, id="http-2"),
    pytest.param(b"POST / HTTP/1.1\r\n\r\n", NO_HTTP, id="no-host"),
    pytest.param(LINE + b"Host: y\r\n\r\n", NO_HTTP, id="two-hosts"),
    pytest.param(LINE + KEY + b"Content-Length: x\r\n\r\n", NO_HTTP, id="length-is-no-number"),
    pytest.param(LINE + KEY + b"Content-Length: -1\r\n\r\n", NO_HTTP, id="negative-length"),
    pytest.param(LINE + KEY + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", NO_HTTP, id="two-lengths"),
    pytest.param(
        LINE + KEY + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NO_HTTP, id="both-framings"
    ),
    pytest.param(LINE + KEY + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", NO_HTTP, id="unknown-coding"),
    pytest.param(LINE + b"a" * 100_000 + b": b\r\n\r\n", (431, "Request headers too large."), id="long-header-name"),
    pytest.param(LINE + b"a: " + b"b" * 5_000_000, (431, "Request headers too large."), id="5-MB-header"),
    pytest.param(LINE + b"a: b\r\n" * 50_000, (431, "Request headers too large."), id="50000-headers"),
    pytest.param(
        b"POST /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        (431, "Request headers too large."),
        id="long-path",
    ),
    pytest.param(LINE + KEY, (408, "Request timeout."), id="head-without-end"),
    pytest.param(LINE + KEY + b"Content-Length: 10\r\n\r\n{", (408, "Request timeout."), id="body-without-end"),
    pytest.param(
        LINE + KEY + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", (408, "Request timeout."), id="chunk-without-end"
    ),
    pytest.param(LINE + KEY + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", MALFORMED, id="bad-chunk-size"),
    pytest.param(LINE + KEY + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}x", MALFORMED, id="bad-chunk-end"),
]


@pytest.mark.parametrize(("sent", "expected"), HEADS)
def test_a_hostile_head_is_answered(sent: bytes, expected: tuple[int, str], url: str) -> None:
    reply = exchange(url, sent)

    assert answer(reply) == expected
    assert send(url, ANALYTICS, EVENT).status == 200


def test_a_connection_that_says_nothing_is_closed(url: str) -> None:
    assert exchange(url) == b""


def test_a_length_that_promises_more_is_malformed_when_the_client_ends(url: str) -> None:
    sent = LINE + KEY + b"Content-Length: 500\r\n\r\n" + GOOD

    assert answer(exchange(url, sent, half_close=True)) == MALFORMED


def test_a_length_that_promises_less_leaves_a_rest_that_is_no_request(url: str) -> None:
    reply = exchange(url, LINE + KEY + b"Content-Length: 2\r\n\r\n{}" + b"}} and more\r\n\r\n")

    assert b"User not found." in reply
    assert reply.count(b"HTTP/1.1 ") <= 2


def test_http_1_0_is_served_and_closed(url: str) -> None:
    old = LINE.replace(b"HTTP/1.1", b"HTTP/1.0") + KEY + b"Content-Length: %d\r\n\r\n" % len(GOOD) + GOOD

    assert answer(exchange(url, old))[0] == 200


def test_pipelined_requests_are_answered_in_order(url: str) -> None:
    wrong = GOOD.replace(b"opened", b"read")
    requests = [LINE + KEY + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in (GOOD, wrong, GOOD, wrong)]

    reply = exchange(url, b"".join(requests) + json_request(GOOD))

    assert re.findall(rb"HTTP/1.1 (\d+)", reply) == [b"200", b"400", b"200", b"400", b"200"]


def test_slow_clients_hurt_nobody_else(url: str) -> None:
    port = int(url.rpartition(":")[2])
    slow = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(50)]
    for number, client in enumerate(slow):
        client.sendall((LINE + KEY + b"Content-Length: 9\r\n\r\n")[: 20 + 5 * number])

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: send(url, ANALYTICS, EVENT).status, range(40)))
    ends = [client.makefile("rb").read() for client in slow]
    for client in slow:
        client.close()

    assert statuses == [200] * 40
    assert all(answer(end) == (408, "Request timeout.") for end in ends)
