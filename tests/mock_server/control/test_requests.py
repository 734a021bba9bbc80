"""Requests that were sent: in pages, by filters, counted, in full with their explanation, forgotten."""

import base64
from typing import Any
from urllib.parse import quote

import pytest

from contracts.samples import SamplePart, encoded
from contracts.world import masked
from mock_server.control.matches import FILTERS
from mock_server.server import Running, running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, Reply, send
from tests.mock_server.control.asking import DOCUMENT, ask

GIFT = "/api/v1/vendor/user/assets"
KEY = "vendor-test-key"


def gift(url: str, *parts: SamplePart) -> Reply:
    content_type, body = encoded(parts)
    return send(url, GIFT, body, headers={"Content-Type": content_type})


def good_gift(url: str) -> Reply:
    file = SamplePart("assets", "GIF89a", "<b>.gif", "image/gif")
    return gift(url, SamplePart("userId", "user-john-doe"), SamplePart("eventId", "summer-gala"), file)


def full(url: str, reply: Reply) -> dict[str, Any]:
    value: dict[str, Any] = ask(url, "GET", f"/requests/{reply.headers['distinct-mock-request']}").value
    return value


def several(url: str) -> None:
    """Send five requests: an event, a wrong one, one without a known key, a gift, another path."""
    send(url, ANALYTICS, EVENT)
    send(url, ANALYTICS, EVENT | {"action": "read"})
    send(url, f"{ANALYTICS}?x=1", EVENT, headers={"x-distinct-api-key": "nobody"})
    good_gift(url)
    send(url, "/elsewhere", EVENT, method="PUT")


def test_a_list_gives_the_newest_first(own: Running) -> None:
    several(own.url)

    page = ask(own.url, "GET", "/requests").value

    assert [entry["seq"] for entry in page["requests"]] == [5, 4, 3, 2, 1]
    assert (page["total"], page["evicted"], page["next"]) == (5, 0, None)
    entry = page["requests"][3]
    assert entry | {"at": 0, "id": 0, "milliseconds": 0} == {
        "seq": 2,
        "id": 0,
        "at": 0,
        "session": None,
        "key": masked(KEY),
        "address": "127.0.0.1",
        "method": "POST",
        "path": ANALYTICS,
        "operation": "addUserAnalytics",
        "status": 400,
        "answer": "invalidFeatureAction",
        "accepted": False,
        "size": len(EVENT.__repr__()) - 2,
        "milliseconds": 0,
        "stayed": True,
        "completed": True,
        "user": None,
        "event": None,
        "broken": ["analytics.pair-registered"],
        "flags": [],
        "armed": None,
    }


def test_pages_follow_each_other(own: Running) -> None:
    several(own.url)
    seen = {"newest": [], "oldest": []}  # type: dict[str, list[int]]

    for order, bound in (("newest", "before"), ("oldest", "after")):
        path = f"/requests?limit=2&order={order}"
        page = ask(own.url, "GET", path).value
        while True:
            seen[order] += [entry["seq"] for entry in page["requests"]]
            assert page["total"] == 5
            if page["next"] is None:
                break
            page = ask(own.url, "GET", f"{path}&{bound}={page['next']}").value

    assert seen == {"newest": [5, 4, 3, 2, 1], "oldest": [1, 2, 3, 4, 5]}


def test_a_page_may_give_each_request_in_full(own: Running) -> None:
    several(own.url)

    page = ask(own.url, "GET", "/requests?order=oldest&full=true&limit=3").value

    alone = [ask(own.url, "GET", f"/requests/{entry['id']}").value for entry in page["requests"]]
    assert [entry["seq"] for entry in alone] == [1, 2, 3]
    assert page["requests"] == alone


