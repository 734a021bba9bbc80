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
    def most_attempts(self) -> int:
        return 1_000_000

    def wait(self, _attempt: int) -> None:
        super().wait(1)


class ManyAttempts(RetryForever):
    def most_attempts(self) -> int:
        return 9


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
        headers = super().key_headers()
        return {"User-Agent": headers["User-Agent"]} if self.tried > 1 else headers


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


WRONG: tuple[Wrong, ...] = (
    Wrong(
        OkIsError,
        {
            "R-01": "every 200 is a failure",
            "R-02": "so is every other 2xx",
            "R-14": "and the one after a 500",
            "R-29": "and the one that comes slowly",
        },
    ),
    Wrong(StrictBody, {"R-02": "only the three documented fields are a success"}),
    Wrong(Strict200, {"R-02": "only 200 is a success"}),
    Wrong(Swallow400, {"R-03": "nobody hears of a 400", "R-18": "nor of one after a 500"}),
    Wrong(Swallow401, {"R-06": "nobody hears of a 401", "R-19": "nor of one after a 500"}),
    Wrong(Swallow403, {"R-09": "nobody hears of a 403"}),
    Wrong(Swallow404, {"R-22": "nobody hears of a 404"}),
    Wrong(Swallow500, {"R-11": "nobody hears of a 500"}),
    Wrong(LoseMessage, dict.fromkeys(MESSAGES, "the caller reads words of its own")),
    Wrong(
        GenericError,
        {
            **dict.fromkeys(MESSAGES, "all failures are one"),
            "R-06": "a 401 is like any failure",
            "R-09": "so is a 403",
            "R-20": "so is an error in another form",
            "R-25": "so is one that comes early",
            "S-09": "there is no status at all",
        },
    ),
    Wrong(ForbiddenAsUnauthorized, {"R-09": "a 403 is told as a 401"}),
    Wrong(JsonOnlyErrors, {"R-20": "what is no JSON is a parse error"}),
    Wrong(Retry400, {"R-04": "a 400 is tried again", "R-18": "so is one after a 500"}),
    Wrong(Retry401, {"R-07": "a 401 is tried again", "R-19": "so is one after a 500"}),
    Wrong(Retry403, {"R-10": "a 403 is tried again"}),
    Wrong(Retry4xx, {"R-22": "a 404 is tried again"}),
    Wrong(IgnoreRetryAfter, {"R-23": "waits its own time"}),
    Wrong(RetryAfter400, {"R-18": "after a 500 a 400 is tried again", "R-19": "so is a 401"}),
    Wrong(ToldOfTheFirst, {"R-18": "of 500 and 400 tells the 500", "R-19": "of 500 and 401 as well"}),
    Wrong(RetryForever, {"R-11": "never gives up", "R-12": "nor after the attempts that it declares"}),
    Wrong(ManyAttempts, {"R-12": "declares three and makes nine"}),
    Wrong(HammerOn401, {"R-08": "sends the whole queue with a key that is refused"}),
    Wrong(NoBackoff, {"R-13": "does not wait"}),
    Wrong(ShorterWaits, {"R-13": "waits less each time"}),
    Wrong(GiveUpAfterOk, {"R-14": "tells the failure before the success"}),
    Wrong(DeclaresOnly, {"R-14": "declares attempts and makes one"}),
    Wrong(
        MutateOnRetry,
        {"R-15": "another time is sent the second time", "N-13": "which is that of the attempt, not of the event"},
    ),
    Wrong(NoKeyOnRetry, {"R-16": "the key is sent once", "O-03": "so the second request has none"}),
    Wrong(ConsumedStream, {"R-17": "the files were read before"}),
    Wrong(FollowAsGet, {"R-24": "a POST becomes a GET"}),
    Wrong(KeyLeak, {"R-24": "the key goes where the redirect points"}),
    Wrong(RedirectIsOk, {"R-24": "a redirect that is not followed is a success"}),
    Wrong(BrokenPipeOnly, {"R-25": "the early answer is not read"}),
    Wrong(RetryResetsForever, {"R-26": "a reset is tried again for ever"}),
    Wrong(SwallowResets, {"R-26": "a reset is a success", "R-27": "so is a timeout"}),
    Wrong(NoTimeout, {"R-27": "waits for ever"}),
    Wrong(SlowTimeout, {"R-27": "waits twice as long as it declares"}),
    Wrong(StalePool, {"R-28": "uses a connection that has ended"}),
    Wrong(FirstChunkOnly, {"R-29": "reads what comes first"}),
    Wrong(HangOn500, {"P-01": "never returns", "R-11": "so nobody hears of the 500"}),
    Wrong(CrashOnEmoji, {"P-01": "ends with the process"}),
    Wrong(PoisonedPool, {"P-02": "never works again after a reset", "O-16": "so valid calls fail from then on"}),
)
