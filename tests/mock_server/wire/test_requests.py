"""Requests that are served: as they were sent, in their order, also when they offer another protocol."""

import socket
from collections.abc import Callable

import pytest

from tests.mock_server.wire_helpers import CHUNKED, GET, GET_B, HOST, OFFER, Client, Running, post, post_chunked


def test_a_request_is_served_as_it_was_sent(client: Client) -> None:
    sent = b"PUT /a%20b?c=d&e HTTP/1.1\r\nHost: fake\r\nX-Thing:  One \t\r\nContent-Length: 3\r\n\r\nabc"

    answer = client.send(sent).answer()

    assert answer.status == 200
    assert answer.seen == {
        "method": "PUT",
        "version": "1.1",
        "path": "/a b",
        "query": "c=d&e",
        "headers": [["host", "fake"], ["x-thing", "One"], ["content-length", "3"]],
        "body": "abc",
        "broken": None,
    }
    assert "connection" not in answer.headers
    assert answer.headers["server"] == "uvicorn"


def test_an_absolute_target_is_served(client: Client) -> None:
    answers = [
        client.send(b"GET %b HTTP/1.1\r\n%b\r\n" % (target, HOST)).answer().seen
        for target in (b"http://fake:80/x/y?z", b"HTTP://fake", b"https://fake?q")
    ]

    assert [(seen["path"], seen["query"]) for seen in answers] == [("/x/y", "z"), ("/", ""), ("/", "q")]


@pytest.mark.parametrize("cut", [1, 7, 100_000])
def test_pipelined_requests_are_answered_in_order(client: Client, cut: int) -> None:
    sent = b"".join(post(b"%d" % number) + post_chunked(b"c%d" % number) for number in range(40))

    for start in range(0, len(sent), cut):
        client.send(sent[start : start + cut])

    expected = [text for number in range(40) for text in (f"{number}", f"c{number}")]
    assert [client.answer().seen["body"] for _ in expected] == expected


@pytest.mark.parametrize("framing", [b"", b"Content-Length: 3\r\n"])
@pytest.mark.parametrize("wish", [b"", b"Connection: keep-alive\r\n"])
def test_http_1_0_is_served_and_closed(client: Client, framing: bytes, wish: bytes) -> None:
    body = b"abc" if framing else b""

    answer = client.send(b"POST /p HTTP/1.0\r\n%b%b\r\n%b" % (framing, wish, body)).answer()

    assert (answer.seen["version"], answer.seen["body"]) == ("1.0", body.decode())
    assert answer.closes
    assert client.rest() == b""


def test_a_wish_to_close_is_granted(client: Client) -> None:
    answer = client.send(post(b"abc", b"Connection: Keep-Alive, Close\r\n") + GET).answer()

    assert (answer.seen["body"], answer.closes) == ("abc", True)
    assert client.rest() == b""


def test_blank_lines_between_requests_are_skipped(server: Running, client: Client) -> None:
    answers = [client.send(b"\r\n\r\n" + post(b"a") + b"\r\n").answer(), client.send(b"\r\n" + post(b"b")).answer()]

    assert [answer.seen["body"] for answer in answers] == ["a", "b"]
    assert server.edge.refused == []


def test_trailers_are_dropped(client: Client) -> None:
    sent = b"POST /p HTTP/1.1\r\n%b%b\r\n1;x=y\r\na\r\n0\r\nX-Late: 1\r\n\r\n" % (HOST, CHUNKED)

    seen = client.send(sent + GET).answer().seen

    assert (seen["body"], [name for name, _ in seen["headers"]]) == ("a", ["host", "transfer-encoding"])
    assert client.answer().seen["path"] == "/a"


def test_nagles_algorithm_is_off(server: Running, client: Client) -> None:
    client.send(GET).answer()

    [connection] = server.connections
    raw = connection.transport.get_extra_info("socket")

    assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


UPGRADES = [
    pytest.param(OFFER, id="h2c"),
    pytest.param(b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", id="websocket"),
]


@pytest.mark.parametrize("offer", UPGRADES)
@pytest.mark.parametrize("framed", [post, post_chunked], ids=["length", "chunked"])
def test_an_offer_does_not_hide_the_body(client: Client, offer: bytes, framed: Callable[..., bytes]) -> None:
    sent = framed(b"abc", offer) * 2 + GET

    seen = [client.send(sent).answer().seen, client.answer().seen, client.answer().seen]

    assert [(one["method"], one["body"]) for one in seen] == [("POST", "abc"), ("POST", "abc"), ("GET", "")]
    assert ["connection", offer.partition(b": ")[2].partition(b"\r\n")[0].decode()] in seen[0]["headers"]
    assert "upgrade" in dict(seen[0]["headers"])


@pytest.mark.parametrize("offer", UPGRADES)
@pytest.mark.parametrize("framed", [post, post_chunked], ids=["length", "chunked"])
def test_an_offer_may_come_byte_by_byte(client: Client, offer: bytes, framed: Callable[..., bytes]) -> None:
    seen = client.drip(framed(b"abc", offer) + GET).answer().seen

    assert seen["body"] == "abc"
    assert client.answer().seen["path"] == "/a"


def test_an_offer_with_the_body_in_a_later_packet(server: Running, client: Client) -> None:
    head, _, body = post(b"abc", OFFER).partition(b"\r\n\r\n")
    client.send(head + b"\r\n\r\n")
    server.soon(server.busy)

    assert client.send(body).answer().seen["body"] == "abc"


def test_an_offer_in_http_1_0(client: Client) -> None:
    answer = client.send(post(b"abc", OFFER).replace(b"HTTP/1.1", b"HTTP/1.0")).answer()

    assert (answer.seen["version"], answer.seen["body"], answer.closes) == ("1.0", "abc", True)


def test_an_offer_without_a_body(client: Client) -> None:
    sent = GET[:-2] + OFFER + b"\r\n"

    assert [client.send(sent + GET_B).answer().seen["path"], client.answer().seen["path"]] == ["/a", "/b"]
