"""Every place of a request where an API key may stand, by mistake or on purpose, and every way to spell one."""

import base64
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from tests.conftest import ANALYTICS, EVENT

GIFT = "/api/v1/vendor/user/assets"
CAPTURE = "/api/v1/analytics/capture/fifa-cwc-2025"
JSON_TYPE = "Content-Type: application/json"
FORM = "multipart/form-data; boundary=b"
LONG = 70_000
PATIENCE = 20


def percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def spellings(key: str) -> dict[str, str]:
    """Give each way in which a key can be read back from a text, by its name."""
    in_json = json.dumps(key)[1:-1]
    ways = {
        "as it is": key,
        "in an address": quote(key, safe=""),
        "in an address, small letters": quote(key, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
        "in a query": quote_plus(key),
        "each letter in percents": percent(key),
        "in JSON": in_json,
        "in JSON of PHP": in_json.replace("/", "\\/"),
        "each letter in JSON": escaped(key),
        "in Python": repr(key)[1:-1],
    }
    # Where it begins within three bytes decides what becomes of it; its ends depend on what stands beside it.
    ways |= {f"in base64, from {n}": _base64(key, n) for n in range(3)}
    return ways


def _base64(key: str, before: int) -> str:
    coded = base64.b64encode(b"x" * before + key.encode()).decode()
    return coded[4 if before else 0 : -4]


@dataclass(frozen=True)
class Sent:
    """One request as bytes, and the place where a key stands in it."""

    place: str
    content: bytes

    @property
    def asks_for_redirect(self) -> bool:
        """Whether it names the place that it wants to be sent to."""
        return b"example=redirect:" in self.content


def http(start: str, *headers: str, body: bytes = b"", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [start, "Host: fake", "Connection: close", f"Content-Length: {size}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def form(*parts: tuple[str, bytes]) -> bytes:
    """Write a form of parts: what stands behind `form-data; `, with further headers, and the content."""
    written = [
        f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + text + b"\r\n" for head, text in parts
    ]
    return b"".join([*written, b"--b--\r\n"])


def requests_with(key: str, sent_with: str) -> Iterator[Sent]:
    """Give requests that hold a key in one place each, and are sent with the same or with another."""
    own = (f"x-distinct-api-key: {sent_with}",)
    event = json.dumps(EVENT).encode()
    post, gift = f"POST {ANALYTICS} HTTP/1.1", f"POST {GIFT} HTTP/1.1"
    for place, start in _lines(key):
        yield Sent(place, http(start, *own, JSON_TYPE, body=event))
    for place, header in _headers(key):
        yield Sent(place, http(post, *own, JSON_TYPE, header, body=event))
    for place, body in _bodies(key):
        yield Sent(place, http(post, *own, JSON_TYPE, body=body))
        yield Sent(f"{place}, to another", http(f"POST {CAPTURE} HTTP/1.1", *own, JSON_TYPE, body=body))
    for place, body in _forms(key):
        yield Sent(place, http(gift, *own, f"Content-Type: {FORM}", body=body))
    yield Sent("the media type", http(post, *own, f"Content-Type: {key}", body=event))
    yield Sent("the boundary", http(gift, *own, f'Content-Type: multipart/form-data; boundary="{key}"', body=event))
    yield Sent("a form that is none", http(gift, *own, f"Content-Type: {FORM}", body=b"--c " + key.encode()))
    yield Sent("the key twice", http(post, f"x-distinct-api-key: {key}", *own, JSON_TYPE, body=event))
    yield Sent("the key in a list", http(post, f"x-distinct-api-key: {key}, {key}", JSON_TYPE, body=event))
    yield Sent("a body that stays out", http(post, *own, JSON_TYPE, body=key.encode(), length=300))
    yield Sent("a body whose kept part ends in it", http(post, *own, JSON_TYPE, body=_cut_within(key)))
    yield Sent("two lengths", http(post, *own, "Content-Length: 1", body=key.encode()))


def _lines(key: str) -> Iterator[tuple[str, str]]:
    url = quote(key, safe="")
    yield "nowhere else", f"POST {ANALYTICS} HTTP/1.1"
    yield "a query", f"POST {ANALYTICS}?x={url} HTTP/1.1"
    yield "a query of keys", f"POST {ANALYTICS}?api_key={url}&y=1 HTTP/1.1"
    yield "a query in percents", f"POST {ANALYTICS}?x={percent(key)} HTTP/1.1"
    yield "a path", f"POST /api/v1/{url}/analytics HTTP/1.1"
    yield "a path in percents", f"POST /{percent(key)} HTTP/1.1"
    yield "another method", f"GET {ANALYTICS}?x={url} HTTP/1.1"
    yield "an absolute address", f"POST http://{url}{ANALYTICS} HTTP/1.1"
    yield "a target that is none", f"POST {url} HTTP/1.1"
    yield "a fragment", f"POST /#{url} HTTP/1.1"
    yield "the method", f"{key} / HTTP/1.1"
    yield "the version", f"POST / {key}"
    yield "the whole line", key


def _headers(key: str) -> Iterator[tuple[str, str]]:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    for name, value in (
        ("Prefer", f'example="{key}"'), ("Prefer", f"code={key}"),
        ("Prefer", f"example=redirect:/{quote(key, safe='')}"),
        ("User-Agent", key), ("Authorization", f"Bearer {key}"), ("Authorization", f"Basic {basic}"),
        ("Cookie", f"sid={key}"), ("Referer", f"http://x/?k={quote(key, safe='')}"), ("X-Trace", key),
        ("X-Forwarded-For", key), ("Content-Encoding", key), ("Expect", key), ("Expect", "100-continue"),
        ("Transfer-Encoding", key), ("Content-Length", key), ("X-Long", "x" * LONG + key), ("X-Cut", key * 5),
    ):  # fmt: skip
        yield f"{name}: {value[:16]}", f"{name}: {value}"
    yield "a header's name", f"{key}: x"
    yield "a header that is none", key


def _bodies(key: str) -> Iterator[tuple[str, bytes]]:
    for way, spelled in spellings(key).items():
        if "JSON" in way:
            text = json.dumps({**EVENT, "email": "KEY", "eventType": "KEY", "KEY": "KEY", "experienceId": ["KEY"]})
            yield f"a body, {way}", text.replace("KEY", spelled).encode()
            yield f"an accepted body, {way}", json.dumps({**EVENT, "note": "KEY"}).replace("KEY", spelled).encode()
    yield "no JSON", b'{"email": "' + key.encode()
    yield "no text", b"\xff\xfe" + key.encode() + b"\xff"
    yield "the body", key.encode()
    yield "a member twice", json.dumps({key: 1})[:-1].encode() + b", " + json.dumps({key: 2})[1:].encode()


def _forms(key: str) -> Iterator[tuple[str, bytes]]:
    # A quote would end the name in which it stands.
    name = key.replace("\\", "\\\\").replace('"', '\\"')
    own = (('name="userId"', b"user-john-doe"), ('name="eventId"', b"summer-gala"))
    file = ('name="assets"; filename="a.gif"\r\nContent-Type: image/gif', b"GIF89a")
    yield "a text", form(*own, ('name="note"', key.encode()), file)
    yield "an identifier", form(('name="userId"', key.encode()), ('name="eventId"', key.encode()), file)
    yield "the name of a part", form(*own, (f'name="{name}"', b"x"), file)
    yield "the name of a file", form(*own, (f'name="assets"; filename="{name}"\r\nContent-Type: image/gif', b"GIF89a"))
    yield "the kind of a file", form(*own, (f'name="assets"; filename="a"\r\nContent-Type: {key}', b"GIF89a"))
    yield "the content of a file", form(*own, ('name="assets"; filename="a.gif"', b"GIF89a" + key.encode()))
    yield "a header of a part", form(*own, (f'name="assets"; filename="a.gif"\r\nX-A: {key}', b"GIF89a"))


def _cut_within(key: str) -> bytes:
    filler = 64 * 1024 - len(key) // 2 - 10
    return b'{"note": "' + b"x" * filler + json.dumps(key)[1:].encode() + b"}"


# The control API, which a key gets into by the hand of somebody in a hurry


@dataclass(frozen=True)
class Asked:
    """One request to the control API: what stands after `/_mock`, and a body."""

    method: str
    path: str
    body: Any = None
    header: str = "X-Nothing: x"


def asked_with(key: str) -> Iterator[Asked]:
    """Give requests of which few are right, each with the key somewhere."""
    url = quote(key, safe="")
    filters = ("session", "key", "operation", "status", "answer", "rule", "user", "path", "since", "accepted", "x", key)
    for resource, name in product(("requests", "requests/count", "records"), filters):
        yield Asked("GET", f"/{resource}?{quote(name, safe='')}={url}")
    for method, path in product(
        ("GET", "DELETE", "POST"), ("requests/", "sessions/", "faults/", "", "static/x/", "swagger/")
    ):
        yield Asked(method, f"/{path}{url}")
    yield Asked("GET", f"/sessions/{url}/verdict")
    yield Asked("GET", f"/stream?key={url}&x=1")
    yield Asked("GET", f"/?token={url}")
    for path in ("/requests", "/faults", "/world"):
        yield Asked("DELETE", f"{path}?session={url}")
    for header in ("Host", "Origin", "Authorization", "Cookie", "Last-Event-ID", "x-distinct-api-key"):
        yield Asked("GET", "/requests?limit=x", header=f"{header}: {key}")
    for path, body in _wrong_bodies(key):
        yield Asked("POST" if path != "/world" else "PATCH", path, body)
        yield Asked("POST", path, b"{" + json.dumps(body).encode())
    yield Asked("POST", "/verify", f"{{{json.dumps(key)}: 1, {json.dumps(key)}: 2}}".encode())
    yield Asked("POST", "/verify", b"{}", header=f"Content-Type: {key}")


def _wrong_bodies(key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for member in ("do", "operation", "session", "next", "seed", key):
        yield "/faults", {"do": "500", member: key}
    yield "/faults", {"do": [f"redirect:/{quote(key, safe='')}", key, f"userNotFound:{key}"]}
    for match in (
        {"user": key}, {"key": key, "status": 418}, {"path": key}, {"method": key}, {"session": key}, {"since": key},
        {"body": {"email": key}}, {"body": {key: {"a": key}}}, {"headers": {"x-trace": key, "Authorization": key}},
        {"parts": [{"name": key, "filename": key}]}, {"rule": key}, {key: key},
    ):  # fmt: skip
        yield "/verify", {"match": match, "count": 77}
        yield "/verify", {"none": match, "session": key}
        yield "/verify", {"sequence": [match, {"path": key}]}
        yield "/wait", {"match": match, "seconds": 0, "count": 77}
    for body in (
        {"name": [key]},
        {"answer": key},
        {"allow": [key]},
        {"world": {"users": [{"id": "u", "events": [key]}]}},
    ):
        yield "/sessions", body
    yield "/sessions", {"world": {"keys": [{"key": key}]}}
    yield "/reset", {"what": [key]}
    yield "/reset", {"session": key}
    for row in (
        {"key": key, "answer": key},
        {"key": key, "allow": [key]},
        {"key": [key]},
        {"key": f"{key} "},
        {key: 1},
    ):
        yield "/world", {"keys": [row]}
    yield "/world", {"keys": [{"key": key}, {"key": key}]}
    yield "/world", {"pairs": {key: key}, "events": [{"id": "e", key: key}]}


def exchanged(url: str, content: bytes) -> bytes:
    """Send bytes to a fake, and give all that comes back; one that resets the connection has said enough."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=PATIENCE) as connection:
        said = b""
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(1 << 16):
                said += more
        except ConnectionError:
            pass
    return said


def asked_bytes(asked: Asked) -> bytes:
    body = asked.body if isinstance(asked.body, bytes) else json.dumps(asked.body).encode()
    own = () if asked.header.startswith("Content-Type") else (JSON_TYPE,)
    start = f"{asked.method} /_mock{asked.path} HTTP/1.1"
    lines = [start, "Connection: close", *own, asked.header]
    lines += [] if asked.header.startswith("Host") else ["Host: localhost"]
    lines += [] if asked.body is None else [f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if asked.body is None else body)
