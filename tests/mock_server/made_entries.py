"""Requests as a journal would give them, made by hand: right but for what is named."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mock_server.storage.entry import Detail, Entry, Pairs, SentPart
from tests.conftest import ANALYTICS, EVENT

HEADERS: Pairs = (("host", "x"), ("x-distinct-api-key", "vend…3f9a2c"), ("content-type", "application/json"))


def made(number: int = 1, body: Mapping[str, Any] | bytes | None = None, **others: Any) -> Entry:  # noqa: ANN401 - any member
    """Give an accepted request to user analytics; `others` are members of the entry or of its detail."""
    raw = body if isinstance(body, bytes) else json.dumps(EVENT if body is None else body).encode()
    detail = Detail(
        headers=HEADERS,
        body=raw,
        sha256="",
        parts=None,
        remarks=(),
        sent_headers=(("content-type", "application/json"),),
        sent_body=b'{"statusCode":200,"message":"User analytics added successfully.","data":null}',
    )
    entry = Entry(
        seq=number,
        id=f"abc-{number}",
        at=1_777_000_000.0 + number,
        session="",
        key="vend…3f9a2c",
        address="127.0.0.1",
        method="POST",
        target=ANALYTICS,
        operation="addUserAnalytics",
        status=200,
        answer="userAnalyticsAdded",
        accepted=True,
        size=len(raw),
        seconds=0.001,
        stayed=True,
        user="user-john-doe",
        event="",
        broken=(),
        flagged=(),
        armed=None,
        detail=detail,
    )
    of_detail = {name: others.pop(name) for name in list(others) if name in Detail.__slots__}
    changes: dict[str, Any] = {**others, "detail": replace(detail, **of_detail)}
    return replace(entry, **changes)


def part(name: str, text: str = "") -> SentPart:
    """Give a text of a form."""
    return SentPart(name, None, "", len(text), "", text)


def file(name: str, filename: str, size: int = 5, sha256: str = "ab" * 32) -> SentPart:
    """Give a file of a form."""
    return SentPart(name, filename, "image/gif", size, sha256, "")


def gift(number: int = 1, parts: Sequence[SentPart] = (), **others: object) -> Entry:
    """Give an accepted gift."""
    members: dict[str, Any] = {
        "operation": "giftAssets",
        "target": "/api/v1/vendor/user/assets",
        "answer": "assetsUploaded",
        "event": "summer-gala",
        "body": b"",
        "size": 500,
        "parts": tuple(parts),
        "headers": (*HEADERS[:2], ("content-type", "multipart/form-data; boundary=x")),
    }
    return made(number, **{**members, **others})
