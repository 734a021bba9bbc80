"""Right clients that do otherwise than the reference where the documents leave it to them."""

import re
import time
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, ClassVar

from conformance.clients.client import GivenFile
from tests.conformance.batching import Batching
from tests.conformance.reference import ApiError, Reference, Refused


class SendsTheRest(Reference):
    """Uploads the files that can be sent, and tells its caller of the others."""

    def giftAssets(self, files: Sequence[GivenFile] = (), **fields: Any) -> None:  # noqa: ANN401, N802 - as the right one
        good = [file for file in files if not self.fault(file)]
        super().giftAssets(files=good, **fields)
        faults = [self.fault(file) for file in files if file not in good]
        if faults:
            raise Refused(f"not sent: {', '.join(faults)}")

    def fault(self, file: GivenFile) -> str:
        try:
            self.check_file(file)
        except Refused as refused:
            return str(refused)
        return ""


class _Tidies(Reference):
    """Trims texts as its language does."""

    blanks: str

    def cleaned(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        texts = {name: value.strip(self.blanks) for name, value in fields.items() if isinstance(value, str)}
        return super().cleaned({**fields, **texts})


class TrimsLikeJavaScript(_Tidies):
    blanks = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


class TrimsLikePhp(_Tidies):
    blanks = " \n\r\t\v\0"


class WholeSeconds(Reference):
    """Writes times as the documents' examples do."""

    def cleaned(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: fields.get(name) for name in ("capturedAt", "recordCapturedAt")}
        times = {name: re.sub(r"\.[0-9]+", "", text) for name, text in given.items() if isinstance(text, str)}
        return super().cleaned({**fields, **times})


class OneEach(Batching):
    """Sends each file in an upload of its own."""

    def batches(self, files: Sequence[GivenFile]) -> Sequence[Sequence[GivenFile]]:
        return [[file] for file in files]


class NumbersFailures(Reference):
    """Tells each failure with a number that it finds in its log."""

    def outcome(self, status: int, body: bytes) -> None:
        try:
            super().outcome(status, body)
        except ApiError as error:
            raise ApiError(error.status, f"{error} (request {next(NUMBERS)})") from None


NUMBERS = count(1)


class DrawsItsWaits(Reference):
    """Waits as if times had been drawn from a range that begins with nothing."""

    def wait(self, attempt: int) -> None:
        time.sleep((0.3, 0.1, 0.0, 0.8)[attempt - 1] * self.config.time_scale)


class SendsUploadsOnce(Reference):
    """Tries events again, and no uploads."""

    def post_form(self, texts: Mapping[str, Any], files: Sequence[GivenFile]) -> None:
        self.most_attempts = lambda: 1  # type: ignore[method-assign] # for this call
        try:
            super().post_form(texts, files)
        finally:
            del self.most_attempts


class TriesConflictsAgain(Reference):
    capabilities: ClassVar[Mapping[str, Any]] = {
        **Reference.capabilities, "retries": {"on": [409, 422, 500], "max_attempts": 3},
    }  # fmt: skip

    def again(self, status: int, attempt: int, most: int) -> bool:
        return status in (409, 422, 500) and attempt < most


class RefusesTheFuture(Reference):
    """Takes no event that has not happened yet, by a clock as it was soon after the documents were written."""

    def check_time(self, name: str, text: str) -> None:
        super().check_time(name, text)
        if text > "2026-06":
            raise Refused(f"{name}: {text} is still to come")


class LeavesOutBadEmails(Reference):
    """Sends an event without an email that is none, where something else says whose it is."""

    def cleaned(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        body = super().cleaned(fields)
        others = {"userId", "phone"} & body.keys()
        if others and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", str(body.get("email", "a@b.c"))):
            del body["email"]
        return body
