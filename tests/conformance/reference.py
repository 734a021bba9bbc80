"""A right client, with the standard library alone; wrong ones override one of its steps."""

import http.client
import json
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from conformance.clients.client import Config, GivenFile

PATHS = {
    "giftAssets": "/api/v1/vendor/user/assets",
    "addUserAnalytics": "/api/v1/user/analytics",
    "captureAnalytics": "/api/v1/analytics/capture/fifa-cwc-2025",
}
PAIRS = {
    "registration_email": {"sent", "opened", "delivered"},
    "registration_sms": {"sent", "delivered", "failed"},
    "user_collectible": {"viewed", "downloaded"},
    "page_visit": {"viewed"},
}
VISIT = "REGISTRATION_PAGE_VISIT"
TYPES = {VISIT, "PHOTO_ASSIGNED_TO_USER", "PHOTO_DOWNLOADED_BY_USER", "PHOTO_VIEWED_BY_USER"}
MOST_FILES = 10
MOST_BYTES = 50 * 1024 * 1024
E164 = re.compile(r"\+[1-9][0-9]{1,14}")
TIME = re.compile(
    r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|(?!-00:00)[+-][0-9]{2}:[0-9]{2})"
)

Headers = dict[str, str]


class Refused(Exception):  # noqa: N818 - what it is to the caller
    """What the caller asked for cannot be sent."""


class ApiError(Exception):
    """The API said no; `status` is that of HTTP, or None when there was no answer."""

    def __init__(self, status: int | None, message: str) -> None:
        super().__init__(message)
        self.status = status


