"""What is said of a client that was answered: kept, broken, or nothing when the situation did not occur."""

from dataclasses import replace

import pytest

from conformance.chapters import connections
from conformance.chapters.responses import obligations
from conformance.model import Call, Case, File, Intent, Outcome, Reply
from conformance.obligation import Level
from contracts.model import Breach
from contracts.stages import WHOLE_BODY
from tests.conformance.answers_made import (
    CAN,
    CONTRACT,
    HANG,
    OK,
    PICTURE,
    REFUSED,
    call,
    case,
    error,
    judged,
    sent,
    upload,
)

ROWS = {row.id: row for row in obligations(CONTRACT)}
NOT = "not exercised"
UNSUPPORTED = Reply(Outcome.UNSUPPORTED)

FILM = Intent("giftAssets", {"userId": "u"}, (File("a.mp4", "video/mp4", 1000),))
CUT_SHORT = Breach(CONTRACT.rules["gift.body"], "", "9 bytes", WHOLE_BODY)
GIVEN_UP = upload(400, answer="malformedBody", size=9, breaches=(CUT_SHORT,))
ON_404 = replace(CAN, retries_on=frozenset({404, 500}))
TWO = replace(FILM, files=FILM.files * 2)

ANSWERS = [
    pytest.param("R-01", call(OK, sent(200)), "kept", id="01-told"),
    pytest.param("R-01", call(error(200), sent(200)), "broken", id="01-failure"),
    pytest.param("R-01", call(error(500), sent(500), sent(200)), NOT, id="01-after-a-failure"),
    pytest.param("R-01", call(OK, sent(200, "emptyBody")), NOT, id="01-not-as-documented"),
    pytest.param("R-01", call(OK, sent(200, "malformedJson")), NOT, id="01-malformed"),
    pytest.param("R-01", call(error(None), sent(200, armed="reset:before")), NOT, id="01-never-sent"),
    pytest.param("R-01", call(HANG, sent(200)), NOT, id="01-hangs"),
    pytest.param("R-01", call(UNSUPPORTED, sent(200)), NOT, id="01-unsupported"),
    pytest.param("R-01", call(REFUSED), NOT, id="01-nothing-sent"),
    pytest.param("R-01", call(error(None, "b is too large"), upload(200), intent=TWO), NOT, id="01-one-of-two-files"),
    pytest.param("R-01", call(error(None), upload(200, PICTURE, PICTURE), intent=TWO), "broken", id="01-both-files"),
    pytest.param("R-01", call(error(None, "no phone"), sent(200), wrong=(CUT_SHORT,)), NOT, id="01-a-part-is-wrong"),
    pytest.param("R-01", call(OK, sent(200), wrong=(CUT_SHORT,)), "kept", id="01-made-right-and-told"),
    pytest.param("R-02", call(OK, sent(201, "created")), "kept", id="02-created"),
    pytest.param("R-02", call(OK, sent(204, "204")), "kept", id="02-no-content"),
    pytest.param("R-02", call(error(200), sent(200, "moreFields")), "broken", id="02-more-fields"),
    pytest.param("R-02", call(OK, sent(200, "userAnalyticsAdded")), NOT, id="02-documented"),
    pytest.param("R-03", call(error(400), sent(400)), "kept", id="03-told"),
    pytest.param("R-03", call(REFUSED, sent(400)), "kept", id="03-told-as-refusal"),
    pytest.param("R-03", call(OK, sent(400)), "broken", id="03-swallowed"),
    pytest.param("R-03", call(OK, sent(500), sent(400)), NOT, id="03-after-a-failure"),
    pytest.param("R-03", call(OK, sent(400, stayed=False)), NOT, id="03-client-left"),
    pytest.param("R-03", call(HANG, sent(400)), NOT, id="03-hangs"),
    pytest.param(
        "R-05.userNotFound", call(error(400, "x: User not found."), sent(400, "userNotFound")), "kept", id="05"
    ),
    pytest.param("R-05.userNotFound", call(error(400, "not found"), sent(400, "userNotFound")), "broken", id="05-lost"),
    pytest.param(
        "R-05.userNotFound",
        call(Reply(Outcome.ERROR, detail={"body": {"errors": ["User not found."]}}), sent(400, "userNotFound")),
        "kept",
        id="05-in-the-detail",
    ),
    pytest.param("R-05.userNotFound", call(OK, sent(400, "userNotFound")), NOT, id="05-swallowed"),
    pytest.param("R-05.userNotFound", call(error(400, ""), sent(400, "invalidEmail")), NOT, id="05-another"),
    pytest.param(
        "R-05.userNotFound", call(error(400), sent(400, "userNotFound", armed="400+drip:9")), NOT, id="05-slow"
    ),
    pytest.param(
        "R-05.tooManyAssets",
        call(error(400, "No more than 7 assets can be uploaded in a single request."), sent(400, "tooManyAssets")),
        "kept",
        id="05-with-its-limit",
    ),
    pytest.param(
        "R-05.tooManyAssets", call(error(400, "No more than 7"), sent(400, "tooManyAssets")), "broken", id="05-cut"
    ),
    pytest.param("R-06", call(error(401), sent(401)), "kept", id="06-status"),
    pytest.param("R-06", call(error(None, "it was answered 401"), sent(401)), "kept", id="06-number-in-words"),
    pytest.param("R-06", call(error(None, '{"statusCode":401}'), sent(401)), "kept", id="06-number-in-json"),
    pytest.param("R-06", call(error(None, "HTTP401: no key."), sent(401)), "kept", id="06-number-behind-letters"),
    pytest.param("R-06", call(error(None, "http://127.0.0.1:40133/ failed"), sent(401)), "broken", id="06-in-a-port"),
    pytest.param("R-06", call(error(None, "13:35:00,401 it failed"), sent(401)), "broken", id="06-in-a-time"),
    pytest.param("R-06", call(error(None, "it failed after 0.401 s"), sent(401)), "broken", id="06-in-a-duration"),
    pytest.param("R-06", call(error(None, "UNAUTHORIZED"), sent(401)), "kept", id="06-words"),
    pytest.param("R-06", call(OK, sent(401)), "broken", id="06-swallowed"),
    pytest.param("R-06", call(error(500, "unauthorized"), sent(401)), "broken", id="06-other-status"),
    pytest.param("R-06", call(error(None, "it failed"), sent(401)), "broken", id="06-no-type"),
    pytest.param("R-06", call(error(None, "it failed", "KeyError"), sent(401)), NOT, id="06-nothing-beside-it"),
    pytest.param(
        "R-06",
        case(call(error(None, "it failed", "KeyError"), sent(401)), call(error(None, "it failed", "Error"), sent(400))),
        "kept",
        id="06-another-type",
    ),
    pytest.param(
        "R-06",
        case(call(error(None, "it failed", "Error"), sent(401)), call(error(None, "it failed", "Error"), sent(400))),
        "broken",
        id="06-the-same-type",
    ),
    pytest.param("R-06", call(error(403), sent(403)), NOT, id="06-none"),
    pytest.param("R-09", call(error(403), sent(403)), "kept", id="09-status"),
    pytest.param("R-09", call(error(401), sent(403)), "broken", id="09-as-401"),
    pytest.param("R-09", call(error(401), sent(401)), NOT, id="09-none"),
    pytest.param("R-20", call(error(400), sent(400, "htmlRefusal")), "kept", id="20-told"),
    pytest.param(
        "R-20", call(error(None, "Expecting value"), sent(400, "emptyRefusal")), "broken", id="20-parse-error"
    ),
    pytest.param("R-20", call(OK, sent(502, "badGateway")), "broken", id="20-swallowed"),
    pytest.param("R-20", call(error(422), sent(422, "422")), "kept", id="20-plain-text"),
    pytest.param("R-20", call(OK, sent(204, "204")), NOT, id="20-success"),
    pytest.param("R-20", call(error(400), sent(400, "userNotFound")), NOT, id="20-documented"),
    pytest.param("R-21", call(OK, sent(200, "malformedJson")), "noted", id="21-success"),
    pytest.param("R-21", call(error(200), sent(200, "malformedJson")), "noted", id="21-failure"),
    pytest.param("R-21", call(OK, sent(200)), NOT, id="21-none"),
    pytest.param("R-22", call(error(404), sent(404)), "kept", id="22-told"),
    pytest.param("R-22", call(OK, sent(415)), "broken", id="22-swallowed"),
    pytest.param("R-22", call(error(404), sent(404), sent(404)), "broken", id="22-again"),
    pytest.param("R-22", call(error(429), sent(429), sent(429)), NOT, id="22-for-now"),
    pytest.param("R-22", call(error(409), sent(409), sent(409)), NOT, id="22-conflict-may-pass"),
    pytest.param("R-22", case(call(error(404), sent(404), sent(404)), can=ON_404), "kept", id="22-again-as-declared"),
    pytest.param("R-22", case(call(OK, sent(404), sent(404)), can=ON_404), "broken", id="22-declared-and-swallowed"),
    pytest.param("R-22", case(call(OK, sent(404), sent(200)), can=ON_404), NOT, id="22-declared-and-taken"),
    pytest.param("R-22", case(call(error(405), sent(405), sent(405)), can=ON_404), "broken", id="22-another-again"),
    pytest.param("R-22", call(error(401), sent(401)), NOT, id="22-of-its-own"),
    pytest.param("R-22", call(HANG, sent(404)), NOT, id="22-hangs"),
]


