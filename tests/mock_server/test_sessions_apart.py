"""Fifty sessions at once, on two workers: each plays its own series, and has nothing of any other."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from mock_server.client import Control
from tests.conftest import ANALYTICS, EVENT, serving

SESSIONS = 50
# Each step that a series may have, the answer that it is, and its status.
STEPS = {
    "500": ("internalServerError", 500),
    "200": ("userAnalyticsAdded", 200),
    "tooManyRequests:7": ("tooManyRequests", 429),
    "userNotFound": ("userNotFound", 400),
    "invalidFeatureAction": ("invalidFeatureAction", 400),
    "unauthorized": ("unauthorized", 401),
    "delay:5ms+500": ("internalServerError", 500),
    "pass": ("userAnalyticsAdded", 200),
}


class Seen(NamedTuple):
    """One answer: the id of its request, its status, and the step that was played, if one was."""

    id: str
    status: int
    step: str


@dataclass
class Own:
    """What one session was given, did and saw."""

    number: int
    series: list[str]
    session: dict[str, Any]
    fault: str
    seen: list[Seen] = field(default_factory=list)

    @property
    def experience(self) -> str:
        """What its world has, and no other."""
        return f"experience-{self.number}"

    @property
    def expected(self) -> list[tuple[str, int]]:
        """The answers that it has to get: its series, then an accepted and a refused one."""
        return [*(STEPS[step] for step in self.series), ("userAnalyticsAdded", 200), ("invalidFeatureAction", 400)]


def begin(control: Control, number: int) -> Own:
    """Begin a session with an experience and a series of its own."""
    chance = Random(number)  # noqa: S311 - a choice of cases
    series = ["500", "500", "200"] if number == 0 else chance.choices(list(STEPS), k=chance.randint(2, 6))
    session = control.post("/sessions", {"world": {"experiences": [f"experience-{number}"]}})
    fault = control.post("/faults", {"do": series, "session": session["id"]})
    return Own(number, series, session, fault["id"])


def send(url: str, key: str, experience: str, **changes: str) -> Seen:
    """Send one request on a connection of its own, which either worker may take."""
    body = json.dumps({**EVENT, "experienceId": experience, **changes})
    headers = {"x-distinct-api-key": key, "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)) as connection:
        connection.request("POST", ANALYTICS, body, headers)
        response = connection.getresponse()
        response.read()
    armed = response.headers.get("distinct-mock-armed", "")
    return Seen(response.headers["distinct-mock-request"], response.status, armed.removesuffix(" (not documented)"))


def live(url: str, own: Own) -> None:
    """Send what meets the series, then one accepted and one refused request."""
    key = own.session["key"]
    for _ in own.series:
        own.seen.append(send(url, key, own.experience))
    own.seen.append(send(url, key, own.experience))
    own.seen.append(send(url, key, own.experience, action="read"))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log: Path = tmp_path_factory.mktemp("apart") / "fake.log"
    with serving(log, "--workers", "2", "--log-level", "error") as fake:
        yield fake.url


@pytest.fixture(scope="module")
def all_of_them(url: str) -> list[Own]:
    """Let all sessions live at once."""
    control = Control(url)
    with ThreadPoolExecutor(SESSIONS) as pool:
        begun = list(pool.map(lambda number: begin(control, number), range(SESSIONS)))
        list(pool.map(lambda own: live(url, own), begun))
    return begun


def test_each_sees_its_own_answers_in_its_own_order(all_of_them: list[Own]) -> None:
    got = {own.number: [(one.status, one.step) for one in own.seen] for own in all_of_them}

    assert got == {
        own.number: [(STEPS[step][1], f"{own.fault} {step}") for step in own.series] + [(200, ""), (400, "")]
        for own in all_of_them
    }
    # Both workers have had a part in it, or nothing was shown.
    assert len({one.id.split("-")[0] for own in all_of_them for one in own.seen}) == 2


def test_each_finds_its_own_requests_in_its_own_order(url: str, all_of_them: list[Own]) -> None:
    control = Control(url)

    found = {own.number: control.get("/requests", session=own.session["id"], order="oldest") for own in all_of_them}

    assert {number: [entry["id"] for entry in answer["requests"]] for number, answer in found.items()} == {
        own.number: [one.id for one in own.seen] for own in all_of_them
    }
    assert {
        number: [(entry["answer"], entry["status"]) for entry in answer["requests"]] for number, answer in found.items()
    } == {own.number: own.expected for own in all_of_them}
    assert {answer["evicted"] for answer in found.values()} == {0}


def test_each_is_judged_by_its_own_requests(url: str, all_of_them: list[Own]) -> None:
    control = Control(url)

    for own in all_of_them:
        verdict = control.get(f"/sessions/{own.session['id']}/verdict")
        accepted = sum(status == 200 for _, status in own.expected)
        answers = {(one["name"], one["status"]): one["count"] for one in verdict["answers"]}
        assert (verdict["requests"], verdict["accepted"]) == (len(own.expected), accepted)
        assert verdict["rules"] == [{"id": "analytics.pair-registered", "count": 1}]
        assert answers == Counter(own.expected)


def test_each_verifies_and_stores_its_own_requests_alone(url: str, all_of_them: list[Own]) -> None:
    control = Control(url)

    for own, other in zip(all_of_them, [*all_of_them[1:], all_of_them[0]], strict=True):
        session = own.session["id"]
        match = {"session": session, "body": {"experienceId": own.experience}}
        foreign = {"session": session, "body": {"experienceId": other.experience}}
        mine = control.post("/verify", {"match": match, "count": len(own.expected)})
        none = control.post("/verify", {"none": foreign})
        records = control.get("/records", session=session)["records"]
        assert (mine["verified"], none["verified"]) == (True, True), (mine, none)
        assert [record["id"] for record in records] == [one.id for one in own.seen if one.status == 200]
        assert {record["body"]["experienceId"] for record in records} == {own.experience}


def test_a_world_is_that_of_one_session_and_an_ended_one_lets_nobody_in(url: str) -> None:
    control = Control(url)
    with ThreadPoolExecutor(SESSIONS) as pool:
        begun = list(pool.map(lambda number: begin(control, number), range(SESSIONS)))
        control.delete("/faults")

        abroad = list(pool.map(lambda own: send(url, own.session["key"], f"experience-{own.number + 1}"), begun))
        ended, going_on = begun[::2], begun[1::2]
        list(pool.map(lambda own: control.delete(f"/sessions/{own.session['id']}"), ended))
        late = list(pool.map(lambda own: send(url, own.session["key"], own.experience), ended))
        others = list(pool.map(lambda own: send(url, own.session["key"], own.experience), going_on))

    assert {one.status for one in abroad} == {400}
    assert {one.status for one in late} == {401}
    assert {one.status for one in others} == {200}
    assert {control.get("/requests/count", session=own.session["id"])["count"] for own in begun[::2]} == {1}