class Reference:
    """The client. Every step may be overridden."""

    capabilities: ClassVar[Mapping[str, Any]] = {
        "retries": {"on": [500], "max_attempts": 3},
        "time_scale": True,
        "timeout_ms": 4000,
        "concurrency": 4,
    }
    first_wait = 0.2
    method = "POST"

    def __init__(self, config: Config) -> None:
        self.config = config
        self.timeout = (config.timeout_ms or self.capabilities.get("timeout_ms", 4000)) / 1000

    # What a caller calls

    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - whatever a caller has; the operation's id
        body = self.cleaned(fields)
        self.check_analytics(body)
        self.post_json("addUserAnalytics", body)

    def captureAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - the same
        body = self.of_type(self.cleaned(fields))
        self.check_capture(body)
        self.post_json("captureAnalytics", body)

    def giftAssets(self, files: Sequence[GivenFile] = (), **fields: Any) -> None:  # noqa: ANN401, N802 - the same
        texts = self.cleaned(fields)
        self.check_gift(texts, files)
        self.post_form(texts, files)

    # What is sent

    def cleaned(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out what is empty."""
        return {name: value for name, value in fields.items() if value is not None and value not in ("", {})}

    def of_type(self, body: dict[str, Any]) -> dict[str, Any]:
        """Leave out what belongs to another type."""
        others = {"email"} if body.get("type") == VISIT else {"sessionId", "registrationPageValue"}
        return {name: value for name, value in body.items() if name not in others}

    # What is refused

    def text(self, body: Mapping[str, Any], *names: str) -> None:
        """Refuse what is missing, or no text that UTF-8 can write."""
        for name in names:
            value = body.get(name)
            if not isinstance(value, str) or not value:
                raise Refused(f"{name}: got {value!r}, expected text")
            self.writable(name, value)

    def writable(self, name: str, value: str) -> None:
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused(f"{name}: no Unicode text") from None

    def check_analytics(self, body: Mapping[str, Any]) -> None:
        identifiers = [name for name in ("userId", "email", "phone") if name in body]
        self.check_identifiers(identifiers)
        self.text(body, *identifiers, "feature", "action", "experienceId", "capturedAt")
        if "phone" in body:
            self.check_phone(body["phone"])
        self.check_pair(body["feature"], body["action"])
        self.check_time("capturedAt", body["capturedAt"])
        if "metadata" in body:
            self.check_metadata(body["metadata"])

    def check_identifiers(self, names: Sequence[str]) -> None:
        if not names:
            raise Refused("one of userId, email and phone is needed")

    def check_phone(self, phone: str) -> None:
        if not E164.fullmatch(phone):
            raise Refused(f"phone: {phone!r} is not in E.164 format")

    def check_pair(self, feature: str, action: str) -> None:
        if not (feature + action).isascii() or action.lower() not in PAIRS.get(feature.lower(), ()):
            raise Refused(f"{feature}/{action} is not registered")

    def check_metadata(self, metadata: object) -> None:
        if not isinstance(metadata, dict):
            raise Refused("metadata is no object")
        try:
            json.dumps(metadata, allow_nan=False, ensure_ascii=False).encode()
        except (ValueError, TypeError, RecursionError) as error:
            raise Refused(f"metadata: {error}") from None

    def check_time(self, name: str, text: str) -> None:
        if not TIME.fullmatch(text):
            raise Refused(f"{name}: {text!r} is no ISO 8601 date and time with an offset")
        leap = text[17:19] == "60"
        try:
            exact = datetime.fromisoformat(f"{text[:17]}{'59' if leap else text[17:19]}+00:00")
            offset = text[-6:] if text[-1] != "Z" else "+00:00"
            hours, minutes = int(offset[1:3]), int(offset[4:])
        except ValueError as error:
            raise Refused(f"{name}: {error}") from None
        if hours > 23 or minutes > 59:
            raise Refused(f"{name}: no such offset")
        sign = -1 if offset[0] == "+" else 1
        if leap and (exact + sign * timedelta(hours=hours, minutes=minutes)).strftime("%H:%M") != "23:59":
            raise Refused(f"{name}: no leap second")

    def check_capture(self, body: Mapping[str, Any]) -> None:
        if body.get("type") not in TYPES:
            raise Refused(f"type: got {body.get('type')!r}")
        self.text(body, "eventValue", "recordCapturedAt", *self.needed(body["type"]))
        self.check_time("recordCapturedAt", body["recordCapturedAt"])

    def needed(self, type_: str) -> Sequence[str]:
        return ("sessionId", "registrationPageValue") if type_ == VISIT else ("email",)

    def check_gift(self, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> None:
        self.text(texts, "userId", "eventId")
        self.check_count(files)
        for file in files:
            self.check_file(file)

    def check_count(self, files: Sequence[GivenFile]) -> None:
        if not 0 < len(files) <= MOST_FILES:
            raise Refused(f"{len(files)} files")

    def check_file(self, file: GivenFile) -> None:
        if not 0 < file.size <= MOST_BYTES:
            raise Refused(f"{file.name!r}: {file.size} bytes")
        if not file.content_type.startswith(("image/", "video/")):
            raise Refused(f"{file.name!r}: {file.content_type} is neither image nor video")

    # How it is written

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()

    def json_headers(self) -> Headers:
        return {**self.key_headers(), "Content-Type": "application/json"}

    def key_headers(self) -> Headers:
        return {"x-distinct-api-key": self.config.api_key, "User-Agent": "reference/1.0"}

    def path(self, operation: str) -> str:
        return PATHS[operation]

    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        content = self.encoded(body)
        self.attempts(operation, lambda: (self.json_headers(), len(content), iter([content])))

    def post_form(self, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> None:
        def request() -> tuple[Headers, int, Iterator[bytes]]:
            boundary = self.boundary()
            pieces = list(self.form(boundary, texts, files))
            length = sum(piece.size if isinstance(piece, GivenFile) else len(piece) for piece in pieces)
            headers = {**self.key_headers(), "Content-Type": f"multipart/form-data; boundary={boundary}"}
            return headers, length, self.contents(pieces)

        self.attempts("giftAssets", request)

    def boundary(self) -> str:
        return f"reference-{random.getrandbits(64):016x}"

    def form(self, boundary: str, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> Iterator[bytes | GivenFile]:
        for name, value in texts.items():
            yield f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for number, file in enumerate(files):
            yield self.file_head(boundary, file, number)
            yield file
            yield b"\r\n"
        yield self.closing(boundary)

    def closing(self, boundary: str) -> bytes:
        return f"--{boundary}--\r\n".encode()

    def file_head(self, boundary: str, file: GivenFile, number: int) -> bytes:
        disposition = f'form-data; name="{self.file_field(number)}"{self.file_name(file)}'
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {self.file_type(file)}\r\n\r\n"
        return self.file_head_bytes(head)

    def file_head_bytes(self, head: str) -> bytes:
        return head.encode()

    def file_field(self, _number: int) -> str:
        return "assets"

    def file_name(self, file: GivenFile) -> str:
        safe = file.name.replace("\\", "/").rpartition("/")[2]
        for char, escape in (("\r", "%0D"), ("\n", "%0A"), ('"', "%22"), ("\0", "")):
            safe = safe.replace(char, escape)
        return f'; filename="{safe or "file"}"'

    def file_type(self, file: GivenFile) -> str:
        return file.content_type

    def contents(self, pieces: Sequence[bytes | GivenFile]) -> Iterator[bytes]:
        for piece in pieces:
            if isinstance(piece, GivenFile):
                yield from self.read(piece.path)
            else:
                yield piece

    def read(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as opened:
            while chunk := opened.read(1 << 18):
                yield chunk

    # How it is sent

    def attempts(self, operation: str, request: Any) -> None:  # noqa: ANN401 - makes a request anew
        most = self.most_attempts()
        for attempt in range(1, most + 1):
            headers, length, content = request()
            status, body = self.exchange(operation, headers, length, content)
            if not self.again(status, attempt, most):
                break
            self.wait(attempt)
        self.outcome(status, body)

    def most_attempts(self) -> int:
        return int(self.capabilities["retries"]["max_attempts"])

    def again(self, status: int, attempt: int, most: int) -> bool:
        return status == 500 and attempt < most

    def wait(self, attempt: int) -> None:
        time.sleep(self.first_wait * 2 ** (attempt - 1) * self.config.time_scale)

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        parts = urlsplit(self.config.base_url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=self.timeout)
        try:
            connection.putrequest(self.method, self.target(parts.path, operation))
            for name, value in {**headers, "Content-Length": str(length)}.items():
                connection.putheader(name, value)
            connection.endheaders()
            try:
                for chunk in content:
                    connection.send(chunk)
            except (BrokenPipeError, ConnectionResetError):
                # It may have answered already, and be done with us.
                pass
            response = connection.getresponse()
            return response.status, self.body_of(response)
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(None, f"no answer: {type(error).__name__}") from None
        finally:
            connection.close()

    def target(self, base: str, operation: str) -> str:
        return base.rstrip("/") + self.path(operation)

    def body_of(self, response: http.client.HTTPResponse) -> bytes:
        try:
            return response.read()
        except http.client.IncompleteRead as error:
            return error.partial

    # What the caller is told

    def outcome(self, status: int, body: bytes) -> None:
        if not 200 <= status < 300:
            raise ApiError(status, f"{status} {self.message(body)}")

    def message(self, body: bytes) -> str:
        try:
            return str(json.loads(body)["message"])
        except (ValueError, KeyError, TypeError):
            return body.decode("utf-8", "replace")[:200]
