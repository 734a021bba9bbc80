"""What is said of the attempts of a call: when it stops, how it waits, what it sends again."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

import pytest

from conformance.chapters import giving_up, retries, sent_again
from conformance.chapters.giving_up import ENDLESS
from conformance.model import Attempts, Call, Capabilities, Case, File, Intent, Sent
from contracts.multipart_body import Part
from tests.conformance.answers_made import (
    CAN,
    CONTRACT,
    HANG,
    KEY,
    OK,
    PICTURE,
    call,
    case,
    error,
    judged,
    sent,
    upload,
)

ROWS = {row.id: row for chapter in (giving_up, retries, sent_again) for row in chapter.obligations(CONTRACT)}
NOT = "not exercised"
NOBODY = Capabilities(CAN.operations)
BATCHES = replace(CAN, batches_files=True)
QUEUE = replace(CAN, async_send=True, concurrency=1)
OTHER = Part("assets", "b.gif", "image/gif", 30, "22")
GIFT = Intent("giftAssets", {"userId": "u"}, (File("a.gif", "image/gif", 20),))
EMPTY = Part("assets", "a.gif", "image/gif", 0, "00")


def tried(*requests: Sent, can: Capabilities | None = CAN, scale: float = 1.0) -> Attempts:
    return Attempts(requests[0].operation, requests, can, scale)


def at(*times: float, status: int = 500) -> tuple[Sent, ...]:
    return tuple(sent(status, at=time) for time in times)


def queue(*statuses: int, can: Capabilities = QUEUE, calls: int = 10) -> Case:
    together = tuple(sent(status, at=float(number)) for number, status in enumerate(statuses))
    return case(*[call(OK)] * calls, can=can, together=together)


WHEN_TO_STOP = [
    pytest.param("R-04", tried(sent(400)), "kept", id="04-once"),
    pytest.param("R-04", tried(sent(400), sent(400)), "broken", id="04-again"),
    pytest.param("R-04", tried(sent(400), sent(200)), "broken", id="04-again-with-success"),
    pytest.param("R-04", tried(sent(500), sent(400)), NOT, id="04-after-a-failure"),
    pytest.param("R-04", tried(sent(400, armed="close"), sent(400)), NOT, id="04-not-answered"),
    pytest.param("R-04", tried(sent(400), sent(400), can=None), "broken", id="04-watched"),
    pytest.param("R-04", tried(upload(400), upload(200, OTHER), can=BATCHES), "kept", id="04-another-batch"),
    pytest.param("R-04", tried(upload(400), upload(400), can=BATCHES), "broken", id="04-the-same-batch"),
    pytest.param("R-04", tried(upload(400), upload(400, EMPTY), can=BATCHES), "broken", id="04-the-same-emptied"),
    pytest.param(
        "R-04", tried(sent(400), sent(400, value={"userId": "v"}), can=BATCHES), "broken", id="04-changed-json"
    ),
    pytest.param("R-07", tried(sent(401)), "kept", id="07-once"),
    pytest.param("R-07", tried(sent(401), sent(401)), "broken", id="07-again"),
    pytest.param("R-07", tried(sent(403)), NOT, id="07-none"),
    pytest.param("R-08", queue(401), "kept", id="08-stops"),
    pytest.param("R-08", queue(401, 401, 401), "kept", id="08-what-was-begun"),
    pytest.param("R-08", queue(401, 401, 401, 401), "broken", id="08-goes-on"),
    pytest.param("R-08", queue(200, 400), NOT, id="08-none"),
    pytest.param("R-08", queue(401, calls=3), NOT, id="08-too-few-to-show"),
    pytest.param("R-08", queue(401, 401, 401, 401, can=CAN), NOT, id="08-no-queue"),
    pytest.param("R-10", tried(sent(403)), "kept", id="10-once"),
    pytest.param("R-10", tried(sent(403), sent(403)), "broken", id="10-again"),
    pytest.param("R-11", call(error(500), *at(0, 1, 2)), "kept", id="11-told"),
    pytest.param("R-11", call(error(500), sent(500)), "kept", id="11-one-attempt"),
    pytest.param("R-11", call(OK, *at(0, 1, 2)), "broken", id="11-swallowed"),
    pytest.param("R-11", call(HANG, *at(0, 1, 2)), "broken", id="11-hangs"),
    pytest.param("R-11", call(OK, *at(*range(ENDLESS)), sent(200)), "broken", id="11-endless"),
    pytest.param("R-11", call(OK, sent(500), sent(200)), NOT, id="11-does-not-stay"),
    pytest.param("R-11", call(error(400), sent(400)), NOT, id="11-none"),
    pytest.param("R-18", call(error(400), sent(500), sent(400)), "kept", id="18-told"),
    pytest.param("R-18", call(error(None), sent(200, armed="close"), sent(400)), "kept", id="18-after-no-answer"),
    pytest.param("R-18", call(OK, sent(500), sent(400)), "broken", id="18-swallowed"),
    pytest.param("R-18", call(error(500), sent(500), sent(400)), "broken", id="18-the-first-is-told"),
    pytest.param("R-18", call(error(400), sent(500), sent(400), sent(400)), "broken", id="18-again"),
    pytest.param("R-18", call(error(400), sent(400)), NOT, id="18-nothing-before-it"),
    pytest.param("R-18", call(HANG, sent(500), sent(400)), NOT, id="18-hangs"),
    pytest.param("R-19", call(error(401), sent(500), sent(401)), "kept", id="19-told"),
    pytest.param("R-19", call(error(401), sent(500), sent(401), sent(401)), "broken", id="19-again"),
    pytest.param("R-19", call(error(401), sent(401)), NOT, id="19-nothing-before-it"),
]

HOW_OFTEN = [
    pytest.param("R-12", tried(*at(0, 1, 2)), "kept", id="12-as-declared"),
    pytest.param("R-12", tried(*at(0, 1, 2, 3)), "broken", id="12-more-than-declared"),
    pytest.param("R-12", tried(*at(0, 1, 2, 3, 4), can=NOBODY), "kept", id="12-five"),
    pytest.param("R-12", tried(*at(0, 1, 2, 3, 4, 5), can=None), "broken", id="12-six-of-a-watched-one"),
    pytest.param("R-12", tried(sent(500), sent(200)), NOT, id="12-does-not-stay"),
    pytest.param("R-12", tried(sent(200)), NOT, id="12-none"),
    pytest.param("R-13", tried(*at(0, 0.2, 0.6)), "kept", id="13-longer"),
    pytest.param("R-13", tried(*at(0, 0.2, 0.4)), "kept", id="13-as-long"),
    pytest.param("R-13", tried(*at(0, 0.2, 0.35)), "kept", id="13-drawn"),
    pytest.param("R-13", tried(*at(0, 0.04)), "broken", id="13-at-once"),
    pytest.param("R-13", tried(*at(0, 0.2, 0.21)), "broken", id="13-at-once-the-second-time"),
    pytest.param("R-13", tried(*at(0, 0.04, 0.3)), "kept", id="13-at-once-the-first-time-only"),
    pytest.param("R-13", tried(*at(0, 0.04, 0.08)), "broken", id="13-at-once-each-time"),
    pytest.param("R-13", tried(*at(0, 2, 2.3)), "broken", id="13-shorter"),
    pytest.param("R-13", tried(*at(0, 2, 2.5)), "kept", id="13-drawn-from-nothing"),
    pytest.param("R-13", tried(*at(0, 2, 2.9, 3.2)), "broken", id="13-shorter-each-time"),
    pytest.param("R-13", tried(*at(0, 2, 2.1, 3.2)), "kept", id="13-shorter-and-longer"),
    pytest.param("R-13", tried(*at(0, 0.011), scale=0.2), "kept", id="13-scaled"),
    pytest.param("R-13", tried(*at(0, 0.009), scale=0.2), "broken", id="13-scaled-at-once"),
    pytest.param("R-13", tried(*at(0, 0.001), scale=0.01), NOT, id="13-too-short-to-tell"),
    pytest.param("R-13", tried(*at(0)), NOT, id="13-one-attempt"),
    pytest.param("R-13", tried(*at(0, 0, status=400)), NOT, id="13-no-failure"),
    pytest.param("R-13", tried(upload(500), upload(500), can=BATCHES), NOT, id="13-batches"),
    pytest.param("R-13", tried(*at(0, 0.04), can=BATCHES), "broken", id="13-json-is-not-in-batches"),
    pytest.param("R-14", call(OK, sent(500), sent(200)), "kept", id="14-success"),
    pytest.param("R-14", call(error(500), sent(500), sent(200)), "broken", id="14-success-lost"),
    pytest.param("R-14", call(error(500), sent(500), plan=("500", "200")), "broken", id="14-not-tried-again"),
    pytest.param(
        "R-14", call(error(500), upload(500), plan=("500", "200"), intent=GIFT), "noted", id="14-upload-not-tried-again"
    ),
    pytest.param(
        "R-14", call(error(500), upload(500), upload(200), intent=GIFT), "broken", id="14-upload-success-lost"
    ),
    pytest.param("R-14", call(error(500), sent(500), plan=("500", "500")), NOT, id="14-no-success-to-be-had"),
    pytest.param("R-14", case(call(error(500), sent(500), plan=("500", "200")), can=NOBODY), NOT, id="14-not-declared"),
    pytest.param("R-14", call(OK, sent(200)), NOT, id="14-none"),
    pytest.param("R-14", call(HANG, sent(500), sent(200)), NOT, id="14-hangs"),
    pytest.param("R-23", tried(sent(429, armed="tooManyRequests:2"), sent(200, at=2)), "kept", id="23-waits"),
    pytest.param("R-23", tried(sent(503, armed="serviceUnavailable"), sent(200, at=0.9)), "broken", id="23-default"),
    pytest.param(
        "R-23", tried(sent(429, armed="tooManyRequests:2"), sent(200, at=0.02), scale=0.01), "kept", id="23-scaled"
    ),
    pytest.param("R-23", tried(sent(429, armed="tooManyRequests:2"), sent(200, at=1.9)), "broken", id="23-too-soon"),
    pytest.param("R-23", tried(sent(503, armed="serviceUnavailable:0"), sent(200)), NOT, id="23-at-once-is-fine"),
    pytest.param("R-23", tried(sent(429, armed="tooManyRequests:2")), NOT, id="23-not-tried-again"),
    pytest.param("R-23", tried(sent(429), sent(200)), NOT, id="23-not-asked-to"),
]

FORM = {"headers": (("x-distinct-api-key", KEY), ("content-type", "multipart/form-data; boundary=c"))}
JSON = ("content-type", "application/json")

SENT_AGAIN = [
    pytest.param("R-15", tried(sent(500), sent(200)), "kept", id="15-the-same"),
    pytest.param(
        "R-15", tried(sent(500), sent(200, value={"feature": "page_visit", "userId": "u"})), "kept", id="15-order"
    ),
    pytest.param("R-15", tried(sent(500), sent(200, value={"userId": "v"})), "broken", id="15-another"),
    pytest.param("R-15", tried(sent(500), sent(200, value={}), can=BATCHES), "broken", id="15-beside-batches"),
    pytest.param("R-15", tried(sent(500), sent(500), sent(200, value={})), "broken", id="15-the-third-time"),
    pytest.param("R-15", tried(sent(500, value=None), sent(200, value=None, body=b"[")), "broken", id="15-no-json"),
    pytest.param("R-15", tried(sent(500), sent(401, size=0, value=None, body=b"")), NOT, id="15-not-read"),
    pytest.param("R-15", tried(sent(200), sent(200, value={})), NOT, id="15-after-success"),
    pytest.param("R-15", tried(upload(500), upload(200)), NOT, id="15-upload"),
    pytest.param("R-16", tried(sent(500), sent(200)), "kept", id="16-the-same"),
    pytest.param("R-16", tried(upload(500), upload(200, **FORM)), "kept", id="16-another-boundary"),
    pytest.param("R-16", tried(sent(500), sent(401, headers=(JSON,))), "broken", id="16-no-key"),
    pytest.param(
        "R-16", tried(sent(500), sent(200, headers=(("x-distinct-api-key", KEY),))), "broken", id="16-no-type"
    ),
    pytest.param("R-16", tried(sent(500, headers=(JSON,)), sent(200, headers=(JSON,))), "kept", id="16-never-had-one"),
    pytest.param("R-16", tried(sent(500)), NOT, id="16-one-attempt"),
    pytest.param("R-17", tried(upload(500, PICTURE, OTHER), upload(200, OTHER, PICTURE)), "kept", id="17-all"),
    pytest.param("R-17", tried(upload(500, PICTURE, OTHER), upload(200, OTHER)), "broken", id="17-one-is-lost"),
    pytest.param("R-17", tried(upload(500), upload(200, EMPTY)), "broken", id="17-empty"),
    pytest.param("R-17", tried(upload(500), upload(200, EMPTY), can=BATCHES), "broken", id="17-batch-emptied"),
    pytest.param("R-17", tried(upload(500), upload(200, OTHER), can=BATCHES), NOT, id="17-another-batch"),
    pytest.param("R-17", tried(upload(500), upload(200, size=0, parts=())), "broken", id="17-nothing"),
    pytest.param("R-17", tried(upload(500), upload(200), upload(200, EMPTY)), "kept", id="17-after-success"),
    pytest.param(
        "R-17", tried(upload(0, stayed=False, parts=(), size=50, armed="cut:9"), upload(200)), "kept", id="17-cut"
    ),
    pytest.param(
        "R-17",
        tried(upload(0, stayed=False, size=50, armed="cut:9"), upload(200, EMPTY)),
        "broken",
        id="17-cut-then-empty",
    ),
    pytest.param(
        "R-17",
        tried(upload(0, stayed=False, size=50, armed="cut:9"), upload(200, size=20)),
        "broken",
        id="17-cut-then-less",
    ),
    pytest.param(
        "R-17", tried(*[upload(0, stayed=False, size=size, armed="cut:9") for size in (50, 40)]), NOT, id="17-cut-twice"
    ),
    pytest.param("R-17", tried(upload(500), upload(401, size=0, parts=())), NOT, id="17-not-read"),
    pytest.param("R-17", tried(upload(500)), NOT, id="17-one-attempt"),
    pytest.param("R-17", replace(tried(upload(500)), left=1), "noted", id="17-not-tried-again"),
    pytest.param("R-17", replace(tried(upload(503)), left=1), NOT, id="17-not-said-to-be-tried-again"),
    pytest.param("R-17", tried(sent(500), sent(200)), NOT, id="17-no-upload"),
]


@pytest.mark.parametrize(("row", "found", "word"), WHEN_TO_STOP + HOW_OFTEN + SENT_AGAIN)
def test_attempts(row: str, found: Attempts | Call | Case, word: str) -> None:
    assert judged(ROWS[row], found) == word


@pytest.mark.parametrize("attempts", [3, 5])
@pytest.mark.parametrize("base", [0.5, 1.0])
def test_waits_that_are_drawn_from_nothing_are_hardly_ever_found_wrong(base: float, attempts: int) -> None:
    draw = random.Random(0)  # noqa: S311 - no secret

    def times() -> Iterator[float]:
        return accumulate((draw.uniform(0, base * 2**number) for number in range(attempts - 1)), initial=0.0)

    found = [judged(ROWS["R-13"], tried(*at(*times()))) for _ in range(1000)]

    # A run believes it only when it happens twice in a row.
    assert found.count("broken") < 60
    assert found.count("kept") + found.count("broken") == 1000


def test_what_is_not_the_same_is_named() -> None:
    judge = ROWS["R-15"].attempts
    assert judge is not None

    finding = judge(tried(sent(500, value={"a": 1, "b": 2}), sent(200, value={"a": 1, "b": 3})))

    assert finding is not None
    assert (finding.place, finding.got, finding.expected) == ("b", "b: 3", "b: 2")
