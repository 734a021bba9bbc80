"""Clients that do not cope with the network."""

import http.client
import select
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from conformance.clients.client import Config
from tests.conformance.reference import ApiError, Headers, Reference
from tests.conformance.wrong_client import Wrong


class _Follows(Reference):
    """Goes where it is sent."""

    def follow(self, operation: str, url: str, headers: Headers) -> tuple[int, bytes]:
        raise NotImplementedError

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        parts = urlsplit(self.config.base_url)
        whole = b"".join(content)
        status, location, body = _sent(parts.netloc, "POST", parts.path + self.path(operation), headers, whole)
        return self.follow(operation, location, headers) if location else (status, body) if length else (0, b"")


def _sent(netloc: str, method: str, path: str, headers: Headers, body: bytes) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(netloc, timeout=2)
    try:
        connection.request(method, path or "/", body, headers)
        response = connection.getresponse()
        return response.status, response.getheader("location") or "", response.read()
    except (OSError, http.client.HTTPException) as error:
        raise ApiError(None, f"no answer: {type(error).__name__}") from None
    finally:
        connection.close()


class FollowAsGet(_Follows):
    def follow(self, _operation: str, url: str, _headers: Headers) -> tuple[int, bytes]:
        parts = urlsplit(url)
        status, _, body = _sent(parts.netloc, "GET", parts.path, {}, b"")
        return status, body


class KeyLeak(_Follows):
    def follow(self, _operation: str, url: str, headers: Headers) -> tuple[int, bytes]:
        parts = urlsplit(url)
        status, _, body = _sent(parts.netloc, "POST", parts.path, headers, b"{}")
        return status, body


class RedirectIsOk(Reference):
    def outcome(self, status: int, body: bytes) -> None:
        super().outcome(200 if 300 <= status < 400 else status, body)


class BrokenPipeOnly(Reference):
    """Takes it for a broken pipe when the server says something while it sends."""

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        parts = urlsplit(self.config.base_url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=self.timeout)
        try:
            connection.putrequest("POST", parts.path + self.path(operation))
            for name, value in {**headers, "Content-Length": str(length)}.items():
                connection.putheader(name, value)
            connection.endheaders()
            for number, chunk in enumerate(content):
                # A client that works something out between two chunks.
                if number and length > 1 << 20 and select.select([connection.sock], [], [], 0.2)[0]:
                    raise ApiError(None, "broken pipe")
                connection.send(chunk)
            response = connection.getresponse()
            return response.status, self.body_of(response)
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(None, f"no answer: {type(error).__name__}") from None
        finally:
            connection.close()


class RetryResetsForever(Reference):
    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        kept = list(content)
        while True:
            try:
                return super().exchange(operation, headers, length, iter(kept))
            except ApiError as error:
                if "Timeout" in str(error):
                    raise


class SwallowResets(Reference):
    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        try:
            return super().exchange(operation, headers, length, content)
        except ApiError:
            return 200, b""


class NoTimeout(Reference):
    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.timeout = 3600


class SlowTimeout(Reference):
    """Declares two seconds, and takes four."""

    capabilities: ClassVar[Mapping[str, Any]] = {**Reference.capabilities, "timeout_ms": 2000}

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.timeout = 4


class StalePool(Reference):
    """Keeps its connection, and uses it whether it still stands or not."""

    capabilities: ClassVar[Mapping[str, Any]] = {**Reference.capabilities, "concurrency": 1}
    kept: http.client.HTTPConnection | None = None

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        parts = urlsplit(self.config.base_url)
        connection, self.kept = self.kept or http.client.HTTPConnection(parts.netloc, timeout=self.timeout), None
        sent = {**headers, "Content-Length": str(length)}
        try:
            connection.request("POST", parts.path + self.path(operation), b"".join(content), sent)
            response = connection.getresponse()
            body = self.body_of(response)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ApiError(None, f"no answer: {type(error).__name__}") from None
        if response.status == 200 and connection.sock is not None:
            self.kept = connection
        else:
            connection.close()
        return response.status, body

    def close(self) -> None:
        if self.kept is not None:
            self.kept.close()


class FirstChunkOnly(Reference):
    def body_of(self, response: http.client.HTTPResponse) -> bytes:
        return response.read1()


class HangOn500(Reference):
    def again(self, status: int, attempt: int, most: int) -> bool:
        while status == 500 and self.is_capture:
            time.sleep(1)
        return super().again(status, attempt, most)

    is_capture = False

    def attempts(self, operation: str, request: Any) -> None:  # noqa: ANN401 - as in the right one
        self.is_capture = operation == "captureAnalytics"
        super().attempts(operation, request)


class CrashOnEmoji(Reference):
    def writable(self, name: str, value: str) -> None:
        if any(char > "\uffff" for char in value):
            raise SystemExit(139)
        super().writable(name, value)


class PoisonedPool(Reference):
    """Never gets over a connection that was reset."""

    broken: ClassVar[bool] = False

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        if config.api_key == "key-of-no-client":
            PoisonedPool.broken = False

    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        if PoisonedPool.broken:
            raise ApiError(None, "the pool is closed")
        try:
            return super().exchange(operation, headers, length, content)
        except ApiError as error:
            PoisonedPool.broken = "RemoteDisconnected" in str(error)
            raise


WRONG: tuple[Wrong, ...] = (
    Wrong(FollowAsGet, {"R-24": "a POST becomes a GET"}),
    Wrong(KeyLeak, {"R-24": "the key goes where the redirect points"}),
    Wrong(RedirectIsOk, {"R-24": "a redirect that is not followed is a success"}),
    Wrong(BrokenPipeOnly, {"R-25": "the early answer is not read"}, everywhere=True),
    Wrong(RetryResetsForever, {"R-26": "a reset is tried again for ever"}),
    Wrong(SwallowResets, {"R-26": "a reset is a success", "R-27": "so is a timeout"}),
    Wrong(NoTimeout, {"R-27": "waits for ever"}),
    Wrong(SlowTimeout, {"R-27": "waits twice as long as it declares"}),
    Wrong(StalePool, {"R-28": "uses a connection that has ended"}),
    Wrong(FirstChunkOnly, {"R-29": "reads what comes first"}),
    Wrong(HangOn500, {"P-01": "never returns", "R-11": "so nobody hears of the 500"}, everywhere=True),
    Wrong(CrashOnEmoji, {"P-01": "ends with the process"}),
    Wrong(
        PoisonedPool,
        {
            "P-02": "never works again after a reset",
            "O-16": "so valid calls fail from then on",
        },
        everywhere=True,
    ),
)
