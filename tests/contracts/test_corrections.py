"""Corrections: every one is accepted, keeps what was right, and says what is different."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.case import Circumstances
from contracts.corrections import Broken, Correction, Sent, corrected, nearest_operation
from contracts.json_body import Document, read_json
from contracts.judge import form_limits, judge_form, judge_json
from contracts.model import Breach
from contracts.multipart_body import FormReader, Part
from contracts.operations import Contract, Operation
from contracts.samples import Sample, SamplePart, breaking, encoded, judged
from contracts.spec import load_contract
from contracts.world import Key
from contracts.world_file import load_world, read_world

CONTRACT = load_contract()
VENDOR = load_world(None, CONTRACT).keys["vendor-test-key"]
NOW = datetime(2026, 4, 27, 14, tzinfo=UTC)
AROUND = Circumstances(NOW)
SAME_EVERYWHERE = settings(derandomize=True, database=None, max_examples=150)
OPERATIONS = ["giftAssets", "addUserAnalytics", "captureAnalytics"]
EVENT: dict[str, Any] = {
    "email": "john.doe@example.com",
    "feature": "registration_email",
    "action": "opened",
    "experienceId": "47Gop5",
    "capturedAt": "2026-04-27T13:35:00Z",
}
PHOTO: dict[str, Any] = {
    "type": "PHOTO_DOWNLOADED_BY_USER",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "email": "jane.roe@example.com",
}
VISIT: dict[str, Any] = {
    "type": "REGISTRATION_PAGE_VISIT",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "sessionId": "mine",
    "registrationPageValue": "main-page",
}


def broken_of(breaches: Sequence[Breach]) -> list[Broken]:
    return [Broken(breach.rule.id, breach.field, breach.got, breach.expected) for breach in breaches]


def correct_json(contract: Contract, key: Key, operation_id: str, body: dict[str, Any]) -> Correction:
    operation = contract.operation(operation_id)
    breaches = judge_json(operation, Document(body), key, AROUND, contract.limits).breaches
    return corrected(contract, key, Sent("POST", operation.path, body), broken_of(breaches), NOW)


def read_form(contract: Contract, key: Key, parts: Sequence[SamplePart]) -> FormReader:
    content_type, body = encoded(tuple(parts))
    form = FormReader(content_type, form_limits(contract.operation("giftAssets"), key, contract.limits))
    form.feed(body)
    form.finish()
    return form


def correct_form(contract: Contract, key: Key, parts: Sequence[SamplePart]) -> Correction:
    operation = contract.operation("giftAssets")
    form = read_form(contract, key, parts)
    breaches = judge_form(operation, form, key, AROUND, contract.limits).breaches
    return corrected(contract, key, Sent("POST", operation.path, None, form.parts), broken_of(breaches), NOW)


def accepted_body(contract: Contract, correction: Correction) -> dict[str, Any]:
    """Give the body of a correction, once the judge has accepted it."""
    assert correction.request is not None, correction.reason
    assert judged(correction.request, AROUND, contract.limits).breaches == ()
    body: dict[str, Any] = json.loads(correction.request.text)
    return body


FIELDS = [
    pytest.param(
        "addUserAnalytics", EVENT, {"action": "read"}, {"action": "opened"}, ["action: 'read' -> 'opened'"], id="action"
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"action": "oppened"},
        {"action": "opened"},
        ["action: 'oppened' -> 'opened'"],
        id="action-misspelt",
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"feature": "page_visit"},
        {"feature": "page_visit", "action": "viewed"},
        ["action: 'opened' -> 'viewed'"],
        id="pair-keeps-the-feature",
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"feature": "Registration_Mail", "action": "OPENED"},
        {"feature": "registration_email", "action": "OPENED"},
        ["feature: 'Registration_Mail' -> 'registration_email'"],
        id="pair-keeps-the-action",
    ),
    pytest.param(
        "addUserAnalytics", EVENT, {"action": 5}, {"action": "opened"}, ["action: 5 -> 'opened'"], id="action-no-text"
    ),
    pytest.param(
        "addUserAnalytics", EVENT, {"phone": ""}, {"phone": None}, ["phone: '' left out"], id="empty-optional"
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"phone": "+1 415-555-2671"},
        {"phone": "+14155552671"},
        ["phone: '+1 415-555-2671' -> '+14155552671', a user of this world"],
        id="phone-with-blanks",
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"email": "john.doe@exmaple.com"},
        {"email": "john.doe@example.com"},
        ["email: 'john.doe@exmaple.com' -> 'john.doe@example.com', a user of this world"],
        id="unknown-user-nearby",
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"email": "x", "phone": "+4930"},
        {"email": "john.doe@example.com", "phone": "+14155552671"},
        [
            "email: 'x' -> 'john.doe@example.com', a user of this world",
            "phone: '+4930' -> '+14155552671', a user of this world",
        ],
        id="unknown-user",
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"capturedAt": "2026-04-26 13:35"},
        {"capturedAt": "2026-04-26T13:35:00Z"},
        ["capturedAt: '2026-04-26 13:35' -> '2026-04-26T13:35:00Z'"],
        id="time-without-offset",
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"capturedAt": 1777296900000},
        {"capturedAt": "2026-04-27T13:35:00Z"},
        ["capturedAt: 1777296900000 -> '2026-04-27T13:35:00Z'"],
        id="time-as-number",
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"capturedAt": "soon"},
        {"capturedAt": "2026-04-27T13:35:00Z"},
        ["capturedAt: 'soon' -> '2026-04-27T13:35:00Z'"],
        id="no-time",
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"experienceId": '"47Gop5"'},
        {"experienceId": "47Gop5"},
        ["experienceId: '\"47Gop5\"' -> '47Gop5'"],
        id="quotes",
    ),
    pytest.param(
        "addUserAnalytics", EVENT, {"metadata": [1]}, {"metadata": None}, ["metadata: [1] left out"], id="metadata"
    ),
    pytest.param(
        "addUserAnalytics",
        EVENT,
        {"action": "read", "mine": 1, "metadata": {"a": 1}},
        {"mine": 1, "metadata": {"a": 1}, "action": "opened"},
        ["action: 'read' -> 'opened'"],
        id="keeps-the-rest",
    ),
    pytest.param(
        "captureAnalytics",
        PHOTO,
        {"eventValue": "x"},
        {"type": PHOTO["type"], "eventValue": "opening-match", "email": PHOTO["email"]},
        ["eventValue: 'x' -> 'opening-match'"],
        id="capture-keeps-its-type",
    ),
    pytest.param(
        "captureAnalytics",
        PHOTO,
        {"type": "photo_downloaded_by_user"},
        {"type": PHOTO["type"]},
        ["type: 'photo_downloaded_by_user' -> 'PHOTO_DOWNLOADED_BY_USER'"],
        id="capture-type-case",
    ),
    pytest.param(
        "captureAnalytics",
        VISIT,
        {"type": "PAGE", "sessionId": ""},
        {"type": VISIT["type"], "sessionId": "session-1"},
        ["type: 'PAGE' -> 'REGISTRATION_PAGE_VISIT'", "sessionId: '' -> 'session-1'"],
        id="capture-type-unknown",
    ),
    pytest.param(
        "captureAnalytics",
        VISIT,
        {"registrationPageValue": "main"},
        {"registrationPageValue": "main-page"},
        ["registrationPageValue: 'main' -> 'main-page'"],
        id="page-nearby",
    ),
]


@pytest.mark.parametrize(("operation_id", "base", "wrong", "expected", "changes"), FIELDS)
def test_only_what_was_wrong_is_changed(
    operation_id: str,
    base: dict[str, Any],
    wrong: dict[str, Any],
    expected: dict[str, Any],
    changes: list[str],
) -> None:
    correction = correct_json(CONTRACT, VENDOR, operation_id, base | wrong)

    body = accepted_body(CONTRACT, correction)
    assert body == {name: value for name, value in (base | wrong | expected).items() if value is not None}
    assert list(correction.changes) == changes


def test_what_is_missing_is_added(contract: Contract, key: Key) -> None:
    correction = correct_json(contract, key, "addUserAnalytics", {"feature": "page_visit", "action": "viewed"})

    body = accepted_body(contract, correction)
    assert (body["feature"], body["action"], body["experienceId"]) == ("page_visit", "viewed", "47Gop5")
    assert [change.partition(":")[0] for change in correction.changes if "added" in change] == [
        "email",
        "experienceId",
        "capturedAt",
    ]


def contents(key: Key, *asset_names: str) -> list[SamplePart]:
    assert key.events
    texts = [SamplePart("userId", "user-john-doe"), SamplePart("eventId", "summer-gala")]
    return [*texts, *(SamplePart("assets", "GIF89a", name, "image/gif") for name in asset_names)]


FORMS = [
    pytest.param(
        {"userId": ["user-jon-doe"]}, [], ["userId: 'user-jon-doe' -> 'user-john-doe', a user of this world"], id="user"
    ),
    pytest.param({"userId": []}, [], ["userId: 'user-john-doe' added, a user of this world"], id="no-user"),
    pytest.param({"eventId": ["autumn-expo"]}, [], ["eventId: 'autumn-expo' -> 'summer-gala'"], id="not-registered"),
    pytest.param(
        {"eventId": ["summer-gala", "summer-gala"]},
        [],
        ['eventId: ["summer-gala", "summer-gala"] -> \'summer-gala\''],
        id="twice",
    ),
    pytest.param({}, [("b.pdf", "%PDF-1.7")], ["assets: 'b.pdf' left out: no image or video"], id="no-media"),
    pytest.param({}, [("b.gif", "")], ["assets: 'b.gif' left out: empty"], id="empty"),
    pytest.param({}, [(None, "text")], ["assets: 'text' left out: no file"], id="no-file"),
    pytest.param(
        {}, [("b.gif", "GIF89a" + "0" * 100)], ["assets: 'b.gif' with more than 100 bytes left out"], id="too-large"
    ),
    pytest.param({}, [(f"{n}.gif", "GIF89a") for n in range(10)], ["assets: a file number 11 left out"], id="too-many"),
]


@pytest.mark.parametrize(("texts", "assets", "changes"), FORMS)
def test_a_form_keeps_what_was_right(
    contract: Contract,
    key: Key,
    texts: dict[str, list[str]],
    assets: list[tuple[str | None, str]],
    changes: list[str],
) -> None:
    values = {"userId": ["user-john-doe"], "eventId": ["summer-gala"], "note": ["é"]} | texts
    parts = [SamplePart(name, text) for name, given in values.items() for text in given]
    parts += [SamplePart("assets", content, name, "image/gif") for name, content in [("a.gif", "GIF89a"), *assets]]

    correction = correct_form(contract, replace(key, asset_bytes=100), parts)

    assert correction.request is not None, correction.reason
    assert judged(correction.request, AROUND, contract.limits).breaches == ()
    assert list(correction.changes) == changes
    sent = correction.request.parts
    assert SamplePart("note", "é") in sent
    assert correction.kept
    assert all(sent[number].filename == part.filename for number, part in correction.kept.items())


def test_a_form_without_a_usable_file_gets_one(contract: Contract, key: Key) -> None:
    correction = correct_form(contract, key, [*contents(key), SamplePart("assets", "", "a.gif", "image/gif")])

    assert correction.request is not None
    assert judged(correction.request, AROUND, contract.limits).breaches == ()
    assert correction.changes == ("assets: 'a.gif' left out: empty", "assets: an example added")
    assert correction.kept == {}


def test_a_file_where_a_text_belongs_becomes_the_text(contract: Contract, key: Key) -> None:
    parts = [SamplePart("userId", "x", "u.txt", "text/plain"), *contents(key, "a.gif")[1:]]

    correction = correct_form(contract, key, parts)

    assert correction.request is not None
    assert SamplePart("userId", "user-john-doe") in correction.request.parts


BREAKING = [
    pytest.param(operation_id, rule_id, id=f"{operation_id}-{rule_id}")
    for operation_id in OPERATIONS
    for rule_id in breaking(CONTRACT, CONTRACT.operation(operation_id), VENDOR, NOW)
]


def sent_of(sample: Sample, contract: Contract) -> tuple[Sent, list[Broken]]:
    """Give a sample as a journal shows it, and what it broke. What is decided by a stage leaves no body."""
    operation = sample.operation
    if sample.headers or sample.filler or sample.text in {"{", "--sample"}:
        return Sent("POST", operation.path), []
    breaches = broken_of(judged(sample, AROUND, contract.limits).breaches)
    if sample.is_form:
        return Sent("POST", operation.path, None, read_form(contract, sample.key, sample.parts).parts), breaches
    return Sent("POST", operation.path, json.loads(sample.text)), breaches


@pytest.mark.parametrize(("operation_id", "rule_id"), BREAKING)
def test_every_request_that_breaks_a_rule_can_be_corrected(operation_id: str, rule_id: str) -> None:
    sample = breaking(CONTRACT, CONTRACT.operation(operation_id), replace(VENDOR, asset_bytes=1000), NOW)[rule_id]
    sent, broken = sent_of(sample, CONTRACT)

    correction = corrected(CONTRACT, sample.key, sent, [Broken(rule_id, got="it"), *broken], NOW)

    assert correction.request is not None, correction.reason
    assert judged(correction.request, AROUND, CONTRACT.limits).breaches == ()
    assert correction.changes
    assert correction.reason == ""


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


def bodies_for(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    """Give bodies of which each field may be right, nearly right, or anything."""
    right = [*EVENT.values(), *PHOTO.values(), *VISIT.values(), "user-john-doe", "+14155552671", "autumn-expo"]
    near = st.sampled_from(right).flatmap(
        lambda text: st.sampled_from([text, text.upper(), f" {text}", text[:-1], f'"{text}"'])
    )
    field = st.sampled_from(right) | near | values
    known = st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(operation.schema.named), field))
    return st.builds(dict[str, Any].__or__, st.dictionaries(st.text(), values, max_size=2), known)


@pytest.mark.parametrize("operation_id", OPERATIONS[1:])
@SAME_EVERYWHERE
@given(data=st.data())
def test_any_body_can_be_corrected(operation_id: str, data: st.DataObject) -> None:
    operation = CONTRACT.operation(operation_id)
    sent = data.draw(bodies_for(operation))

    correction = correct_json(CONTRACT, VENDOR, operation_id, sent)

    assert correction.request is not None, correction.reason
    raw = correction.request.text.encode()
    assert judge_json(operation, read_json(raw, CONTRACT.limits), VENDOR, AROUND, CONTRACT.limits).breaches == ()
    body = json.loads(raw)
    assert {name: value for name, value in sent.items() if name not in operation.schema.named}.items() <= body.items()
    if operation_id == "captureAnalytics" and sent.get("type") in [
        "REGISTRATION_PAGE_VISIT",
        "PHOTO_DOWNLOADED_BY_USER",
    ]:
        assert body["type"] == sent["type"]


names = st.text(st.characters(exclude_categories=["C"], exclude_characters='"\\'), max_size=10)
texts = st.sampled_from(["user-john-doe", "user-jane-roe", "summer-gala", "autumn-expo", "", "x"])
any_parts = st.lists(
    st.builds(SamplePart, st.sampled_from(["userId", "eventId", "assets", "note"]), texts)
    | st.builds(
        SamplePart,
        st.sampled_from(["assets", "assets", "assets", "userId", "other"]),
        st.sampled_from(["GIF89a", "%PDF-1.7", "", "hello"]),
        names,
        st.sampled_from(["", "image/gif", "text/plain"]),
        st.sampled_from([0, 0, 90, 200]),
    ),
    min_size=1,
    max_size=14,
)


@SAME_EVERYWHERE
@given(parts=any_parts)
def test_any_form_can_be_corrected(parts: list[SamplePart]) -> None:
    correction = correct_form(CONTRACT, replace(VENDOR, asset_bytes=100), parts)

    assert correction.request is not None, correction.reason
    assert judged(correction.request, AROUND, CONTRACT.limits).breaches == ()


@SAME_EVERYWHERE
@given(sent=bodies_for(CONTRACT.operation("addUserAnalytics")))
def test_a_correction_needs_no_other(sent: dict[str, Any]) -> None:
    once = correct_json(CONTRACT, VENDOR, "addUserAnalytics", sent)
    assert once.request is not None

    twice = correct_json(CONTRACT, VENDOR, "addUserAnalytics", json.loads(once.request.text))

    assert twice.changes == ()


ANALYTICS = "/api/v1/user/analytics"
AROUND_THE_BODY = [
    pytest.param(
        Sent("POST", f"{ANALYTICS}/", EVENT), Broken("http.path"), [f"path: '{ANALYTICS}/' -> '{ANALYTICS}'"], id="path"
    ),
    pytest.param(
        Sent("POST", "/", EVENT),
        Broken("http.path"),
        ["path: '/' -> '/api/v1/vendor/user/assets'", "body: what was sent cannot be used; an example stands for it"],
        id="no-path-nearby",
    ),
    pytest.param(Sent("PUT", ANALYTICS, EVENT), Broken("http.method"), ["method: 'PUT' -> 'POST'"], id="method"),
    pytest.param(
        Sent("POST", f"{ANALYTICS}?a=1", EVENT), Broken("analytics.no-query"), ["query: 'a=1' left out"], id="query"
    ),
    pytest.param(
        Sent("POST", ANALYTICS, EVENT),
        Broken("analytics.key", "key", "no key"),
        ["x-distinct-api-key: no key -> a key of this world"],
        id="key",
    ),
    pytest.param(
        Sent("POST", ANALYTICS, EVENT),
        Broken("analytics.media-type", "Content-Type", "nothing"),
        ["Content-Type: nothing -> 'application/json'"],
        id="media-type",
    ),
    pytest.param(
        Sent("POST", ANALYTICS, EVENT),
        Broken("analytics.content-encoding", "", "'gzip'"),
        ["Content-Encoding: 'gzip' left out"],
        id="encoding",
    ),
    pytest.param(
        Sent("POST", ANALYTICS),
        Broken("analytics.body-in-time"),
        ["body: sent whole and without a pause", "body: what was sent cannot be used; an example stands for it"],
        id="late",
    ),
]


@pytest.mark.parametrize(("sent", "broken", "changes"), AROUND_THE_BODY)
def test_what_was_wrong_around_the_body_is_said(
    contract: Contract, key: Key, sent: Sent, broken: Broken, changes: list[str]
) -> None:
    correction = corrected(contract, key, sent, [broken], NOW)

    assert correction.request is not None
    assert judged(correction.request, AROUND, contract.limits).breaches == ()
    assert list(correction.changes) == changes


BEYOND = [
    pytest.param("analytics.address", "no request from it is taken with this key", id="address"),
    pytest.param("http.framing", "could not be read as a request", id="no-http"),
]


@pytest.mark.parametrize(("rule_id", "reason"), BEYOND)
def test_what_cannot_be_corrected_has_a_reason(contract: Contract, key: Key, rule_id: str, reason: str) -> None:
    correction = corrected(contract, key, Sent("POST", ANALYTICS, EVENT), [Broken(rule_id, "", "it", "that")], NOW)

    assert correction.request is None
    assert reason in correction.reason


def test_a_poor_world_corrects_nothing(contract: Contract) -> None:
    key = read_world("[[keys]]\nkey = 'k'\n", "w", contract).keys["k"]

    correction = correct_json(contract, key, "addUserAnalytics", EVENT)

    assert correction == Correction(
        None, reason="this world lacks what such a request to addUserAnalytics needs, such as a user"
    )


def test_a_world_without_pages_corrects_no_visit(contract: Contract) -> None:
    text = "event_values = ['v']\n[[users]]\nid = 'a'\nemail = 'b'\n[[keys]]\nkey = 'k'\n"
    key = read_world(text, "w", contract).keys["k"]

    correction = correct_json(contract, key, "captureAnalytics", VISIT)

    assert correction.request is None


@pytest.mark.parametrize("parts", [None, contents(VENDOR, "a.gif")], ids=["unknown", "known"])
def test_a_key_that_takes_no_file_at_all_corrects_no_gift(parts: list[SamplePart] | None) -> None:
    narrow = replace(VENDOR, asset_bytes=3)
    path = CONTRACT.operation("giftAssets").path
    sent = None if parts is None else read_form(CONTRACT, VENDOR, parts).parts

    correction = corrected(CONTRACT, narrow, Sent("POST", path, None, sent), [Broken("gift.asset-size")], NOW)

    assert correction.request is None
    assert correction.reason


def test_a_user_without_events_and_an_event_without_users_are_both_replaced(contract: Contract) -> None:
    text = """
        [[events]]
        id = "mine"
        [[events]]
        id = "nobodys"
        [[users]]
        id = "a"
        [[users]]
        id = "b"
        events = ["mine"]
        [[keys]]
        key = "k"
    """
    key = read_world(text, "w", contract).keys["k"]
    parts = [SamplePart("userId", "a"), SamplePart("eventId", "nobodys"), SamplePart("assets", "GIF89a", "a.gif")]

    correction = correct_form(contract, key, parts)

    assert correction.changes == ("userId: 'a' -> 'b', a user of this world", "eventId: 'nobodys' -> 'mine'")


def test_a_rule_of_another_spec_is_passed_over(contract: Contract, key: Key) -> None:
    correction = corrected(contract, key, Sent("POST", ANALYTICS, EVENT), [Broken("no.such-rule")], NOW)

    assert correction.changes == ()


PATHS = [
    pytest.param(ANALYTICS, "addUserAnalytics", id="exact"),
    pytest.param("/user/analytics", "addUserAnalytics", id="without-prefix"),
    pytest.param("/api/v1/vendor/user/asset?x=1", "giftAssets", id="misspelt"),
    pytest.param("/api/v1/analytics/capture/", "captureAnalytics", id="cut"),
]


@pytest.mark.parametrize(("target", "operation_id"), PATHS)
def test_the_nearest_operation_is_meant(contract: Contract, target: str, operation_id: str) -> None:
    assert nearest_operation(contract, target).id == operation_id


def test_a_part_that_was_sent_is_told_from_its_stand_in(contract: Contract, key: Key) -> None:
    operation = contract.operation("giftAssets")
    photo = Part("assets", "photo.jpg", "image/jpeg", 5000, "aa" * 32)
    parts = [Part("userId", None, "", 1, text="nobody"), Part("eventId", None, "", 11, text="summer-gala"), photo]

    correction = corrected(contract, key, Sent("POST", operation.path, None, parts), [], NOW)

    assert correction.kept == {2: photo}
    assert correction.request is not None
    assert correction.request.parts[2] == SamplePart("assets", "GIF89a", "photo.jpg", "image/jpeg")
