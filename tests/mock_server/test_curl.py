"""The commands for requests of the journal: real curl gets the same answer, and the corrected one is accepted."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contracts.corrections import Correction
from contracts.operations import Contract
from contracts.samples import SamplePart, encoded
from contracts.world import masked
from mock_server.curl import corrected_command, sent_command
from mock_server.server import running
from mock_server.settings import Settings
from mock_server.storage.entry import Entry
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.control.asking import ask
from tests.mock_server.made_entries import file, gift, made, part

CAPTURE = "/api/v1/analytics/capture/fifa-cwc-2025"
GIFT = "/api/v1/vendor/user/assets"
KEY = "vendor-test-key"
KEY_HEADER = "x-distinct-api-key"
GIF = b"GIF89a"


class Sent(NamedTuple):
    """A request to a fake."""

    path: str = ANALYTICS
    body: bytes = b""
    method: str = "POST"
    headers: dict[str, str | None] = {}  # noqa: RUF012 - nobody changes it
    key: str = KEY


def event(**changes: object) -> bytes:
    return json.dumps({name: value for name, value in {**EVENT, **changes}.items() if value is not ...}).encode()


def form(*parts: SamplePart, **headers: str) -> Sent:
    content_type, body = encoded(parts)
    return Sent(GIFT, body, headers={"Content-Type": content_type, **headers})


USER, GALA = SamplePart("userId", "user-john-doe"), SamplePart("eventId", "summer-gala")
ASSET = SamplePart("assets", "GIF89a", "a.gif", "image/gif")
SAME = [
    pytest.param(Sent(body=event()), id="accepted"),
    pytest.param(Sent(body=event(action="read")), id="wrong-pair"),
    pytest.param(Sent(body=event(feature='it\'s $HOME `id` "x" \\ !')), id="shell"),
    pytest.param(Sent(body=b"@" + event()), id="at-sign"),
    pytest.param(Sent(body=b'{\r\n"a":\n"\xc3\xa9\\u0000"}'), id="lines"),
    pytest.param(Sent(body=b'{"a": "\xff\x00"}'), id="no-text"),
    pytest.param(Sent(body=b""), id="empty"),
    pytest.param(Sent(body=event(), headers={"Content-Type": None}), id="no-content-type"),
    pytest.param(Sent(body=event(), headers={"Content-Type": 'text/plain; a="it\'s"'}), id="other-content-type"),
    pytest.param(Sent(body=event(), headers={"Content-Encoding": "gzip"}), id="encoding"),
    pytest.param(Sent(body=event(), headers={"Prefer": "code=500"}), id="prefer"),
    pytest.param(Sent(body=event(), key="no-such-key"), id="unknown-key"),
    pytest.param(Sent(body=event(), headers={KEY_HEADER: None}), id="no-key"),
    pytest.param(Sent(body=event(), headers={KEY_HEADER: ""}), id="empty-key"),
    pytest.param(Sent(body=event(), key="vendor-elsewhere-key"), id="address"),
    pytest.param(Sent(ANALYTICS + "?a=[1]&b={x}", event()), id="query"),
    pytest.param(Sent("/api/v1/../user/analyti%20cs"), id="path"),
    pytest.param(Sent("/api/v1/user%2Fanalytics", event()), id="escaped-slash"),
    pytest.param(Sent("/api/v1/user/analytics%3Fx", event()), id="escaped-question-mark"),
    pytest.param(Sent("/api/v1/user/%61nalytics?a=%62", event()), id="escaped-letter"),
    pytest.param(Sent('/%ff%00/"<`^|>', event()), id="escaped-byte"),
    pytest.param(Sent(method="GET"), id="get"),
    pytest.param(Sent(method="PUT", body=event()), id="put"),
    pytest.param(Sent(CAPTURE, b'{"type": "PHOTO"}'), id="capture"),
    pytest.param(form(USER, GALA, ASSET), id="form"),
    pytest.param(form(USER, SamplePart("eventId", "@x;type=y"), ASSET), id="form-with-odd-text"),
    pytest.param(form(USER, GALA, SamplePart("assets", "GIF89a", "a;b, é'.gif", "image/gif")), id="odd-file-name"),
    pytest.param(form(USER, GALA, SamplePart("assets", "%PDF-1.7", "a.pdf", "no type")), id="no-media"),
    pytest.param(form(USER, GALA, SamplePart("assets", "", "a.gif", "image/gif")), id="empty-file"),
    pytest.param(form(USER, USER, GALA, ASSET), id="part-twice"),
    pytest.param(form(SamplePart("userId", "x", "u"), GALA, ASSET), id="file-for-text"),
    pytest.param(form(USER, GALA, SamplePart("assets", "text")), id="text-for-file"),
    pytest.param(form(USER, GALA), id="no-file"),
    pytest.param(Sent(GIFT, b"--x\r\n\r\n", headers={"Content-Type": "multipart/form-data; boundary=x"}), id="no-form"),
    pytest.param(Sent(GIFT, b"", headers={"Content-Type": "multipart/form-data; boundary=x"}), id="empty-form"),
]
CORRECTED = [
    pytest.param(Sent(body=event(action="read")), id="wrong-pair"),
    pytest.param(Sent(body=event(email="it's@$HOME", note="it's")), id="unknown-user"),
    pytest.param(Sent(body=event(email=...)), id="no-user"),
    pytest.param(Sent(body=b"{"), id="no-json"),
    pytest.param(Sent(body=event(action="read"), headers={"Content-Type": None}), id="no-content-type"),
    pytest.param(Sent(body=event(), headers={"Content-Encoding": "gzip"}), id="encoding"),
    pytest.param(Sent(body=event(), key="no-such-key"), id="unknown-key"),
    pytest.param(Sent(ANALYTICS + "/", event()), id="path"),
    pytest.param(Sent("/api/v1/user%2Fanalytics", event()), id="escaped-slash"),
    pytest.param(
        Sent(re.sub("[a-z]", lambda one: f"%{ord(one[0]):x}", CAPTURE), b'{"type": "PHOTO"}'), id="escaped-letters"
    ),
    pytest.param(Sent(method="GET"), id="get"),
    pytest.param(Sent(CAPTURE, b'{"type": "PHOTO"}'), id="capture"),
    pytest.param(form(SamplePart("userId", "x"), GALA, ASSET, SamplePart("note", "@a;b")), id="form"),
    pytest.param(form(USER, GALA, ASSET, SamplePart("assets", "%PDF-1.7", "a.pdf")), id="no-media"),
    pytest.param(form(USER, GALA), id="no-file"),
    pytest.param(form(USER, GALA, *[ASSET] * 11), id="too-many"),
    pytest.param(form(USER, GALA, SamplePart("note", "", filler=70_000)), id="large-text"),
    pytest.param(Sent(GIFT, b"--x\r\n\r\n", headers={"Content-Type": "multipart/form-data; boundary=x"}), id="no-form"),
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(Settings(port=0, log_level="error")) as fake:
        yield fake.url


class Recorded(NamedTuple):
    """A request that was sent and answered, with its commands."""

    status: int
    broken: list[str]
    message: str
    curl: dict[str, Any]


def recorded(url: str, sent: Sent) -> Recorded:
    """Send a request, and ask the fake for its commands."""
    headers = {KEY_HEADER: sent.key, **sent.headers}
    reply = send(url, sent.path, sent.body or None, method=sent.method, headers=headers)
    full = ask(url, "GET", f"/requests/{reply.headers['distinct-mock-request']}").value
    return Recorded(reply.status, reply.broken, reply.message, full["curl"])


def run(command: str, folder: Path, key: str = KEY) -> Recorded:
    """Run a command in a folder that holds the files it speaks of, and give what it got."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    script = re.sub(r"(^|\| )curl ", r"\1curl -sS -i ", command, count=1, flags=re.MULTILINE)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "DISTINCT_API_KEY": key},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"").partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    broken = [rule for rule in fields.get("distinct-mock-broken", "").split(", ") if rule]
    return Recorded(int(head.split()[1]), broken, json.loads(body)["message"], {})


