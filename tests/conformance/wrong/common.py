"""Clients that get wrong what is the same for every request."""

import gzip
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

from tests.conformance.reference import Headers, Reference, Refused
from tests.conformance.wrong_client import Wrong

NEEDED = (
    ("REGISTRATION_PAGE_VISIT", "sessionId"),
    ("REGISTRATION_PAGE_VISIT", "registrationPageValue"),
    ("PHOTO_ASSIGNED_TO_USER", "email"),
    ("PHOTO_DOWNLOADED_BY_USER", "email"),
    ("PHOTO_VIEWED_BY_USER", "email"),
)
JSON_OPERATIONS = {"addUserAnalytics", "captureAnalytics"}


class PutMethod(Reference):
    method = "PUT"


class TrailingSlash(Reference):
    def path(self, operation: str) -> str:
        return f"{super().path(operation)}/"


class EscapedSlash(Reference):
    """Escapes the path as one escapes a part of it."""

    def path(self, operation: str) -> str:
        head, _, tail = super().path(operation).rpartition("/")
        return f"{head}%2F{tail}"


class KeyInQuery(Reference):
    def path(self, operation: str) -> str:
        return f"{super().path(operation)}?api_key={self.config.api_key}"


class NoKeyOnUpload(Reference):
    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        if operation == "giftAssets":
            del headers["x-distinct-api-key"]
        return super().exchange(operation, headers, length, content)


class BearerPrefix(Reference):
    def key_headers(self) -> Headers:
        return {**super().key_headers(), "x-distinct-api-key": f"Bearer {self.config.api_key}"}


class OnlyLettersOfKey(Reference):
    def key_headers(self) -> Headers:
        return {**super().key_headers(), "x-distinct-api-key": re.sub(r"[^A-Za-z0-9_]", "", self.config.api_key)}


class KeyInOtherHeader(Reference):
    def key_headers(self) -> Headers:
        return {**super().key_headers(), "X-Request-Source": f"acme {self.config.api_key}"}


class TextPlain(Reference):
    def json_headers(self) -> Headers:
        return {**super().json_headers(), "Content-Type": "text/plain"}


class FormEncoded(Reference):
    def json_headers(self) -> Headers:
        return {**super().json_headers(), "Content-Type": "application/x-www-form-urlencoded"}

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return urlencode(body, errors="replace").encode()


class ByteOrderMark(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return b"\xef\xbb\xbf" + super().encoded(body)


class ListOfOne(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return b"[" + super().encoded(body) + b"]"


class Latin1(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        content: bytes = super().encoded(body)
        try:
            return content.decode().encode("latin-1")
        except UnicodeEncodeError:
            return content


class MemberTwice(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        name = "capturedAt" if "capturedAt" in body else "recordCapturedAt"
        return super().encoded(body)[:-1] + b',"' + name.encode() + b'":"' + str(body[name]).encode() + b'"}'


class LengthInCharacters(Reference):
    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        content = self.encoded(body)
        self.attempts(operation, lambda: (self.json_headers(), len(content.decode()), iter([content])))


class ExtraField(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return super().encoded({**body, "sdkVersion": "1.0"})


class SendsTwice(Reference):
    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        if operation not in JSON_OPERATIONS:
            return super().exchange(operation, headers, length, content)
        body = b"".join(content)
        answer = super().exchange(operation, headers, length, iter([body]))
        return answer if answer[0] != 200 else super().exchange(operation, headers, length, iter([body]))


class NoUserAgent(Reference):
    def key_headers(self) -> Headers:
        return {name: value for name, value in super().key_headers().items() if name != "User-Agent"}


class JoinsUrls(Reference):
    """Joins the base URL and a path that begins with a slash, which drops the path of the base URL."""

    def target(self, base: str, operation: str) -> str:
        return urljoin(base, self.path(operation))


class Compresses(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return gzip.compress(super().encoded(body))

    def json_headers(self) -> Headers:
        return {**super().json_headers(), "Content-Encoding": "gzip"}


class SilentDrop(Reference):
    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - as in the right one
        try:
            super().addUserAnalytics(**fields)
        except Refused:
            return


class StrictEmail(Reference):
    """Takes no plus in an email address."""

    def check_analytics(self, body: Mapping[str, Any]) -> None:
        super().check_analytics(body)
        if not re.fullmatch(r"[\w.@-]+", body.get("email", "x")):
            raise Refused("email")


class SendsAnything(Reference):
    """Hands on whatever it is given: a thin wrapper."""

    def check_analytics(self, body: Mapping[str, Any]) -> None:
        """Leave it to the API."""

    def check_capture(self, body: Mapping[str, Any]) -> None:
        """Leave it to the API."""

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        try:
            return super().encoded(body)
        except UnicodeEncodeError:
            raise Refused("no Unicode text") from None


WRONG: tuple[Wrong, ...] = (
    Wrong(PutMethod, {"O-01": "every request is a PUT"}),
    Wrong(
        TrailingSlash,
        {"O-02": "two paths end in a slash", "C-01": "so does that of the capture endpoint"},
        everywhere=True,
    ),
    Wrong(EscapedSlash, {"O-02": "an encoded slash separates nothing, so the path is another"}),
    Wrong(KeyInQuery, {"O-02": "there is a query", "O-05": "and the key stands in it"}),
    Wrong(NoKeyOnUpload, {"O-03": "uploads go without a key"}, everywhere=True),
    Wrong(BearerPrefix, {"O-04": "a word stands before the key"}),
    Wrong(OnlyLettersOfKey, {"O-04": "a key with other characters is cut"}),
    Wrong(KeyInOtherHeader, {"O-05": "another header shows the key"}),
    Wrong(TextPlain, {"O-06": "JSON is declared as text"}),
    Wrong(FormEncoded, {"O-06": "it is a form, and no JSON"}),
    Wrong(ByteOrderMark, {"O-07": "a byte order mark stands in front"}),
    Wrong(ListOfOne, {"O-07": "it is a list"}),
    Wrong(Latin1, {"O-07": "letters beyond ASCII are no UTF-8"}),
    Wrong(MemberTwice, {"O-08": "the time stands twice"}),
    Wrong(
        LengthInCharacters,
        {"O-09": "letters of two bytes are counted once", "O-07": "so the end of the object does not arrive"},
    ),
    Wrong(ExtraField, {"O-10": "there is a field of its own"}),
    Wrong(SendsTwice, {"O-11": "what was accepted is sent again"}),
    Wrong(NoUserAgent, {"O-12": "there is no such header"}),
    Wrong(JoinsUrls, {"O-13": "the path of the base URL is dropped"}),
    Wrong(Compresses, {"O-14": "no rule of any other obligation is about compression"}),
    Wrong(SilentDrop, {"O-15": "the caller is not told of a refusal"}),
    Wrong(StrictEmail, {"O-16": "an address with a plus is refused"}),
    Wrong(
        SendsAnything,
        {
            "N-01": "no identifier is asked for",
            "N-04": "phone numbers are not looked at",
            "N-07": "nor are pairs",
            "N-09": "nor is the experience",
            "N-10": "nor is the form of times",
            "N-11": "nor is their offset",
            "N-17": "nor is what metadata is",
            "N-20": "nor whether a text is one",
            "C-02": "nor is the type",
            "C-03": "nor is the event",
            **{f"C-04.{type_}.{field}": "nor is what a type needs" for type_, field in NEEDED},
            "C-07": "nor is the time of an event",
        },
        everywhere=True,
    ),
)
