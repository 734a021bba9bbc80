"""Clients that mix up calls, or do not keep to themselves what they should."""

import threading
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.clients.client import Config
from tests.conformance.queueing import Queueing
from tests.conformance.reference import ApiError, Headers, Reference
from tests.conformance.wrong_client import Wrong

_QUEUE_SIZE = 8


class SharedDict(Reference):
    """Keeps the fields of one call for the next."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.kept: dict[str, Any] = {}

    def cleaned(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        self.kept.update(super().cleaned(fields))
        return dict(self.kept)


class BrokenAfterError(Reference):
    """Is done for when a call fails."""

    failed = False

    def attempts(self, operation: str, request: Any) -> None:  # noqa: ANN401 - as in the right one
        if self.failed:
            raise ApiError(None, "the session is closed")
        self.failed = True
        super().attempts(operation, request)
        self.failed = False


class GlobalKey(Reference):
    """Has one key for all, the last that was set."""

    key: ClassVar[str] = ""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        GlobalKey.key = config.api_key

    def key_headers(self) -> Headers:
        return {**super().key_headers(), "x-distinct-api-key": GlobalKey.key}


class BackgroundRetry(Reference):
    """Says that it failed, and tries again all the same."""

    capabilities: ClassVar[Mapping[str, Any]] = {**Reference.capabilities, "retries": None}

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.later: list[threading.Timer] = []

    def attempts(self, operation: str, request: Any) -> None:  # noqa: ANN401 - as in the right one
        status, body = self.exchange(operation, *request())
        if status == 500 and operation == "addUserAnalytics":
            self.later.append(threading.Timer(0.1, self.exchange, (operation, *request())))
            self.later[-1].start()
        self.outcome(status, body)

    def close(self) -> None:
        """Wait for what is still to come, so that no other client is blamed for it."""
        for timer in self.later:
            timer.join()


class SharedHeaders(Reference):
    """Keeps what it is about to send where another call finds it."""

    about: tuple[str, Mapping[str, Any]] = ("", {})

    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        self.about = (operation, body)
        time.sleep(0.005)
        super().post_json(*self.about)


class KeptType(Reference):
    """Sets the type of JSON where all that comes after finds it, as one sets a default header."""

    kept: Headers = {}  # noqa: RUF012 - of each client, from its first event on

    def json_headers(self) -> Headers:
        self.kept = {"Content-Type": "application/json"}
        return super().json_headers()

    def exchange(self, operation: str, headers: Headers, length: int, content: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as the right one
        return super().exchange(operation, {**headers, **self.kept}, length, content)


class LossyQueue(Queueing):
    """Has room for a few calls, and forgets the others."""

    def attempts(self, operation: str, request: Any) -> None:  # noqa: ANN401 - as in the right one
        super().attempts(operation, request)
        with self.lock:
            del self.queue[_QUEUE_SIZE:]


class SilentQueue(Queueing):
    """Tells nobody what it could not deliver."""

    def tell(self, failure: ApiError | None) -> None:
        if failure is not None and failure.status not in (500, None):
            raise failure


class KeyInError(Reference):
    def outcome(self, status: int, body: bytes) -> None:
        try:
            super().outcome(status, body)
        except ApiError as error:
            raise ApiError(error.status, f"{error} (with {self.config.api_key})") from None


class KeyInLog(Reference):
    def key_headers(self) -> Headers:
        print("using", self.config.api_key)  # noqa: T201 - what is wrong with it
        return super().key_headers()


class PersonInLog(Reference):
    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        print("sending", dict(body))  # noqa: T201 - what is wrong with it
        super().post_json(operation, body)


class MessageOnly(Reference):
    def outcome(self, status: int, body: bytes) -> None:
        try:
            super().outcome(status, body)
        except ApiError as error:
            raise ApiError(None, str(error)) from None


WRONG: tuple[Wrong, ...] = (
    Wrong(SharedDict, {"S-01": "fields of the call before are sent along"}),
    Wrong(BrokenAfterError, {"S-02": "one failure ends it"}),
    Wrong(GlobalKey, {"S-03": "the key that was set last is used for all"}),
    Wrong(BackgroundRetry, {"S-04": "tries again when the caller was told already"}),
    Wrong(SharedHeaders, {"S-05": "the call that comes last overwrites the others"}),
    Wrong(KeptType, {"U-01": "uploads after an event have the type of JSON"}, everywhere=True),
    Wrong(LossyQueue, {"S-06": "keeps eight calls and drops the rest"}),
    Wrong(
        SilentQueue,
        {
            "S-06": "tells nobody what was not delivered",
            "R-11": "nor that a 500 stayed",
            "R-26": "nor that no answer came",
            "R-27": "nor that it gave up",
        },
    ),
    Wrong(KeyInError, {"S-07": "shows the key in its message"}),
    Wrong(KeyInLog, {"S-07": "prints the key"}),
    Wrong(PersonInLog, {"S-08": "prints the whole event"}),
    Wrong(MessageOnly, {"S-09": "the status stands in the text only"}),
)
