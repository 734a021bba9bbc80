"""Rows: what is kept of a request, how much of its body, and no key in any column."""

import json
from hashlib import sha256
from typing import Any

import pytest

from contracts.model import Answer, Breach
from contracts.multipart_body import Part
from contracts.spec import load_contract
from contracts.world import Key, masked
from mock_server.exchange import Exchange
from mock_server.storage.entry import Armed, Entry, Remark, SentPart
from mock_server.storage.rows import RowMaker, entry
from mock_server.storage.secrecy import Secrets
from tests.conftest import EVENT
from tests.mock_server.storage.made import exchange, of_session

CONTRACT = load_contract()
RULE = CONTRACT.rules["analytics.user-known"]
FLAG = next(rule for rule in CONTRACT.rules.values() if rule.answer is None)
LIMIT = 64 * 1024
SECRET = "vendor-secret-key"
UNKNOWN = "a-key-that-nobody-knows"

PERSON = "jane.roe@example.com"


def kept(made: Exchange, bodies: str = "head", secrets: tuple[str, ...] = ()) -> Entry:
    row = RowMaker(CONTRACT, bodies).row(made, 7, Secrets(secrets))
    # As the columns stand in the database: without weight and fingerprint.
    return entry(row[:-2], full=True)


def test_a_row_is_made_of_what_sqlite_takes_at_once(key: Key) -> None:
    made = exchange(3, key=key, body=b"{}", duration=0.5, flags=[Breach(FLAG, "query", "'x=1'", "no query")])

    row = RowMaker(CONTRACT).row(made, 7, Secrets())

    assert {type(column) for column in row} == {int, float, str, bytearray}


def test_everything_that_an_exchange_says_is_in_its_entry(key: Key) -> None:
    made = exchange(
        3,
        query="x=1",
        headers=[(b"X-Distinct-Api-Key", b"vendor-test-key"), (b"Accept", b"a:b")],
        operation="addUserAnalytics",
        key=of_session(key, "s-1"),
        size=2,
        body=b"{}",
        breaches=[Breach(RULE, "email", "'x'", "a user", "a hint"), Breach(RULE, "phone", "'y'", "a user")],
        flags=[Breach(FLAG, "query", "'x=1'", "no query")],
        armed=Armed("f-1", "500", documented=True),
        more_headers=[(b"connection", b"close")],
        duration=0.5,
        stayed=False,
    )

    found = kept(made)

    assert (found.seq, found.id, found.at) == (7, "abc-3", made.at.timestamp())
    assert (found.session, found.key) == ("s-1", key.masked)
    assert (found.method, found.target, found.operation) == ("POST", "/api/v1/user/analytics?x=1", "addUserAnalytics")
    assert (found.status, found.answer, found.accepted) == (200, "userAnalyticsAdded", False)
    assert (found.size, found.seconds, found.stayed, found.address) == (2, 0.5, False, "127.0.0.1")
    assert (found.broken, found.flagged) == ((RULE.id,), (FLAG.id,))
    assert found.armed == Armed("f-1", "500", documented=True)
    assert found.detail is not None
    assert found.detail.headers == (("x-distinct-api-key", masked("vendor-test-key")), ("accept", "a:b"))
    assert found.detail.remarks == (
        Remark(RULE.id, "email", "'x'", "a user", "a hint", is_flag=False),
        Remark(RULE.id, "phone", "'y'", "a user", "", is_flag=False),
        Remark(FLAG.id, "query", "'x=1'", "no query", "", is_flag=True),
    )
    assert (found.detail.body, found.detail.parts, found.detail.sent_body) == (b"{}", None, b'{"statusCode":200}')
    assert found.detail.sent_headers == (
        ("content-type", "application/json"),
        ("content-length", "18"),
        ("distinct-mock-request", "abc-3"),
        ("distinct-mock-broken", RULE.id),
        ("distinct-mock-flags", FLAG.id),
        ("distinct-mock-armed", "f-1 500"),
        ("connection", "close"),
    )


def test_an_exchange_that_never_came_to_an_answer_has_empty_places() -> None:
    found = kept(exchange(answer=None))

    assert (found.status, found.answer, found.session, found.key, found.armed) == (0, "", "", "", None)
    assert (found.seconds, found.broken, found.flagged) == (None, (), ())


# Bodies