def with_files(folder: Path, sent: Sent) -> None:
    """Write the files of a form under the names that the command gives them."""
    contents = [
        piece.partition(b"\r\n\r\n")[2][:-2] for piece in sent.body.split(b"--sample-boundary") if b"filename=" in piece
    ]
    for number, content in enumerate(contents, 1):
        (folder / f"FILE{number}").write_bytes(content)


@pytest.mark.parametrize("sent", SAME)
def test_the_command_as_sent_gets_the_same_answer(url: str, tmp_path: Path, sent: Sent) -> None:
    with_files(tmp_path, sent)
    first = recorded(url, sent)

    again = run(first.curl["sent"], tmp_path, sent.key)

    assert again[:3] == first[:3], first.curl["sent"]


@pytest.mark.parametrize("sent", CORRECTED)
def test_the_corrected_command_is_accepted(url: str, tmp_path: Path, sent: Sent) -> None:
    with_files(tmp_path, sent)
    first = recorded(url, sent)
    assert first.status >= 400
    assert first.curl["changes"]

    again = run(first.curl["corrected"], tmp_path)

    assert (again.status, again.broken) == (200, []), first.curl["corrected"]


def test_no_command_shows_a_key(url: str) -> None:
    for key in (KEY, "no-such-key-at-all"):
        curl = recorded(url, Sent(body=event(action="read", note=KEY), key=key)).curl

        assert key not in json.dumps(curl)
        assert KEY not in json.dumps(curl)
        assert '"x-distinct-api-key: $DISTINCT_API_KEY"' in curl["sent"]


