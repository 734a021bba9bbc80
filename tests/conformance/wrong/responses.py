"""Clients that get answers and attempts wrong."""

import http.client
import json
import select
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from conformance.clients.client import Config, GivenFile
from contracts.spec import load_contract
from tests.conformance.queueing import Queueing
from tests.conformance.reference import ApiError, Headers, Reference
from tests.conformance.wrong_client import Wrong

MESSAGES = tuple(f"R-05.{answer.name}" for answer in load_contract().answers.values() if answer.status == 400)
ONE_ATTEMPT = {**Reference.capabilities, "retries": None}


# What the caller is told


class OkIsError(Reference):
    def outcome(self, status: int, body: bytes) -> None:
        raise ApiError(status, f"{status} {self.message(body)}")


class StrictBody(Reference):
    def outcome(self, status: int, body: bytes) -> None:
        super().outcome(status, body)
        if set(json.loads(body)) != {"statusCode", "message", "data"}:
            raise ApiError(status, "unexpected fields")


class Strict200(Reference):
    def outcome(self, status: int, body: bytes) -> None:
        if status != 200:
            raise ApiError(status, f"{status} {self.message(body)}")


class _Swallows(Reference):
    swallowed: ClassVar[int]

    def outcome(self, status: int, body: bytes) -> None:
        if status != self.swallowed:
            super().outcome(status, body)


class Swallow400(_Swallows):
    swallowed = 400


class Swallow401(_Swallows):
    swallowed = 401


class Swallow403(_Swallows):
    swallowed = 403


class Swallow404(_Swallows):
    swallowed = 404


class Swallow500(_Swallows):
    swallowed = 500


class LoseMessage(Reference):
    def message(self, _body: bytes) -> str:
        return "the request failed"


class GenericError(Reference):
    def outcome(self, status: int, _body: bytes) -> None:
        if status >= 300:
            raise ApiError(None, "the request failed")


class ForbiddenAsUnauthorized(Reference):
    def outcome(self, status: int, body: bytes) -> None:
        super().outcome(401 if status == 403 else status, body)


class JsonOnlyErrors(Reference):
    def message(self, body: bytes) -> str:
        return str(json.loads(body)["message"])


# When it stops


class _Again(Reference):
    """Tries again after other answers than it should."""

    on: ClassVar[frozenset[int]]

    def again(self, status: int, attempt: int, most: int) -> bool:
        return attempt < most and (status == 500 or status in self.on)


class Retry400(_Again):
    on = frozenset({400})


class Retry401(_Again):
    on = frozenset({401})


class Retry403(_Again):
    on = frozenset({403})


class Retry4xx(_Again):
    on = frozenset({404, 405, 409, 413, 415, 422})


class IgnoreRetryAfter(_Again):
    on = frozenset({429, 503})


class RetryAfter400(Reference):
    """Once something failed, tries again whatever comes."""

    def again(self, status: int, attempt: int, most: int) -> bool:
        return attempt < most and status != 200 and (status == 500 or attempt > 1)


class ToldOfTheFirst(Reference):
    """Tells what went wrong first."""

    first: int | None = None

    def again(self, status: int, attempt: int, most: int) -> bool:
        self.first = status if attempt == 1 else self.first
        return super().again(status, attempt, most)

    def outcome(self, status: int, body: bytes) -> None:
        super().outcome(status if status < 300 or self.first is None else self.first, body)


class RetryForever(Reference):
    def again(self, status: int, _attempt: int, _most: int) -> bool:
        return status == 500

    def wait(self, _attempt: int) -> None:
        super().wait(1)


class ManyAttempts(Reference):
    def again(self, status: int, attempt: int, _most: int) -> bool:
        return status == 500 and attempt < 9

    def wait(self, _attempt: int) -> None:
        super().wait(1)


class HammerOn401(Queueing):
    def stops(self, _error: ApiError) -> bool:
        return False


# How it tries again


class NoBackoff(Reference):
    def wait(self, _attempt: int) -> None:
        pass


class ShorterWaits(Reference):
    """Waits long at first, and then hardly at all."""

    first_wait = 2.0

    def wait(self, attempt: int) -> None:
        time.sleep(self.first_wait / 8 ** (attempt - 1) * self.config.time_scale)


class GiveUpAfterOk(Reference):
    def attempts(self, operation: str, request: Any) -> None:  # noqa: ANN401 - as in the right one
        failed: list[int] = []
        again = self.again

        def noted(status: int, attempt: int, most: int) -> bool:
            failed.extend([status] if status == 500 else [])
            return again(status, attempt, most)

        self.again = noted  # type: ignore[method-assign] # for this call
        super().attempts(operation, request)
        if failed:
            raise ApiError(failed[0], "500 Internal server error.")


class DeclaresOnly(Reference):
    def again(self, _status: int, _attempt: int, _most: int) -> bool:
        return False


class _SecondTime(Reference):
    """Counts the attempts of a call."""

    tried = 0

    def attempts(self, operation: str, request: Any) -> None:  # noqa: ANN401 - as in the right one
        self.tried = 0

        def counted() -> Any:  # noqa: ANN401 - as in the right one
            self.tried += 1
            return request()

        super().attempts(operation, counted)


class MutateOnRetry(_SecondTime):
    """Reports the time of the attempt in place of the event's."""

    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        def request() -> tuple[Headers, int, Iterator[bytes]]:
            name = "capturedAt" if "capturedAt" in body else "recordCapturedAt"
            now = {name: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")} if self.tried > 1 else {}
            content = self.encoded({**body, **now})
            return self.json_headers(), len(content), iter([content])

        self.attempts(operation, request)


class NoKeyOnRetry(_SecondTime):
    def key_headers(self) -> Headers:
        return {} if self.tried > 1 else super().key_headers()


class ConsumedStream(_SecondTime):
    def form(self, boundary: str, texts: Mapping[str, Any], files: Any) -> Iterator[bytes | GivenFile]:  # noqa: ANN401
        pieces = super().form(boundary, texts, files)
        yield from (piece for piece in pieces if not (isinstance(piece, GivenFile) and self.tried > 1))


# On the wire


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

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.timeout = 4


class StalePool(Reference):
    """Keeps its connection, and uses it whether it still stands or not."""

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


def _why(*names: str, because: str) -> dict[str, str]:
    return dict.fromkeys(names, because)


WRONG: tuple[Wrong, ...] = (
)
