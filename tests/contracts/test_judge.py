"""What each JSON request is answered: status and message to the letter, every broken rule, and every flag."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.case import Circumstances
from contracts.json_body import read_json
from contracts.judge import judge_json
from contracts.model import Breach, Judgement
from contracts.operations import Contract
from contracts.world import Key, ascii_lower
from contracts.world_file import read_world

Body = dict[str, Any]
Judge = Callable[..., Judgement]

NOW = datetime(2026, 4, 27, 14, tzinfo=UTC)
ANALYTICS: Body = {
    "email": "john.doe@example.com",
    "feature": "registration_email",
    "action": "opened",
    "experienceId": "47Gop5",
    "capturedAt": "2026-04-27T13:35:00Z",
}
VISIT: Body = {
    "type": "REGISTRATION_PAGE_VISIT",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "sessionId": "session-1",
    "registrationPageValue": "main-page",
}
PHOTO: Body = {
    "type": "PHOTO_VIEWED_BY_USER",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "email": "john.doe@example.com",
}
ADDED = "User analytics added successfully."
CAPTURED = "Analytics captured successfully."
NO_USER = "User not found."
NO_PAIR = "Invalid feature/action."
NO_EXPERIENCE = "Invalid experience id."
NO_TIME = "Invalid captured at."
NO_RECORD_TIME = "Invalid record captured at."


@pytest.fixture(scope="session")
def judge(contract: Contract, key: Key) -> Judge:
    """Judge a body for an operation; a body that is no bytes is written as JSON."""

    def judged(operation_id: str, body: Body | bytes, key: Key = key, **around: Any) -> Judgement:  # noqa: ANN401
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        circumstances = Circumstances(NOW, **around)
        return judge_json(
            contract.operation(operation_id), read_json(raw, contract.limits), key, circumstances, contract.limits
        )

    return judged


def ids(breaches: Iterable[Breach]) -> list[str]:
    """List the rules without what their ids have in common."""
    return [breach.rule.id.partition(".")[2] for breach in breaches]


def analytics(*left_out: str, **fields: object) -> Body:
    return {name: value for name, value in (ANALYTICS | fields).items() if name not in left_out}


def visit(*left_out: str, **fields: object) -> Body:
    return {name: value for name, value in (VISIT | fields).items() if name not in left_out}


def photo(*left_out: str, **fields: object) -> Body:
    return {name: value for name, value in (PHOTO | fields).items() if name not in left_out}


def case(name: str, body: Body, message: str, *broken: str, flags: Sequence[str] = ()) -> Any:  # noqa: ANN401 - a pytest.param
    return pytest.param(body, message, list(broken), list(flags), id=name)


ANALYTICS_CASES = [
    # accepted as it is
    case("by-email", analytics(), ADDED),
    case("by-phone", analytics("email", phone="+14155552671"), ADDED),
    case("by-user-id", analytics("email", userId="user-john-doe"), ADDED),
    case("by-all-of-one-user", analytics(userId="user-john-doe", phone="+14155552671"), ADDED),
    case("metadata", analytics(metadata={"campaign": "spring", "deep": [{"a": None}]}), ADDED),
    # an identifier
    case("no-identifier", analytics("email"), NO_USER, "identifier-sent"),
    case("only-email-empty", analytics(email=""), NO_USER, "identifier-sent", "email"),
    case("only-email-null", analytics(email=None), NO_USER, "identifier-sent", "email"),
    case("only-phone-empty", analytics("email", phone=""), NO_USER, "identifier-sent", "phone"),
    case("only-phone-null", analytics("email", phone=None), NO_USER, "identifier-sent", "phone"),
    case("only-user-id-empty", analytics("email", userId=""), NO_USER, "identifier-sent", "user-id"),
    case("only-user-id-null", analytics("email", userId=None), NO_USER, "identifier-sent", "user-id"),
    case(
        "all-blank",
        analytics(userId=None, email="", phone=None),
        NO_USER,
        *("identifier-sent", "user-id", "email", "phone"),
    ),
    case("unknown-email", analytics(email="nobody@example.com"), NO_USER, "user-known"),
    case("unknown-phone", analytics("email", phone="+14155550000"), NO_USER, "user-known"),
    case("unknown-user-id", analytics("email", userId="nobody"), NO_USER, "user-known"),
    case("all-unknown", analytics(userId="x", email="y", phone="+14155550000"), NO_USER, "user-known"),
    case("email-of-no-form", analytics(email="not an address"), NO_USER, "user-known"),
    case("email-in-capitals", analytics(email="JOHN.DOE@EXAMPLE.COM"), ADDED),
    case("email-with-turkish-i", analytics(email="john.doe@example.com".replace("o", "ö")), NO_USER, "user-known"),
    case("email-with-dotted-i", analytics(email="jİll@example.com"), NO_USER, "user-known"),
    case("email-with-blank", analytics(email=" john.doe@example.com"), NO_USER, "user-known"),
    case("user-id-in-capitals", analytics("email", userId="USER-JOHN-DOE"), NO_USER, "user-known"),
    case("user-id-with-blank", analytics("email", userId="user-john-doe "), NO_USER, "user-known"),
    case("user-id-number", analytics("email", userId=7), "Invalid user id.", "user-id"),
    case("user-id-false", analytics("email", userId=False), "Invalid user id.", "user-id"),
    case("email-list", analytics(email=["john.doe@example.com"]), "Invalid email.", "email"),
    case("email-object", analytics(email={}), "Invalid email.", "email"),
    case("phone-number", analytics("email", phone=14155552671), "Invalid phone.", "phone"),
    # a blank identifier beside a good one
    case("user-id-empty-beside-email", analytics(userId=""), "Invalid user id.", "user-id"),
    case("user-id-null-beside-email", analytics(userId=None), "Invalid user id.", "user-id"),
    case("email-empty-beside-phone", analytics(email="", phone="+14155552671"), "Invalid email.", "email"),
    case("email-null-beside-user-id", analytics(email=None, userId="user-john-doe"), "Invalid email.", "email"),
    case("phone-empty-beside-email", analytics(phone=""), "Invalid phone.", "phone"),
    case("phone-null-beside-email", analytics(phone=None), "Invalid phone.", "phone"),
    case("phone-malformed-beside-email", analytics(phone="0415"), "Invalid phone.", "phone"),
    case("phone-null-beside-unknown", analytics(email="x", phone=None), NO_USER, "user-known", "phone"),
    # several identifiers
    case("second-unknown", analytics(phone="+14155550000"), ADDED, flags=["one-user"]),
    case("first-unknown", analytics(userId="nobody"), ADDED, flags=["one-user"]),
    case("email-unknown", analytics(email="x", userId="user-john-doe"), ADDED, flags=["one-user"]),
    case("two-users", analytics(phone="+442071838750"), ADDED, flags=["one-user"]),
    case("three-values", analytics(userId="user-jane-roe", phone="+1999"), ADDED, flags=["one-user", "one-user"]),
    # feature and action
    case("pair-in-capitals", analytics(feature="REGISTRATION_EMAIL", action="Opened"), ADDED),
    case("no-feature", analytics("feature"), NO_PAIR, "pair-registered"),
    case("no-action", analytics("action"), NO_PAIR, "pair-registered"),
    case("neither", analytics("feature", "action"), NO_PAIR, "pair-registered", "pair-registered"),
    case("feature-empty", analytics(feature=""), NO_PAIR, "pair-registered"),
    case("feature-null", analytics(feature=None), NO_PAIR, "pair-registered"),
    case("action-number", analytics(action=1), NO_PAIR, "pair-registered"),
    case("action-list", analytics(action=["opened"]), NO_PAIR, "pair-registered"),
    case("action-of-another-feature", analytics(action="failed"), NO_PAIR, "pair-registered"),
    case("unknown-feature", analytics(feature="push"), NO_PAIR, "pair-registered"),
    case("feature-with-blank", analytics(feature="registration_email "), NO_PAIR, "pair-registered"),
    case("turkish-capital", analytics(feature="REGİSTRATION_EMAIL"), NO_PAIR, "pair-registered"),
    case("turkish-dotless", analytics(feature="reg\u0131stration_email"), NO_PAIR, "pair-registered"),
    case("full-width", analytics(action="op\uff45ned"), NO_PAIR, "pair-registered"),
    case("long-s", analytics(feature="regi\u017ftration_email"), NO_PAIR, "pair-registered"),
    case("sharp-s", analytics(feature="registration_sm\u00df"), NO_PAIR, "pair-registered"),
    # experienceId
    case("no-experience", analytics("experienceId"), NO_EXPERIENCE, "experience-known"),
    case("experience-empty", analytics(experienceId=""), NO_EXPERIENCE, "experience-known"),
    case("experience-null", analytics(experienceId=None), NO_EXPERIENCE, "experience-known"),
    case("experience-number", analytics(experienceId=47), NO_EXPERIENCE, "experience-known"),
    case("experience-unknown", analytics(experienceId="other"), NO_EXPERIENCE, "experience-known"),
    case("experience-in-lower-case", analytics(experienceId="47gop5"), NO_EXPERIENCE, "experience-known"),
    # capturedAt
    case("no-time", analytics("capturedAt"), NO_TIME, "captured-at"),
    case("time-empty", analytics(capturedAt=""), NO_TIME, "captured-at"),
    case("time-null", analytics(capturedAt=None), NO_TIME, "captured-at"),
    case("time-number", analytics(capturedAt=1777296900), NO_TIME, "captured-at"),
    case("time-far-back", analytics(capturedAt="1999-12-31T23:59:59Z"), ADDED, flags=["plausible-time"]),
    case("time-far-ahead", analytics(capturedAt="2026-04-29T00:00:00Z"), ADDED, flags=["plausible-time"]),
    case("time-tomorrow", analytics(capturedAt="2026-04-28T23:59:59Z"), ADDED),
    case("time-ten-years-back", analytics(capturedAt="2016-04-29T00:00:00Z"), ADDED),
    case("time-a-day-more", analytics(capturedAt="2016-04-28T00:00:00Z"), ADDED, flags=["plausible-time"]),
    # metadata
    case("metadata-empty", analytics(metadata={}), ADDED, flags=["metadata-filled"]),
    case("metadata-null", analytics(metadata=None), "Invalid metadata.", "metadata"),
    case("metadata-empty-text", analytics(metadata=""), "Invalid metadata.", "metadata"),
    case("metadata-text", analytics(metadata='{"a": 1}'), "Invalid metadata.", "metadata"),
    case("metadata-list", analytics(metadata=[]), "Invalid metadata.", "metadata"),
    # fields that nobody names
    case("other-field", analytics(campaign="spring"), ADDED, flags=["only-named-fields"]),
    case("field-in-capitals", analytics(EMAIL="x"), ADDED, flags=["only-named-fields"]),
    case("other-field-null", analytics(other=None), ADDED, flags=["only-named-fields"]),
    # order
    case(
        "everything-wrong",
        {"userId": 1, "email": None, "phone": "1", "feature": 2, "capturedAt": "now", "metadata": [], "x": 1},
        NO_PAIR,
        *("pair-registered", "pair-registered", "experience-known"),
        *("user-id", "email", "phone", "captured-at", "metadata"),
        flags=["only-named-fields"],
    ),
    case(
        "nothing-sent",
        {},
        NO_USER,
        *("identifier-sent", "pair-registered", "pair-registered", "experience-known", "captured-at"),
    ),
    case("user-before-pair", analytics(email="x", action="x"), NO_USER, "user-known", "pair-registered"),
    case(
        "pair-before-experience",
        analytics(experienceId="x", action="x"),
        NO_PAIR,
        *("pair-registered", "experience-known"),
    ),
    case("experience-before-phone", analytics(experienceId="x", phone="x"), NO_EXPERIENCE, "experience-known", "phone"),
    case("time-before-metadata", analytics(capturedAt="x", metadata=1), NO_TIME, "captured-at", "metadata"),
    case(
        "refused-and-flagged", analytics(action="x", other=1), NO_PAIR, "pair-registered", flags=["only-named-fields"]
    ),
]

CAPTURE_CASES = [
    case("visit", visit(), CAPTURED),
    case("photo-viewed", photo(), CAPTURED),
    case("photo-assigned", photo(type="PHOTO_ASSIGNED_TO_USER"), CAPTURED),
    case("photo-downloaded", photo(type="PHOTO_DOWNLOADED_BY_USER"), CAPTURED),
    # type
    case("no-type", photo("type"), "Invalid type.", "type"),
    case("type-empty", photo(type=""), "Invalid type.", "type"),
    case("type-null", photo(type=None), "Invalid type.", "type"),
    case("type-list", visit(type=["REGISTRATION_PAGE_VISIT"]), "Invalid type.", "type"),
    case("type-unknown", visit(type="PAGE_VISIT"), "Invalid type.", "type"),
    case("type-in-lower-case", visit(type="registration_page_visit"), "Invalid type.", "type"),
    case("type-with-blank", photo(type="PHOTO_VIEWED_BY_USER "), "Invalid type.", "type"),
    case(
        "only-a-type",
        {"type": "PHOTO_VIEWED_BY_USER"},
        "Invalid event value.",
        "event-value",
        "email",
        "record-captured-at",
    ),
    case("nothing-sent", {}, "Invalid type.", "type", "event-value", "record-captured-at"),
    # eventValue
    case("no-event-value", visit("eventValue"), "Invalid event value.", "event-value"),
    case("event-value-empty", photo(eventValue=""), "Invalid event value.", "event-value"),
    case("event-value-null", photo(eventValue=None), "Invalid event value.", "event-value"),
    case("event-value-unknown", photo(eventValue="final"), "Invalid event value.", "event-value"),
    case("event-value-in-capitals", photo(eventValue="OPENING-MATCH"), "Invalid event value.", "event-value"),
    # email
    case("photo-without-email", photo("email"), "Invalid email.", "email"),
    case("photo-email-empty", photo(email=""), "Invalid email.", "email"),
    case("photo-email-null", photo(email=None), "Invalid email.", "email"),
    case("photo-email-number", photo(email=1), "Invalid email.", "email"),
    case("photo-email-unknown", photo(email="nobody@example.com"), NO_USER, "user-known"),
    case("photo-email-in-capitals", photo(email="John.Doe@Example.COM"), CAPTURED),
    case("visit-with-email", visit(email="john.doe@example.com"), CAPTURED, flags=["only-fields-of-type"]),
    case("visit-with-unknown-email", visit(email="x"), CAPTURED, flags=["only-fields-of-type"]),
    case("visit-email-empty", visit(email=""), "Invalid email.", "email"),
    case("visit-email-null", visit(email=None), "Invalid email.", "email"),
    # recordCapturedAt
    case("no-time", visit("recordCapturedAt"), NO_RECORD_TIME, "record-captured-at"),
    case("time-empty", photo(recordCapturedAt=""), NO_RECORD_TIME, "record-captured-at"),
    case("time-date-only", photo(recordCapturedAt="2026-04-27"), NO_RECORD_TIME, "record-captured-at"),
    case("time-far-back", photo(recordCapturedAt="1970-01-01T00:00:00Z"), CAPTURED, flags=["plausible-time"]),
    # sessionId
    case("visit-without-session", visit("sessionId"), "Invalid session id.", "session-id"),
    case("session-empty", visit(sessionId=""), "Invalid session id.", "session-id"),
    case("session-null", visit(sessionId=None), "Invalid session id.", "session-id"),
    case("session-number", visit(sessionId=1), "Invalid session id.", "session-id"),
    case("photo-with-session", photo(sessionId="session-1"), CAPTURED, flags=["only-fields-of-type"]),
    case("photo-session-empty", photo(sessionId=""), "Invalid session id.", "session-id"),
    # registrationPageValue
    case("no-page", visit("registrationPageValue"), "Invalid registration page value.", "registration-page"),
    case("page-empty", visit(registrationPageValue=""), "Invalid registration page value.", "registration-page"),
    case("page-number", visit(registrationPageValue=1), "Invalid registration page value.", "registration-page"),
    case("page-unknown", visit(registrationPageValue="x"), "Invalid registration page value.", "registration-page"),
    case("photo-with-unknown-page", photo(registrationPageValue="x"), CAPTURED, flags=["only-fields-of-type"]),
    case(
        "photo-with-both",
        photo(sessionId="s", registrationPageValue="main-page"),
        CAPTURED,
        flags=["only-fields-of-type", "only-fields-of-type"],
    ),
    # fields that nobody names
    case("other-field", photo(device="phone"), CAPTURED, flags=["only-named-fields"]),
    # order
    case("type-before-event-value", photo(type="x", eventValue="x"), "Invalid type.", "type", "event-value"),
    case("event-value-before-email", photo("email", eventValue="x"), "Invalid event value.", "event-value", "email"),
    case("email-before-time", photo(email="x", recordCapturedAt="x"), NO_USER, "user-known", "record-captured-at"),
    case(
        "time-before-session",
        visit("sessionId", recordCapturedAt="x"),
        NO_RECORD_TIME,
        "record-captured-at",
        "session-id",
    ),
    case(
        "session-before-page",
        visit("sessionId", registrationPageValue="x"),
        "Invalid session id.",
        "session-id",
        "registration-page",
    ),
]

TIMES_TAKEN = [
    "2026-04-27T13:35:00Z",
    "2026-04-27T13:35:00+00:00",
    "2026-04-27T13:35:00+05:45",
    "2026-04-27T13:35:00-08:00",
    "2026-04-27T13:35:00+23:59",
    "2026-04-27T13:35:00.5Z",
    "2026-04-27T13:35:00.123456789012345678901234567890Z",
    "2024-02-29T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2016-12-31T15:59:60-08:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
]
TIMES_REFUSED = [
    ("2026-04-27", "a date without a time"),
    ("20260427", "a date without a time"),
    ("2026-04-27T13:35:00", "the offset is missing"),
    ("2026-04-27T13:35:00.250", "the offset is missing"),
    ("2026-04-27T13:35Z", "a time without seconds"),
    ("2026-04-27T13:35", "a time without seconds"),
    ("2026-04-27T13:35+02:00", "a time without seconds"),
    ("20260427T133500Z", "the basic form"),
    ("2026-W18-1T13:35:00Z", "a week date"),
    ("2026W181", "a week date"),
    ("2026-117T13:35:00Z", "an ordinal date"),
    ("2026117", "an ordinal date"),
    ("2026-04-27t13:35:00Z", "lower-case letters"),
    ("2026-04-27T13:35:00z", "lower-case letters"),
    ("2026-04-27 13:35:00Z", "a blank instead of T"),
    ("2026-04-27 13:35:00", "a blank instead of T"),
    ("2026-04-27T24:00:00Z", "midnight as 24:00"),
    ("2026-04-27T13:35:00,5Z", "a comma before the fraction"),
    ("2026-04-27T13:35:00-00:00", "the offset -00:00"),
    ("2026-04-27T13:35:00+02", "an offset in a short form"),
    ("2026-04-27T13:35:00+0200", "an offset in a short form"),
    ("1777296900", "seconds or milliseconds since 1970"),
    ("1777296900000", "seconds or milliseconds since 1970"),
    ('"2026-04-27T13:35:00Z"', "the quotes are part of the value"),
    (" 2026-04-27T13:35:00Z", "blanks around the value"),
    ("2026-04-27T13:35:00Z\n", "blanks around the value"),
    ("2026-02-29T00:00:00Z", "no such date, time or offset"),
    ("2026-13-01T00:00:00Z", "no such date, time or offset"),
    ("2026-04-31T00:00:00Z", "no such date, time or offset"),
    ("2026-04-27T25:00:00Z", "no such date, time or offset"),
    ("2026-04-27T13:60:00Z", "no such date, time or offset"),
    ("2026-04-27T13:35:61Z", "no such date, time or offset"),
    ("2026-04-27T12:00:60Z", "no such date, time or offset"),
    ("2026-04-27T13:35:00+24:00", "no such date, time or offset"),
    ("2026-04-27T13:35:00+02:60", ""),
    ("2026-04-27T13:35:00.Z", ""),
    ("0000-01-01T00:00:00Z", "the year 0"),
    ("+002026-04-27T13:35:00Z", ""),
    ("２026-04-27T13:35:00Z", ""),  # noqa: RUF001 - the case
    ("2026-04-27T13:35:00Z[UTC]", ""),
    ("quiz", ""),
    ("2026-04", ""),
    ("yesterday", ""),
]

PHONES_TAKEN = ["+14155552671", "+442071838750"]
PHONES_REFUSED = [
    "14155552671",
    "+1 4155552671",
    "+1-415-555-2671",
    "+1(415)5552671",
    "+04155552671",
    "+1",
    "+",
    "+1234567890123456",
    "tel:+14155552671",
    "+1415555267a",
    "+14155552671\n",
    "+14155552671 ",
    " +14155552671",
    "+1415555267１",  # noqa: RUF001 - the case
    "+١٤١٥٥٥٥٢٦٧١",
    "＋14155552671",  # noqa: RUF001 - the case
    "0014155552671",
    '"+14155552671"',
]


@pytest.mark.parametrize(("body", "message", "broken", "flags"), ANALYTICS_CASES)
def test_user_analytics(judge: Judge, body: Body, message: str, broken: list[str], flags: list[str]) -> None:
    judgement = judge("addUserAnalytics", body)

    assert (judgement.answer.message, judgement.answer.status) == (message, 400 if broken else 200)
    assert (ids(judgement.breaches), ids(judgement.flags)) == (broken, flags)


@pytest.mark.parametrize(("body", "message", "broken", "flags"), CAPTURE_CASES)
def test_capture_analytics(judge: Judge, body: Body, message: str, broken: list[str], flags: list[str]) -> None:
    judgement = judge("captureAnalytics", body)

    assert (judgement.answer.message, judgement.answer.status) == (message, 400 if broken else 200)
    assert (ids(judgement.breaches), ids(judgement.flags)) == (broken, flags)


@pytest.mark.parametrize("time", TIMES_TAKEN)
@pytest.mark.parametrize(
    ("operation_id", "good", "field"),
    [("addUserAnalytics", ANALYTICS, "capturedAt"), ("captureAnalytics", VISIT, "recordCapturedAt")],
)
def test_time_is_taken(judge: Judge, operation_id: str, good: Body, field: str, time: str) -> None:
    judgement = judge(operation_id, good | {field: time})

    assert judgement.breaches == ()


@pytest.mark.parametrize(("time", "hint"), TIMES_REFUSED)
@pytest.mark.parametrize(
    ("operation_id", "good", "field", "message"),
    [
        ("addUserAnalytics", ANALYTICS, "capturedAt", NO_TIME),
        ("captureAnalytics", VISIT, "recordCapturedAt", NO_RECORD_TIME),
    ],
)
def test_time_is_refused(  # noqa: PLR0913, PLR0917 - two tables
    judge: Judge, operation_id: str, good: Body, field: str, message: str, time: str, hint: str
) -> None:
    judgement = judge(operation_id, good | {field: time})

    (breach,) = judgement.breaches
    assert (judgement.answer.message, breach.field) == (message, field)
    assert hint in breach.hint
    assert bool(hint) == bool(breach.hint)


@pytest.mark.parametrize("phone", PHONES_TAKEN)
def test_phone_is_taken(judge: Judge, phone: str) -> None:
    judgement = judge("addUserAnalytics", analytics("email", phone=phone))

    assert judgement.breaches == ()


@pytest.mark.parametrize("phone", PHONES_REFUSED)
def test_phone_is_refused(judge: Judge, phone: str) -> None:
    alone = judge("addUserAnalytics", analytics("email", phone=phone))
    beside = judge("addUserAnalytics", analytics(phone=phone))

    assert [judgement.answer.message for judgement in (alone, beside)] == ["Invalid phone."] * 2
    assert [ids(judgement.breaches) for judgement in (alone, beside)] == [["phone"]] * 2


@pytest.mark.parametrize("phone", ["+12", "+123456789012345"])
def test_phone_of_any_allowed_length_is_only_unknown(judge: Judge, phone: str) -> None:
    judgement = judge("addUserAnalytics", analytics("email", phone=phone))

    assert ids(judgement.breaches) == ["user-known"]


BODIES = [
    pytest.param(b"", "an empty body", id="empty"),
    pytest.param(b"[]", "a list instead of a JSON object", id="list"),
    pytest.param(b'{"a": NaN}', "no JSON: NaN is not a JSON value", id="nan"),
    pytest.param(b'{"a": "\xff"}', "invalid UTF-8 at byte 7", id="not-utf-8"),
    pytest.param(b"\xef\xbb\xbf{}", "a byte order mark", id="byte-order-mark"),
    pytest.param(b'{"a":' * 501 + b"1" + b"}" * 501, "JSON nested deeper than 500", id="too-deep"),
]


@pytest.mark.parametrize(("body", "got"), BODIES)
@pytest.mark.parametrize("operation_id", ["addUserAnalytics", "captureAnalytics"])
def test_malformed_body(judge: Judge, operation_id: str, body: bytes, got: str) -> None:
    judgement = judge(operation_id, body)

    assert judgement.answer.body == b'{"statusCode":400,"message":"Malformed request body.","data":null}'
    assert ids(judgement.breaches) == ["body"]
    assert judgement.breaches[0].got == got


ODDITIES = [
    pytest.param(b'{"metadata": {"a": 1, "a": 2},', "members that stand twice: a", id="member-twice"),
    pytest.param(b'{"metadata": {"a": "\\ud800"},', "a lone surrogate, which is no character", id="lone-surrogate"),
    pytest.param(b'{"metadata": {"a": 1e999},', "a number beyond a double", id="number-beyond-a-double"),
]


@pytest.mark.parametrize(("start", "got"), ODDITIES)
@pytest.mark.parametrize(
    ("operation_id", "good", "others"),
    [("addUserAnalytics", ANALYTICS, []), ("captureAnalytics", PHOTO, ["only-named-fields"])],
)
def test_odd_json_is_flagged(
    judge: Judge, operation_id: str, good: Body, others: list[str], start: bytes, got: str
) -> None:
    body = start + json.dumps(good).encode()[1:]

    judgement = judge(operation_id, body)

    assert judgement.answer.status == 200
    assert ids(judgement.flags) == [*others, "plain-json"]
    assert judgement.flags[-1].got == got


def test_last_of_two_members_counts(judge: Judge) -> None:
    body = b'{"experienceId": "other",' + json.dumps(ANALYTICS).encode()[1:]

    judgement = judge("addUserAnalytics", body)

    assert (judgement.breaches, ids(judgement.flags)) == ((), ["plain-json"])


@pytest.mark.parametrize("depth", [100, 499])
def test_deep_metadata_is_accepted(judge: Judge, depth: int) -> None:
    metadata = b'{"a":' * depth + b'"\\u0041"' + b"}" * depth
    body = json.dumps(ANALYTICS)[:-1].encode() + b',"metadata":' + metadata + b"}"

    judgement = judge("addUserAnalytics", body)

    assert judgement.answer.message == ADDED
    assert judgement.flags == ()


@pytest.mark.parametrize(("operation_id", "good"), [("addUserAnalytics", ANALYTICS), ("captureAnalytics", PHOTO)])
@pytest.mark.parametrize(
    ("around", "flag"),
    [
        pytest.param({"query": "a=1"}, "no-query", id="query"),
        pytest.param({"repeated": True}, "no-repeat", id="repeated"),
    ],
)
def test_circumstances_are_flagged(
    judge: Judge, operation_id: str, good: Body, around: dict[str, Any], flag: str
) -> None:
    judgement = judge(operation_id, good, **around)

    assert (judgement.answer.status, ids(judgement.flags)) == (200, [flag])


def test_first_match_counts_in_the_order_of_the_fields(judge: Judge) -> None:
    body = analytics(phone="+442071838750", userId="nobody")

    judgement = judge("addUserAnalytics", body)

    assert [(flag.field, flag.expected) for flag in judgement.flags] == [
        ("userId", "user user-john-doe"),
        ("phone", "user user-john-doe"),
    ]


def test_flags_of_many_fields_are_bounded(judge: Judge) -> None:
    body = ANALYTICS | {f"other{number}": 1 for number in range(1000)}

    judgement = judge("addUserAnalytics", body)

    assert len(judgement.flags) == 20


QUOTED = [
    pytest.param("addUserAnalytics", analytics(email='"john.doe@example.com"'), id="email"),
    pytest.param("addUserAnalytics", analytics(experienceId='"47Gop5"'), id="experience"),
    pytest.param("addUserAnalytics", analytics(feature="'registration_email'"), id="feature"),
    pytest.param("captureAnalytics", photo(eventValue='"opening-match"'), id="event-value"),
    pytest.param("captureAnalytics", photo(type='"PHOTO_VIEWED_BY_USER"'), id="type"),
]


@pytest.mark.parametrize(("operation_id", "body"), QUOTED)
def test_quotes_around_a_value_are_explained(judge: Judge, operation_id: str, body: Body) -> None:
    judgement = judge(operation_id, body)

    (breach,) = judgement.breaches
    assert breach.hint == "the quotes are part of the value; copied from a shell command, perhaps"


NEAR = "page_visit/viewed, registration_sms/failed, registration_sms/sent"
EXPLAINED = [
    pytest.param(analytics("capturedAt"), ("capturedAt", "nothing", "the field capturedAt"), id="missing"),
    pytest.param(analytics(metadata=[1]), ("metadata", "[1]", "a JSON object"), id="type"),
    pytest.param(analytics(experienceId=""), ("experienceId", "''", "text that is not empty"), id="empty"),
    pytest.param(
        analytics(phone="1"),
        ("phone", "'1'", "The phone number of the user in E.164 format, as in '+14155552671'"),
        id="pattern",
    ),
    pytest.param(
        analytics("email"), ("userId, email, phone", "nothing", "at least one of userId, email, phone"), id="identifier"
    ),
    pytest.param(
        analytics(email="", userId=None),
        ("userId, email, phone", "no identifier", "at least one of userId, email, phone"),
        id="blank-identifiers",
    ),
    pytest.param(
        analytics(feature="page_visits", action="view"),
        ("feature, action", "'page_visits'/'view'", f"a registered pair; near it: {NEAR}"),
        id="pair",
    ),
    pytest.param(
        analytics(experienceId="x"), ("experienceId", "'x'", "one of the world's experiences: 47Gop5"), id="unknown"
    ),
]


@pytest.mark.parametrize(("body", "explained"), EXPLAINED)
def test_breach_says_where_got_and_expected(judge: Judge, body: Body, explained: tuple[str, str, str]) -> None:
    judgement = judge("addUserAnalytics", body)

    first = judgement.breaches[0]
    assert (first.field, first.got, first.expected) == explained


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            photo(type="x"),
            "one of REGISTRATION_PAGE_VISIT, PHOTO_ASSIGNED_TO_USER, PHOTO_DOWNLOADED_BY_USER, PHOTO_VIEWED_BY_USER",
            id="enum",
        ),
        pytest.param(photo(type=3), "a string", id="type"),
    ],
)
def test_breach_of_type_names_the_types(judge: Judge, body: Body, expected: str) -> None:
    judgement = judge("captureAnalytics", body)

    assert [breach.expected for breach in judgement.breaches] == [expected]


def test_key_sees_only_its_own_part_of_the_world(contract: Contract, judge: Judge) -> None:
    text = """
        experiences = ["47Gop5"]
        [[users]]
        id = "a"
        [[users]]
        id = "b"
        [[keys]]
        key = "k"
        users = ["a"]
        pairs = {Checkout = ["Started"]}
    """
    key = read_world(text, "w", contract).keys["k"]
    fields = {"experienceId": "47Gop5", "capturedAt": "2026-04-27T13:35:00Z"}

    seen = judge("addUserAnalytics", {"userId": "a", "feature": "checkout", "action": "STARTED", **fields}, key)
    unseen = judge("addUserAnalytics", {"userId": "b", "feature": "page_visit", "action": "viewed", **fields}, key)

    assert (ids(seen.breaches), ids(unseen.breaches)) == ([], ["user-known", "pair-registered"])


LETTERS = [
    pytest.param("Stra\u00dfe", "STRA\u00dfE", [], id="sharp-s-stays"),
    pytest.param("Stra\u00dfe", "strasse", ["pair-registered"], id="sharp-s-is-not-ss"),
    pytest.param("Stra\u00dfe", "stra\u1e9ee", ["pair-registered"], id="sharp-s-has-no-capital"),
    pytest.param("\u0130D", "\u0130d", [], id="dotted-i-stays"),
    pytest.param("\u0130D", "i\u0307d", ["pair-registered"], id="dotted-i-is-not-i-and-dot"),
    pytest.param("ID", "\u0131d", ["pair-registered"], id="dotless-i-is-not-i"),
    pytest.param("\u00c9t\u00e9", "\u00e9t\u00e9", ["pair-registered"], id="accented-capital"),
]


@pytest.mark.parametrize(("registered", "sent", "broken"), LETTERS)
def test_only_ascii_letters_match_in_any_case(
    key: Key, judge: Judge, registered: str, sent: str, broken: list[str]
) -> None:
    pairs = frozenset({(ascii_lower(registered), "viewed")})

    judgement = judge("addUserAnalytics", analytics(feature=sent, action="Viewed"), replace(key, pairs=pairs))

    assert ids(judgement.breaches) == broken


def test_world_without_anything_refuses_every_id(contract: Contract, judge: Judge) -> None:
    key = read_world('[[keys]]\nkey = "k"\n', "w", contract).keys["k"]

    judgements = [judge("addUserAnalytics", ANALYTICS, key), judge("captureAnalytics", VISIT, key)]

    assert [ids(judgement.breaches) for judgement in judgements] == [
        ["user-known", "experience-known"],
        ["event-value", "registration-page"],
    ]
