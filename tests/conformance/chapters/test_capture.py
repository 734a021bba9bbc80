"""Each obligation of capture analytics: kept, broken, and not exercised."""

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.chapters import capture
from conformance.chapters.capture import needed_by_type
from conformance.chapters.places import PREFIX
from conformance.model import Intent
from conformance.obligation import Obligation
from contracts.operations import Contract
from tests.conformance.json_made import (
    REPORT,
    VIEW,
    VISIT,
    called,
    case_of,
    sent_json,
    sent_wrongly,
    verdict,
    without,
)

Value = Mapping[str, Any]
PATH = "/api/v1/analytics/capture/fifa-cwc-2025"
ON_VISIT = "REGISTRATION_PAGE_VISIT"
USER_TYPES = ("PHOTO_ASSIGNED_TO_USER", "PHOTO_DOWNLOADED_BY_USER", "PHOTO_VIEWED_BY_USER")


@pytest.fixture(scope="module")
def obligations(contract: Contract) -> tuple[Obligation, ...]:
    return capture.obligations(contract)


PATHS = [
    pytest.param(PATH, "kept", id="documented"),
    pytest.param("/api/v1/analytics/capture/fifa-cwc-2026", "broken", id="another-year"),
    pytest.param(f"{PATH}/", "broken", id="slash-behind"),
    pytest.param(f"{PREFIX}{PATH}/", "broken", id="slash-behind-a-gateway"),
    pytest.param(f"{PREFIX}{PATH}", "nothing", id="behind-a-gateway"),
    pytest.param("/api/v1/user/analytic", "nothing", id="near-another-path"),
    pytest.param("/telemetry", "nothing", id="near-no-path"),
]


@pytest.mark.parametrize(("target", "expected"), PATHS)
def test_the_path(contract: Contract, obligations: tuple[Obligation, ...], target: str, expected: str) -> None:
    sent = sent_json(contract, VISIT)
    if target != PATH:
        sent = sent_wrongly(contract, "http.path", target=target, operation="")

    assert verdict(case_of(called(Intent("captureAnalytics", VISIT), sent)), obligations, "C-01") == expected


REQUESTS = [
    pytest.param("C-02", VIEW, "kept", id="C-02-a-type"),
    pytest.param("C-02", {**VIEW, "type": "photo_viewed_by_user"}, "broken", id="C-02-lower"),
    pytest.param("C-02", {**VIEW, "type": None}, "broken", id="C-02-null"),
    pytest.param("C-02", {**VIEW, "type": [ON_VISIT]}, "broken", id="C-02-list"),
    pytest.param("C-02", b"[]", "nothing", id="C-02-no-object"),
    pytest.param("C-03", VIEW, "kept", id="C-03-text"),
    pytest.param("C-03", without(VIEW, "eventValue"), "broken", id="C-03-missing"),
    pytest.param("C-03", {**VIEW, "eventValue": 2025}, "broken", id="C-03-number"),
    pytest.param("C-03", {**VIEW, "eventValue": ""}, "broken", id="C-03-empty"),
    pytest.param("C-03", b"[]", "nothing", id="C-03-no-object"),
    pytest.param("C-06", VIEW, "kept", id="C-06-its-own"),
    pytest.param("C-06", {**VIEW, "sessionId": "s"}, "broken", id="C-06-another-types"),
    pytest.param("C-06", b"[]", "nothing", id="C-06-no-object"),
    pytest.param("C-07", VIEW, "kept", id="C-07-strict"),
    pytest.param("C-07", {**VIEW, "recordCapturedAt": "2026-04-27T13:35:00"}, "broken ASSUMED", id="C-07-naive"),
    pytest.param("C-07", {**VIEW, "recordCapturedAt": 1777296900000}, "broken", id="C-07-epoch"),
    pytest.param("C-07", without(VIEW, "recordCapturedAt"), "broken", id="C-07-missing"),
    pytest.param("C-07", b"[]", "nothing", id="C-07-no-object"),
    pytest.param("C-08", VIEW, "kept", id="C-08-left-out"),
    pytest.param("C-08", {**VIEW, "sessionId": None}, "broken", id="C-08-null"),
    pytest.param("C-08", {**VISIT, "email": ""}, "broken", id="C-08-empty"),
    pytest.param("C-08", {**VISIT, "email": "a@b.de"}, "nothing", id="C-08-nothing-left-out"),
    pytest.param("C-08", {**VIEW, "type": "x", "sessionId": None}, "nothing", id="C-08-no-such-type"),
    *(
        row
        for type_ in USER_TYPES
        for row in (
            pytest.param(f"C-04.{type_}.email", {**VIEW, "type": type_}, "kept", id=f"C-04-{type_}"),
            pytest.param(f"C-04.{type_}.email", {**VIEW, "type": type_, "email": ""}, "broken", id=f"C-04-no-{type_}"),
            pytest.param(f"C-04.{type_}.email", VISIT, "nothing", id=f"C-04-not-{type_}"),
        )
    ),
    *(
        row
        for field in ("sessionId", "registrationPageValue")
        for row in (
            pytest.param(f"C-04.{ON_VISIT}.{field}", VISIT, "kept", id=f"C-04-{field}"),
            pytest.param(f"C-04.{ON_VISIT}.{field}", without(VISIT, field), "broken", id=f"C-04-no-{field}"),
            pytest.param(f"C-04.{ON_VISIT}.{field}", {**VISIT, field: 7}, "broken", id=f"C-04-{field}-is-a-number"),
            pytest.param(f"C-04.{ON_VISIT}.{field}", VIEW, "nothing", id=f"C-04-another-type-than-{field}"),
        )
    ),
]


