"""Each obligation of user analytics: kept, broken, and not exercised."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conformance.chapters import analytics
from conformance.known import fingerprint
from conformance.model import Capabilities, Intent, Outcome, Reply
from conformance.obligation import Obligation
from contracts.operations import Contract
from tests.conformance.json_made import REPORT, called, case_of, sent_json, verdict, without

Value = Mapping[str, Any]
NOBODY = without(REPORT, "userId")
SOMETHING_ELSE = b"[1]"


def having(**fields: object) -> dict[str, Any]:
    return {**REPORT, **fields}


# What is sent, and what that is by the obligation.
REQUESTS = [
    pytest.param("N-01", REPORT, "kept", id="N-01-an-id"),
    pytest.param("N-01", NOBODY, "broken", id="N-01-nobody"),
    pytest.param("N-01", {**NOBODY, "email": "", "phone": None}, "broken", id="N-01-blanks"),
    pytest.param("N-01", SOMETHING_ELSE, "nothing", id="N-01-no-object"),
    pytest.param("N-04", having(phone="+14155552671"), "kept", id="N-04-e164"),
    pytest.param("N-04", having(phone="0171 2345678"), "broken", id="N-04-national"),
    pytest.param("N-04", having(phone="+14155552671\n"), "broken", id="N-04-line-end"),
    pytest.param("N-04", REPORT, "nothing", id="N-04-no-phone"),
    pytest.param("N-04", having(phone=""), "nothing", id="N-04-empty-is-another-matter"),
    pytest.param("N-07", having(feature="PAGE_VISIT"), "kept", id="N-07-any-case"),
    pytest.param("N-07", having(feature="registration_sms", action="opened"), "broken", id="N-07-crossed"),
    pytest.param("N-07", having(action="v\u0131ewed"), "broken", id="N-07-dotless-i"),
    pytest.param("N-07", without(REPORT, "action"), "broken", id="N-07-missing"),
    pytest.param("N-07", SOMETHING_ELSE, "nothing", id="N-07-no-object"),
    pytest.param("N-09", REPORT, "kept", id="N-09-named"),
    pytest.param("N-09", without(REPORT, "experienceId"), "broken", id="N-09-missing"),
    pytest.param("N-09", having(experienceId=None), "broken", id="N-09-null"),
    pytest.param("N-09", SOMETHING_ELSE, "nothing", id="N-09-no-object"),
    pytest.param("N-10", REPORT, "kept", id="N-10-strict"),
    pytest.param("N-10", having(capturedAt="2026-04-27T13:35:00"), "kept", id="N-10-naive-is-N-11"),
    pytest.param("N-10", having(capturedAt="2026-04-27"), "broken ASSUMED", id="N-10-another-reading"),
    pytest.param("N-10", having(capturedAt="2026-02-30T00:00:00Z"), "broken", id="N-10-no-such-day"),
    pytest.param("N-10", having(capturedAt="27.04.2026"), "broken", id="N-10-no-iso"),
    pytest.param("N-10", without(REPORT, "capturedAt"), "broken", id="N-10-missing"),
    pytest.param("N-10", SOMETHING_ELSE, "nothing", id="N-10-no-object"),
    pytest.param("N-11", REPORT, "kept", id="N-11-z"),
    pytest.param("N-11", having(capturedAt="2026-04-27T13:35:00"), "broken", id="N-11-naive"),
    pytest.param("N-11", having(capturedAt="2026-04-27"), "nothing", id="N-11-no-time"),
    pytest.param("N-14", REPORT, "kept", id="N-14-left-out"),
    pytest.param("N-14", having(email=None), "broken", id="N-14-null"),
    pytest.param("N-14", having(email="a@b.de", phone="+12", metadata={"a": 1}), "nothing", id="N-14-all-there"),
    pytest.param("N-14", SOMETHING_ELSE, "nothing", id="N-14-no-object"),
    pytest.param("N-15", REPORT, "kept", id="N-15-texts"),
    pytest.param("N-15", having(email=""), "broken", id="N-15-empty"),
    pytest.param("N-15", SOMETHING_ELSE, "nothing", id="N-15-no-object"),
    pytest.param("N-17", having(metadata={}), "kept", id="N-17-object"),
    pytest.param("N-17", having(metadata=[1]), "broken", id="N-17-list"),
    pytest.param("N-17", having(metadata="{}"), "broken", id="N-17-text"),
    pytest.param("N-17", having(metadata=False), "broken", id="N-17-false"),
    pytest.param("N-17", having(metadata=0), "broken", id="N-17-zero"),
    pytest.param("N-17", REPORT, "nothing", id="N-17-none"),
    pytest.param("N-18", REPORT, "kept", id="N-18-left-out"),
    pytest.param("N-18", having(metadata={}), "broken", id="N-18-empty"),
    pytest.param("N-18", SOMETHING_ELSE, "nothing", id="N-18-no-object"),
    pytest.param("N-20", REPORT, "kept", id="N-20-texts"),
    pytest.param("N-20", having(userId=7), "broken", id="N-20-number"),
    pytest.param("N-20", having(userId=0), "broken", id="N-20-zero"),
    pytest.param("N-20", having(capturedAt=1777296900), "broken", id="N-20-epoch"),
    pytest.param("N-20", {"userId": None}, "nothing", id="N-20-no-value"),
]


@pytest.fixture(scope="module")
def obligations(contract: Contract) -> tuple[Obligation, ...]:
    return analytics.obligations(contract)


@pytest.mark.parametrize(("name", "body", "expected"), REQUESTS)
def test_a_request(
    contract: Contract, obligations: tuple[Obligation, ...], name: str, body: Value | bytes, expected: str
) -> None:
    call = called(Intent("addUserAnalytics", REPORT), sent_json(contract, body))

    assert verdict(case_of(call), obligations, name) == expected


BOTH = {"email": "John.Doe@example.com", "phone": "+14155552671"}
DEEP = {"a": [1, 2.5, {"b": None}], "c": "😀"}
# What the caller gives, what is sent (None: nothing, it is refused), and what that is by the obligation.
CALLS = [
    pytest.param("N-02", NOBODY, None, "kept", id="N-02-refused"),
    pytest.param("N-02", {**NOBODY, "email": ""}, REPORT, "broken", id="N-02-made-up"),
    pytest.param("N-02", REPORT, REPORT, "nothing", id="N-02-somebody"),
    pytest.param("N-03", having(**BOTH), having(**BOTH), "kept", id="N-03-all"),
    pytest.param("N-03", having(**BOTH), REPORT, "broken", id="N-03-one-of-three"),
    pytest.param("N-03", having(phone="0171"), REPORT, "kept", id="N-03-a-wrong-phone-may-go"),
    pytest.param("N-03", having(email="a"), REPORT, "kept", id="N-03-a-wrong-email-may-go"),
    pytest.param("N-03", having(email="\x00"), REPORT, "kept", id="N-03-so-may-a-control-character"),
    pytest.param("N-03", having(email="J.D+a@Mail.example.com"), REPORT, "broken", id="N-03-email-is-right"),
    pytest.param("N-03", having(**BOTH, userId="\x00"), {**BOTH}, "kept", id="N-03-an-id-of-nothing-may-go"),
    pytest.param("N-03", having(**BOTH, userId="zo\u00eb"), {**BOTH}, "broken", id="N-03-an-id-in-any-script"),
    pytest.param("N-03", having(**BOTH), None, "nothing", id="N-03-refused"),
    pytest.param("N-05", having(phone="+1 (415) 555-2671"), having(phone="+14155552671"), "kept", id="N-05-tidied"),
    pytest.param("N-05", having(phone="0049171234567"), having(phone="+49171234567"), "kept", id="N-05-zeros"),
    pytest.param("N-05", having(phone="+49 (0)171234567"), having(phone="+49171234567"), "kept", id="N-05-trunk"),
    pytest.param("N-05", having(phone="0171234567"), having(phone="+1171234567"), "broken", id="N-05-guessed"),
    pytest.param("N-05", having(phone="+1415555CALL"), having(phone="+14155552255"), "nothing", id="N-05-letters"),
    pytest.param("N-05", having(phone="0171234567"), None, "nothing", id="N-05-refused"),
    pytest.param("N-06", having(email=" A@Example.com"), having(email="A@example.com"), "kept", id="N-06-tidied"),
    pytest.param("N-06", having(email="a@b.de\x00"), having(email="a@b.de"), "kept", id="N-06-tidied-by-php"),
    pytest.param("N-06", having(email="A@example.com"), having(email="a@example.com"), "broken", id="N-06-lower"),
    pytest.param("N-06", REPORT, REPORT, "nothing", id="N-06-none"),
    pytest.param("N-08", having(action="VIEWED"), having(action="viewed"), "kept", id="N-08-sent"),
    pytest.param("N-08", having(action="VIEWED"), None, "broken", id="N-08-refused"),
    pytest.param("N-08", REPORT, None, "nothing", id="N-08-the-registered-case"),
    pytest.param("N-08", having(action="VIEWED", email="a+b@c.de"), None, "nothing", id="N-08-or-for-its-email"),
    pytest.param("N-12", having(capturedAt="2026-04-27T15:35:00+02:00"), REPORT, "kept", id="N-12-converted"),
    pytest.param("N-12", having(capturedAt="2026-04-27T13:35:00.0001Z"), REPORT, "kept", id="N-12-rounded"),
    pytest.param("N-12", having(capturedAt="2026-04-27T15:35:00+01:00"), REPORT, "broken", id="N-12-shifted"),
    pytest.param(
        "N-12", having(capturedAt="2026-04-27T13:35:00.999999Z"), REPORT, "broken ASSUMED", id="N-12-whole-seconds"
    ),
    pytest.param("N-12", REPORT, having(capturedAt="2026-04-27T13:35:01Z"), "broken", id="N-12-a-second-late"),
    pytest.param("N-12", having(capturedAt="2026-04-27T13:35:00"), REPORT, "nothing", id="N-12-naive-given"),
    pytest.param("N-16", having(userId="  ", **BOTH), having(userId="  ", **BOTH), "noted", id="N-16-sent"),
    pytest.param("N-16", having(userId="  "), None, "noted", id="N-16-refused"),
    pytest.param("N-16", REPORT, REPORT, "nothing", id="N-16-no-blanks"),
    pytest.param("N-19", having(metadata=DEEP), having(metadata=DEEP), "kept", id="N-19-same"),
    pytest.param("N-19", having(metadata={"a": 3}), having(metadata={"a": 3.0}), "kept", id="N-19-a-number-is-one"),
    pytest.param("N-19", having(metadata={"a": 2**53 + 1}), having(metadata={"a": 2**53}), "kept", id="N-19-doubles"),
    pytest.param("N-19", having(metadata={"a": 123456789}), having(metadata={"a": 123457000}), "broken", id="N-19-cut"),
    pytest.param("N-19", having(metadata={"a": True}), having(metadata={"a": 1}), "broken", id="N-19-true-is-not-1"),
    pytest.param("N-19", having(metadata={"a": {}}), having(metadata={"a": []}), "broken", id="N-19-no-list"),
    pytest.param("N-19", having(metadata={"a": [1]}), having(metadata={"a": [1, 2]}), "broken", id="N-19-longer"),
    pytest.param("N-19", having(metadata={"a": 1}), REPORT, "broken", id="N-19-left-out"),
    pytest.param("N-19", having(metadata={"a": ["\ud800"]}), REPORT, "nothing", id="N-19-unwritable"),
    pytest.param("N-19", REPORT, REPORT, "nothing", id="N-19-none"),
    pytest.param("N-21", having(userId="😀é"), having(userId="😀é"), "kept", id="N-21-same"),
    pytest.param("N-21", having(userId=" u "), having(userId="u"), "kept", id="N-21-trimmed"),
    pytest.param("N-21", having(userId="\ufeffu\u3000"), having(userId="u"), "kept", id="N-21-trimmed-by-javascript"),
    pytest.param("N-21", having(userId="a\x00"), having(userId="a"), "kept", id="N-21-trimmed-by-php"),
    pytest.param("N-21", having(userId="a\x00b"), having(userId="ab"), "broken", id="N-21-cut-in-the-middle"),
    pytest.param("N-21", having(action="VIEWED"), REPORT, "kept", id="N-21-a-pair-in-small-letters"),
    pytest.param("N-21", having(userId="😀"), having(userId="?"), "broken", id="N-21-replaced"),
    pytest.param("N-21", having(userId="e\u0301"), having(userId="\u00e9"), "broken", id="N-21-normalised"),
    pytest.param("N-21", having(userId="User"), having(userId="user"), "broken", id="N-21-lower"),
    pytest.param("N-21", REPORT, None, "nothing", id="N-21-refused"),
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

    assert verdict(case_of(called(Intent("addUserAnalytics", given), *sent)), obligations, name) == expected


ATTEMPTS = [
    pytest.param(("2026-04-27T13:35:00Z",) * 2, "kept", id="the-same"),
    pytest.param(("2026-04-27T13:35:00Z", "2026-04-27T15:35:00+02:00"), "kept", id="the-same-instant"),
    pytest.param(("2026-04-27T13:35:00Z", "2026-04-27T13:35:01Z"), "broken", id="later"),
    pytest.param(("2026-04-27T13:35:00Z", 1777296900), "broken", id="no-time"),
    pytest.param(("2026-04-27T13:35:00Z",), "nothing", id="one-attempt"),
]


@pytest.mark.parametrize(("times", "expected"), ATTEMPTS)
def test_attempts_have_the_time_of_the_event(
    contract: Contract, obligations: tuple[Obligation, ...], times: tuple[object, ...], expected: str
) -> None:
    sent = [sent_json(contract, having(capturedAt=time)) for time in times]

    assert verdict(case_of(called(Intent("addUserAnalytics", REPORT), *sent)), obligations, "N-13") == expected


@pytest.mark.parametrize("name", ["a", "zoë", "it's"])
def test_changed_metadata_fails_in_the_same_way_whatever_its_names(
    contract: Contract, obligations: tuple[Obligation, ...], name: str
) -> None:
    says_the_same = next(one.call for one in obligations if one.id == "N-19")
    given, arrived = (having(metadata={name: [{name: number}]}) for number in (1, 2))
    assert says_the_same is not None

    finding = says_the_same(called(Intent("addUserAnalytics", given), sent_json(contract, arrived)))

    assert finding is not None
    assert fingerprint(finding) == "metadata: metadata arrives changed"
    assert finding.got.startswith(f"at metadata.{name}[0].{name}: ")


def test_a_pair_that_is_dropped_is_not_refused(obligations: tuple[Obligation, ...]) -> None:
    call = called(Intent("addUserAnalytics", having(action="VIEWED")), reply=Reply(Outcome.OK))

    assert verdict(case_of(call), obligations, "N-08") == "nothing"


def test_every_obligation_is_kept_and_broken_and_not_exercised_somewhere(obligations: tuple[Obligation, ...]) -> None:
    told = {(row.values[0], str(row.values[-1]).partition(" ")[0]) for row in (*REQUESTS, *CALLS)}
    told |= {("N-13", str(row.values[-1])) for row in ATTEMPTS}
    # One only tells what a client does.
    asked = {
        (one.id, what)
        for one in obligations
        for what in (("noted", "nothing") if one.id == "N-16" else ("kept", "broken", "nothing"))
    }

    assert asked <= told


def test_other_operations_are_not_judged(contract: Contract, obligations: tuple[Obligation, ...]) -> None:
    call = called(Intent("captureAnalytics", {}), replace(sent_json(contract, NOBODY), operation="captureAnalytics"))
    case = replace(case_of(call), can=Capabilities(frozenset()))

    assert {verdict(case, obligations, one.id) for one in obligations} == {"nothing"}
