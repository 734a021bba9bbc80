"""What every form of a report says of one failure."""

from dataclasses import replace

import pytest

from conformance.judging import Judged
from conformance.model import Call, Case, File, Intent, Outcome, Reply, Sent
from conformance.report.wording import failure_rows, failure_text, headline, printable, remarks, short, told_about
from conformance.verdicts import REFUSALS, Options
from contracts.model import Breach
from contracts.multipart_body import Part
from contracts.operations import Contract
from tests.conformance.made_runs import PASSES, case, fails, obligation, run, sent
from tests.conformance.report.made_reports import report

UPLOAD = Intent("giftAssets", {"userId": "u"}, (File("a.png", "image/png", 67),))
PARTS = (Part("userId", None, "", 1, text="u"), Part("assets", "a.png", "image/png", 67, sha256="ab" * 32))


def rows(at: Case) -> list[tuple[str, str]]:
    made = report(run([obligation(because="it is so")], {"N-14": [fails(), fails("another way")]}, at=at))
    return failure_rows(made["obligations"][0])


def texts(at: Case, name: str) -> list[str]:
    return [text for label, text in rows(at) if label == name]


def called(*calls: Call) -> Case:
    return replace(case(), calls=calls)


def test_an_upload() -> None:
    at = called(Call(UPLOAD, (sent(parts=PARTS, body=b"", status=0, answer=""),), Reply(Outcome.HANG), plan=("hang",)))

    assert texts(at, "asked") == ['giftAssets {"userId": "u"} \'a.png\' (image/png, 67 bytes)']
    assert texts(at, "planned") == ["hang"]
    assert texts(at, "sent") == ["1. POST /api/v1/user/analytics → no answer\n   userId (1 bytes), assets (67 bytes)"]
    assert texts(at, "told") == ["hang"]


def test_many_calls_are_cut_and_loose_requests_are_there() -> None:
    call = Call(UPLOAD, (), Reply(Outcome.OK, noise="hello"))
    at = replace(called(*[call] * 9), late=(sent(1, b"\xff", size=1),), strays=(sent(2, b"", size=0),))

    assert len(texts(at, "told")) == 4
    assert texts(at, "told")[0] == "ok\n   hello"
    assert texts(at, "asked")[-1] == "… and 5 more"
    assert [text.partition("400")[2] for text in texts(at, "sent")] == [
        " userNotFound\n   1 bytes that are no text",
        " userNotFound",
    ]


def test_the_rest_of_a_failure() -> None:
    found = dict(rows(case(sent())))

    assert found["source"] == "user-analytics, Body Parameters: it is so"
    assert found["besides"] == "another way"
    assert found["says"] == "N-14 says so"


def test_what_a_client_said_begins_no_line() -> None:
    at = called(Call(UPLOAD, (sent(),), Reply(Outcome.ERROR, message="x\ngot: nothing at all")))
    made = report(run([obligation()], {"N-14": [fails()]}, at=at))

    lines = failure_text(made["obligations"][0]).splitlines()

    assert "   got: nothing at all" in lines
    assert [line for line in lines if line.startswith("got:")] == ["got: null"]


def test_broken_rules_stand_in_the_document(contract: Contract) -> None:
    breach = Breach(next(iter(contract.rules.values())), "email", "'anna@mail.de'", "text")
    at = called(Call(UPLOAD, (sent(breaches=(breach,), flags=(breach,)),), Reply(Outcome.OK), wrong=(breach,)))
    made = report(run([obligation()], {"N-14": [fails()]}, at=at))

    (call,) = made["obligations"][0]["counterexample"]["calls"]

    told = [{"rule": breach.rule.id, "field": "email", "got": "'a…@mail.de'", "expected": "text"}]
    assert (call["wrong"], call["requests"][0]["breaches"], call["requests"][0]["flags"]) == (told, told, told)


SENTENCES = [
    pytest.param("It is so.", "no", "It is so. no", id="sentence"),
    pytest.param("it is so", "no", "it is so: no", id="words"),
    pytest.param("it is so", "", "it is so", id="nothing-more"),
]


@pytest.mark.parametrize(("says", "what", "told"), SENTENCES)
def test_what_there_is_to_say_stands_behind_the_demand(says: str, what: str, told: str) -> None:
    assert told_about({"says": says}, what) == told


SENT = (sent(),)
MEND = "what cannot be sent right has to be refused, with nothing sent"
WRONG_CALLS = [
    pytest.param(1, SENT, Options(), [True, True], id="sent-all-the-same"),
    pytest.param(1, SENT, Options(server_validated=True), [True, False], id="left-to-the-API"),
    pytest.param(1, (), Options(), [False, False], id="refused"),
    pytest.param(0, SENT, Options(), [False, False], id="right"),
]


@pytest.mark.parametrize(("faults", "requests", "options", "hinted"), WRONG_CALLS)
def test_what_cannot_be_sent_right_has_a_hint(
    contract: Contract, faults: int, requests: tuple[Sent, ...], options: Options, hinted: list[bool]
) -> None:
    breach = Breach(contract.rules["gift.user-known"], "userId", "'u'", "another")
    at = called(Call(UPLOAD, requests, Reply(Outcome.OK), wrong=(breach,) * faults))
    made = report(run([obligation()], {"N-14": [fails()]}, at=at, options=options))

    hint = ("hint", "this breaks gift.user-known as it stands: to be mended, or refused with nothing sent")

    assert [
        hint in failure_rows(made["obligations"][0]),
        any(remark.startswith(MEND) for remark in remarks(made)),
    ] == hinted


def test_who_leaves_it_to_the_api_is_told_once(contract: Contract) -> None:
    breach = Breach(contract.rules["gift.user-known"], "userId", "'u'", "another")
    at = called(Call(UPLOAD, SENT, Reply(Outcome.OK), wrong=(breach,)))

    made = report(run([obligation(), obligation("O-15", needs=(REFUSALS,))], {"N-14": [fails()]}, at=at))

    (remark,) = [remark for remark in remarks(made) if "--server-validated" in remark]
    assert remark.startswith(
        "had to be exercised and was not: O-15: O-15 says so: the client refused nothing before it"
    )


HEADLINES = [
    pytest.param("smoke", {"N-14": [PASSES]}, "works, as far as a few calls show", id="smoke"),
    pytest.param("smoke", {"N-14": [fails()]}, "deviates", id="smoke-fails"),
    pytest.param("replay", {"N-14": [PASSES]}, "conforms", id="replay"),
    pytest.param("quick", {"N-14": [PASSES]}, "conforms", id="run"),
]


@pytest.mark.parametrize(("profile", "found", "line"), HEADLINES)
def test_a_few_calls_make_no_verdict(profile: str, found: dict[str, list[Judged]], line: str) -> None:
    assert headline(report(run([obligation()], found, profile=profile))) == line


def test_of_many_that_are_missing_only_the_ids_are_told() -> None:
    missing = [f"O-0{number}" for number in range(1, 6)]

    assert list(remarks(report(run([obligation(name) for name in missing], {})))) == [
        f"had to be exercised and was not: {', '.join(missing)}"
    ]


def test_long_texts_are_cut_in_the_middle() -> None:
    assert short("a" * 10 + "b" * 10, 9) == "aaaa…bbbb"
    assert short("short", 9) == "short"


def test_only_our_own_lines_stay() -> None:
    assert printable("a\nb\x1b[0m\r\u202e\u00a0") == "a\nb\\x1b[0m\\r\\u202e\\xa0"