FILTERED = [
    pytest.param("key=vendor-elsewhere-key", [], id="key-that-was-not-used"),
    pytest.param(f"key={KEY}", [1, 2, 4, 5], id="key"),
    pytest.param("operation=giftAssets", [4], id="operation"),
    pytest.param("status=400", [2], id="status"),
    pytest.param("answer=userAnalyticsAdded", [1], id="answer"),
    pytest.param("rule=analytics.pair-registered", [2], id="rule"),
    pytest.param("rule=analytics.key", [3], id="rule-of-the-key"),
    pytest.param("user=user-john-doe", [1, 4], id="user"),
    pytest.param("event=summer-gala", [4], id="event"),
    pytest.param("accepted=false", [2, 3, 5], id="refused"),
    pytest.param(f"path={ANALYTICS}", [1, 2, 3], id="path"),
    pytest.param("method=PUT", [5], id="method"),
    pytest.param("method=put", [5], id="method-in-lower-case"),
    pytest.param("since=2000-01-01T00:00:00Z", [1, 2, 3, 4, 5], id="since"),
    pytest.param("until=2000-01-01t00:00:00.5z", [], id="until"),
    pytest.param("unattributed=true", [3], id="unattributed"),
    pytest.param("unattributed=false&method=POST&accepted=true", [1, 4], id="several"),
]


@pytest.fixture(scope="module")
def filled() -> Any:  # noqa: ANN401 - a generator
    with running() as fake:
        several(fake.url)
        yield fake.url


@pytest.mark.parametrize(("query", "numbers"), FILTERED)
def test_filters_choose_requests(filled: str, query: str, numbers: list[int]) -> None:
    page = ask(filled, "GET", f"/requests?order=oldest&{query}").value

    assert [entry["seq"] for entry in page["requests"]] == numbers
    assert ask(filled, "GET", f"/requests/count?{query}").value == {"count": len(numbers), "evicted": 0}


WRONG = [
    pytest.param("session=s-000000000000", "?session", id="session"),
    pytest.param("operation=gift", "?operation", id="operation"),
    pytest.param("key=vend%E2%80%A6", "?key", id="key-of-nobody"),
    pytest.param("answer=userAnalytics", "?answer", id="answer"),
    pytest.param("rule=analytics.pair", "?rule", id="rule"),
    pytest.param("since=yesterday", "?since", id="no-time"),
    pytest.param("until=2016-12-31T23:59:60Z", "?until", id="leap-second"),
    pytest.param("limit=1001", "?limit", id="limit"),
]


@pytest.mark.parametrize(("query", "place"), WRONG)
def test_what_matches_nothing_ever_is_refused(filled: str, query: str, place: str) -> None:
    answer = ask(filled, "GET", f"/requests?{query}")

    assert answer.status == 400
    assert answer.places == [place]


def test_a_near_name_is_told(filled: str) -> None:
    assert "giftAssets" in ask(filled, "GET", "/requests?operation=gift").detail


def test_every_filter_is_a_parameter() -> None:
    assert set(FILTERS) <= set(DOCUMENT.operations["GET", "/_mock/requests"].query)
    members = set(DOCUMENT.content["components"]["schemas"]["Match"]["properties"])
    assert members == {*FILTERS, "body", "parts", "headers"}


def test_one_request_is_explained(own: Running) -> None:
    reply = send(
        own.url, f"{ANALYTICS}?a=<b>", EVENT | {"action": "read", "note": "<img src=x>"}, headers={"X-Mine": "é"}
    )

    value = full(own.url, reply)

    assert ["x-mine", "é"] in value["request"]["headers"]
    assert ["x-distinct-api-key", masked(KEY)] in value["request"]["headers"]
    body = value["request"]["body"]
    assert body["json"] == EVENT | {"action": "read", "note": "<img src=x>"}
    assert body["size"] == body["kept"] == len(body["text"])
    assert (body["base64"], body["sha256"], value["request"]["parts"]) == (None, None, None)
    assert value["response"]["status"] == 400
    assert value["response"]["body"] == reply.text
    assert ["distinct-mock-broken", "analytics.pair-registered"] in value["response"]["headers"]
    assert [one["rule"] for one in value["flagged"]] == ["analytics.only-named-fields", "analytics.no-query"]
    (breach,) = value["breaches"]
    assert breach.pop("expected").startswith("a registered pair; near it: ")
    assert breach == {
        "rule": "analytics.pair-registered",
        "says": "feature and action together are a pair that was registered for this vendor.",
        "demand": "documented",
        "answerBasis": "documented",
        "source": {"document": "user-analytics", "section": "Feature & Action Registry"},
        "field": "feature, action",
        "got": "'registration_email'/'read'",
        "hint": None,
        "answer": "invalidFeatureAction",
        "status": 400,
        "message": "Invalid feature/action.",
        "answered": True,
    }
    assert value["curl"]["changes"] == ["query: 'a=<b>' left out", "action: 'read' -> 'opened'"]


