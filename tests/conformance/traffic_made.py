"""Journals of some traffic: right, wrong, an upload, and what has nothing to do with the API."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mock_server.server import Running, running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, send

KEY = "vendor-test-key"
GIFT = "/api/v1/vendor/user/assets"
GIF = b"GIF89a" + bytes(20)


def upload(**texts: str) -> tuple[bytes, dict[str, str | None]]:
    """Write a gift of one file."""
    fields = {"userId": "user-john-doe", "eventId": "summer-gala", **texts}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()]
    head = '--b\r\nContent-Disposition: form-data; name="assets"; filename="a.gif"\r\nContent-Type: image/gif\r\n\r\n'
    body = "".join([*parts, head]).encode() + GIF + b"\r\n--b--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=b"}


def some_traffic(url: str, key: str = KEY) -> None:
    """Send what is right, what is wrong, an upload, and what has nothing to do with the API."""
    own: dict[str, str | None] = {"x-distinct-api-key": key}
    send(url, ANALYTICS, EVENT, headers=own)
    send(url, ANALYTICS, {**EVENT, "phone": "12 34", "userId": None}, headers=own)
    body, headers = upload()
    send(url, GIFT, body, headers={**own, **headers})
    send(url, ANALYTICS + "/", EVENT, headers=own)
    send(url, ANALYTICS, EVENT, headers={"x-distinct-api-key": "somebody-elses-key"})
    send(url, "/favicon.ico", method="GET", headers={"x-distinct-api-key": None})


@contextlib.contextmanager
def journaling(file: Path, **options: Any) -> Iterator[Running]:  # noqa: ANN401 - those of Settings
    with running(Settings(port=0, log_level="error", journal=str(file), **options)) as fake:
        yield fake
