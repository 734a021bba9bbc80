"""Clients that tell their callers something else than they were answered, and all others whose answers matter."""

import json
from typing import ClassVar

from contracts.spec import load_contract
from tests.conformance.reference import ApiError, Reference
from tests.conformance.wrong import attempts, connections
from tests.conformance.wrong_client import Wrong

MESSAGES = tuple(f"R-05.{answer.name}" for answer in load_contract().answers.values() if answer.status == 400)


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
    Wrong(LoseMessage, dict.fromkeys(MESSAGES, "the caller reads words of its own"), everywhere=True),
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
        everywhere=True,
    ),
    Wrong(ForbiddenAsUnauthorized, {"R-09": "a 403 is told as a 401"}),
    Wrong(JsonOnlyErrors, {"R-20": "what is no JSON is a parse error"}),
    *attempts.WRONG,
    *connections.WRONG,
)