ESCAPED = [
    pytest.param("/api/v1/user%2Fanalytics", "http.path", [ANALYTICS], id="slash"),
    pytest.param("/api/v1/user/analytics%3Fx", "http.path", ["/api/v1/user/analytics?x"], id="question-mark"),
    pytest.param("/api/v1/user/%61nalytics", "", [ANALYTICS], id="letter"),
    pytest.param("/%ff", "http.path", ["/\ufffd"], id="byte"),
]


@pytest.mark.parametrize(("path", "broken", "also"), ESCAPED)
def test_a_path_is_told_as_it_was_sent(own: Running, path: str, broken: str, also: list[str]) -> None:
    value = full(own.url, send(own.url, f"{path}?%62", EVENT))

    assert (value["path"], value["broken"]) == (f"{path}?%62", [broken] if broken else [])
    assert value["curl"]["sent"].splitlines()[-1].startswith(f"curl -X POST '{own.url}{path}?%62' ")
    for given in (path, f"{path}?%62", *also):
        assert ask(own.url, "GET", f"/requests/count?path={quote(given)}").value["count"] == 1, given
        assert ask(own.url, "POST", "/verify", {"match": {"path": given, "headers": {}}}).value["verified"], given
    assert ask(own.url, "GET", f"/requests/count?path={quote(GIFT)}").value["count"] == 0


def test_a_form_is_shown_part_by_part(own: Running) -> None:
    value = full(own.url, good_gift(own.url))

    parts = value["request"]["parts"]
    assert parts[0] == {
        "name": "userId",
        "filename": None,
        "contentType": None,
        "size": 13,
        "sha256": None,
        "text": "user-john-doe",
    }
    assert (parts[2]["filename"], parts[2]["contentType"], parts[2]["size"]) == ("<b>.gif", "image/gif", 6)
    assert len(parts[2]["sha256"]) == 64
    assert value["request"]["body"]["json"] is None
    assert (value["curl"]["corrected"], value["curl"]["changes"]) == (None, [])


BODIES = [
    pytest.param(b'{"a": 1}', '{"a": 1}', {"a": 1}, id="json"),
    pytest.param(b"[1, 2]", "[1, 2]", [1, 2], id="json-but-no-object"),
    pytest.param(b'{"a": NaN}', '{"a": NaN}', {"a": "NaN"}, id="nearly-json"),
    pytest.param(b'{"a": NaN, "b": 1e999}', '{"a": NaN, "b": 1e999}', None, id="number-beyond-all"),
    pytest.param(b"[-1e999]", "[-1e999]", None, id="number-below-all"),
    pytest.param(rb'"\ud800"', r'"\ud800"', None, id="half-of-a-pair"),
    pytest.param(rb'[{"\ud800": 1}]', r'[{"\ud800": 1}]', None, id="half-of-a-pair-in-a-name"),
    pytest.param(rb'["\ud83d\ude00"]', r'["\ud83d\ude00"]', ["\U0001f600"], id="pair"),
    pytest.param(b"no json", "no json", None, id="text"),
    pytest.param(b"\xff\x00", None, None, id="bytes"),
    pytest.param(b"[" * 5000, "[" * 5000, None, id="nested-deep"),
]


@pytest.mark.parametrize(("raw", "text", "value"), BODIES)
def test_a_body_is_shown_as_what_it_is(own: Running, raw: bytes, text: str | None, value: object) -> None:
    body = full(own.url, send(own.url, ANALYTICS, raw))["request"]["body"]

    assert (body["text"], body["json"]) == (text, value)
    assert ask(own.url, "GET", "/requests?full=true").value["requests"][0]["request"]["body"] == body
    assert (None if body["base64"] is None else base64.b64decode(body["base64"])) == (raw if text is None else None)