def test_a_file_is_told_by_name_size_and_digest() -> None:
    entry = gift(parts=[part("userId", "u"), file("assets", 'it\'s "a".gif', 5)])

    command = sent_command(entry, "http://x", KEY_HEADER)

    digest = "ab" * 32
    assert command == (
        f"# FILE1: 'it\\'s \"a\".gif', 5 bytes, sha256 {digest}\n"
        f'curl -X POST http://x{GIFT} -H "{KEY_HEADER}: $DISTINCT_API_KEY" --form-string userId=u '
        '-F \'assets=@FILE1;filename="it\'"\'"\'s \\"a\\".gif";type=image/gif\''
    )


BODIES = [
    pytest.param(
        made(body=b"abc", size=100_000, sha256="cd" * 32), f"# BODY: 100000 bytes, sha256 {'cd' * 32}", id="cut"
    ),
    pytest.param(made(body=b"", size=100), "# BODY: 100 bytes", id="not-kept"),
    pytest.param(made(body=b"\xff" * 5000), "# BODY: 5000 bytes that are no text", id="large-and-no-text"),
]


@pytest.mark.parametrize(("entry", "note"), BODIES)
def test_a_body_that_is_not_at_hand_is_told(entry: Entry, note: str) -> None:
    lines = sent_command(entry, "http://x", KEY_HEADER).split("\n")

    assert lines[0] == note
    assert lines[1].endswith("--data-binary @BODY")


def test_a_text_that_no_command_can_hold_is_a_file() -> None:
    lines = sent_command(gift(parts=[part("userId", "a\0b")]), "http://x", KEY_HEADER).split("\n")

    assert lines[0] == "# FILE1: 'userId', 3 bytes"
    assert "-F 'userId=<FILE1'" in lines[1]


NO_REQUESTS = [
    pytest.param(made(target="-", method="-"), id="no-http"),
    pytest.param(replace(made(), detail=None), id="no-detail"),
]


@pytest.mark.parametrize("entry", NO_REQUESTS)
def test_what_was_no_request_has_no_command(entry: Entry) -> None:
    command = sent_command(entry, "http://x", KEY_HEADER)

    assert command == "# what came could not be read as a request"


def test_head_is_asked_for_as_curl_does() -> None:
    command = sent_command(made(method="HEAD", body=b"", headers=((KEY_HEADER, masked("")),)), "http://x", KEY_HEADER)

    assert command == f"curl --head http://x{ANALYTICS} -H '{KEY_HEADER};'"


def test_what_cannot_be_corrected_has_no_command(contract: Contract) -> None:
    assert corrected_command(Correction(None), "http://x", contract.key_header) == ""