def followed(*strays: object, reply: Reply = OK, status: int = 307) -> Case:
    return case(call(reply, sent(status)), strays=strays)


SLOW = call(error(400, "User not found. (request 7)"), sent(400, "userNotFound"))
IN_ITS_WORDS = call(error(400, "nobody (request 7)"), sent(400, "userNotFound"))
IN_PIECES = sent(400, "userNotFound", armed="400+drip")

ON_THE_WIRE = [
    pytest.param("R-24", followed(reply=error(307)), "kept", id="24-not-followed"),
    pytest.param("R-24", followed(sent(200, headers=())), "kept", id="24-followed-without-the-key"),
    pytest.param("R-24", followed(sent(200)), "broken", id="24-key-leaks"),
    pytest.param("R-24", followed(sent(404, headers=(), method="GET"), reply=error(404)), "broken", id="24-as-get"),
    pytest.param("R-24", call(error(404), sent(302), sent(404, method="GET")), "broken", id="24-as-get-at-home"),
    pytest.param("R-24", followed(), "broken", id="24-swallowed"),
    pytest.param("R-24", call(HANG, sent(302)), NOT, id="24-hangs"),
    pytest.param("R-24", call(OK, sent(200)), NOT, id="24-none"),
    pytest.param("R-25", call(error(403), upload(403, size=0), intent=FILM), "kept", id="25-told"),
    pytest.param(
        "R-25", call(error(403), upload(403, size=0, stayed=False), intent=FILM), "kept", id="25-told-and-left"
    ),
    pytest.param("R-25", call(error(None, "broken pipe"), upload(403, size=0), intent=FILM), "broken", id="25-lost"),
    pytest.param("R-25", call(error(None), upload(403, size=1100), intent=FILM), NOT, id="25-not-early"),
    pytest.param("R-25", call(error(None), upload(0, size=9, stayed=False), intent=FILM), NOT, id="25-no-answer"),
    pytest.param("R-25", call(error(None), GIVEN_UP, intent=FILM), NOT, id="25-given-up"),
    pytest.param("R-03", call(error(None), GIVEN_UP, intent=FILM), NOT, id="03-given-up"),
    pytest.param("R-05.malformedBody", call(error(None), GIVEN_UP, intent=FILM), NOT, id="05-given-up"),
    pytest.param("R-25", call(OK, upload(200, size=0), intent=FILM), NOT, id="25-success"),
    pytest.param("R-26", call(error(None), sent(200, armed="reset:before")), "kept", id="26-told"),
    pytest.param("R-26", call(OK, sent(200, armed="close"), sent(200)), "kept", id="26-tried-again"),
    pytest.param("R-26", call(OK, sent(200, armed="close")), "broken", id="26-swallowed"),
    pytest.param("R-26", call(HANG, sent(200, armed="garbage")), "broken", id="26-never-noticed"),
    pytest.param("R-26", call(error(None), *[sent(200, armed="close")] * 3), "kept", id="26-a-few"),
    pytest.param("R-26", call(error(None), *[sent(200, armed="close")] * 4), "broken", id="26-many"),
    pytest.param("R-26", call(OK, sent(200, armed="truncate")), NOT, id="26-status-was-read"),
    pytest.param("R-26", call(OK, sent(0, armed="cut:9", stayed=False)), "broken", id="26-cut"),
    pytest.param("R-26", call(OK, sent(200, armed="cut:9")), NOT, id="26-too-small-to-be-cut"),
    pytest.param(
        "R-27", call(error(None, seconds=2.1), sent(200, armed="hang", stayed=False)), "kept", id="27-in-time"
    ),
    pytest.param("R-27", call(error(None, seconds=4.0), sent(200, armed="hang", stayed=False)), "broken", id="27-late"),
    pytest.param(
        "R-27",
        call(error(None, seconds=6.1), *[sent(200, armed="hang", at=at, stayed=False) for at in (0, 2, 4)]),
        "kept",
        id="27-three-times-in-time",
    ),
    pytest.param("R-27", call(HANG, sent(200, armed="hang")), "broken", id="27-for-ever"),
    pytest.param("R-27", call(OK, sent(200, armed="hang", stayed=False)), "broken", id="27-swallowed"),
    pytest.param("R-27", call(Reply(Outcome.CRASH), sent(200, armed="hang")), NOT, id="27-crash"),
    pytest.param("R-27", call(OK, sent(200)), NOT, id="27-none"),
    pytest.param("R-28", case(call(OK, sent(200, armed="reset:after")), call(OK, sent(200))), "kept", id="28-works"),
    pytest.param("R-28", case(call(OK, sent(200, armed="reset:after")), call(error(None))), "broken", id="28-fails"),
    pytest.param(
        "R-28", case(call(error(None), sent(200, armed="reset:after")), call(error(None))), NOT, id="28-before"
    ),
    pytest.param(
        "R-28", case(call(OK, sent(200, armed="reset:after")), call(OK, sent(200, armed="200"))), NOT, id="28-armed"
    ),
    pytest.param("R-28", call(OK, sent(200)), NOT, id="28-none"),
    pytest.param("R-29", call(OK, sent(200, armed="drip:9+200")), "kept", id="29-success"),
    pytest.param("R-29", call(error(200), sent(200, armed="chunked")), "broken", id="29-success-lost"),
    pytest.param("R-29", case(SLOW, call(error(400, "User not found. (request 8)"), IN_PIECES)), "kept", id="29"),
    pytest.param("R-29", case(SLOW, call(error(400, "User no"), IN_PIECES)), "broken", id="29-cut"),
    pytest.param("R-29", case(IN_ITS_WORDS, call(error(400, "nobody (request 7)"), IN_PIECES)), "kept", id="29-words"),
    pytest.param(
        "R-29", case(IN_ITS_WORDS, call(error(400, "nobody (request 8)"), IN_PIECES)), NOT, id="29-no-telling"
    ),
    pytest.param(
        "R-29",
        case(SLOW, call(error(None, "User not found."), sent(400, "userNotFound", armed="chunked"))),
        "broken",
        id="29-status",
    ),
    pytest.param(
        "R-29", call(error(400, "no"), sent(400, "userNotFound", armed="chunked")), NOT, id="29-nothing-beside-it"
    ),
]


