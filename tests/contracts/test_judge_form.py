"""What each gift is answered: status and message to the letter, every broken rule, and every flag."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.case import Circumstances
from contracts.judge import form_limits, judge_form
from contracts.model import Breach, Judgement
from contracts.multipart_body import FormReader, Part
from contracts.operations import Contract
from contracts.samples import SamplePart, encoded
from contracts.world import Key

Parts = tuple[SamplePart, ...]
Judge = Callable[..., Judgement]

NOW = datetime(2026, 4, 27, 14, tzinfo=UTC)
GIF = b"GIF89a"
UPLOADED = "Assets uploaded successfully."
NO_USER = "User not found."
NO_EVENT = "Invalid event id."
NO_ASSETS = "Invalid assets."
NOT_MEDIA = "Only images and videos can be gifted."
MALFORMED = "Malformed request body."


def text(name: str, value: str) -> SamplePart:
    return SamplePart(name, value)


def file(content: str = "GIF89a", content_type: str = "image/gif", name: str = "assets", filler: int = 0) -> SamplePart:
    return SamplePart(name, content, "a.gif", content_type, filler)


USER, EVENT, ASSET = text("userId", "user-john-doe"), text("eventId", "summer-gala"), file()
OTHER_FILE = file(name="note")


@pytest.fixture(scope="session")
def judge_body(contract: Contract, key: Key) -> Judge:
    """Judge the bytes of a form, which ends with them."""

    def judged(body: bytes, key: Key = key, **around: Any) -> Judgement:  # noqa: ANN401 - of several types
        operation = contract.operation("giftAssets")
        form = FormReader(encoded(())[0], form_limits(operation, key, contract.limits))
        form.feed(body)
        form.finish()
        return judge_form(operation, form, key, Circumstances(NOW, **around), contract.limits)

    return judged


@pytest.fixture(scope="session")
def judge(judge_body: Judge) -> Judge:
    def judged(*parts: SamplePart, **around: Any) -> Judgement:  # noqa: ANN401 - of several types
        return judge_body(encoded(parts)[1], **around)

    return judged


@pytest.fixture(scope="session")
def small_key(key: Key) -> Key:
    return replace(key, asset_bytes=1048576)


def ids(breaches: Iterable[Breach]) -> list[str]:
    return [breach.rule.id.removeprefix("gift.") for breach in breaches]


def case(name: str, parts: Sequence[SamplePart], message: str, *broken: str, flags: Sequence[str] = ()) -> Any:  # noqa: ANN401 - a pytest.param
    return pytest.param(tuple(parts), message, list(broken), list(flags), id=name)


CASES = [
    case("one-image", [USER, EVENT, ASSET], UPLOADED),
    case("ten-images", [USER, EVENT, *[ASSET] * 10], UPLOADED),
    case("assets-first", [ASSET, EVENT, USER], UPLOADED),
    case("texts-between-assets", [ASSET, USER, ASSET, EVENT], UPLOADED),
    # userId
    case("no-user", [EVENT, ASSET], NO_USER, "user-known"),
    case("user-empty", [text("userId", ""), EVENT, ASSET], NO_USER, "user-known"),
    case("user-unknown", [text("userId", "nobody"), EVENT, ASSET], NO_USER, "user-known"),
    case("user-in-capitals", [text("userId", "USER-JOHN-DOE"), EVENT, ASSET], NO_USER, "user-known"),
    case("user-with-blank", [text("userId", "user-john-doe "), EVENT, ASSET], NO_USER, "user-known"),
    case("user-twice", [USER, USER, EVENT, ASSET], "Invalid user id.", "user-once"),
    case("user-thrice", [USER, USER, USER, EVENT, ASSET], "Invalid user id.", "user-once"),
    case("user-as-file", [file(name="userId"), EVENT, ASSET], "Invalid user id.", "user-once"),
    case(
        "user-in-other-spelling",
        [text("userid", "user-john-doe"), EVENT, ASSET],
        NO_USER,
        "user-known",
        flags=["only-named-fields"],
    ),
    # eventId
    case("no-event", [USER, ASSET], NO_EVENT, "event-known"),
    case("event-empty", [USER, text("eventId", ""), ASSET], NO_EVENT, "event-known"),
    case("event-unknown", [USER, text("eventId", "winter-ball"), ASSET], NO_EVENT, "event-known"),
    case("event-in-capitals", [USER, text("eventId", "SUMMER-GALA"), ASSET], NO_EVENT, "event-known"),
    case("event-twice", [USER, EVENT, EVENT, ASSET], NO_EVENT, "event-known"),
    case("event-as-file", [USER, file(name="eventId"), ASSET], NO_EVENT, "event-known"),
    case(
        "not-registered",
        [USER, text("eventId", "autumn-expo"), ASSET],
        "User is not registered for this event.",
        "user-registered",
    ),
    case("registered-for-both", [text("userId", "user-jane-roe"), text("eventId", "autumn-expo"), ASSET], UPLOADED),
    # assets
    case("no-assets", [USER, EVENT], NO_ASSETS, "assets-present"),
    case("assets-as-text", [USER, EVENT, text("assets", "GIF89a")], NO_ASSETS, "assets-present"),
    case("one-of-two-as-text", [USER, EVENT, ASSET, text("assets", "GIF89a")], NO_ASSETS, "assets-present"),
    case("empty-file", [USER, EVENT, file("")], NO_ASSETS, "assets-present"),
    case("empty-file-among-good-ones", [USER, EVENT, ASSET, file(""), ASSET], NO_ASSETS, "assets-present"),
    case(
        "other-name-of-assets",
        [USER, EVENT, file(name="asset")],
        NO_ASSETS,
        "assets-present",
        flags=["only-named-fields"],
    ),
    case(
        "eleven",
        [USER, EVENT, *[ASSET] * 11],
        "No more than 10 assets can be uploaded in a single request.",
        "asset-count",
    ),
    case(
        "eleven-of-which-one-is-text",
        [USER, EVENT, *[ASSET] * 10, text("assets", "GIF89a")],
        NO_ASSETS,
        *("assets-present", "asset-count"),
    ),
    case("ten-and-another-file", [USER, EVENT, *[ASSET] * 10, OTHER_FILE], UPLOADED, flags=["only-named-fields"]),
    # what counts as an image or a video
    case("undeclared", [USER, EVENT, file(content_type="")], UPLOADED),
    case("octet-stream", [USER, EVENT, file(content_type="application/octet-stream")], UPLOADED),
    case("video", [USER, EVENT, file("\0\0\0\x18ftypisom", "video/mp4")], UPLOADED),
    case("declared-in-capitals", [USER, EVENT, file(content_type="IMAGE/GIF; name=a")], UPLOADED),
    case("declared-as-another", [USER, EVENT, file(content_type="image/png")], UPLOADED, flags=["asset-declared"]),
    case("declared-as-no-media", [USER, EVENT, file(content_type="text/plain")], UPLOADED, flags=["asset-declared"]),
    case("pdf", [USER, EVENT, file("%PDF-1.7", "image/png")], NOT_MEDIA, "asset-media"),
    case("zip", [USER, EVENT, file("PK\3\4", "image/png")], NOT_MEDIA, "asset-media"),
    case("text", [USER, EVENT, file("hello", "image/png")], NOT_MEDIA, "asset-media"),
    case("html", [USER, EVENT, file("<!doctype html>", "video/mp4")], NOT_MEDIA, "asset-media"),
    case("audio", [USER, EVENT, file("ID3\3\0", "video/mp4")], NOT_MEDIA, "asset-media"),
    case("one-bad-among-good-ones", [USER, EVENT, ASSET, file("hello"), ASSET], NOT_MEDIA, "asset-media"),
    case("two-bad-ones", [USER, EVENT, file("hello"), file("%PDF-")], NOT_MEDIA, "asset-media", "asset-media"),
    case("svg", [USER, EVENT, file("<svg/>", "image/svg+xml")], UPLOADED, flags=["asset-recognised"]),
    case("raw-video", [USER, EVENT, file("\0\1\2", "video/x-raw")], UPLOADED, flags=["asset-recognised"]),
    case("not-recognised-undeclared", [USER, EVENT, file("\0\1\2", "")], NOT_MEDIA, "asset-media"),
    case("not-recognised-octets", [USER, EVENT, file("\0\1", "application/octet-stream")], NOT_MEDIA, "asset-media"),
    case("svg-as-octets", [USER, EVENT, file("<svg/>", "application/octet-stream")], NOT_MEDIA, "asset-media"),
    case("not-recognised-as-audio", [USER, EVENT, file("\0\1\2", "audio/aac")], NOT_MEDIA, "asset-media"),
    # fields that nobody names
    case("other-text", [USER, EVENT, text("note", "hello"), ASSET], UPLOADED, flags=["only-named-fields"]),
    case("other-file", [USER, EVENT, OTHER_FILE, ASSET], UPLOADED, flags=["only-named-fields"]),
    case("other-twice", [USER, EVENT, *[text("note", "")] * 2, ASSET], UPLOADED, flags=["only-named-fields"]),
    # order
    case("nothing", [], NO_USER, "user-known", "event-known", "assets-present"),
    case("user-before-event", [text("userId", "x"), text("eventId", "x"), ASSET], NO_USER, "user-known", "event-known"),
    case("event-before-assets", [USER, text("eventId", "x")], NO_EVENT, "event-known", "assets-present"),
    case("event-before-media", [USER, text("eventId", "x"), file("hello")], NO_EVENT, "event-known", "asset-media"),
    case(
        "count-before-the-rest",
        [text("userId", "x"), *[ASSET] * 11],
        "No more than 10 assets can be uploaded in a single request.",
        "user-known",
        "asset-count",
    ),
    case(
        "count-before-what-comes-later",
        [*[ASSET] * 11, text("userId", "x")],
        "No more than 10 assets can be uploaded in a single request.",
        "asset-count",
    ),
]


@pytest.mark.parametrize(("parts", "message", "broken", "flags"), CASES)
def test_gift(judge: Judge, parts: Parts, message: str, broken: list[str], flags: list[str]) -> None:
    judgement = judge(*parts)

    assert (judgement.answer.message, judgement.answer.status) == (message, 400 if broken else 200)
    assert (ids(judgement.breaches), ids(judgement.flags)) == (broken, flags)


# The limit of the small key is one megabyte in the larger reading.
SIZES = [
    pytest.param(1_000_000, 200, UPLOADED, [], [], id="the-smaller-reading"),
    pytest.param(1_000_001, 200, UPLOADED, [], ["asset-unambiguous-size"], id="over-the-smaller-reading"),
    pytest.param(1_048_576, 200, UPLOADED, [], ["asset-unambiguous-size"], id="the-larger-reading"),
    pytest.param(1_048_577, 413, "Each asset must not exceed 1 MB.", ["asset-size"], [], id="over-the-larger-reading"),
]


@pytest.mark.parametrize(("size", "status", "message", "broken", "flags"), SIZES)
def test_size_decides(  # noqa: PLR0913, PLR0917 - one table
    judge: Judge, small_key: Key, size: int, status: int, message: str, broken: list[str], flags: list[str]
) -> None:
    judgement = judge(USER, EVENT, file(filler=size - len(GIF)), key=small_key)

    assert (judgement.answer.status, judgement.answer.message) == (status, message)
    assert (ids(judgement.breaches), ids(judgement.flags)) == (broken, flags)


DEFAULT_SIZES = [
    pytest.param(50_000_000, [], id="the-smaller-reading"),
    pytest.param(50_000_001, ["asset-unambiguous-size"], id="over-the-smaller-reading"),
    pytest.param(52_428_800, ["asset-unambiguous-size"], id="the-larger-reading"),
]


@pytest.mark.parametrize(("size", "flags"), DEFAULT_SIZES)
def test_default_limit_is_fifty_megabytes(contract: Contract, key: Key, size: int, flags: list[str]) -> None:
    operation = contract.operation("giftAssets")
    limits = form_limits(operation, key, contract.limits)
    form = FormReader(encoded(())[0], limits)
    form.feed(encoded((USER, EVENT))[1])
    # A part as the reader gives it for that many bytes, without the bytes.
    form.parts.append(Part("assets", "a.gif", "image/gif", size, head=GIF))

    judgement = judge_form(operation, form, key, Circumstances(NOW), contract.limits)

    assert limits.asset_bytes == 52_428_800
    assert (ids(judgement.breaches), ids(judgement.flags)) == ([], flags)


LIMITS = [
    pytest.param(52_428_800, "50", id="fifty"),
    pytest.param(20_971_520, "20", id="whole"),
    pytest.param(1_572_864, "1.5", id="half"),
    pytest.param(1_000_000, "0.9537", id="rounded"),
]


@pytest.mark.parametrize(("limit", "shown"), LIMITS)
def test_message_names_the_limit_of_the_key(judge: Judge, key: Key, limit: int, shown: str) -> None:
    limited = replace(key, asset_bytes=limit)

    judgement = judge(USER, EVENT, file(filler=limit), key=limited)

    assert judgement.answer.message == f"Each asset must not exceed {shown} MB."
    assert judgement.answer.body == b'{"statusCode":413,"message":"%b","data":null}' % judgement.answer.message.encode()


def test_size_of_other_files_has_no_limit(judge: Judge, small_key: Key) -> None:
    judgement = judge(USER, EVENT, ASSET, file(name="note", filler=2_000_000), key=small_key)

    assert (ids(judgement.breaches), ids(judgement.flags)) == ([], ["only-named-fields"])


def test_oversize_answers_before_what_stands_before_and_after(judge: Judge, small_key: Key) -> None:
    large = file(filler=1_048_576)

    judgement = judge(text("userId", "x"), file("hello"), large, EVENT, EVENT, key=small_key)

    assert judgement.answer.message == "Each asset must not exceed 1 MB."
    assert ids(judgement.breaches) == ["user-known", "asset-size", "asset-media"]


def test_text_part_over_its_limit(judge: Judge) -> None:
    judgement = judge(SamplePart("userId", "", filler=65537), EVENT, ASSET)

    assert (judgement.answer.status, judgement.answer.message) == (400, MALFORMED)
    assert [(breach.rule.id, breach.field, breach.got) for breach in judgement.breaches] == [
        ("gift.text-part-size", "body", "userId with more than 65536 bytes")
    ]


def test_text_part_of_exactly_its_limit_is_judged(judge: Judge) -> None:
    judgement = judge(USER, EVENT, ASSET, SamplePart("note", "", filler=65536))

    assert (ids(judgement.breaches), ids(judgement.flags)) == ([], ["only-named-fields"])


WHOLE = encoded((USER, EVENT, ASSET))[1]
BROKEN_BODIES = [
    pytest.param(b"", "a body that ends before its closing boundary", id="empty"),
    pytest.param(b'{"userId": 1}', "a body that ends before its closing boundary", id="json"),
    pytest.param(b"x" * 65537, "no boundary at the beginning of the body", id="no-boundary-in-sight"),
    pytest.param(WHOLE[:-4], "a body that ends before its closing boundary", id="no-closing-boundary"),
    pytest.param(WHOLE[: len(WHOLE) // 2], "a body that ends before its closing boundary", id="cut-in-half"),
    pytest.param(WHOLE.replace(b'; name="eventId"', b""), "a part without a name", id="no-name"),
    pytest.param(
        WHOLE.replace(b"sample-boundary", b"other"), "a body that ends before its closing boundary", id="other-boundary"
    ),
]


@pytest.mark.parametrize(("body", "got"), BROKEN_BODIES)
def test_malformed_form(judge_body: Judge, body: bytes, got: str) -> None:
    judgement = judge_body(body)

    assert judgement.answer.body == b'{"statusCode":400,"message":"Malformed request body.","data":null}'
    assert ids(judgement.breaches) == ["body"]
    assert judgement.breaches[0].got == got


def test_malformed_form_lists_what_was_wrong_before(judge_body: Judge) -> None:
    body = encoded((text("userId", "nobody"), EVENT, ASSET))[1][:-4]

    judgement = judge_body(body)

    assert judgement.answer.message == MALFORMED
    assert ids(judgement.breaches) == ["body", "user-known"]


@pytest.mark.parametrize(
    ("around", "flag"),
    [
        pytest.param({"query": "a=1"}, "no-query", id="query"),
        pytest.param({"repeated": True}, "no-repeat", id="repeated"),
    ],
)
def test_circumstances_are_flagged(judge: Judge, around: dict[str, Any], flag: str) -> None:
    judgement = judge(USER, EVENT, ASSET, **around)

    assert (judgement.answer.status, ids(judgement.flags)) == (200, [flag])


EXPLAINED = [
    pytest.param(
        [text("userId", '"user-john-doe"'), EVENT, ASSET],
        ("userId", "'\"user-john-doe\"'", "a user of this world"),
        "the quotes are part of the value; copied from a shell command, perhaps",
        id="quotes",
    ),
    pytest.param(
        [USER, text("eventId", "autumn-expo"), ASSET],
        ("eventId", "'autumn-expo'", "an event that user-john-doe is registered for: summer-gala"),
        "",
        id="not-registered",
    ),
    pytest.param(
        [USER, EVENT, ASSET, file("%PDF-1.7")],
        ("assets[2]", "'a.gif' with application/pdf", "an image or a video"),
        "",
        id="not-media",
    ),
    pytest.param(
        [USER, EVENT, file("\0\1", "")],
        ("assets[1]", "'a.gif' with content that is not recognised, declared as nothing", "an image or a video"),
        "",
        id="not-recognised",
    ),
    pytest.param([USER, EVENT, file("")], ("assets", "''", "text that is not empty"), "", id="empty-file"),
    pytest.param([USER, EVENT], ("assets", "nothing", "the field assets"), "", id="no-assets"),
    pytest.param([USER, EVENT, *[ASSET] * 11], ("assets", "a file number 11", "at most 10"), "", id="eleven"),
]


@pytest.mark.parametrize(("parts", "explained", "hint"), EXPLAINED)
def test_breach_says_where_got_and_expected(
    judge: Judge, parts: Sequence[SamplePart], explained: tuple[str, str, str], hint: str
) -> None:
    judgement = judge(*parts)

    (breach,) = judgement.breaches
    assert (breach.field, breach.got, breach.expected) == explained
    assert breach.hint == hint
