"""Whatever is sent, armed, changed and forgotten in whatever order: the fake says of it exactly what was.

Hypothesis makes up the orders; a model in plain Python says what the fake has to answer and to remember.
"""

import base64
import http.client
import json
from collections import Counter
from collections.abc import Mapping
from email import message_from_bytes
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contracts.operations import Contract
from contracts.samples import SamplePart, encoded
from contracts.world import masked
from mock_server.server import running
from tests.conftest import EVENT
from tests.mock_server.model_of_fake import JSON_TYPE, REPEATED, STEPS, Fault, Kept, Model, Request, bodies_of, fits

SETTINGS = settings(
    max_examples=40,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CAPTURE = {
    "type": "PHOTO_VIEWED_BY_USER",
    "eventValue": "opening-match",
    "email": "jane.roe@example.com",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "sessionId": "session-1",
}
FIXED_KEYS = [
    "vendor-test-key",
    "vendor-test-key",
    "vendor-broken-key",
    "vendor-elsewhere-key",
    "no-such-key-at-all",
    None,
]
RULES = ["analytics.user-known", "analytics.pair-registered", "analytics.key", "capture.user-known", "gift.user-known"]

json_bodies = st.one_of(
    st.sampled_from([EVENT, CAPTURE]),
    st.builds(
        lambda base, change: {**base, **change},
        st.sampled_from([EVENT, CAPTURE]),
        st.sampled_from([
            {"email": "new@example.com"}, {"email": "nobody@example.com"}, {"userId": "user-john-doe"},
            {"phone": "+12025550123", "email": "new@example.com"}, {"feature": "checkout", "action": "started"},
            {"action": "left", "feature": "page_visit"}, {"capturedAt": "yesterday"}, {"type": "NOTHING"},
            {"note": "é"}, {"experienceId": "none", "feature": "none"},
        ]),
    ),
    st.builds(lambda name, text: {**EVENT, name: text}, st.sampled_from(["email", "feature", "note"]), st.text()),
).map(lambda value: json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace"))  # fmt: skip
broken_bodies = st.sampled_from([b"", b"{", b"[]", b'{"a":1,"a":2}', b"\xff"]) | st.binary(max_size=20)

texts = st.sampled_from([
    ("user-john-doe", "summer-gala"), ("user-jane-roe", "autumn-expo"), ("user-new", "summer-gala"),
    ("nobody", "summer-gala"), ("user-john-doe", "autumn-expo"), ("", ""),
])  # fmt: skip
assets = st.sampled_from([
    [], [SamplePart("assets", "GIF89a", "a.gif", "image/gif")], [SamplePart("assets", "", "empty.gif", "image/gif")],
    [SamplePart("assets", "%PDF-1.7", "a.pdf", "application/pdf")],
    [SamplePart("assets", "GIF89a", f"{n}.gif", "image/gif") for n in range(11)],
])  # fmt: skip
forms = st.builds(
    lambda who, files: encoded((SamplePart("userId", who[0]), SamplePart("eventId", who[1]), *files)), texts, assets
)

FORM_TYPE, RIGHT_FORM = encoded(
    (
        SamplePart("userId", "user-john-doe"),
        SamplePart("eventId", "summer-gala"),
        SamplePart("assets", "GIF89a", "a.gif", "image/gif"),
    )
)
Content = tuple[str, bytes, str, str]
RIGHT: list[Content] = [
    ("addUserAnalytics", json.dumps(EVENT).encode(), JSON_TYPE, ""),
    ("captureAnalytics", json.dumps(CAPTURE).encode(), JSON_TYPE, ""),
    ("giftAssets", RIGHT_FORM, FORM_TYPE, ""),
]
contents: st.SearchStrategy[Content] = st.one_of(
    st.sampled_from(RIGHT),
    st.tuples(
        st.sampled_from(["addUserAnalytics", "captureAnalytics"]),
        json_bodies | broken_bodies,
        st.just(JSON_TYPE),
        st.sampled_from(["", "x=1"]),
    ),
    forms.map(lambda form: ("giftAssets", form[1], form[0], "")),
)

CHANGES: list[tuple[dict[str, Any], Content]] = [
    (changes, ("addUserAnalytics", json.dumps(EVENT | members).encode(), JSON_TYPE, ""))
    for changes, members in (
        ({"users": [{"id": "user-new", "email": "new@example.com"}]}, {"email": "New@example.com"}),
        (
            {"users": [{"id": "user-other", "phone": "+12025550123"}]},
            {"phone": "+12025550123", "email": "new@example.com"},
        ),
        ({"users": [{"id": "user-john-doe", "email": "john@example.org"}]}, {"email": "john@example.org"}),
        ({"pairs": {"checkout": ["started"]}}, {"feature": "checkout", "action": "STARTED"}),
        ({"pairs": {"page_visit": ["left"]}}, {"feature": "page_visit", "action": "left"}),
    )
]

steps = st.sampled_from(list(STEPS))
schedules = st.one_of(
    st.builds(lambda step, n: {"do": [step], "next": n}, steps, st.integers(1, 3)),
    st.builds(lambda step, n: {"do": [step], "every": n}, steps, st.integers(1, 3)),
    st.lists(steps, min_size=2, max_size=3).map(lambda series: {"do": series}),
    steps.map(lambda step: {"do": [step]}),
)
operations = st.sampled_from(["giftAssets", "addUserAnalytics", "captureAnalytics"])


class Fake:
    """Asks one fake over one connection that stays open."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)

    def close(self) -> None:
        self._connection.close()

    def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def ask(self, method: str, path: str, body: object = None, /, **query: object) -> Any:  # noqa: ANN401 - any JSON value
        """Ask the control API for what it has to give."""
        words = {name: json.dumps(value) if isinstance(value, bool) else value for name, value in query.items()}
        target = f"/_mock{path}?{urlencode({name: value for name, value in words.items() if value is not None})}"
        content = None if body is None else json.dumps(body).encode()
        status, _, said = self.send(method, target, content, {"Content-Type": "application/json"})
        assert status < 300, (method, target, body, said)
        return json.loads(said) if said else None


class Steered(RuleBasedStateMachine):
    """One fake, which begins anew with each example."""

    fake: ClassVar[Fake]
    contract: ClassVar[Contract]

    sessions = Bundle("sessions")

    @initialize(target=sessions)
    def begin(self) -> MultipleResults[str]:
        self.fake.ask("POST", "/reset")
        self.model = Model(self.contract)
        self.operations = {one.id: one for one in self.contract.operations.values()}
        self.latest: tuple[Kept, dict[str, str], bytes] | None = None
        return multiple(self._begin_session(), self._begin_session())

    def some(self, session: str | None) -> str | None:
        """Give a session, or another one that lives where a reset has made the fake forget it."""
        if session is None or session in self.model.sessions:
            return session
        return next((one.id for one in self.model.sessions.values() if not one.ended), None)

    def living(self, session: str | None) -> str | None:
        found = self.some(session)
        return None if found is None or self.model.sessions[found].ended else found

    # Sessions and worlds

    @rule(target=sessions)
    def begin_session(self) -> str:
        return self._begin_session()

    def _begin_session(self) -> str:
        made = self.fake.ask("POST", "/sessions", {"name": "one"})
        self.model.begin_session(made["id"], made["key"])
        return str(made["id"])

    @precondition(lambda self: sum(not one.ended for one in self.model.sessions.values()) > 1)
    @rule(session=sessions)
    def end_session(self, session: str) -> None:
        if (known := self.some(session)) is not None:
            self.fake.ask("DELETE", f"/sessions/{known}")
            self.model.end_session(known)

    @rule(session=st.none() | sessions, change=st.sampled_from(CHANGES))
    def change_world(self, session: str | None, change: tuple[dict[str, Any], Content]) -> None:
        """Change a world, and send what before was refused there and in other worlds still is."""
        (members, content), known = change, self.some(session)
        self.fake.ask("PATCH", "/world", members, session=known)
        for row in members.get("users", ()):
            self.model.add_user(row, known)
        for feature, actions in members.get("pairs", {}).items():
            self.model.add_pair(feature, actions[0], known)
        for other in dict.fromkeys((known, None, *self.model.sessions)):
            self._send(content, self.key_of(other))

    def key_of(self, session: str | None) -> str:
        return "vendor-test-key" if session is None else self.model.sessions[session].key

    # Requests

    @rule(session=sessions, contents=st.lists(contents, min_size=1, max_size=4))
    def send_in_a_session(self, session: str, contents: list[Content]) -> None:
        # One that has ended goes on sending.
        known = self.some(session)
        for content in contents:
            self._send(content, self.key_of(known))

    @rule(key=st.sampled_from(FIXED_KEYS), contents=st.lists(contents, min_size=1, max_size=4))
    def send_with_another_key(self, key: str | None, contents: list[Content]) -> None:
        for content in contents:
            self._send(content, key)

    @rule(session=sessions, content=st.sampled_from(RIGHT), times=st.integers(1, 4))
    def send_right_ones(self, session: str, content: Content, times: int) -> None:
        self.send_in_a_session(session, [content] * times)

    def _send(self, content: Content, key: str | None) -> None:
        operation, body, content_type, query = content
        request = Request(self.operations[operation], key, body, content_type, query)
        headers = {"Content-Type": request.content_type, "X-Number": str(len(self.model.journal))}
        headers |= {} if key is None else {"x-distinct-api-key": key}
        status, said, answer = self.fake.send("POST", request.path, request.body, headers)
        kept = self.model.send(request, said["distinct-mock-request"])
        assert status == kept.status
        if kept.message is not None:
            assert json.loads(answer) == {"statusCode": status, "message": kept.message, "data": None}
        self.latest = (kept, headers, answer)

    # What is armed

    @rule(
        session=st.none() | sessions,
        operation=st.none() | operations,
        order=schedules,
        then=st.lists(st.sampled_from(RIGHT), max_size=4),
    )
    def arm(self, session: str | None, operation: str | None, order: dict[str, Any], then: list[Content]) -> None:
        known = self.living(session)
        whom = {name: value for name, value in (("session", known), ("operation", operation)) if value is not None}
        made = self.fake.ask("POST", "/faults", {**order, **whom})
        most = None if "every" in order else order.get("next", len(order["do"]))
        self.model.faults.append(Fault(made["id"], order["do"], operation, known, most, order.get("every")))
        for content in then:
            self._send(content, self.key_of(known))

    @precondition(lambda self: self.model.faults)
    @rule(data=st.data())
    def disarm(self, data: st.DataObject) -> None:
        fault = data.draw(st.sampled_from(self.model.faults))
        self.fake.ask("DELETE", f"/faults/{fault.id}")
        self.model.disarm(fault)

    # Beginning anew

    @rule(session=sessions)
    def reset_session(self, session: str) -> None:
        if (known := self.some(session)) is not None:
            said = self.fake.ask("POST", "/reset", {"session": known})
            gone = {"requests": self.model.forget(known), "faults": self.model.disarm_all(known)}
            self.model.reset_world(known)
            assert said == {**gone, "world": True, "sessions": 0}

    @rule(session=st.none() | sessions, what=st.sampled_from([*["requests", "faults", "world"] * 3, "sessions"]))
    def reset(self, session: str | None, what: str) -> None:
        known = self.some(session) if what != "sessions" else None
        if what == "requests":
            assert self.fake.ask("DELETE", "/requests", session=known) == {"deleted": self.model.forget(known)}
            return
        said = self.fake.ask("POST", "/reset", {"what": [what], **({} if known is None else {"session": known})})
        if what == "faults":
            assert said["faults"] == self.model.disarm_all(known)
        elif what == "world":
            self.model.reset_world(known)
        else:
            assert said["sessions"] == self.model.forget_sessions()

    # What the fake says of it

    @invariant()
    def the_journal_holds_what_was_sent(self) -> None:
        said = self.fake.ask("GET", "/requests", order="oldest", limit=1000)
        assert (said["total"], said["evicted"], said["next"]) == (len(self.model.journal), 0, None)
        assert [told(entry) for entry in said["requests"]] == [kept.entry() for kept in self.model.journal]
        numbers = [entry["seq"] for entry in said["requests"]]
        assert numbers == sorted(set(numbers))
        assert all(entry["stayed"] for entry in said["requests"])

    @invariant()
    def what_is_armed_is_left_as_it_should(self) -> None:
        names = ("id", "do", "operation", "session", "every", "seen", "used", "remaining", "active")
        said = [tuple(fault[name] for name in names) for fault in self.fake.ask("GET", "/faults")["faults"]]
        assert said == [tuple(getattr(fault, name) for name in names) for fault in self.model.faults]

    @invariant()
    def the_latest_is_there_in_full(self) -> None:
        if self.latest is None or self.latest[0] not in self.model.journal:
            return
        kept, headers, content = self.latest
        self.latest = None
        said = self.fake.ask("GET", f"/requests/{kept.id}")
        assert told(said) == kept.entry()
        assert said["response"]["body"] == content.decode()
        assert said["response"]["status"] == kept.status
        sent = dict(said["request"]["headers"])
        assert sent["x-number"] == headers["X-Number"]
        assert sent["content-type"] == kept.request.content_type
        assert sent.get("x-distinct-api-key") == (None if kept.request.key is None else masked(kept.request.key))
        assert list(dict.fromkeys(breach["rule"] for breach in said["breaches"])) == kept.broken
        self._check_body(said["request"], kept)

    def _check_body(self, said: Mapping[str, Any], kept: Kept) -> None:
        if kept.key is None or any(broken.endswith(".address") for broken in kept.broken):
            # Of who is not let in no body is read.
            return
        body = kept.request.body
        if said["parts"] is not None:
            assert said["parts"] == parts_of(body)[: len(said["parts"])]
            return
        shown = said["body"]
        assert (shown["size"], shown["kept"]) == (len(body), len(body))
        assert body == (shown["text"].encode() if shown["base64"] is None else base64.b64decode(shown["base64"]))

    @rule(
        session=st.none() | sessions,
        filters=st.fixed_dictionaries(
            {},
            optional={
                "operation": operations,
                "status": st.sampled_from([200, 400, 401, 403, 418, 429, 500]),
                "answer": st.sampled_from(
                    ["userNotFound", "userAnalyticsAdded", "internalServerError", "tooManyRequests"]
                ),
                "accepted": st.booleans(),
                "unattributed": st.just(value=True),
                "user": st.sampled_from(["user-john-doe", "user-new"]),
                "rule": st.sampled_from(RULES),
                "path": st.just("/api/v1/user/analytics"),
            },
        ),
    )
    def look(self, session: str | None, filters: dict[str, Any]) -> None:
        known = self.some(session)
        self._look_for_some(known, filters)
        self._look_at_records(known)
        if known is not None:
            self._look_at_verdict(known)

    def _look_for_some(self, known: str | None, filters: dict[str, Any]) -> None:
        chosen = {**filters, **({} if known is None else {"session": known})}
        expected = [kept for kept in self.model.journal if fits(kept, chosen)]
        newest = self.fake.ask("GET", "/requests", limit=1000, **chosen)["requests"]
        assert [entry["id"] for entry in newest] == [kept.id for kept in reversed(expected)]
        assert self.fake.ask("GET", "/requests/count", **chosen) == {"count": len(expected), "evicted": 0}
        for count in (len(expected), len(expected) + 1):
            said = self.fake.ask("POST", "/verify", {"match": chosen, "count": count})
            assert (said["verified"], said["count"]) == (count == len(expected), len(expected))

    def _look_at_records(self, known: str | None) -> None:
        accepted = [kept for kept in self.model.of(known) if kept.accepted]
        said = self.fake.ask("GET", "/records", session=known)["records"]
        assert [record["id"] for record in said] == [kept.id for kept in accepted]
        assert [record["body"] for record in said if record["assets"] is None] == bodies_of(accepted)
        assert [record["user"] or "" for record in said] == [kept.subject.user for kept in accepted]

    def _look_at_verdict(self, known: str) -> None:
        own = list(self.model.of(known))
        said = self.fake.ask("GET", f"/sessions/{known}/verdict")
        assert (said["requests"], said["accepted"]) == (len(own), sum(kept.accepted for kept in own))
        broken = Counter(name for kept in own for name in kept.broken)
        assert {one["id"]: one["count"] for one in said["rules"]} == broken
        assert said["clean"] is not bool(broken)
        answers = Counter((kept.answer, kept.status) for kept in own)
        assert {(one["name"], one["status"]): one["count"] for one in said["answers"]} == answers


def parts_of(form: bytes) -> list[dict[str, Any]]:
    """Read a form of ours as mail: who wrote that parser has nothing to do with ours."""
    mail = message_from_bytes(b"Content-Type: " + FORM_TYPE.encode() + b"\r\n\r\n" + form)
    parts = []
    sent: Any = mail.get_payload()
    for part in sent:
        content, filename = part.get_payload(decode=True), part.get_filename()
        parts.append(
            {
                "name": part.get_param("name", header="content-disposition"),
                "filename": filename,
                "contentType": None if filename is None else part.get_content_type(),
                "size": len(content),
                "sha256": None if filename is None else sha256(content).hexdigest(),
                "text": content.decode() if filename is None else None,
            }
        )
    return parts


def told(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Give of what the fake says of a request what a model knows."""
    names = (
        "id", "session", "key", "method", "path", "operation", "status", "answer", "accepted", "user", "event",
        "broken",
    )  # fmt: skip
    armed = entry["armed"]
    return {
        **{name: entry[name] for name in names},
        "flags": [flag for flag in entry["flags"] if REPEATED not in flag],
        "armed": armed and (armed["id"], armed["step"]),
    }


@pytest.mark.usefixtures("unmeasured")
def test_the_fake_says_exactly_what_was(contract: Contract) -> None:
    with running() as started:
        Steered.fake, Steered.contract = Fake(started.url), contract
        try:
            run_state_machine_as_test(Steered, settings=SETTINGS)
        finally:
            Steered.fake.close()
