"""The curl commands of Distinct's documents, with host, key and placeholders filled in from the built-in world."""

import shutil
import subprocess
from pathlib import Path

import pytest

from mock_server.server import Running

PAGE_VISIT = """{
"type": "REGISTRATION_PAGE_VISIT",
"eventValue": "opening-match",
"recordCapturedAt": "2026-04-27T13:35:00Z",
"sessionId": "session-1",
"registrationPageValue": "main-page"
}"""
PHOTO = """{
"type": "PHOTO_DOWNLOADED_BY_USER",
"eventValue": "opening-match",
"recordCapturedAt": "2026-04-27T13:35:00Z",
"email": "john.doe@example.com"
}"""
BY_EMAIL = """{
"email": "john.doe@example.com",
"feature": "registration_email",
"action": "opened",
"experienceId": "47Gop5",
"capturedAt": "2026-04-27T13:35:00Z"
}"""
BY_PHONE = """{
"phone": "+14155552671",
"feature": "registration_sms",
"action": "delivered",
"experienceId": "47Gop5",
"capturedAt": "2026-04-27T13:35:00Z"
}"""
KEY = ["-H", "x-distinct-api-key: vendor-test-key"]
JSON = ["-H", "Content-Type: application/json", *KEY, "-d"]
CAPTURE = "/api/v1/analytics/capture/fifa-cwc-2025"
REPORT = "/api/v1/user/analytics"

COMMANDS = [
    pytest.param(CAPTURE, [*JSON, PAGE_VISIT], "Analytics captured successfully.", id="page-visit"),
    pytest.param(CAPTURE, [*JSON, PHOTO], "Analytics captured successfully.", id="other-event"),
    pytest.param(REPORT, [*JSON, BY_EMAIL], "User analytics added successfully.", id="by-email"),
    pytest.param(REPORT, [*JSON, BY_PHONE], "User analytics added successfully.", id="by-phone"),
]


def curl(*words: str) -> str:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    return subprocess.run([program, "-sS", *words], capture_output=True, text=True, check=True).stdout


def expected(message: str) -> str:
    return f'{{"statusCode":200,"message":"{message}","data":null}}'


@pytest.mark.parametrize(("path", "options", "message"), COMMANDS)
def test_an_analytics_command_works_as_it_stands(path: str, options: list[str], message: str, fake: Running) -> None:
    assert curl("-X", "POST", fake.url + path, *options) == expected(message)


def test_the_gift_command_works_as_it_stands(fake: Running, tmp_path: Path) -> None:
    for name in ("image1.jpg", "image2.jpg"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + name.encode())

    printed = curl(
        *["-L", "-X", "POST", f"{fake.url}/api/v1/vendor/user/assets", *KEY],
        *["-F", 'userId="user-john-doe"', "-F", 'eventId="summer-gala"'],
        *["-F", f'assets=@"{tmp_path}/image1.jpg"', "-F", f'assets=@"{tmp_path}/image2.jpg"'],
    )

    assert printed == expected("Assets uploaded successfully.")


@pytest.mark.parametrize("ending", ["mp4", "mov", "heic"])
def test_files_that_curl_declares_as_nothing_are_recognised(ending: str, fake: Running, tmp_path: Path) -> None:
    brand = {"mp4": b"isom", "mov": b"qt  ", "heic": b"heic"}[ending]
    file = tmp_path / f"asset.{ending}"
    file.write_bytes(b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x02\x00" + brand + b"mif1" + bytes(100))

    printed = curl(
        *["-X", "POST", f"{fake.url}/api/v1/vendor/user/assets", *KEY],
        *["-F", "userId=user-john-doe", "-F", "eventId=summer-gala", "-F", f"assets=@{file}"],
    )

    assert printed == expected("Assets uploaded successfully.")
