"""Clients that capture events in a wrong way."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.conformance.reference import VISIT, Reference, Refused
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
        if not isinstance(body.get("type"), str):
            raise Refused("type")
        super().check_capture({**body, "type": VISIT if "sessionId" in body else "PHOTO_VIEWED_BY_USER"})


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


WRONG: tuple[Wrong, ...] = ()
