"""What the adapter calls. Put your client here: this one only sends what it is given, as it stands.

distinct-conformance client run --client python:client:make
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PATHS = {
    "giftAssets": "/api/v1/vendor/user/assets",
    "addUserAnalytics": "/api/v1/user/analytics",
    "captureAnalytics": "/api/v1/analytics/capture/fifa-cwc-2025",
}


class Refused(Exception):
    """To be raised when your client does not send what it was asked to send."""


class ApiError(Exception):
    """To be raised when the API said no. Its `status` is what a caller sees."""

    def __init__(self, status: int | None, message: str) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """Made for each API key; `config` has base_url, api_key, time_scale and timeout_ms."""

    # What your client can, such as {"retries": {"on": [500], "max_attempts": 3}, "timeout_ms": 2000}.
    capabilities: Mapping[str, Any] = {}

    def __init__(self, config: Any) -> None:
        self.config = config

    def call(self, operation: str, args: Mapping[str, Any], files: Sequence[Any]) -> None:
        """Call your client here, with the operation's fields and files (path, name, content_type, size, sha256)."""
        if files or operation == "giftAssets":
            self.send(operation, "multipart/form-data; boundary=of-my-client", form("of-my-client", args, files))
        else:
            self.send(operation, "application/json", json.dumps(args).encode())

    def send(self, operation: str, content_type: str, body: bytes) -> None:
        """Send one request. Raises ApiError when it is refused."""
        headers = {"Content-Type": content_type, "x-distinct-api-key": self.config.api_key}
        request = urllib.request.Request(self.config.base_url + PATHS[operation], body, headers)
        try:
            urllib.request.urlopen(request, timeout=10).read()
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, error.read().decode(errors="replace")) from None


def form(boundary: str, fields: Mapping[str, Any], files: Sequence[Any]) -> bytes:
    """Write a form with files."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    parts = [f'{head}{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    for file in files:
        kind = f'assets"; filename="{file.name}"\r\nContent-Type: {file.content_type}\r\n\r\n'
        parts += [(head + kind).encode(), Path(file.path).read_bytes(), b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])


make = Client
