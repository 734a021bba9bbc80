"""Clients that people really use, against a fake in a process of its own: what they get to see of its answers."""

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import requests

CLIENTS = Path(__file__).parent / "clients"
KEY = "vendor-test-key"
# Far more than is taken, and than lies in buffers on the way when the answer comes.
SIZE = 150_000_000
TOO_LARGE = "Each asset must not exceed 50 MB."
BOUNDARY = "client-boundary"
BEFORE = (
    "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("userId", "user-john-doe"), ("eventId", "summer-gala"))
    ).encode()
    + (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="assets"; filename="big.mp4"\r\n\r\n').encode()
)
AFTER = f"\r\n--{BOUNDARY}--\r\n".encode()
BLOCK = bytes(1 << 16)

Client = Callable[[str, str], tuple[int, str]]


def pieces() -> Iterator[bytes]:
    yield BEFORE
    for _ in range(SIZE // len(BLOCK)):
        yield BLOCK
    yield AFTER


def headers(key: str) -> dict[str, str]:
    return {"x-distinct-api-key": key, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def with_requests(url: str, key: str) -> tuple[int, str]:
    response = requests.post(url, data=pieces(), headers=headers(key), timeout=60)
    return response.status_code, response.text


def with_httpx(url: str, key: str) -> tuple[int, str]:
    response = httpx.post(url, content=pieces(), headers=headers(key), timeout=60)
    return response.status_code, response.text


def with_aiohttp(url: str, key: str) -> tuple[int, str]:
    # In a process of its own: it leaves its connection to the garbage collector when the answer comes early.
    return printed([sys.executable, str(CLIENTS / "upload_aiohttp.py"), url, key, str(SIZE)])


def with_http_client(url: str, key: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    length = len(BEFORE) + SIZE // len(BLOCK) * len(BLOCK) + len(AFTER)
    connection.request("POST", urlsplit(url).path, pieces(), {**headers(key), "Content-Length": str(length)})
    response = connection.getresponse()
    status, text = response.status, response.read().decode()
    connection.close()
    return status, text


def printed(command: list[str]) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{command[0]} failed: {done.stdout} {done.stderr[-500:]}"
    status, _, text = done.stdout.strip().partition(" ")
    return int(status), text


def needing(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def with_curl(*options: str) -> Client:
    def post(url: str, key: str) -> tuple[int, str]:
        words = [needing("curl"), "-sS", "-X", "POST", "-T", "-", *options, "-o", "-", "-w", "\n%{http_code}"]
        for name, value in headers(key).items():
            words += ["-H", f"{name}: {value}"]
        process = subprocess.Popen([*words, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        try:
            for piece in pieces():
                process.stdin.write(piece)
        except BrokenPipeError:
            pass  # curl had its answer and read no further
        output, _ = process.communicate(timeout=60)
        text, _, status = output.decode().rpartition("\n")
        return int(status), text

    return post


def with_node(kind: str) -> Client:
    def post(url: str, key: str) -> tuple[int, str]:
        return printed([needing("node"), str(CLIENTS / "upload.mjs"), kind, url, key, str(SIZE)])

    return post


@pytest.fixture(scope="session")
def java_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("java")
    subprocess.run([needing("javac"), "-d", str(folder), str(CLIENTS / "Upload.java")], check=True, timeout=120)
    return folder


def java(classes: Path, *arguments: str) -> tuple[int, str]:
    return printed([needing("java"), "-cp", str(classes), "Upload", *arguments])


UPLOADERS = [
    pytest.param(with_requests, id="requests"),
    pytest.param(with_httpx, id="httpx"),
    pytest.param(with_aiohttp, id="aiohttp"),
    pytest.param(with_http_client, id="http.client"),
    pytest.param(with_curl(), id="curl"),
    pytest.param(with_curl("-H", "Expect: 100-continue"), id="curl-expects"),
    pytest.param(with_node("fetch-stream"), id="node-fetch-stream"),
    pytest.param(with_node("fetch-form"), id="node-fetch-form"),
    pytest.param(with_node("http"), id="node-http"),
]


@pytest.mark.parametrize("upload", UPLOADERS)
def test_a_refusal_in_the_middle_of_an_upload_is_seen(upload: Client, served: str) -> None:
    status, text = upload(f"{served}/api/v1/vendor/user/assets", KEY)

    assert (status, json.loads(text)) == (413, {"statusCode": 413, "message": TOO_LARGE, "data": None})


@pytest.mark.parametrize("upload", UPLOADERS)
def test_a_refusal_before_an_upload_is_seen(upload: Client, served: str) -> None:
    status, text = upload(f"{served}/api/v1/vendor/user/assets", "no-such-key")

    assert (status, json.loads(text)["message"]) == (401, "Unauthorized.")


@pytest.mark.parametrize("kind", ["client", "connection"])
@pytest.mark.parametrize(("key", "expected"), [(KEY, 413), ("no-such-key", 401)], ids=["too-large", "wrong-key"])
def test_java_sees_a_refusal(kind: str, key: str, expected: int, served: str, java_classes: Path) -> None:
    status, text = java(java_classes, kind, f"{served}/api/v1/vendor/user/assets", key, str(SIZE))

    assert status == expected
    assert not text or json.loads(text)["statusCode"] == expected


JSON_BODIES = [
    pytest.param(
        "/api/v1/user/analytics",
        {
            "email": "john.doe@example.com",
            "feature": "registration_email",
            "action": "opened",
            "experienceId": "47Gop5",
            "capturedAt": "2026-04-27T13:35:00Z",
        },
        "User analytics added successfully.",
        id="user-analytics",
    ),
    pytest.param(
        "/api/v1/analytics/capture/fifa-cwc-2025",
        {
            "type": "PHOTO_VIEWED_BY_USER",
            "eventValue": "opening-match",
            "recordCapturedAt": "2026-04-27T13:35:00Z",
            "email": "john.doe@example.com",
        },
        "Analytics captured successfully.",
        id="capture-analytics",
    ),
]


@pytest.mark.parametrize(("path", "body", "message"), JSON_BODIES)
def test_javas_default_client_offers_http_2_and_is_served(
    path: str, body: dict[str, str], message: str, served: str, java_classes: Path
) -> None:
    status, text = java(java_classes, "json", served + path, KEY, json.dumps(body))

    assert (status, json.loads(text)["message"]) == (200, message)


def test_javas_default_client_uploads(served: str, java_classes: Path) -> None:
    status, text = java(java_classes, "client", f"{served}/api/v1/vendor/user/assets", KEY, "1000")

    # A file of zeros is no video, but declared as one, and so accepted.
    assert (status, json.loads(text)["message"]) == (200, "Assets uploaded successfully.")
