"""Clients that get wrong what is the same for every request."""

import gzip
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

from conformance.clients.client import GivenFile
from tests.conformance.reference import Headers, Reference, Refused
from tests.conformance.wrong_client import Wrong

JSON_OPERATIONS = {"addUserAnalytics", "captureAnalytics"}


class PutMethod(Reference):
    method = "PUT"


class TrailingSlash(Reference):
    def path(self, operation: str) -> str:
        return f"{super().path(operation)}/"


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
        try:
            return super().encoded(body).decode().encode("latin-1")
        except UnicodeEncodeError:
            return super().encoded(body)


class MemberTwice(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        name = "capturedAt" if "capturedAt" in body else "recordCapturedAt"
        return super().encoded(body)[:-1] + b',"' + name.encode() + b'":"' + body[name].encode() + b'"}'


class LengthInCharacters(Reference):
    def post_json(self, operation: str, body: Mapping[str, Any]) -> None:
        content = self.encoded(body)
        self.attempts(operation, lambda: (self.json_headers(), len(content.decode()), iter([content])))


class ExtraField(Reference):
    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return super().encoded({**body, "sdkVersion": "1.0"})


class SendsTwice(Reference):
    def exchange(self, operation: str, headers: Headers, length: int, content: Iterator[bytes]) -> tuple[int, bytes]:
        answer = super().exchange(operation, headers, length, content)
        if answer[0] == 200 and operation in JSON_OPERATIONS:
            return super().exchange(operation, headers, length, iter([self.last]))
        return answer

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        self.last = super().encoded(body)
        return self.last


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

    def check_file(self, file: GivenFile) -> None:
        """Leave it to the API."""


WRONG: tuple[Wrong, ...] = ()
