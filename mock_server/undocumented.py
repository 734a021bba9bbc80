"""Answers that the contract has not, but that clients meet all the same: those of gateways, and any status."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

from contracts.model import Answer, shown

Headers = tuple[tuple[bytes, bytes], ...]

_JSON = b"application/json"
_TEXT = b"text/plain; charset=utf-8"
_HTML = b"text/html"
_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED})


@dataclass(frozen=True, slots=True)
class ArmedAnswer(Answer):
    """An answer that is sent in place of the one that was judged; `headers` are its own, without its length."""

    headers: Headers
    documented: bool


class Argument(NamedTuple):
    """What may follow the name of an answer: the header that it fills, and what it must look like."""

    name: str
    header: bytes
    default: str
    pattern: re.Pattern[str]
    expected: str


class Undocumented(NamedTuple):
    """One answer that no document of the vendor names."""

    name: str
    status: int
    says: str
    content_type: bytes
    body: bytes
    argument: Argument | None = None

    @property
    def form(self) -> str:
        """How it is written in a step."""
        return f"{self.name}[:{self.argument.name}]" if self.argument else self.name


_SECONDS = Argument(
    "seconds", b"retry-after", "1", re.compile(r"0|[1-9][0-9]{0,4}"), "a whole number of seconds, at most 99999"
)
# Not '+', which joins the parts of a step, and nothing that a header's value or an address must not hold.
_URL = Argument(
    "url", b"location", "/moved", re.compile(r"(?:/|https?://)[!#-*,-;=?-\[\]_a-z~%]{0,2000}"),
    "a path from / on or an http(s) URL; %2B stands for +",
)  # fmt: skip

_CUT_SHORT = b'{"statusCode":'


def _page(status: HTTPStatus) -> bytes:
    """Write the page that proxies send when they have no other."""
    title = f"{status.value} {status.phrase}"
    head = f"<html>\r\n<head><title>{title}</title></head>\r\n"
    return f"{head}<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n".encode()


_ANSWERS = (
    Undocumented(
        "created", 201, "Taken, with another status in the contract's form.",
        _JSON, b'{"statusCode":201,"message":"Created.","data":null}',
    ),
    Undocumented(
        "moreFields", 200, "Taken, with fields that the contract does not name.",
        _JSON, b'{"statusCode":200,"message":"Taken.","data":{"id":"a1b2"},"traceId":"c3d4","warnings":[]}',
    ),
    Undocumented("emptyBody", 200, "Taken, and nothing else said: no body.", _JSON, b""),
    Undocumented("malformedJson", 200, "Taken, it seems, but the JSON ends in the middle.", _JSON, _CUT_SHORT),
    Undocumented(
        "htmlRefusal", 400, "Refused by a firewall: an HTML page.", _HTML, _page(HTTPStatus.BAD_REQUEST)
    ),
    Undocumented("emptyRefusal", 400, "Refused without a word: no body.", _JSON, b""),
    Undocumented("malformedRefusal", 400, "Refused in JSON that ends in the middle.", _JSON, _CUT_SHORT),
    Undocumented("listRefusal", 400, "Refused in JSON that is a list of words.", _JSON, b'["Bad Request"]'),
    Undocumented(
        "htmlError", 500, "Failed without the contract's form: an HTML page.",
        _HTML, _page(HTTPStatus.INTERNAL_SERVER_ERROR),
    ),
    Undocumented("emptyError", 500, "Failed without a word: no body.", _JSON, b""),
    Undocumented(
        "tooManyRequests", 429, "Slowed down by a gateway: Retry-After, and JSON that is not in the contract's form.",
        _JSON, b'{"message":"Too Many Requests"}', _SECONDS,
    ),
    Undocumented(
        "serviceUnavailable", 503, "Nothing behind the gateway is up: Retry-After, and plain text.",
        _TEXT, b"no healthy upstream", _SECONDS,
    ),
    Undocumented(
        "badGateway", 502, "What is behind the proxy failed: an HTML page.", _HTML, _page(HTTPStatus.BAD_GATEWAY)
    ),
    Undocumented(
        "gatewayTimeout", 504, "What is behind the proxy took too long: an HTML page.",
        _HTML, _page(HTTPStatus.GATEWAY_TIMEOUT),
    ),
    Undocumented(
        "found", 302, "Sends the client elsewhere, and leaves open whether with the same request.", b"", b"", _URL
    ),
    Undocumented(
        "redirect", 307, "Sends the client elsewhere with the same request; by default to a path that nothing is at.",
        b"", b"", _URL,
    ),
)  # fmt: skip

_BY_NAME: Mapping[str, Undocumented] = {answer.name: answer for answer in _ANSWERS}


def undocumented_answers() -> tuple[Undocumented, ...]:
    """Give the undocumented answers that have a name, in the order in which they are listed."""
    return _ANSWERS


def documented(answer: Answer) -> ArmedAnswer:
    """Arm an answer of the contract."""
    return ArmedAnswer(answer.name, answer.status, answer.message, answer.body, _typed(_JSON), documented=True)


def undocumented(name: str, argument: str | None = None) -> ArmedAnswer:
    """Arm an undocumented answer; KeyError for a name that is none, ValueError for an argument that does not fit."""
    found = _BY_NAME[name]
    headers = _typed(found.content_type)
    if found.argument is not None:
        value = found.argument.default if argument is None else argument
        if not found.argument.pattern.fullmatch(value):
            raise ValueError(f"{name}: got {shown(value)}, expected {found.argument.expected}")
        headers = (*headers, (found.argument.header, value.encode()))
    elif argument is not None:
        raise ValueError(f"{name}: got {shown(argument)} after it, expected nothing")
    return ArmedAnswer(name, found.status, _phrase(found.status), found.body, headers, documented=False)


def undocumented_status(status: int) -> ArmedAnswer:
    """Arm some undocumented answer with a status: one that has a name, or else the status in plain text."""
    for found in _ANSWERS:
        if found.status == status:
            return undocumented(found.name)
    phrase = _phrase(status)
    content_type, body = (b"", b"") if status in _WITHOUT_BODY else (_TEXT, phrase.encode())
    return ArmedAnswer(str(status), status, phrase, body, _typed(content_type), documented=False)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)


def _typed(content_type: bytes) -> Headers:
    return ((b"content-type", content_type),) if content_type else ()
