"""A request in full, as a person reads it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mock_server.request_text import in_full, table
from mock_server.told import Body, FullRequest, Played

REQUEST = FullRequest(
    seq=1,
    id="4ce41c-1",
    at=datetime(2026, 11, 21, 12, 0, 0, 123_000, tzinfo=UTC),
    session=None,
    key=None,
    address="127.0.0.1",
    method="GET",
    path="/nowhere",
    operation=None,
    status=404,
    answer="notFound",
    accepted=False,
    size=0,
    milliseconds=1.25,
    stayed=True,
    completed=True,
    user=None,
    event=None,
    broken=(),
    flags=("some.flag",),
    armed=None,
    headers=(),
    body=Body(text="", base64=None, size=0, kept=0, sha256=None, json=None),
    parts=None,
    answer_headers=(),
    answer_body='{"statusCode":404}',
    breaches=(),
    flagged=(),
    sent="curl http://127.0.0.1:1/nowhere",
    corrected=None,
    changes=("there is no such path",),
)

LINES = [
    pytest.param({}, 'answered    404 {"statusCode":404}, after 1.2 ms', id="answered"),
    pytest.param({"status": None}, "answered    nothing", id="nothing-sent"),
    pytest.param({"milliseconds": None}, 'answered    404 {"statusCode":404}', id="not-yet-complete"),
    pytest.param(
        {"stayed": False}, 'answered    404 {"statusCode":404}, after 1.2 ms; the client left before its end', id="left"
    ),
    pytest.param({}, "key         none that is known", id="no-key"),
    pytest.param({"key": "vend…3f9a2c", "session": "s-1"}, "key         vend…3f9a2c, session s-1", id="session"),
    pytest.param({"armed": Played("f-1", "500", documented=True)}, "armed       f-1 500", id="armed"),
    pytest.param({"operation": "op", "user": "u", "event": "e"}, "about       op, u, e", id="about"),
    pytest.param({"path": "/\x1b[2J"}, r"sent        GET /\x1b[2J, 0 bytes", id="no-control-characters"),
    pytest.param({}, "  changed there is no such path", id="why-not-corrected"),
]


@pytest.mark.parametrize(("members", "line"), LINES)
def test_a_line_of_it(members: Mapping[str, Any], line: str) -> None:
    assert line in in_full(replace(REQUEST, **members)).splitlines()


def test_a_body_that_is_no_text_is_left_out() -> None:
    body = Body(text=None, base64="/w==", size=1, kept=1, sha256=None, json=None)

    assert "body:" not in in_full(replace(REQUEST, body=body))


def test_columns_are_as_wide_as_the_widest() -> None:
    left = replace(REQUEST, id="4ce41c-1000", status=None, stayed=False, milliseconds=None)

    assert table([REQUEST, left]).splitlines() == [
        "12:00:00.123  4ce41c-1     -  GET /nowhere  404              1.2ms  (some.flag)",
        "12:00:00.123  4ce41c-1000  -  GET /nowhere  --- client left  ...    (some.flag)",
    ]
