"""Uploads over real connections: streamed, bounded, refused at once, never taken when cut short."""

import http.client
import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mock_server.server import Running, running
from mock_server.settings import Settings
from tests.conftest import Send, Start

GIFT = "/api/v1/vendor/user/assets"
KEY = {"x-distinct-api-key": "vendor-test-key", "Content-Type": "multipart/form-data; boundary=x"}
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
OPENING = b"".join(
    b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % field
    for field in ((b"userId", b"user-john-doe"), (b"eventId", b"summer-gala"))
)
FILE = b'--x\r\nContent-Disposition: form-data; name="assets"; filename="%b"\r\nContent-Type: image/jpeg\r\n\r\n'
END = b"--x--\r\n"


def form(*contents: bytes, filename: bytes = b"a.jpg") -> bytes:
    return OPENING + b"".join(FILE % filename + content + b"\r\n" for content in contents) + END


@pytest.fixture
def port(fake: Running) -> int:
    return urlsplit(fake.url).port or 0


def raw(port: int, data: bytes, *, end: bool = False) -> bytes:
    """Send bytes, and read until the fake closes; with `end`, say before that nothing more will come."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(data)
        if end:
            client.shutdown(socket.SHUT_WR)
        return client.makefile("rb").read()


def head(*headers: str, key: str = "vendor-test-key") -> bytes:
    lines = [f"POST {GIFT} HTTP/1.1", "Host: x", f"x-distinct-api-key: {key}", *headers]
    return "\r\n".join([*lines, "Content-Type: multipart/form-data; boundary=x", "", ""]).encode()


NAMES = [
    pytest.param(b"../../etc/passwd", id="path-traversal"),
    pytest.param(b"C:\\\\temp\\\\a.jpg", id="backslashes"),
    pytest.param("fête 📷.jpg".encode(), id="unicode"),
    pytest.param(b"\xff\xfe.jpg", id="no-utf-8"),
    pytest.param(b"a" * 2000, id="long"),
]


@pytest.mark.parametrize("name", NAMES)
def test_file_names_are_data(name: bytes, fake: Running, post: Send, tmp_path: Path) -> None:
    before = sorted(tmp_path.parent.rglob("*"))

    reply = post(fake.url, GIFT, form(JPEG, filename=name), headers=KEY)

    assert reply.message == "Assets uploaded successfully."
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_ten_assets_are_taken_and_eleven_are_not(fake: Running, post: Send) -> None:
    ten = post(fake.url, GIFT, form(*[JPEG + bytes([n]) for n in range(10)]), headers=KEY)
    eleven = post(fake.url, GIFT, form(*[JPEG] * 11), headers=KEY)

    assert ten.message == "Assets uploaded successfully."
    assert (eleven.status, eleven.broken) == (400, ["gift.asset-count"])
    assert eleven.message == "No more than 10 assets can be uploaded in a single request."


SIZES = [
    pytest.param(50_000_000, 200, [], id="50-MB"),
    pytest.param(50_000_001, 200, ["gift.asset-unambiguous-size"], id="one-byte-over-the-smaller-reading"),
    pytest.param(52_428_800, 200, ["gift.asset-unambiguous-size"], id="50-MiB"),
    pytest.param(52_428_801, 413, [], id="one-byte-over"),
]


@pytest.mark.parametrize(("size", "status", "flags"), SIZES)
def test_the_size_of_an_asset_decides(size: int, status: int, flags: list[str], fake: Running, post: Send) -> None:
    reply = post(fake.url, GIFT, form(JPEG + bytes(size - len(JPEG))), headers=KEY)

    assert (reply.status, reply.flagged) == (status, flags)
    assert status == 200 or reply.message == "Each asset must not exceed 50 MB."


def test_a_key_has_its_own_limit(tmp_path: Path, post: Send) -> None:
    world = tmp_path / "world.toml"
    world.write_text(
        '[[events]]\nid = "summer-gala"\n[[users]]\nid = "user-john-doe"\nevents = ["summer-gala"]\n'
        '[[keys]]\nkey = "vendor-test-key"\nasset_bytes = 2621440'
    )
    with running(Settings(port=0, world=str(world), log_level="error")) as fake:
        within = post(fake.url, GIFT, form(JPEG + bytes(2_000_000)), headers=KEY)
        over = post(fake.url, GIFT, form(JPEG + bytes(2_621_440)), headers=KEY)

    assert within.status == 200
    assert (over.status, over.message) == (413, "Each asset must not exceed 2.5 MB.")


def test_one_bad_asset_among_good_ones_refuses_all(fake: Running, post: Send) -> None:
    reply = post(fake.url, GIFT, form(JPEG, b"%PDF-1.7", JPEG), headers=KEY)

    assert (reply.status, reply.message) == (400, "Only images and videos can be gifted.")


def test_a_limit_answers_before_the_fields_that_come_later(fake: Running, post: Send) -> None:
    late = form(*[JPEG] * 11).removeprefix(OPENING).removesuffix(END) + OPENING + END

    reply = post(fake.url, GIFT, late, headers=KEY)

    assert (reply.message[:12], reply.broken) == ("No more than", ["gift.asset-count"])


CUTS = [
    pytest.param(0, id="nothing-sent"),
    pytest.param(20, id="in-a-part-header"),
    pytest.param(len(OPENING) + 200, id="in-a-file"),
    pytest.param(-3, id="in-the-closing-boundary"),
]


@pytest.mark.parametrize("cut", CUTS)
def test_a_body_that_is_cut_short_is_malformed(cut: int, port: int) -> None:
    body = form(JPEG + bytes(1000))

    answer = raw(port, head(f"Content-Length: {len(body)}") + body[:cut], end=True)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"message":"Malformed request body."' in answer


def test_a_form_without_its_end_is_malformed(fake: Running, post: Send) -> None:
    reply = post(fake.url, GIFT, form(JPEG).removesuffix(END), headers=KEY)

    assert (reply.status, reply.message, reply.broken) == (400, "Malformed request body.", ["gift.body"])


def test_a_chunked_upload_is_taken(port: int) -> None:
    body = form(JPEG + bytes(100_000))
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(body[at : at + 999]), body[at : at + 999]) for at in range(0, len(body), 999)
    )

    answer = raw(port, head("Transfer-Encoding: chunked", "Connection: close") + chunks + b"0\r\n\r\n")

    assert b"Assets uploaded successfully." in answer


def test_401_and_403_need_no_body(port: int) -> None:
    announced = "Content-Length: 500000000"

    wrong = raw(port, head(announced, "Expect: 100-continue", key="wrong"))
    elsewhere = raw(port, head(announced, "Expect: 100-continue", key="vendor-elsewhere-key"))

    # No leave to go on was given, and the connection ended, as nobody could tell what would come next.
    assert wrong.startswith(b"HTTP/1.1 401 ")
    assert elsewhere.startswith(b"HTTP/1.1 403 ")
    assert b"connection: close" in wrong


def test_leave_to_go_on_is_given_to_a_good_head(port: int) -> None:
    body = form(JPEG)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(head(f"Content-Length: {len(body)}", "Expect: 100-continue", "Connection: close"))
        leave = client.recv(100)
        client.sendall(body)
        answer = client.makefile("rb").read()

    assert leave == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_after_an_early_answer_the_connection_can_be_used_again(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    statuses = []
    for body in (form(*[JPEG + bytes(300_000)] * 11), form(JPEG + b"again")):
        connection.request("POST", GIFT, body, KEY)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()

    assert statuses == [400, 200]


def peak_kib(process: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1])


def large_form(files: int, size: int) -> Iterator[bytes]:
    block = os.urandom(1 << 16)
    yield OPENING
    for number in range(files):
        yield FILE % b"a.jpg" + JPEG + bytes([number])
        for _ in range(size // len(block)):
            yield block
        yield b"\r\n"
    yield END


def test_memory_stays_flat_over_ten_large_assets(start: Start, post: Send) -> None:
    fake = start()
    process = fake.process.pid
    assert post(fake.url, GIFT, form(JPEG), headers=KEY).status == 200
    idle = peak_kib(process)
    connection = http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=60)

    connection.request("POST", GIFT, large_form(10, 49_000_000), KEY, encode_chunked=True)
    response = connection.getresponse()
    message = json.loads(response.read())["message"]
    connection.close()

    assert message == "Assets uploaded successfully."
    # 490 MB came; 16 MiB is the bound, of which the receive buffers take most.
    assert peak_kib(process) - idle <= 16 * 1024
