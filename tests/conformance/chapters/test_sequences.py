"""What is said of several calls, and of what a client tells."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.chapters.sequences import obligations
from conformance.files import sha256_of
from conformance.model import Call, Case, File, Intent, Outcome, Reply, Sent
from contracts.multipart_body import Part
from tests.conformance.answers_made import (
    CAN,
    CONTRACT,
    HANG,
    KEY,
    OK,
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
QUEUE = replace(CAN, async_send=True)
AT_ONCE = replace(CAN, concurrency=2)
BATCHES = replace(AT_ONCE, batches_files=True)
OTHER_KEY = "dmk_…1b1b1b"
FILES = (File("a.gif", "image/gif", 20), File("b.gif", "image/gif", 30))


def event(**args: Any) -> Intent:  # noqa: ANN401 - whatever a caller gives
    return Intent("addUserAnalytics", args)


def asked(given: Intent, **found: Any) -> Call:  # noqa: ANN401 - whatever a client sends
    """Make a call for an intent, for which something was sent."""
    return call(OK, sent(200, value=found), intent=given)


def gift(given: tuple[File, ...], found: tuple[File, ...]) -> Call:
    parts = [Part("assets", file.name, file.content_type, file.size, sha256_of(file)) for file in found]
    return call(OK, upload(200, *parts), intent=Intent("giftAssets", {"userId": "u"}, given))


MUCH = asked(event(userId="a", email="a@x", phone="+1", capturedAt="1Z"), userId="a", email="a@x")
LATER = [
    pytest.param(case(MUCH, asked(event(userId="b"), userId="b")), "kept", id="own"),
    pytest.param(case(MUCH, asked(event(userId="b"), userId="b", email="a@x")), "broken", id="field"),
    pytest.param(case(MUCH, asked(event(userId="b"), userId="a")), "broken", id="value"),
    pytest.param(case(MUCH, asked(event(userId="b"), userId="b", source="app")), "kept", id="of-the-client"),
    pytest.param(case(MUCH, asked(event(userId=" A"), userId="a", phone=None)), "kept", id="written-otherwise"),
    pytest.param(case(MUCH, asked(event(capturedAt="2", email=""), capturedAt="1Z")), "kept", id="time"),
    pytest.param(case(MUCH, asked(event(userId="b", email=None), userId="b", email="a@x")), "broken", id="given-none"),
    pytest.param(case(MUCH, MUCH), NOT, id="the-same"),
    pytest.param(case(MUCH, call(REFUSED, intent=event(userId="b"))), NOT, id="refused"),
    pytest.param(case(MUCH, gift(FILES, FILES)), NOT, id="another-operation"),
    pytest.param(case(gift(FILES, FILES), gift(FILES[:1], FILES[:1])), "kept", id="files"),
    pytest.param(case(gift(FILES, FILES), gift(FILES[:1], FILES)), "broken", id="file"),
]

FINE, FAILED = call(OK, sent(200)), call(error(400), sent(400))
NEXT = [
    pytest.param(case(FINE, FAILED, FINE), "kept", id="works"),
    pytest.param(case(FINE, FAILED, call(error(None, "closed"))), "broken", id="fails"),
    pytest.param(case(FINE, FAILED, FAILED), "broken", id="fails-with-an-answer"),
    pytest.param(case(FINE, FINE, call(error(None))), NOT, id="nothing-failed-before"),
    pytest.param(case(FAILED, FAILED, call(error(None))), NOT, id="never-worked"),
    pytest.param(case(FINE, call(error(401), sent(401)), call(error(None))), NOT, id="key-is-refused"),
    pytest.param(case(FINE, FAILED, call(error(400), sent(400, armed="400"))), NOT, id="armed"),
    pytest.param(case(FINE, FAILED, call(HANG)), NOT, id="hangs"),
    pytest.param(case(FINE, FAILED), NOT, id="none-follows"),
]


def with_key(own: str, used: str) -> Call:
    return replace(call(OK, sent(200, key=used)), key=own)


KEYS = [
    pytest.param(case(with_key(KEY, KEY), with_key(OTHER_KEY, OTHER_KEY)), "kept", id="own"),
    pytest.param(case(with_key(KEY, OTHER_KEY), with_key(OTHER_KEY, OTHER_KEY)), "broken", id="the-other"),
    pytest.param(case(with_key(KEY, KEY), with_key(KEY, KEY)), NOT, id="one-key"),
    pytest.param(case(with_key(KEY, KEY), with_key(OTHER_KEY, "")), NOT, id="none"),
]

LATE = [
    pytest.param(case(FINE), "kept", id="none"),
    pytest.param(case(FINE, late=(sent(401),)), "broken", id="one"),
    pytest.param(case(FINE, late=(sent(400, method="-"),)), "kept", id="what-is-left-of-a-body"),
    pytest.param(case(call(HANG), late=(sent(200),)), NOT, id="of-a-call-that-hangs"),
    pytest.param(case(call(REFUSED)), NOT, id="nothing-sent"),
]


def at_once(*users: str, found: tuple[Sent, ...], **changes: Any) -> Case:  # noqa: ANN401 - the fields of Case
    intents = [event(userId=user, email=f"{user}@x") for user in users]
    return case(*(call(OK, intent=intent) for intent in intents), together=found, **{"can": AT_ONCE, **changes})


def of(user: str, email: str = "", **changes: Any) -> Sent:  # noqa: ANN401 - the fields of Sent
    return sent(200, value={"userId": user, "email": f"{email or user}@x"}, **changes)


TOGETHER = [
    pytest.param("S-05", at_once("a", "b", found=(of("b"), of("a"))), "kept", id="05-apart"),
    pytest.param("S-05", at_once("a", "b", found=(of("a", "b"), of("b"))), "broken", id="05-mixed"),
    pytest.param("S-05", at_once("a", "b", found=(of("b"), of("b"))), "broken", id="05-one-for-all"),
    pytest.param("S-05", at_once("a", "b", found=(of("b"), of("b")), can=BATCHES), "broken", id="05-beside-batches"),
    pytest.param("S-05", at_once("a", "b", found=(of("a"), of("b", armed="400"))), NOT, id="05-armed"),
    pytest.param("S-05", at_once("a", "b", found=(of("a"),), can=CAN), NOT, id="05-not-declared"),
    pytest.param("S-05", FINE, NOT, id="05-in-turn"),
    pytest.param("S-06", at_once("a", "b", found=(of("a"), of("b")), can=QUEUE), "kept", id="06-all"),
    pytest.param("S-06", at_once("a", "b", found=(of("a"),), can=QUEUE), "broken", id="06-one-lost"),
    pytest.param("S-06", case(call(OK), can=QUEUE), "broken", id="06-never-sent"),
    pytest.param("S-06", case(call(error(400), sent(400)), can=QUEUE), "kept", id="06-told"),
    pytest.param("S-06", case(call(OK, sent(500)), can=QUEUE), "broken", id="06-not-told"),
    pytest.param("S-06", case(call(OK, sent(200, armed="close")), can=QUEUE), "broken", id="06-no-answer"),
    pytest.param("S-06", case(call(OK, sent(200, armed="truncate")), can=QUEUE), "kept", id="06-half-an-answer"),
    pytest.param("S-06", case(call(REFUSED), can=QUEUE), NOT, id="06-refused"),
    pytest.param("S-06", case(call(HANG), can=QUEUE), NOT, id="06-hangs"),
    pytest.param("S-06", FINE, NOT, id="06-no-queue"),
]

PERSON = event(email="ann@example.com", phone="+14155552671")
TAKEN = sent(200, armed="reset:before")
TOLD = [
    pytest.param("S-07", FAILED, "kept", id="07-not-shown"),
    pytest.param("S-07", call(error(400, leaks=("message",)), sent(400)), "broken", id="07-shown"),
    pytest.param("S-07", call(Reply(Outcome.OK, leaks=("noise",)), sent(200)), "broken", id="07-in-the-log"),
    pytest.param("S-07", FINE, NOT, id="07-nothing-told"),
    pytest.param(
        "S-08", call(Reply(Outcome.OK, noise="sent for ann@example.com"), intent=PERSON), "broken", id="08-shown"
    ),
    pytest.param("S-08", call(Reply(Outcome.OK, noise="sent"), intent=PERSON), "kept", id="08-not-shown"),
    pytest.param("S-08", call(OK, intent=PERSON), NOT, id="08-no-log"),
    pytest.param("S-08", call(Reply(Outcome.OK, noise="using"), intent=event(email="s")), NOT, id="08-by-chance"),
    pytest.param("S-08", call(Reply(Outcome.OK, noise="sent")), NOT, id="08-nobody-named"),
    pytest.param("S-09", FAILED, "kept", id="09-number"),
    pytest.param("S-09", call(error(None, "400 Bad Request"), sent(400)), "broken", id="09-words"),
    pytest.param("S-09", call(error(500), sent(400)), "broken", id="09-another"),
    pytest.param("S-09", call(OK, sent(400)), NOT, id="09-not-told"),
    pytest.param("S-09", FINE, NOT, id="09-success"),
    pytest.param("S-10", call(OK, TAKEN, sent(200, at=1)), "noted", id="10-again"),
    pytest.param("S-10", call(error(None), TAKEN), "noted", id="10-not-again"),
    pytest.param("S-10", call(HANG, TAKEN), NOT, id="10-hangs"),
    pytest.param("S-10", call(error(None), sent(400, armed="reset:before")), NOT, id="10-not-taken"),
    pytest.param("S-10", FINE, NOT, id="10-answered"),
]


@pytest.mark.parametrize(("found", "word"), LATER)
def test_nothing_is_left_over(found: Case, word: str) -> None:
    assert judged(ROWS["S-01"], found) == word


@pytest.mark.parametrize(("found", "word"), NEXT)
def test_a_failure_ends_nothing(found: Case, word: str) -> None:
    assert judged(ROWS["S-02"], found) == word


@pytest.mark.parametrize(("found", "word"), KEYS)
def test_keys_are_not_mixed(found: Case, word: str) -> None:
    assert judged(ROWS["S-03"], found) == word


@pytest.mark.parametrize(("found", "word"), LATE)
def test_nothing_comes_late(found: Case, word: str) -> None:
    assert judged(ROWS["S-04"], found) == word


@pytest.mark.parametrize(("row", "found", "word"), TOGETHER + TOLD)
def test_sequences(row: str, found: Call | Case, word: str) -> None:
    assert judged(ROWS[row], found) == word


@pytest.mark.parametrize(("again", "said"), [((sent(200, at=1),), "is sent again"), ((), "is not sent again")])
def test_what_became_of_a_lost_answer_is_said(again: tuple[Sent, ...], said: str) -> None:
    judge = ROWS["S-10"].call
    assert judge is not None

    finding = judge(call(OK if again else error(None), TAKEN, *again))

    assert finding is not None
    assert said in finding.what
