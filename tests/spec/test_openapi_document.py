"""The spec is a valid OpenAPI document, and its schemas take and refuse bodies as the contract says.

Bodies are judged by two libraries that share no code: what one of them reads differently is not portable.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.readers import read_from_filename
from referencing import Registry
from referencing.jsonschema import DRAFT202012, Schema

Node = Mapping[str, Any]  # a part of a document may hold anything
Judge = Callable[[str, object], bool]

DOCUMENT = dict(read_from_filename(str(Path(__file__).parents[2] / "openapi.yaml"))[0])


def by_jsonschema(pointer: str, value: object) -> bool:
    registry: Registry[Schema] = Registry().with_resource("urn:spec", DRAFT202012.create_resource(DOCUMENT))
    checker = jsonschema.FormatChecker(["date-time"])
    schema = {"$ref": f"urn:spec#{pointer}"}
    return jsonschema.Draft202012Validator(schema, registry=registry, format_checker=checker).is_valid(value)


def by_jsonschema_rs(pointer: str, value: object) -> bool:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"urn:spec#{pointer}"},
        registry=jsonschema_rs.Registry([("urn:spec", DOCUMENT)]),
        formats={"binary": lambda _: True},
        validate_formats=True,
        ignore_unknown_formats=False,
        offline=True,
    ).is_valid(value)


def schema(name: str) -> str:
    return f"/components/schemas/{name}"


def changed(good: dict[str, object], *left_out: str, **fields: object) -> dict[str, object]:
    return {name: value for name, value in (good | fields).items() if name not in left_out}


ANALYTICS: dict[str, object] = {
    "email": "john.doe@example.com",
    "feature": "registration_email",
    "action": "opened",
    "experienceId": "47Gop5",
    "capturedAt": "2026-04-27T13:35:00Z",
}
VISIT: dict[str, object] = {
    "type": "REGISTRATION_PAGE_VISIT",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "sessionId": "session-1",
    "registrationPageValue": "main-page",
}
PHOTO: dict[str, object] = {
    "type": "PHOTO_VIEWED_BY_USER",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "email": "john.doe@example.com",
}
GIFT: dict[str, object] = {"userId": "user-john-doe", "eventId": "summer-gala", "assets": ["GIF89a"]}

TAKEN = [
    pytest.param("UserAnalytics", ANALYTICS, id="analytics-by-email"),
    pytest.param("UserAnalytics", changed(ANALYTICS, "email", phone="+14155552671"), id="analytics-by-phone"),
    pytest.param("UserAnalytics", changed(ANALYTICS, "email", userId="u"), id="analytics-by-user-id"),
    pytest.param("UserAnalytics", changed(ANALYTICS, userId="u", phone="+14155552671"), id="analytics-by-all"),
    pytest.param("UserAnalytics", changed(ANALYTICS, email="no address"), id="analytics-email-of-any-form"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="+12"), id="analytics-shortest-phone"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="+123456789012345"), id="analytics-longest-phone"),
    pytest.param("UserAnalytics", changed(ANALYTICS, feature="Any", action="THING"), id="analytics-any-pair"),
    pytest.param("UserAnalytics", changed(ANALYTICS, metadata={}), id="analytics-empty-metadata"),
    pytest.param("UserAnalytics", changed(ANALYTICS, metadata={"a": [1, None]}), id="analytics-free-metadata"),
    pytest.param("UserAnalytics", changed(ANALYTICS, campaign="spring"), id="analytics-unnamed-field"),
    pytest.param("Capture", VISIT, id="visit"),
    pytest.param("Capture", changed(VISIT, email="a"), id="visit-with-email"),
    pytest.param("Capture", changed(VISIT, device="phone"), id="visit-unnamed-field"),
    pytest.param("Capture", PHOTO, id="photo-viewed"),
    pytest.param("Capture", changed(PHOTO, type="PHOTO_ASSIGNED_TO_USER"), id="photo-assigned"),
    pytest.param("Capture", changed(PHOTO, type="PHOTO_DOWNLOADED_BY_USER"), id="photo-downloaded"),
    pytest.param("Capture", changed(PHOTO, sessionId="a", registrationPageValue="b"), id="photo-with-session"),
    pytest.param("Gift", GIFT, id="gift-of-one"),
    pytest.param("Gift", changed(GIFT, assets=["GIF89a"] * 10), id="gift-of-ten"),
    pytest.param("Gift", changed(GIFT, note="hello"), id="gift-unnamed-field"),
]
REFUSED = [
    pytest.param("UserAnalytics", changed(ANALYTICS, "email"), id="analytics-no-identifier"),
    pytest.param("UserAnalytics", changed(ANALYTICS, "email", userId=None), id="analytics-user-id-null"),
    pytest.param("UserAnalytics", changed(ANALYTICS, userId=""), id="analytics-user-id-empty-beside-email"),
    pytest.param("UserAnalytics", changed(ANALYTICS, userId=7), id="analytics-user-id-number"),
    pytest.param("UserAnalytics", changed(ANALYTICS, email=None), id="analytics-email-null"),
    pytest.param("UserAnalytics", changed(ANALYTICS, email=None, userId="u"), id="analytics-email-null-beside-id"),
    pytest.param("UserAnalytics", changed(ANALYTICS, email=""), id="analytics-email-empty"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone=None), id="analytics-phone-null"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone=14155552671), id="analytics-phone-number"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="14155552671"), id="analytics-phone-without-plus"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="+1 415-555-2671"), id="analytics-phone-separators"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="+04155552671"), id="analytics-phone-zero-first"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="+1234567890123456"), id="analytics-phone-16-digits"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="+1"), id="analytics-phone-one-digit"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="+14155552671\n"), id="analytics-phone-line-feed"),
    pytest.param("UserAnalytics", changed(ANALYTICS, phone="+1415555267１"), id="analytics-phone-full-width"),  # noqa: RUF001 - the case
    pytest.param("UserAnalytics", changed(ANALYTICS, "feature"), id="analytics-no-feature"),
    pytest.param("UserAnalytics", changed(ANALYTICS, feature=""), id="analytics-feature-empty"),
    pytest.param("UserAnalytics", changed(ANALYTICS, "action"), id="analytics-no-action"),
    pytest.param("UserAnalytics", changed(ANALYTICS, action=["opened"]), id="analytics-action-list"),
    pytest.param("UserAnalytics", changed(ANALYTICS, "experienceId"), id="analytics-no-experience"),
    pytest.param("UserAnalytics", changed(ANALYTICS, experienceId=None), id="analytics-experience-null"),
    pytest.param("UserAnalytics", changed(ANALYTICS, "capturedAt"), id="analytics-no-time"),
    pytest.param("UserAnalytics", changed(ANALYTICS, capturedAt=""), id="analytics-time-empty"),
    pytest.param("UserAnalytics", changed(ANALYTICS, capturedAt=1777296900), id="analytics-time-number"),
    pytest.param("UserAnalytics", changed(ANALYTICS, metadata=None), id="analytics-metadata-null"),
    pytest.param("UserAnalytics", changed(ANALYTICS, metadata=""), id="analytics-metadata-empty-text"),
    pytest.param("UserAnalytics", changed(ANALYTICS, metadata=[]), id="analytics-metadata-list"),
    pytest.param("UserAnalytics", [ANALYTICS], id="analytics-list"),
    pytest.param("UserAnalytics", None, id="analytics-null"),
    pytest.param("Capture", changed(VISIT, "type"), id="capture-no-type"),
    pytest.param("Capture", changed(VISIT, type="PAGE_VISIT"), id="capture-unknown-type"),
    pytest.param("Capture", changed(VISIT, type="registration_page_visit"), id="capture-lower-case-type"),
    pytest.param("Capture", changed(PHOTO, type=None), id="capture-type-null"),
    pytest.param("Capture", changed(VISIT, "sessionId"), id="visit-no-session"),
    pytest.param("Capture", changed(VISIT, "sessionId", email="a"), id="visit-email-for-session"),
    pytest.param("Capture", changed(VISIT, sessionId=""), id="visit-session-empty"),
    pytest.param("Capture", changed(VISIT, "registrationPageValue"), id="visit-no-page"),
    pytest.param("Capture", changed(VISIT, registrationPageValue=5), id="visit-page-number"),
    pytest.param("Capture", changed(VISIT, email=None), id="visit-email-null"),
    pytest.param("Capture", changed(PHOTO, "email"), id="photo-no-email"),
    pytest.param("Capture", changed(PHOTO, "email", sessionId="a", registrationPageValue="b"), id="photo-session-only"),
    pytest.param("Capture", changed(PHOTO, email=""), id="photo-email-empty"),
    pytest.param("Capture", changed(PHOTO, sessionId=None), id="photo-session-null"),
    pytest.param("Capture", changed(PHOTO, "eventValue"), id="photo-no-event"),
    pytest.param("Capture", changed(PHOTO, eventValue=""), id="photo-event-empty"),
    pytest.param("Capture", changed(PHOTO, "recordCapturedAt"), id="photo-no-time"),
    pytest.param("Capture", changed(PHOTO, recordCapturedAt="yesterday"), id="photo-time-no-time"),
    pytest.param("Capture", "PHOTO_VIEWED_BY_USER", id="capture-text"),
    pytest.param("Gift", changed(GIFT, "userId"), id="gift-no-user"),
    pytest.param("Gift", changed(GIFT, userId=""), id="gift-user-empty"),
    pytest.param("Gift", changed(GIFT, "eventId"), id="gift-no-event"),
    pytest.param("Gift", changed(GIFT, eventId=["a", "b"]), id="gift-event-twice"),
    pytest.param("Gift", changed(GIFT, "assets"), id="gift-no-assets"),
    pytest.param("Gift", changed(GIFT, assets=[]), id="gift-of-nothing"),
    pytest.param("Gift", changed(GIFT, assets=["GIF89a", ""]), id="gift-empty-file"),
    pytest.param("Gift", changed(GIFT, assets=["GIF89a"] * 11), id="gift-of-eleven"),
]
TIMES_TAKEN = [
    "2026-04-27T13:35:00Z",
    "2026-04-27T13:35:00+00:00",
    "2026-04-27T13:35:00+05:45",
    "2026-04-27T13:35:00-23:59",
    "2026-04-27T13:35:00.5Z",
    "2026-04-27T13:35:00.123456789012345Z",
    "2024-02-29T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
]
TIMES_REFUSED = [
    "2026-04-27T13:35:00",
    "2026-04-27T13:35Z",
    "2026-04-27",
    "2026-04-27 13:35:00Z",
    "2026-04-27t13:35:00z",
    "2026-04-27T13:35:00,5Z",
    "2026-04-27T13:35:00.Z",
    "2026-04-27T13:35:00-00:00",
    "2026-04-27T13:35:00+0200",
    "2026-04-27T13:35:00+02",
    "2026-04-27T13:35:00+24:00",
    "2026-04-27T13:35:00+02:60",
    "2026-04-27T24:00:00Z",
    "2026-04-27T13:60:00Z",
    "2026-04-27T12:00:60Z",
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "20260427T133500Z",
    "2026-W18-1T13:35:00Z",
    "2026-117T13:35:00Z",
    "+002026-04-27T13:35:00Z",
    " 2026-04-27T13:35:00Z",
    "2026-04-27T13:35:00Z\n",
    "２026-04-27T13:35:00Z",  # noqa: RUF001 - the case
]
LEAP_SECONDS = [
    pytest.param("2026-12-31T23:59:60Z", id="utc"),
    pytest.param("2026-12-31T15:59:60-08:00", id="offset"),
    pytest.param("2026-12-31T23:59:60.5Z", id="fraction"),
]


def contents(
    document: Node,
) -> Iterator[tuple[str, str, Node]]:
    """List the content of every request and answer as place, status (none for a request), and the media type object."""
    components = document["components"]["responses"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = {
                status: components[answer["$ref"].rsplit("/")[-1]] if "$ref" in answer else answer
                for status, answer in operation["responses"].items()
            }
            for status, holder in [("", operation["requestBody"]), *answers.items()]:
                for media_type, content in holder["content"].items():
                    yield f"{method} {path} {status} {media_type}", status, content


EXAMPLES = [
    pytest.param(status, content["schema"]["$ref"][1:], example, id=f"{place} {name}")
    for place, status, content in contents(DOCUMENT)
    for name, example in content["examples"].items()
]


def value_of(example: Node) -> Any:  # noqa: ANN401 - an example may be any JSON
    named = DOCUMENT["components"]["examples"]
    return (named[example["$ref"].rsplit("/")[-1]] if "$ref" in example else example)["value"]


@pytest.fixture(params=[by_jsonschema, by_jsonschema_rs], ids=["jsonschema", "jsonschema-rs"])
def judge(request: pytest.FixtureRequest) -> Judge:
    chosen: Judge = request.param
    return chosen


def test_document_is_openapi() -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


@pytest.mark.parametrize(("status", "pointer", "example"), EXAMPLES)
def test_example_is_valid(judge: Judge, status: str, pointer: str, example: Node) -> None:
    value = value_of(example)

    assert judge(pointer, value)
    assert status in ("", str(value.get("statusCode")))


def test_every_named_answer_is_answered() -> None:
    referred = {
        example["$ref"].rsplit("/")[-1]
        for _, _, content in contents(DOCUMENT)
        for example in content["examples"].values()
        if "$ref" in example
    }

    assert referred == set(DOCUMENT["components"]["examples"])


@pytest.mark.parametrize(("name", "body"), TAKEN)
def test_schema_takes(judge: Judge, name: str, body: object) -> None:
    assert judge(schema(name), body)


@pytest.mark.parametrize(("name", "body"), REFUSED)
def test_schema_refuses(judge: Judge, name: str, body: object) -> None:
    assert not judge(schema(name), body)


@pytest.mark.parametrize("time", TIMES_TAKEN)
def test_schema_takes_the_time(judge: Judge, time: str) -> None:
    assert judge(schema("Timestamp"), time)


@pytest.mark.parametrize("time", TIMES_REFUSED)
def test_schema_refuses_the_time(judge: Judge, time: str) -> None:
    assert not judge(schema("Timestamp"), time)


@pytest.mark.parametrize("time", LEAP_SECONDS)
def test_schema_takes_a_leap_second(time: str) -> None:
    # jsonschema's format check knows none, so only the library that the fake uses is asked.
    assert by_jsonschema_rs(schema("Timestamp"), time)
