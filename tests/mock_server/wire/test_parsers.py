"""What parsers tell of requests, however the bytes are cut, and whether or not the same came before."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.wire.fast_parser import FastParser
from mock_server.wire.heads import Headers, Malformed
from mock_server.wire.parsing import Parser
from mock_server.wire.pure_parser import PureParser
from tests.mock_server.wire_helpers import GET, GET_B, HOST, OFFER, post, post_chunked

Told = list[tuple[str, bytes, str, Headers, bytes]]

LONG = b"X-Long: " + b"x" * 3000 + b"\r\n"
# What is told of each: method, target, version, and the body; the headers are those that were sent.
REQUESTS = {
    GET: ("GET", b"/a", "1.1", b""),
    GET_B: ("GET", b"/b", "1.1", b""),
    post(b""): ("POST", b"/p", "1.1", b""),
    post(b"abc"): ("POST", b"/p", "1.1", b"abc"),
    post(b"\r\n\r\n"): ("POST", b"/p", "1.1", b"\r\n\r\n"),
    post(b"GET"): ("POST", b"/p", "1.1", b"GET"),
    post(b"abc", LONG): ("POST", b"/p", "1.1", b"abc"),
    post(b"abc", OFFER): ("POST", b"/p", "1.1", b"abc"),
    post_chunked(b"abc"): ("POST", b"/p", "1.1", b"abc"),
}


class Listener:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.told: Told = []
        self._body: bytes | None = None

    def on_head(self, method: str, target: bytes, version: str, headers: Headers) -> None:
        assert self._body is None
        self._head = (method, target, version, headers)
        self._body = b""

    def on_body(self, chunk: bytes) -> None:
        assert self._body is not None
        assert chunk
        self._body += chunk

    def on_end(self) -> None:
        assert self._body is not None
        self.told.append((*self._head, self._body))
        self._body = None


def headers_of(request: bytes) -> Headers:
    lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    pairs = (line.split(b": ", 1) for line in lines)
    return tuple((name.lower(), value) for name, value in pairs)


def told(parser_type: type[Parser], packets: list[bytes]) -> Told:
    listener = Listener()
    parser = parser_type(listener)
    for packet in packets:
        parser.feed(packet)
    assert not parser.partial
    parser.drop()
    return listener.told


def pieces(requests: list[bytes], packets: str, cuts: list[int]) -> list[bytes]:
    """Cut requests in packets: behind each head, behind each request, or nowhere; and where they are to be cut."""
    stream = b"".join(requests)
    ends = list(accumulate(map(len, requests), initial=0))
    heads = [end + request.index(b"\r\n\r\n") + 4 for end, request in zip(ends, requests, strict=False)]
    at = {0, *cuts, *(ends if packets != "any" else ()), *(heads if packets == "heads" else ())}
    inside = sorted(cut for cut in at if cut < len(stream))
    return [stream[begin:end] for begin, end in pairwise([*inside, len(stream)])]


@pytest.mark.parametrize("parser_type", [FastParser, PureParser])
@given(
    requests=st.lists(st.sampled_from(sorted(REQUESTS)), min_size=1, max_size=8),
    packets=st.sampled_from(["heads", "requests", "any"]),
    cuts=st.lists(st.integers(0, 400), max_size=6),
)
def test_every_request_is_told_as_it_was_sent(
    parser_type: type[Parser], requests: list[bytes], packets: str, cuts: list[int]
) -> None:
    found = told(parser_type, pieces(requests, packets, cuts))

    assert found == [(*REQUESTS[one][:3], headers_of(one), REQUESTS[one][3]) for one in requests]


@pytest.mark.parametrize("parser_type", [FastParser, PureParser])
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(b"GET /a HTTP/1.1\r\n" + HOST + b"Content-Length: x\r\n\r\n", id="length"),
        pytest.param(b"GET /a HTTP/1.1\r\nBad Name: x\r\n\r\n", id="name"),
        pytest.param(b"NO SUCH THING\r\n\r\n", id="line"),
    ],
)
def test_what_is_no_request_is_none_again(parser_type: type[Parser], wrong: bytes) -> None:
    for _ in range(2):
        with pytest.raises(Malformed, match=r"not HTTP/1\.1"):
            told(parser_type, [GET, wrong])
