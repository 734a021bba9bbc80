"""Each obligation of all requests: kept, broken, and not exercised."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.chapters import analytics, capture, common
from conformance.chapters.asked import PREFIXED
from conformance.chapters.places import PREFIX
from conformance.files import sha256_of
from conformance.model import Case, File, Intent, Outcome, Reply, Sent
from conformance.obligation import Obligation
from contracts.model import Breach
from contracts.multipart_body import Part
from contracts.operations import Contract
from tests.conformance.json_made import (
    HEADERS,
    KEY,
    REPORT,
    called,
    case_of,
    sent_json,
    sent_wrongly,
    verdict,
)

INTENT = Intent("addUserAnalytics", REPORT)
PATH = "/api/v1/user/analytics"
BODY = json.dumps(REPORT).encode()
UMLAUT = json.dumps({**REPORT, "userId": "zoë"}, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def obligations(contract: Contract) -> tuple[Obligation, ...]:
    others = (*analytics.obligations(contract), *capture.obligations(contract), *common.obligations(contract))
    return (*others, *common.rest(contract, frozenset(rule for one in others for rule in one.rules)))


def header(**changes: str | None) -> dict[str, Any]:
    """Change headers; None leaves one out."""
    headers = {**dict(HEADERS), **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {"headers": tuple((name, value) for name, value in headers.items() if value is not None)}


Make = Callable[[Contract], Sent]


def right(**more: Any) -> Make:  # noqa: ANN401 - fields of Sent
    return lambda contract: sent_json(contract, BODY, **more)


def of(body: bytes, **more: Any) -> Make:  # noqa: ANN401 - fields of Sent
    return lambda contract: sent_json(contract, body, **more)


def refused(rule: str, **more: Any) -> Make:  # noqa: ANN401 - fields of Sent
    return lambda contract: sent_wrongly(contract, rule, **more)


def elsewhere(target: str) -> Make:
    return refused("http.path", target=target, operation="")


NO_REQUEST = refused("http.framing", method="-", target="-", operation="", headers=(), key="")
PUT = refused("http.method", method="PUT", operation="")
UPLOAD = {"operation": "giftAssets", "value": None, "parts": (Part("userId", None, "", 1, text="u"),)}
REQUESTS = [
    pytest.param("O-01", right(), "kept", id="O-01-post"),
    pytest.param("O-01", PUT, "broken", id="O-01-put"),
    pytest.param("O-01", elsewhere("/x"), "nothing", id="O-01-no-such-path"),
    pytest.param("O-02", right(), "kept", id="O-02-documented"),
    pytest.param("O-02", elsewhere(f"{PATH}/"), "broken", id="O-02-slash-behind"),
    pytest.param("O-02", elsewhere("/api//v1/user/analytics"), "broken", id="O-02-double-slash"),
    pytest.param("O-02", right(target=f"{PATH}?a=1"), "broken ASSUMED", id="O-02-query"),
    pytest.param("O-02", right(target=f"{PATH}?"), "broken ASSUMED", id="O-02-empty-query"),
    pytest.param("O-02", elsewhere(f"{PREFIX}{PATH}"), "nothing", id="O-02-behind-a-gateway"),
    pytest.param("O-02", elsewhere("/telemetry"), "nothing", id="O-02-no-such-thing"),
    pytest.param("O-02", elsewhere("/api/v1/analytics/capture/fifa-cwc-2026"), "nothing", id="O-02-capture-is-C-01"),
    pytest.param("O-03", right(), "kept", id="O-03-one-key"),
    pytest.param("O-03", refused("analytics.key", key="", **header(x_distinct_api_key=None)), "broken", id="O-03-none"),
    pytest.param("O-03", refused("analytics.key", key="", **header(x_distinct_api_key="")), "broken", id="O-03-empty"),
    pytest.param(
        "O-03", refused("analytics.key", headers=(*HEADERS, ("x-distinct-api-key", KEY))), "broken", id="O-03-two"
    ),
    pytest.param("O-03", elsewhere("/telemetry"), "nothing", id="O-03-no-such-path"),
    pytest.param("O-04", right(), "kept", id="O-04-as-given"),
    pytest.param(
        "O-04", refused("analytics.key", key="", **header(x_distinct_api_key="Bear…1")), "broken", id="O-04-another"
    ),
    pytest.param(
        "O-04", refused("analytics.key", key="", **header(x_distinct_api_key=None)), "nothing", id="O-04-none-is-O-03"
    ),
    pytest.param("O-05", right(), "kept", id="O-05-only-there"),
    pytest.param("O-05", right(target=f"{PATH}?k={KEY}"), "broken", id="O-05-query"),
    pytest.param("O-05", right(**header(authorization=KEY)), "broken", id="O-05-header"),
    pytest.param("O-05", of(BODY[:-1] + f', "key": "{KEY}"}}'.encode()), "broken", id="O-05-body"),
    pytest.param("O-05", NO_REQUEST, "nothing", id="O-05-no-key"),
    pytest.param("O-06", right(), "kept", id="O-06-json"),
    pytest.param("O-06", refused("analytics.media-type"), "broken", id="O-06-another"),
    pytest.param("O-06", refused("analytics.key"), "nothing", id="O-06-not-looked-at"),
    pytest.param("O-06", right(**UPLOAD), "nothing", id="O-06-an-upload"),
    pytest.param("O-07", right(), "kept", id="O-07-object"),
    pytest.param("O-07", of(b"[]"), "broken", id="O-07-list"),
    pytest.param("O-07", of(b'{"a": NaN}'), "broken", id="O-07-nan"),
    pytest.param("O-07", of(b"\xef\xbb\xbf" + BODY), "broken", id="O-07-byte-order-mark"),
    pytest.param("O-07", of(BODY[:-1]), "broken", id="O-07-no-end"),
    pytest.param("O-07", of(UMLAUT[:-1]), "broken", id="O-07-cut-by-its-length"),
    pytest.param("O-07", of(b'{"a":', armed="cut:5"), "nothing", id="O-07-cut-by-the-fake"),
    pytest.param("O-07", refused("analytics.key"), "nothing", id="O-07-not-read"),
    pytest.param("O-08", right(), "kept", id="O-08-once"),
    pytest.param("O-08", of(BODY[:-1] + b', "userId": "u"}'), "broken", id="O-08-twice"),
    pytest.param("O-08", of(BODY.replace(b"user-1", b"\\ud800")), "kept", id="O-08-another-oddity"),
    pytest.param("O-08", of(b"[]"), "nothing", id="O-08-no-object"),
    pytest.param("O-09", right(), "kept", id="O-09-bytes"),
    pytest.param("O-09", NO_REQUEST, "broken", id="O-09-no-http"),
    pytest.param("O-09", of(UMLAUT[:-1]), "broken", id="O-09-characters-counted"),
    pytest.param("O-09", of("é".encode()[:1].join([UMLAUT[:40], b""])), "broken", id="O-09-half-a-letter"),
    pytest.param("O-09", of(BODY[:50], **header(content_length="999")), "broken", id="O-09-ended-early"),
    pytest.param("O-09", of(b"x\xc3\xab"), "kept", id="O-09-no-json-is-O-07"),
    pytest.param("O-09", of('["ë"]'.encode()), "kept", id="O-09-a-list-is-O-07"),
    pytest.param("O-09", of(('{"ë":' + "[" * 100_000).encode()), "kept", id="O-09-too-deep-is-O-07"),
    pytest.param("O-09", refused("analytics.key"), "nothing", id="O-09-not-read"),
    pytest.param("O-10", right(), "kept", id="O-10-named"),
    pytest.param("O-10", of(BODY[:-1] + b', "sdk": "1"}'), "broken", id="O-10-another"),
    pytest.param("O-10", of(b"[]"), "nothing", id="O-10-no-object"),
    pytest.param("O-12", right(), "kept", id="O-12-named"),
    pytest.param("O-12", right(**header(user_agent=None)), "broken", id="O-12-nameless"),
    pytest.param("O-12", elsewhere("/telemetry"), "nothing", id="O-12-no-such-path"),
    pytest.param("O-14", right(), "kept", id="O-14-accepted"),
    pytest.param("O-14", refused("analytics.content-encoding"), "broken ASSUMED", id="O-14-assumed-rule"),
    pytest.param("O-14", refused("gift.asset-media"), "broken", id="O-14-documented-rule"),
    pytest.param("O-14", refused("analytics.key"), "nothing", id="O-14-a-rule-with-an-obligation"),
    pytest.param("O-14", refused("analytics.address"), "nothing", id="O-14-a-rule-that-no-client-can-keep"),
]


@pytest.mark.parametrize(("name", "make", "expected"), REQUESTS)
def test_a_request(
    contract: Contract, obligations: tuple[Obligation, ...], name: str, make: Make, expected: str
) -> None:
    assert verdict(case_of(called(INTENT, make(contract))), obligations, name) == expected


GIFT = Intent("giftAssets", {"userId": "u", "eventId": "e"}, (File("a.gif", "image/gif", 64),))
NO_FILES, TWICE = replace(GIFT, files=()), replace(GIFT, files=GIFT.files * 2)
OK, ERROR = Reply(Outcome.OK), Reply(Outcome.ERROR, message="no")
ODD = Intent("addUserAnalytics", {**REPORT, "userId": "u\x00"})


def upload(contract: Contract, digest: str) -> Sent:
    parts = (Part("assets", "a.gif", "image/gif", 64, digest),)
    return replace(sent_json(contract, REPORT), operation="giftAssets", value=None, parts=parts)


def _cases(contract: Contract) -> dict[str, Case]:
    one, other = sent_json(contract, REPORT), sent_json(contract, {**REPORT, "userId": "user-2"})
    first, second = upload(contract, "1" * 64), upload(contract, "2" * 64)
    uploaded = upload(contract, sha256_of(GIFT.files[0]))
    no_file = (Breach(contract.rules["gift.assets-present"], "assets", "nothing", "a file"),)
    prefixed = sent_wrongly(contract, "http.path", operation="", target=f"{PREFIX}{PATH}")
    return {
        "one": case_of(called(INTENT, one)),
        "the-same-twice": case_of(called(INTENT, one, one)),
        "two": case_of(called(INTENT, one, other)),
        "batches": case_of(called(GIFT, first, second)),
        "batch-given-twice": case_of(called(TWICE, uploaded, uploaded)),
        "batch-thrice": case_of(called(TWICE, uploaded, uploaded, uploaded)),
        "batch-twice": case_of(called(GIFT, first, first)),
        "retried": case_of(called(INTENT, one, one, plan=("500",))),
        "failed": case_of(called(INTENT, one, one, reply=ERROR)),
        "refused": case_of(called(INTENT)),
        "refused-rightly": case_of(called(INTENT, wrong=True)),
        "dropped": case_of(called(INTENT, reply=OK)),
        "no-files": case_of(replace(called(NO_FILES, reply=OK), wrong=no_file)),
        "odd": case_of(called(ODD)),
        "other-case": case_of(called(Intent("addUserAnalytics", {**REPORT, "action": "VIEWED"}))),
        "refused-in-a-plan": case_of(called(INTENT, plan=("500",))),
        "hangs": case_of(called(INTENT, reply=Reply(Outcome.HANG))),
        "prefix-kept": case_of(called(INTENT, prefixed), trial=f"{PREFIXED}/x"),
        "prefix-lost": case_of(called(INTENT, one), trial=f"{PREFIXED}/x"),
        "prefix-not-tried": case_of(called(INTENT), trial=f"{PREFIXED}/x"),
    }


CASES = [
    pytest.param("O-11", "one", "kept", id="O-11-once"),
    pytest.param("O-11", "the-same-twice", "broken", id="O-11-the-same-twice"),
    pytest.param("O-11", "two", "broken", id="O-11-two"),
    pytest.param("O-11", "batches", "kept", id="O-11-batches"),
    pytest.param("O-11", "batch-given-twice", "kept", id="O-11-batch-given-twice"),
    pytest.param("O-11", "batch-thrice", "broken", id="O-11-batch-given-twice-and-sent-thrice"),
    pytest.param("O-11", "batch-twice", "broken", id="O-11-batch-twice"),
    pytest.param("O-11", "retried", "nothing", id="O-11-retried"),
    pytest.param("O-11", "failed", "nothing", id="O-11-failed"),
    pytest.param("O-13", "prefix-kept", "kept", id="O-13-kept"),
    pytest.param("O-13", "prefix-lost", "broken", id="O-13-lost"),
    pytest.param("O-13", "prefix-not-tried", "nothing", id="O-13-nothing-sent"),
    pytest.param("O-13", "one", "nothing", id="O-13-no-prefix"),
    pytest.param("O-15", "refused-rightly", "kept", id="O-15-told"),
    pytest.param("O-15", "dropped", "broken", id="O-15-not-told"),
    pytest.param("O-15", "no-files", "nothing", id="O-15-nothing-to-lose"),
    pytest.param("O-15", "one", "nothing", id="O-15-sent"),
    pytest.param("O-15", "hangs", "nothing", id="O-15-hangs"),
    pytest.param("O-16", "one", "kept", id="O-16-sent"),
    pytest.param("O-16", "refused", "broken", id="O-16-refused"),
    pytest.param("O-16", "refused-rightly", "nothing", id="O-16-wrong"),
    pytest.param("O-16", "odd", "nothing", id="O-16-odd"),
    pytest.param("O-16", "other-case", "nothing", id="O-16-other-case-is-N-08"),
    pytest.param("O-16", "refused-in-a-plan", "nothing", id="O-16-plan"),
    pytest.param("O-16", "dropped", "nothing", id="O-16-dropped-is-O-15"),
]


@pytest.mark.parametrize(("name", "case", "expected"), CASES)
def test_a_case(contract: Contract, obligations: tuple[Obligation, ...], name: str, case: str, expected: str) -> None:
    assert verdict(_cases(contract)[case], obligations, name) == expected


def test_every_obligation_is_kept_and_broken_and_not_exercised_somewhere(contract: Contract) -> None:
    told = {(row.values[0], str(row.values[-1]).partition(" ")[0]) for row in (*REQUESTS, *CASES)}
    names = {one.id for one in (*common.obligations(contract), *common.rest(contract, frozenset()))}

    assert {(name, what) for name in names for what in ("kept", "broken", "nothing")} <= told


def test_what_no_client_can_keep_is_left_out(contract: Contract) -> None:
    (rest,) = common.rest(contract, frozenset({"analytics.content-encoding"}))
    left = {contract.rules[rule].check for rule in rest.rules}

    assert "analytics.content-encoding" not in rest.rules
    assert "gift.content-encoding" in rest.rules
    assert left.isdisjoint({"address", "known-event", "known-user", "plausible-time"})