@pytest.mark.parametrize(("row", "found", "word"), ANSWERS + ON_THE_WIRE)
def test_answers(row: str, found: Call | Case, word: str) -> None:
    assert judged(ROWS[row], found) == word


@pytest.mark.parametrize("name", ["userNotFound", "invalidFeatureAction", "invalidExperienceId"])
def test_a_documented_message_should_reach_the_caller(name: str) -> None:
    assert ROWS[f"R-05.{name}"].level is Level.SHOULD


def test_each_message_of_a_400_is_a_row_of_its_own() -> None:
    expected = {f"R-05.{answer.name}" for answer in CONTRACT.answers.values() if answer.status == 400}

    found = {row.id: row.level for row in ROWS.values() if row.id.startswith("R-05.")}

    assert set(found) == expected
    assert list(found.values()).count(Level.SHOULD) == 3


def test_the_chapter_holds_every_row_once() -> None:
    rows = [row.id for row in obligations(CONTRACT)]

    assert len(rows) == len(set(rows))
    assert {row.split(".")[0] for row in rows} == {f"R-{number:02}" for number in range(1, 30)}


def test_without_a_timeout_nothing_is_too_late() -> None:
    row = next(row for row in connections.obligations(CONTRACT) if row.id == "R-27")
    waited = call(error(None, seconds=9), sent(200, armed="hang", stayed=False))

    assert judged(row, case(waited, can=type(CAN)(CAN.operations))) == "kept"
