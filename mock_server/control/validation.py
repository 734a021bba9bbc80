"""Reads what a request to the control API asks for, and refuses what its document does not describe.

It is done before a handler is called, for every documented operation, so that no handler can forget it. A handler
takes what was read with `query_of` and `body_of`.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from contracts.model import shown
from mock_server.control.document import ControlDocument, Operation
from mock_server.control.problems import ProblemError, Wrong, refusal
from mock_server.control.wording import pointer

MOST_BYTES = 1 << 20
"""How large a body may be."""

# With these, an integer fits a double.
_MOST_DIGITS = 308
_INTEGER = re.compile(r"-?[0-9]{1,18}")
# JSON can spell half of a pair, which is no character: no UTF-8, and so neither SQLite nor an answer, can hold it.
_HALF_OF_A_PAIR = re.compile(r"[\ud800-\udfff]")
_BOOLEANS = {"true": True, "false": False}
_QUERY, _BODY = "mock_server.query", "mock_server.body"


def query_of(request: Request) -> dict[str, Any]:
    """Give the query parameters of a request, with the types that the document gives them."""
    found: dict[str, Any] = request.scope[_QUERY]
    return found


def body_of(request: Request) -> dict[str, Any]:
    """Give the JSON body of a request; an empty object where the document lets it be left out."""
    found: dict[str, Any] = request.scope[_BODY]
    return found


async def read_request(request: Request, operation: Operation, document: ControlDocument) -> None:
    """Read query and body, for `query_of` and `body_of`. Raises ProblemError with every fault."""
    query, faults = _read_query(request.scope["query_string"], operation)
    faults += document.query_faults(operation, query)
    body: dict[str, Any] = {}
    if operation.body:
        raw = await _read_body(request)
        if raw or operation.body_required:
            body = _parsed(raw, request.headers.get("content-type", ""))
            faults += document.faults(operation.body, body)
    if faults:
        raise refusal(faults)
    request.scope[_QUERY], request.scope[_BODY] = query, body


def _read_query(raw: bytes, operation: Operation) -> tuple[dict[str, Any], list[Wrong]]:
    query: dict[str, Any] = {}
    faults = []
    for name, text in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        if name in query:
            faults.append(Wrong(f"?{name}", "it twice", "it once"))
        kind = operation.query[name].kind if name in operation.query else "string"
        query[name] = _value_of(text, kind)
    return query, faults


def _value_of(text: str, kind: str) -> str | int | bool:
    """Read the text of a parameter as its type; what is no such value stays text, and is refused as that."""
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    return _BOOLEANS.get(text, text) if kind == "boolean" else text


async def _read_body(request: Request) -> bytes:
    """Read a body of at most MOST_BYTES; raises the problem of a larger one, or of one that was cut short."""
    too_large = ProblemError(413, f"the body has more than {MOST_BYTES} bytes, which is the most that is read")
    declared = request.headers.get("content-length", "")
    # What is this long was declared by nobody in earnest, and int() would refuse it.
    if len(declared) > len(str(MOST_BYTES)) or int(declared or 0) > MOST_BYTES:
        raise too_large
    body = b""
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        if "broken" in message:
            raise ProblemError(400, f"the body was cut short: {message['broken']}")
        body += message["body"]
        if len(body) > MOST_BYTES:
            raise too_large
        more = message["more_body"]
    return body


def _parsed(raw: bytes, content_type: str) -> dict[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    if raw and kind != "application/json":
        raise ProblemError(415, f"the body is {kind or 'of no stated type'}; expected Content-Type: application/json")
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_int=_integer,
            parse_float=_number,
        )
    except UnicodeDecodeError as error:
        raise ProblemError(400, f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise ProblemError(400, "the body is nested too deep") from None
    except ValueError as error:
        raise ProblemError(400, f"the body is no JSON: {error}" if raw else "no body; expected JSON") from None
    if not isinstance(value, dict):
        raise refusal([Wrong("", f"a JSON {_KINDS.get(type(value), 'number')}", "a JSON object")])
    # They can only have been escaped, and most bodies escape nothing.
    if b"\\u" in raw and (faults := list(_half_pairs(value))):
        raise refusal(faults)
    return value


def _half_pairs(body: dict[str, Any]) -> Iterator[Wrong]:
    """Find every name and text with a lone surrogate. It may be in a key, so none is shown."""
    # Without recursion: a body may be nested as deep as JSON's reader can go.
    rest: list[tuple[tuple[str | int, ...], object]] = [((), body)]
    while rest:
        path, value = rest.pop()
        if isinstance(value, str) and _HALF_OF_A_PAIR.search(value):
            yield Wrong(pointer(path), "a lone surrogate, which is no character", "text that UTF-8 can write")
        elif isinstance(value, list):
            rest += (((*path, number), each) for number, each in enumerate(value))
        elif isinstance(value, dict):
            if any(map(_HALF_OF_A_PAIR.search, value)):
                yield Wrong(pointer(path), "a name with a lone surrogate", "names that UTF-8 can write")
            rest += (((*path, name), each) for name, each in value.items() if not _HALF_OF_A_PAIR.search(name))


_KINDS = {list: "list", str: "text", bool: "boolean", type(None): "null"}


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"the member {name!r} stands twice in one object")
        members[name] = value
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ProblemError(400, f"the body has a number of {len(digits)} digits; at most {_MOST_DIGITS} are read")
    return int(digits)


def _number(digits: str) -> int | float:
    """Read a number with a fraction or an exponent; to a schema, 1e3 and 2.0 are integers."""
    number = float(digits)
    if math.isinf(number):
        raise ProblemError(400, f"the body has the number {shown(digits)[1:-1]}, which is beyond a double")
    return int(number) if number.is_integer() else number


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