@pytest.mark.parametrize(
    ("bodies", "size", "length", "summed"),
    [
        pytest.param("none", 100, 0, False, id="none"),
        pytest.param("head", 100, 100, False, id="head-small"),
        pytest.param("head", LIMIT, LIMIT, False, id="head-just-fits"),
        pytest.param("head", LIMIT + 1, LIMIT, True, id="head-cut"),
        pytest.param("full", LIMIT + 1, LIMIT + 1, False, id="full"),
        pytest.param(
            "full", CONTRACT.limits.json_bytes + 5, CONTRACT.limits.json_bytes, True, id="full-over-the-limit"
        ),
    ],
)
def test_so_much_of_a_body_is_kept(bodies: str, size: int, length: int, summed: bool) -> None:  # noqa: FBT001 - a case
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    detail = kept(exchange(body=content, size=size), bodies).detail

    assert detail is not None
    assert detail.body == content[:length]
    assert detail.sha256 == (sha256(content).hexdigest() if summed else "")


def form() -> list[Part]:
    return [
        Part("userId", None, "", 13, text="user-jane-roe"),
        Part("assets", f"{PERSON}.gif", "image/gif", 6, sha256="ab" * 32, head=b"GIF89a"),
    ]


def test_of_a_form_its_parts_are_kept() -> None:
    detail = kept(exchange(parts=form())).detail

    assert detail is not None
    assert detail.parts == (
        SentPart("userId", None, "", 13, "", "user-jane-roe"),
        SentPart("assets", f"{PERSON}.gif", "image/gif", 6, "ab" * 32, ""),
    )


def test_without_bodies_nothing_about_a_person_is_kept(key: Key) -> None:
    personal = exchange(
        key=key,
        operation="addUserAnalytics",
        accepted=True,
        address="203.0.113.77",
        query=f"who={PERSON}",
        headers=[
            (b"x-forwarded-for", b"203.0.113.77"),
            (b"from", PERSON.encode()),
            (b"x-user", b"user-jane-roe"),
            (b"content-type", b"application/json"),
        ],
        body=json.dumps({**EVENT, "email": PERSON}).encode(),
        parts=form(),
        breaches=[Breach(RULE, "email", f"'{PERSON}'", f"another than {PERSON}")],
        flags=[Breach(FLAG, "email", f"'{PERSON}'", "user-jane-roe")],
    )

    row = RowMaker(CONTRACT, "none").row(personal, 1, Secrets())

    text = repr(row)
    assert [word for word in (PERSON, "203.0.113.77", "user-jane-roe", "jane") if word in text] == []
    found = entry(row[:-2], full=True)
    assert found.detail is not None
    assert found.detail.parts == (
        SentPart("userId", None, "", 13, "", ""),
        SentPart("assets", "", "image/gif", 6, "ab" * 32, ""),
    )
    assert dict(found.detail.headers)["content-type"] == "application/json"
    assert [remark.rule for remark in found.detail.remarks] == [RULE.id, FLAG.id]
    assert (found.target, found.broken, found.flagged) == ("/api/v1/user/analytics", (RULE.id,), (FLAG.id,))


# Subjects

GIFT = [Part("userId", None, "", 13, text="user-john-doe"), Part("eventId", None, "", 11, text="summer-gala")]
SUBJECTS: list[Any] = [
    pytest.param("addUserAnalytics", {"body": json.dumps(EVENT).encode()}, ("user-john-doe", ""), id="by-email"),
    pytest.param(
        "captureAnalytics",
        {"body": b'{"phone": "+442071838750", "eventValue": "opening-match"}'},
        ("user-jane-roe", "opening-match"),
        id="by-phone",
    ),
    pytest.param("giftAssets", {"parts": [*GIFT, *form()[1:]]}, ("user-john-doe", "summer-gala"), id="of-a-form"),
    pytest.param("addUserAnalytics", {"body": b'{"userId": "nobody"}'}, ("", ""), id="nobody"),
    pytest.param("addUserAnalytics", {"body": b"[" * 5000}, ("", ""), id="no-object"),
    pytest.param("", {"body": b"{}"}, ("", ""), id="no-operation"),
]


@pytest.mark.parametrize(("operation", "facts", "whose"), SUBJECTS)
def test_an_accepted_request_names_its_subject(
    operation: str, facts: dict[str, Any], whose: tuple[str, str], key: Key
) -> None:
    found = kept(exchange(operation=operation, key=key, accepted=True, **facts))

    assert (found.user, found.event) == whose


