"""Clients that capture events in a wrong way."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.conformance.reference import TYPES, VISIT, Reference
from tests.conformance.wrong.common import NEEDED
from tests.conformance.wrong_client import Wrong

OPERATION = "captureAnalytics"
SOMETIMES = {"email": "nobody@example.com", "sessionId": "none", "registrationPageValue": "none"}


class CapturesOtherwise(Reference):
    """Sends of an event what `said` makes of it."""

    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        super().post_json(operation, self.said(dict(body)) if operation == OPERATION else body)

    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return body


class Without(CapturesOtherwise):
    """Leaves a field out."""

    left_out = ""

    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != self.left_out}


class DropsEventValue(Without):
    left_out = "eventValue"


class DropsEventEmail(Without):
    left_out = "email"


class DropsSession(Without):
    left_out = "sessionId"


class DropsPage(Without):
    left_out = "registrationPageValue"


class OtherPath(Reference):
    def path(self, operation: str) -> str:
        return super().path(operation).replace("fifa-cwc-2025", "fifa-cwc-2026")


class LowersType(CapturesOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "type": body["type"].lower()}


class AnyType(Reference):
    def check_capture(self, body: Mapping[str, Any]) -> None:
        type_ = body.get("type")
        is_other = isinstance(type_, str) and bool(type_) and type_ not in TYPES
        super().check_capture({**SOMETIMES, **body, "type": VISIT} if is_other else body)


class LowersEvent(CapturesOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "eventValue": body["eventValue"].lower()}


class SendsIncomplete(Reference):
    def needed(self, type_: str) -> Sequence[str]:  # noqa: ARG002 - whichever it is
        return ()


class FillsIn(Reference):
    def of_type(self, body: dict[str, Any]) -> dict[str, Any]:
        needed = self.needed(body["type"]) if isinstance(body.get("type"), str) else ()
        return {**{name: SOMETIMES[name] for name in needed}, **super().of_type(body)}


class CutsSession(CapturesOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "sessionId": body["sessionId"][:5]} if "sessionId" in body else body


class SendsUnion(Reference):
    def of_type(self, body: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value for name, value in body.items() if name not in SOMETIMES or (isinstance(value, str) and value)
        }


class CapturesEpoch(CapturesOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "recordCapturedAt": 1777296900000}


class CapturesLocalTime(CapturesOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "recordCapturedAt": f"{body['recordCapturedAt'][:19]}Z"}


class NullsOthers(CapturesOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**dict.fromkeys(SOMETIMES), **body}


def of_each(row: str, reason: str, *fields: str) -> dict[str, str]:
    """Give the obligations of a row for every type that needs one of these fields."""
    return {f"{row}.{type_}.{field}": reason for type_, field in NEEDED if field in fields}


WRONG: tuple[Wrong, ...] = (
    Wrong(OtherPath, {"C-01": "the path is that of another year"}),
    Wrong(LowersType, {"C-02": "types are sent in small letters"}),
    Wrong(AnyType, {"C-02": "types are not looked at"}),
    Wrong(DropsEventValue, {"C-03": "eventValue is left out"}),
    Wrong(LowersEvent, {"C-03.given": "eventValue is sent in small letters"}),
    Wrong(DropsEventEmail, of_each("C-04", "the email is left out", "email")),
    Wrong(DropsSession, of_each("C-04", "the session is left out", "sessionId")),
    Wrong(DropsPage, of_each("C-04", "the page is left out", "registrationPageValue")),
    Wrong(SendsIncomplete, of_each("C-04", "what is missing is not missed", *SOMETIMES)),
    Wrong(CutsSession, {"C-04.given": "sessions are cut"}),
    Wrong(FillsIn, of_each("C-05", "what is missing is made up", *SOMETIMES)),
    Wrong(SendsUnion, {"C-06": "whatever is given is sent for any type"}),
    Wrong(CapturesEpoch, {"C-07": "the time is a number"}),
    Wrong(CapturesLocalTime, {"C-07.given": "the offset is replaced and not applied"}),
    Wrong(NullsOthers, {"C-08": "the fields of other types are null"}),
)
