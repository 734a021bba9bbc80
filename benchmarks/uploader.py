"""Uploads files over a raw socket, and prints as a line of JSON how long that took and what was answered.

A process of its own, so that it takes none of the time of what it measures; `uploads.py` starts it.
"""

import argparse
import http.client
import json
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, islice

from benchmarks.messages import ASSETS, HOST, KEY, KEY_HEADER

BOUNDARY = "----benchmark7MA4YWxkTrZu0gW"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

_JOINED_BYTES = 4_000_000
_NEARLY = f"\r\n--{BOUNDARY[:-1]}".encode()

Piece = bytes | memoryview


def _random(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311 - no secret, only incompressible


CONTENTS: Mapping[str, Callable[[int], bytes]] = {
    "random": _random,
    "CR LF": lambda size: b"\r\n" * (size // 2),
    "near-boundaries": lambda size: _NEARLY * (size // len(_NEARLY)),
}


def bodies(files: int, size: int, content: str, requests: int) -> Iterator[list[Piece]]:
    """Make the bodies one by one; each holds other files, since a server might remember what it saw."""
    head = f"--{BOUNDARY}\r\n".encode()
    texts = [
        head + f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {"userId": "user-john-doe", "eventId": "summer-gala"}.items()
    ]
    disposition = (
        b'Content-Disposition: form-data; name="assets"; filename="image.png"\r\nContent-Type: image/png\r\n\r\n'
    )
    bulk = memoryview(CONTENTS[content](size + files * 1_000))
    starts = cycle(range(0, files * 1_000, 7))
    for number in range(requests):
        pieces: list[Piece] = [b"".join(texts)]
        for start in islice(starts, files):
            mark = PNG + number.to_bytes(8, "big")
            pieces += [head + disposition + mark, bulk[start : start + size - len(mark)], b"\r\n"]
        yield _joined([*pieces, f"--{BOUNDARY}--\r\n".encode()])


def _joined(pieces: list[Piece]) -> list[Piece]:
    small = sum(map(len, pieces)) <= _JOINED_BYTES
    return [b"".join(pieces)] if small else pieces


def upload(connection: socket.socket, body: Sequence[Piece]) -> tuple[int, bool]:
    """Send one request; give the status of its answer, 0 for none, and whether the connection can be used on."""
    head = f"POST {ASSETS} HTTP/1.1\r\nHost: {HOST}\r\n{KEY_HEADER}: {KEY}\r\nContent-Length: {sum(map(len, body))}\r\n"
    head += f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    try:
        for piece in (head.encode(), *body):
            connection.sendall(piece)
    except OSError:
        # Refused before all was sent; the answer may be there.
        return _read_answer(connection)[0], False
    return _read_answer(connection)


def _read_answer(connection: socket.socket) -> tuple[int, bool]:
    answer = http.client.HTTPResponse(connection, method="POST")
    try:
        answer.begin()
        answer.read()
    except (OSError, http.client.HTTPException):
        return 0, False
    finally:
        answer.close()
    return answer.status, not answer.will_close


def measure(port: int, made: Sequence[Sequence[Piece]]) -> dict[str, object]:
    """Upload all bodies one after the other; give the seconds, the bytes, and the answers' statuses."""
    statuses, kept = [], False
    connection = socket.socket()
    began = time.perf_counter()
    for body in made:
        if not kept:
            connection.close()
            connection = socket.create_connection((HOST, port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        status, kept = upload(connection, body)
        statuses.append(status)
    seconds = time.perf_counter() - began
    connection.close()
    return {"seconds": seconds, "bytes": sum(len(piece) for body in made for piece in body), "statuses": statuses}


def main() -> None:
    """Upload as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--port", "--files", "--size", "--requests"):
        parser.add_argument(option, type=int, required=True)
    parser.add_argument("--content", choices=CONTENTS, required=True)
    given = parser.parse_args()
    # Made before the clock starts.
    made = list(bodies(given.files, given.size, given.content, given.requests))
    print(json.dumps(measure(given.port, made)))


if __name__ == "__main__":
    main()