def test_a_refused_request_has_no_subject(key: Key) -> None:
    found = kept(exchange(operation="addUserAnalytics", key=key, body=json.dumps(EVENT).encode()))

    assert (found.user, found.event) == ("", "")


# Secrets

SHOWN = [
    pytest.param({"headers": [(b"x-note", b"it is %b")]}, id="header"),
    pytest.param({"headers": [(b"%b", b"x")]}, id="name-of-a-header"),
    pytest.param({"path": "/api/%s/x"}, id="path"),
    pytest.param({"query": "x=%s&y"}, id="query"),
    pytest.param({"method": "%s"}, id="method"),
    pytest.param({"body": b'{"email": "%b"}'}, id="body"),
    pytest.param({"body": b"x" * (LIMIT - 5) + b"%b"}, id="where-a-body-is-cut"),
    pytest.param({"parts": [Part("%s", None, "", 5, text="x")]}, id="name-of-a-part"),
    pytest.param({"parts": [Part("x", None, "", 5, text="it is %s")]}, id="text-of-a-part"),
    pytest.param({"parts": [Part("x", "%s.gif", "%s/x", 5)]}, id="file-name"),
    pytest.param({"breaches": [Breach(RULE, "%s", "'%s'", "not %s", "%s?")]}, id="breach"),
    pytest.param({"flags": [Breach(FLAG, "%s", "'%s'", "not %s", "%s?")]}, id="flag"),
    pytest.param({"armed": Armed("prefer", "redirect:/%s", documented=False)}, id="armed"),
    pytest.param({"more_headers": [(b"location", b"/%b")]}, id="header-of-the-answer"),
    pytest.param({"answer": Answer("x", 400, "%s", b"got '%b'")}, id="answer"),
]


def filled(value: Any, secret: str) -> Any:  # noqa: ANN401 - whatever holds text
    """Put a secret into every place for one."""
    match value:
        case str():
            return value.replace("%s", secret)
        case bytes():
            return value.replace(b"%b", secret.encode())
        case tuple() if hasattr(value, "_make"):
            return value._make(filled(item, secret) for item in value)
        case list() | tuple():
            return type(value)(filled(item, secret) for item in value)
        case Part() | Answer():
            return type(value)(*(filled(getattr(value, name), secret) for name in value.__slots__))
        case _:
            return value


@pytest.mark.parametrize("secret", [SECRET, 'q"uote\\and/slash', UNKNOWN], ids=["known", "odd", "unknown"])
@pytest.mark.parametrize("facts", SHOWN)
def test_a_key_stands_in_no_column(facts: dict[str, Any], secret: str) -> None:
    made = exchange(**{name: filled(value, secret) for name, value in facts.items()})
    made.headers = [*made.headers, (b"x-distinct-api-key", secret.encode())]

    row = RowMaker(CONTRACT).row(made, 1, Secrets([SECRET, 'q"uote\\and/slash']))

    columns = [column.decode("latin-1") if isinstance(column, bytes) else str(column) for column in row]
    part = secret[:-2]
    assert [column for column in columns if part in column or json.dumps(part)[1:-1] in column] == []


def test_what_is_refused_may_end_in_the_middle_of_a_key() -> None:
    made = exchange(body=b"no form at all " + SECRET[:-1].encode(), breaches=[Breach(RULE, "body", "9", "more")])

    found = kept(made, secrets=(SECRET,))

    assert found.detail is not None
    assert found.detail.body == b"no form at all " + b"*" * (len(SECRET) - 1)


def test_the_header_with_the_key_is_masked_whatever_its_name() -> None:
    maker = RowMaker(CONTRACT)
    maker._key_header = b"x-vendor"  # noqa: SLF001 - as in another spec

    row = maker.row(exchange(headers=[(b"x-vendor", b"short")]), 1, Secrets())

    assert f"x-vendor:{masked('short')}" in row


def test_long_headers_are_not_remembered() -> None:
    from mock_server.storage import rows

    before = rows._known_header.cache_info().currsize  # noqa: SLF001 - it is bounded in number only
    long = [(b"x-long", b"%d" % number + b"x" * 300) for number in range(5)]

    found = kept(exchange(headers=long))

    assert found.detail is not None
    assert [value.encode() for _, value in found.detail.headers] == [value for _, value in long]
    assert rows._known_header.cache_info().currsize == before  # noqa: SLF001 - the same