def test_a_large_body_is_shown_in_part(own: Running) -> None:
    reply = send(own.url, ANALYTICS, EVENT | {"metadata": {"text": "é" * 50_000, "x": ""}})
    odd = send(own.url, ANALYTICS, b'{"x":"' + b"\xc3\xa9" * 50_000 + b'"}')

    bodies = [full(own.url, one)["request"]["body"] for one in (reply, odd)]

    assert [(body["kept"], len(body["sha256"]), body["json"]) for body in bodies] == [(65536, 64, None)] * 2
    assert [body["base64"] for body in bodies] == [None, None]
    # One of them is cut within a letter, and is text all the same.
    assert all(body["text"].startswith("{") for body in bodies)


def test_a_session_is_corrected_with_its_own_world(own: Running) -> None:
    world = {"users": [{"id": "mine", "email": "mine@example.org"}], "pairs": {"checkout": ["started"]}}
    session = ask(own.url, "POST", "/sessions", {"world": world}).value
    body = EVENT | {"email": "mine@example.or", "feature": "checkout", "action": "start"}
    reply = send(own.url, ANALYTICS, body, headers={"x-distinct-api-key": session["key"]})

    value = full(own.url, reply)

    assert value["session"] == session["id"]
    assert value["curl"]["changes"] == [
        "email: 'mine@example.or' -> 'mine@example.org', a user of this world",
        "action: 'start' -> 'started'",
    ]
    assert session["key"] not in str(value)


def test_a_request_of_a_session_that_is_gone_is_corrected_with_another_key(own: Running) -> None:
    session = ask(own.url, "POST", "/sessions").value
    reply = send(own.url, ANALYTICS, EVENT | {"action": "x"}, headers={"x-distinct-api-key": session["key"]})
    ask(own.url, "POST", "/reset", {"what": ["sessions"]})

    assert full(own.url, reply)["curl"]["changes"] == ["action: 'x' -> 'opened'"]


def test_a_key_that_is_gone_is_known_by_its_requests(own: Running) -> None:
    session = ask(own.url, "POST", "/sessions").value
    send(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": session["key"]})
    ask(own.url, "POST", "/reset", {"what": ["sessions"]})

    assert ask(own.url, "GET", f"/requests/count?key={session['key']}").value["count"] == 1


def test_what_cannot_be_corrected_says_why(own: Running) -> None:
    reply = send(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": "vendor-elsewhere-key"})

    curl = full(own.url, reply)["curl"]

    assert curl["corrected"] is None
    assert curl["changes"] == [
        "no request from 127.0.0.1 is taken with this key, only from 192.0.2.10/32, 2001:db8::/32"
    ]


def test_a_fixed_answer_is_told_as_armed(own: Running) -> None:
    reply = send(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": "vendor-broken-key"})

    value = full(own.url, reply)

    assert value["armed"] == {"id": "key", "step": "internalServerError", "documented": True}
    assert (value["breaches"], value["curl"]["corrected"]) == ([], None)


def test_a_request_that_there_is_not_is_a_problem(own: Running) -> None:
    answer = ask(own.url, "GET", "/requests/none-1")

    assert answer.status == 404
    assert "'none-1'" in answer.detail


def test_requests_of_a_session_are_forgotten_alone(own: Running) -> None:
    session = ask(own.url, "POST", "/sessions").value
    send(own.url, ANALYTICS, EVENT)
    send(own.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": session["key"]})

    deleted = [ask(own.url, "DELETE", path).value for path in (f"/requests?session={session['id']}", "/requests")]

    assert deleted == [{"deleted": 1}, {"deleted": 1}]
    assert ask(own.url, "GET", "/requests").value["requests"] == []


def test_what_had_to_make_room_is_counted() -> None:
    with running(Settings(port=0, log_level="error", journal_entries=3)) as fake:
        several(fake.url)

        page = ask(fake.url, "GET", "/requests").value

    assert [entry["path"] for entry in page["requests"]] == ["/elsewhere", GIFT, f"{ANALYTICS}?x=1"]
    assert (page["total"], page["evicted"]) == (3, 2)
