"""Clients that try again wrongly: too often, at once, or with something else."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from conformance.clients.client import GivenFile
from tests.conformance.batching import Batching
from tests.conformance.queueing import Queueing
from tests.conformance.reference import ApiError, Headers, Reference
from tests.conformance.wrong_client import Wrong

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


class MutateOnRetryInBatches(MutateOnRetry, Batching):
    """Divides files, too, which has nothing to do with it."""


class NoKeyOnRetry(_SecondTime):
    def key_headers(self) -> Headers:
        headers = super().key_headers()
        return {"User-Agent": headers["User-Agent"]} if self.tried > 1 else headers


class ConsumedStream(_SecondTime):
    def form(self, boundary: str, texts: Mapping[str, Any], files: Any) -> Iterator[bytes | GivenFile]:  # noqa: ANN401
        pieces = super().form(boundary, texts, files)
        yield from (piece for piece in pieces if not (isinstance(piece, GivenFile) and self.tried > 1))


class ConsumedStreamInBatches(ConsumedStream, Batching):
    """Loses the files of each batch."""


WRONG: tuple[Wrong, ...] = (
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
    Wrong(
        MutateOnRetryInBatches,
        {"R-15": "another time is sent the second time", "N-13": "which is that of the attempt, not of the event"},
    ),
    Wrong(NoKeyOnRetry, {"R-16": "the key is sent once", "O-03": "so the second request has none"}),
    Wrong(ConsumedStream, {"R-17": "the files were read before"}, everywhere=True),
    Wrong(ConsumedStreamInBatches, {"R-17": "the files of a batch were read before"}, everywhere=True),
)
