"""Changes to a copy of the spec, each seen over HTTP, none of which needs code."""

from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.spec import spec_text
from mock_server.server import running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, Reply, send

CAPTURE = "/api/v1/analytics/capture/fifa-cwc-2025"
GIFT = "/api/v1/vendor/user/assets"
PHOTO = {
    "type": "PHOTO_VIEWED_BY_USER",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "email": "john.doe@example.com",
}


def report(**changes: object) -> Callable[[str], Reply]:
    return lambda url: send(url, ANALYTICS, {**EVENT, **changes})


def capture(**changes: object) -> Callable[[str], Reply]:
    return lambda url: send(url, CAPTURE, {**PHOTO, **changes})


def gift(*contents: str) -> Callable[[str], Reply]:
    parts: list[tuple[str, str | None, str]] = [("userId", None, "user-john-doe"), ("eventId", None, "summer-gala")]
    parts += [("assets", "a.gif", content) for content in contents]
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"'
        + (f'; filename="{filename}"' if filename else "")
        + f"\r\n\r\n{content}\r\n"
        for name, filename, content in parts
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    return lambda url: send(url, GIFT, f"{body}--x--\r\n".encode(), headers=headers)


# What is changed, the request, and the answer before and after.
CHANGES = [
    pytest.param(
        [("message: 'User not found.'", "message: 'Nobody of that name.'")],
        report(email="nobody@example.com"),
        (400, "User not found."),
        (400, "Nobody of that name."),
        id="another-message",
    ),
    pytest.param(
        [("maxItems: 10", "maxItems: 3")],
        gift(*["GIF89a"] * 4),
        (200, "Assets uploaded successfully."),
        (400, "No more than 3 assets can be uploaded in a single request."),
        id="3-assets-instead-of-10",
    ),
    pytest.param(
        [("maxLength: 52428800", "maxLength: 1048576")],
        gift("GIF89a" + "x" * 1_048_576),
        (200, "Assets uploaded successfully."),
        (413, "Each asset must not exceed 1 MB."),
        id="1-megabyte-instead-of-50",
    ),
    pytest.param(
        [("PHOTO_VIEWED_BY_USER]", "PHOTO_VIEWED_BY_USER, PHOTO_SHARED_BY_USER]")],
        capture(type="PHOTO_SHARED_BY_USER"),
        (400, "Invalid type."),
        (200, "Analytics captured successfully."),
        id="a-fifth-event-type",
    ),
    pytest.param(
        [("page_visit: [viewed]", "page_visit: [viewed]\n  checkout: [Started]")],
        report(feature="CheckOut", action="started"),
        (400, "Invalid feature/action."),
        (200, "User analytics added successfully."),
        id="one-more-pair",
    ),
    pytest.param(
        [
            (
                "statusCode: 413, message: 'Request body too large.'",
                "statusCode: 400, message: 'Request body too large.'",
            ),
            ("        '413': {$ref: '#/components/responses/BodyTooLarge'}\n", ""),
            (
                "malformedBody: {$ref",
                "bodyTooLarge: {$ref: '#/components/examples/bodyTooLarge'}\n                malformedBody: {$ref",
            ),
        ],
        report(metadata={"text": "x" * 1_048_576}),
        (413, "Request body too large."),
        (400, "Request body too large."),
        id="another-status-for-an-assumed-answer",
    ),
    pytest.param(
        [("/api/v1/user/analytics:", "/api/v2/user/events:")],
        lambda url: send(url, "/api/v2/user/events", EVENT),
        (404, "Not found."),
        (200, "User analytics added successfully."),
        id="a-renamed-path",
    ),
    pytest.param(
        [("- url: https://api.distinct.so", "- url: https://api.distinct.so/base")],
        lambda url: send(url, "/base" + ANALYTICS, EVENT),
        (404, "Not found."),
        (200, "User analytics added successfully."),
        id="a-base-path",
    ),
    pytest.param(
        [("required: [feature, action, experienceId, capturedAt]", "required: [feature, action, experienceId]")],
        lambda url: send(url, ANALYTICS, {name: value for name, value in EVENT.items() if name != "capturedAt"}),
        (400, "Invalid captured at."),
        (200, "User analytics added successfully."),
        id="a-field-that-is-no-longer-required",
    ),
    pytest.param(
        [("name: x-distinct-api-key", "name: x-vendor-key")],
        lambda url: send(
            url, ANALYTICS, EVENT, headers={"x-vendor-key": "vendor-test-key", "x-distinct-api-key": None}
        ),
        (401, "Unauthorized."),
        (200, "User analytics added successfully."),
        id="another-key-header",
    ),
    pytest.param(
        [("jsonBytes: 1048576", "jsonBytes: 100")],
        report(),
        (200, "User analytics added successfully."),
        (413, "Request body too large."),
        id="another-limit",
    ),
    pytest.param(
        [("        - id: analytics.phone\n", "        - id: analytics.telephone\n")],
        lambda url: _first_broken(report(phone="0815")(url)),
        "analytics.phone",
        "analytics.telephone",
        id="another-name-for-a-rule",
    ),
    pytest.param(
        [
            ("          check: registered-pair\n", ""),
            (
                "'#/components/schemas/Timestamp'}\n        metadata",
                "'#/components/schemas/EventValue'}\n        metadata",
            ),
        ],
        report(feature="anything", capturedAt="yesterday"),
        (400, "Invalid feature/action."),
        (200, "User analytics added successfully."),
        id="without-a-check-and-a-format",
    ),
]


def _first_broken(reply: Reply) -> str:
    return reply.broken[0]


def _seen(reply: Reply | str) -> tuple[int, str] | str:
    return reply if isinstance(reply, str) else (reply.status, reply.message)


@pytest.mark.parametrize(("edits", "ask", "before", "after"), CHANGES)
def test_a_change_of_the_spec_changes_the_fake(
    edits: list[tuple[str, str]],
    ask: Callable[[str], Reply | str],
    before: tuple[int, str] | str,
    after: tuple[int, str] | str,
    tmp_path: Path,
) -> None:
    text = spec_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    copy = tmp_path / "copy.yaml"
    copy.write_text(text)

    with running() as original, running(Settings(port=0, spec=str(copy), log_level="error")) as changed:
        seen = _seen(ask(original.url)), _seen(ask(changed.url))

    assert seen == (before, after)


def test_the_order_of_the_rules_is_the_order_of_the_spec(tmp_path: Path) -> None:
    text = spec_text()
    start, end = (
        text.index("        - id: analytics.pair-registered"),
        text.index("        - id: analytics.experience-known"),
    )
    behind = text.index("        - id: analytics.user-id")
    moved = text[:start] + text[end:behind] + text[start:end] + text[behind:]
    copy = tmp_path / "copy.yaml"
    copy.write_text(moved)
    wrong_twice = report(action="read", experienceId="none")

    with running() as original, running(Settings(port=0, spec=str(copy), log_level="error")) as changed:
        messages = wrong_twice(original.url).message, wrong_twice(changed.url).message

    assert messages == ("Invalid feature/action.", "Invalid experience id.")