@pytest.mark.parametrize(("name", "body", "expected"), REQUESTS)
def test_a_request(
    contract: Contract, obligations: tuple[Obligation, ...], name: str, body: Value | bytes, expected: str
) -> None:
    sent = sent_json(contract, body, operation="captureAnalytics")

    assert verdict(case_of(called(Intent("captureAnalytics", VISIT), sent)), obligations, name) == expected


FIELDS = [*((type_, "email") for type_ in USER_TYPES), (ON_VISIT, "sessionId"), (ON_VISIT, "registrationPageValue")]
CALLS = [
    pytest.param("C-03.given", VIEW, VIEW, "kept", id="C-03-same"),
    pytest.param(
        "C-03.given", {**VIEW, "eventValue": "Match"}, {**VIEW, "eventValue": "match"}, "broken", id="C-03-not"
    ),
    pytest.param(
        "C-03.given", {**VIEW, "eventValue": "\ufeffm\x00"}, {**VIEW, "eventValue": "m"}, "kept", id="C-03-trim"
    ),
    pytest.param("C-03.given", VIEW, None, "nothing", id="C-03-refused"),
    pytest.param("C-04.given", VIEW, {**VIEW, "email": "John.Doe@example.com"}, "kept", id="C-04-same-but-for-case"),
    pytest.param("C-04.given", VISIT, {**VISIT, "sessionId": "session"}, "broken", id="C-04-cut"),
    pytest.param("C-04.given", {**VIEW, "sessionId": "s"}, VIEW, "kept", id="C-04-what-does-not-belong-may-go"),
    pytest.param("C-04.given", VIEW, None, "nothing", id="C-04-refused"),
    pytest.param("C-07.given", VIEW, {**VIEW, "recordCapturedAt": "2026-04-27T15:35:00+02:00"}, "kept", id="C-07-same"),
    pytest.param("C-07.given", VIEW, {**VIEW, "recordCapturedAt": "2026-04-27T15:35:00Z"}, "broken", id="C-07-shifted"),
    pytest.param(
        "C-07.given",
        {**VIEW, "recordCapturedAt": "2026-04-27T13:35:00.123456Z"},
        VIEW,
        "broken ASSUMED",
        id="C-07-whole-seconds",
    ),
    pytest.param("C-07.given", VIEW, {**VIEW, "recordCapturedAt": "2026-04-27T13:35:01Z"}, "broken", id="C-07-late"),
    pytest.param("C-07.given", VIEW, None, "nothing", id="C-07-refused"),
    *(
        row
        for type_, field in FIELDS
        for plain in [{**(VISIT if type_ == ON_VISIT else VIEW), "type": type_}]
        for row in (
            pytest.param(f"C-05.{type_}.{field}", without(plain, field), None, "kept", id=f"{type_}-no-{field}"),
            pytest.param(f"C-05.{type_}.{field}", {**plain, field: ""}, plain, "broken", id=f"{type_}-made-up-{field}"),
            pytest.param(f"C-05.{type_}.{field}", plain, plain, "nothing", id=f"{type_}-with-{field}"),
        )
    ),
]


@pytest.mark.parametrize(("name", "given", "body", "expected"), CALLS)
def test_a_call(
    contract: Contract,
    obligations: tuple[Obligation, ...],
    name: str,
    given: Value,
    body: Value | None,
    expected: str,
) -> None:
    sent = () if body is None else (sent_json(contract, body),)

    assert verdict(case_of(called(Intent("captureAnalytics", given), *sent)), obligations, name) == expected


def test_the_spec_says_what_each_type_needs(contract: Contract) -> None:
    assert needed_by_type(contract.operation("captureAnalytics")) == {
        ON_VISIT: ("sessionId", "registrationPageValue"),
        **dict.fromkeys(USER_TYPES, ("email",)),
    }


def test_every_obligation_is_kept_and_broken_and_not_exercised_somewhere(obligations: tuple[Obligation, ...]) -> None:
    told = {(row.values[0], str(row.values[-1]).partition(" ")[0]) for row in (*REQUESTS, *CALLS)}
    told |= {("C-01", str(row.values[-1])) for row in PATHS}

    assert {(one.id, what) for one in obligations for what in ("kept", "broken", "nothing")} <= told


def test_reports_of_users_are_not_judged(contract: Contract, obligations: tuple[Obligation, ...]) -> None:
    case = case_of(called(Intent("addUserAnalytics", REPORT), sent_json(contract, REPORT)))

    assert {verdict(case, obligations, one.id) for one in obligations} == {"nothing"}
