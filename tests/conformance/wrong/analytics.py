"""Clients that report of users in a wrong way."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from tests.conformance.reference import PAIRS, Headers, Reference, Refused
from tests.conformance.wrong_client import Wrong

OPERATION = "addUserAnalytics"
OPTIONAL = ("userId", "email", "phone", "metadata")


class SaysOtherwise(Reference):
    """Sends of users what `said` makes of it."""

    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        super().post_json(operation, self.said(dict(body)) if operation == OPERATION else body)

    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return body


class NoIdentifierCheck(Reference):
    def check_identifiers(self, names: Sequence[str]) -> None:
        """Take any."""


class SendsAnonymous(Reference):
    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - as in the right one
        named = any(fields.get(name) for name in ("userId", "email", "phone"))
        super().addUserAnalytics(**fields if named else {**fields, "userId": "anonymous"})


class DropsEmail(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != "email" or "userId" not in body}


class AnyPhone(Reference):
    def check_phone(self, phone: str) -> None:
        """Take any."""


class AnyDigits(Reference):
    """Takes for digits what Unicode does."""

    def check_phone(self, phone: str) -> None:
        if not re.fullmatch(r"\+[^\D0]\d{1,14}", phone):
            raise Refused("phone")


class GuessesCountry(Reference):
    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - as in the right one
        phone = fields.get("phone")
        if isinstance(phone, str) and re.fullmatch(r"0[1-9][0-9 ]{6,12}", phone):
            fields["phone"] = "+1" + phone[1:].replace(" ", "")
        super().addUserAnalytics(**fields)


class LowersEmail(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "email": body["email"].lower()} if "email" in body else body


class IndependentLists(Reference):
    """Knows the features, and knows the actions, but not which belong together."""

    def check_pair(self, feature: str, action: str) -> None:
        if feature.lower() not in PAIRS or not any(action.lower() in actions for actions in PAIRS.values()):
            raise Refused(f"{feature}/{action}")
        if not (feature + action).isascii():
            raise Refused(f"{feature}/{action}")


class UnicodeLower(Reference):
    """Takes for a small letter what Unicode does."""

    def check_pair(self, feature: str, action: str) -> None:
        if action.upper().lower() not in PAIRS.get(feature.upper().lower(), ()):
            raise Refused(f"{feature}/{action}")


class CaseSensitive(Reference):
    def check_pair(self, feature: str, action: str) -> None:
        if action not in PAIRS.get(feature, ()):
            raise Refused(f"{feature}/{action}")


class DropsExperience(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != "experienceId"}


class MailDate(SaysOtherwise):
    """Writes the time as emails do."""

    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "capturedAt": format_datetime(datetime(2026, 4, 27, 13, 35, tzinfo=UTC), usegmt=True)}


class DateOnly(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "capturedAt": body["capturedAt"][:10]}


class LosesOffset(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "capturedAt": body["capturedAt"][:19]}


class TakesLocalForUtc(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "capturedAt": f"{body['capturedAt'][:19]}Z"}


class StampsAttempts(Reference):
    """Writes the time of the attempt over that of the event."""

    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        if operation != OPERATION:
            super().post_json(operation, body)
            return
        attempt = 0

        def request() -> tuple[Headers, int, Iterator[bytes]]:
            nonlocal attempt
            late = {"capturedAt": f"2026-11-01T00:00:{attempt:02}Z"} if attempt else {}
            attempt += 1
            content = self.encoded({**body, **late})
            return self.json_headers(), len(content), iter([content])

        self.attempts(operation, request)


class NullOptional(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**dict.fromkeys(OPTIONAL), **body}


class EmptyText(Reference):
    """Leaves out what is None, and nothing else."""

    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - as in the right one
        body = self.cleaned(fields)
        self.check_analytics(body)
        empty = {name: "" for name, value in fields.items() if value == "" and name in OPTIONAL[:3]}
        self.post_json(OPERATION, {**empty, **body})


class MetadataInText(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "metadata": json.dumps(body["metadata"])} if "metadata" in body else body


class EmptyMetadata(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"metadata": {}, **body}


class SixDigits(SaysOtherwise):
    """Writes numbers with as many digits as printf does."""

    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: self.rounded(value) if name == "metadata" else value for name, value in body.items()}

    def rounded(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict):
            return {name: self.rounded(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.rounded(inner) for inner in value]
        return float(f"{value:g}") if type(value) in {int, float} else value


class IdAsNumber(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        is_number = re.fullmatch(r"[1-9][0-9]*", body.get("userId", ""))
        return {**body, "userId": int(body["userId"])} if is_number else body


class EpochMilliseconds(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "capturedAt": 1777296900000}


class CutsExperience(SaysOtherwise):
    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "experienceId": body["experienceId"][:12]}


class QuestionMarks(SaysOtherwise):
    """Puts a question mark for what Latin-1 has not."""

    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        texts = {name: value for name, value in body.items() if isinstance(value, str)}
        return {**body, **{name: text.encode("latin-1", "replace").decode("latin-1") for name, text in texts.items()}}


class HalvesOfPairs(SaysOtherwise):
    """Cuts in the middle of a letter that UTF-16 writes with two, and writes what is left of it."""

    def said(self, body: dict[str, Any]) -> dict[str, Any]:
        units = body.get("userId", "").encode("utf-16-le")[:10]
        return {**body, "userId": units.decode("utf-16-le", "replace")} if units else body


WRONG: tuple[Wrong, ...] = (
    Wrong(NoIdentifierCheck, {"N-01": "a call without identifier is sent as it is"}),
    Wrong(SendsAnonymous, {"N-02": "a user is made up"}),
    Wrong(DropsEmail, {"N-03": "one of two identifiers is left out"}),
    Wrong(AnyPhone, {"N-04": "phone numbers are not looked at"}),
    Wrong(AnyDigits, {"N-04": "digits of other scripts are taken"}),
    Wrong(GuessesCountry, {"N-05": "a national number is taken for one of its own country"}),
    Wrong(LowersEmail, {"N-06": "capital letters are lost"}),
    Wrong(IndependentLists, {"N-07": "the feature of one pair is taken with the action of another"}),
    Wrong(UnicodeLower, {"N-07": "a letter is taken for another one"}),
    Wrong(CaseSensitive, {"N-08": "capital letters are not taken"}),
    Wrong(DropsExperience, {"N-09": "the experience is left out"}),
    Wrong(MailDate, {"N-10": "the time is written as in emails"}),
    Wrong(DateOnly, {"N-10": "the time is left out"}),
    Wrong(LosesOffset, {"N-11": "the offset is left out"}),
    Wrong(TakesLocalForUtc, {"N-12": "the offset is replaced and not applied"}),
    Wrong(StampsAttempts, {"N-13": "a retry has a time of its own", "R-15": "so it is another body"}),
    Wrong(NullOptional, {"N-14": "what is absent is null"}),
    Wrong(EmptyText, {"N-15": "what is empty is sent"}),
    Wrong(MetadataInText, {"N-17": "the object is written into a text"}),
    Wrong(EmptyMetadata, {"N-18": "an empty object is sent"}),
    Wrong(SixDigits, {"N-19": "numbers lose their digits"}),
    Wrong(IdAsNumber, {"N-20": "an id of digits becomes a number"}),
    Wrong(EpochMilliseconds, {"N-20": "the time is a number"}),
    Wrong(CutsExperience, {"N-21": "a long experience is cut"}),
    Wrong(QuestionMarks, {"N-21": "letters beyond Latin-1 are replaced"}),
    Wrong(HalvesOfPairs, {"N-21": "texts are cut, in the middle of letters"}),
)
