"""What a trial brings to light about a client: what it sent, with which key, and what is left of a plan."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any, ClassVar

import pytest

from conformance.catalogue import catalogue
from conformance.chapters.giving_up import ENDLESS
from conformance.clients.client import Config
from conformance.fake import started
from conformance.fake.started import JudgesFake, Wish
from conformance.judging import judge_case
from conformance.model import File, Intent, Outcome
from conformance.runner import Runner
from conformance.trial import Trial
from contracts.faults import ConfigError
from contracts.operations import Contract
from tests.conformance.examining import runner_for
from tests.conformance.reference import Reference
from tests.conformance.wrong.sequences import BackgroundRetry

ARGS: Mapping[str, Any] = {
    "userId": "user-ä", "feature": "page_visit", "action": "viewed", "experienceId": "x",
    "capturedAt": "2024-01-01T00:00:00Z",
}  # fmt: skip
EVENT = Intent("addUserAnalytics", ARGS)
GIFT = Intent("giftAssets", {"userId": "u", "eventId": "e"}, (File("a.gif", "image/gif", 100_000),))
SPELLED = "key+of/a=vendor-1"


@pytest.fixture
def right(trial_fake: JudgesFake, elsewhere: JudgesFake) -> Iterator[Runner]:
    with runner_for(Reference, trial_fake, elsewhere) as runner:
        yield runner


def test_what_an_intent_names_is_there(right: Runner) -> None:
    (call,) = right.run(Trial("t", (EVENT,))).calls

    assert (call.reply.outcome, call.valid, [sent.status for sent in call.sent]) == (Outcome.OK, True, [200])
    assert call.sent[0].value == dict(ARGS)
    assert call.sent[0].mine
    assert call.sent[0].key == call.key


def test_in_a_world_without_it_it_is_not(right: Runner) -> None:
    (call,) = right.run(Trial("t", (EVENT,), known=False)).calls

    assert [sent.status for sent in call.sent] == [400]
    assert [breach.rule.id for breach in call.wrong] == ["analytics.user-known", "analytics.experience-known"]


def test_an_upload_is_seen_part_by_part(right: Runner) -> None:
    (call,) = right.run(Trial("t", (GIFT,))).calls

    (sent,) = call.sent
    assert ([part.text for part in sent.texts], [part.size for part in sent.files]) == (["u", "e"], [100_000])


PLANS = [
    pytest.param(("500", "200"), False, [500, 200], 0, id="met"),
    pytest.param(("200", "500", "500"), False, [200], 2, id="not-met"),
    pytest.param(("500",), True, [500, 500, 500], 0, id="for-ever"),
    pytest.param(("400",), False, [400], 0, id="a-refusal"),
]


@pytest.mark.parametrize(("plan", "persistent", "statuses", "left"), PLANS)
def test_a_plan_is_played_and_counted(
    right: Runner,
    plan: tuple[str, ...],
    persistent: bool,  # noqa: FBT001 - a case
    statuses: list[int],
    left: int,
) -> None:
    (call,) = right.run(Trial("t", (EVENT,), plan, persistent=persistent)).calls

    assert ([sent.status for sent in call.sent], call.left, call.plan) == (statuses, left, plan)


def test_every_trial_has_a_key_of_its_own_and_nothing_of_another(right: Runner) -> None:
    first, second = (right.run(Trial("t", (EVENT,))).calls[0] for _ in range(2))

    assert first.key != second.key
    assert [len(call.sent) for call in (first, second)] == [1, 1]


@pytest.mark.parametrize("key", [SPELLED, "k", "k" * 128], ids=["odd", "short", "long"])
def test_a_key_may_be_spelled(right: Runner, key: str) -> None:
    (call,) = right.run(Trial("t", (EVENT,), key=key)).calls

    assert [(sent.status, sent.mine) for sent in call.sent] == [(200, True)]
    assert SPELLED not in repr(call)
    assert right.run(Trial("t", (EVENT,))).calls[0].sent[0].status == 200


def test_two_keys_are_taken_in_turn(right: Runner) -> None:
    calls = right.run(Trial("t", (EVENT,) * 4, second_key=True)).calls

    assert [call.key for call in calls] == [calls[0].key, calls[1].key] * 2
    assert calls[0].key != calls[1].key
    assert [sent.key for call in calls for sent in call.sent] == [call.key for call in calls]


def test_calls_at_once_cannot_be_told_apart(right: Runner) -> None:
    intents = tuple(Intent("addUserAnalytics", {**ARGS, "userId": f"user-{n}"}) for n in range(4))

    case = right.run(Trial("t", intents, parallel=True))

    assert [call.sent for call in case.calls] == [()] * 4
    assert {str((sent.value or {})["userId"]) for sent in case.sent} == {f"user-{n}" for n in range(4)}


def test_a_path_may_stand_before_the_api(right: Runner) -> None:
    (call,) = right.run(Trial("t", (EVENT,), prefix="/proxy")).calls

    assert [sent.target for sent in call.sent] == ["/proxy/api/v1/user/analytics"]


class Elsewhere(Reference):
    """Follows a redirect, wherever it leads."""

    astray = ""

    def __init__(self, config: Config) -> None:
        super().__init__(Config(self.astray or config.base_url, config.api_key))


def test_what_goes_elsewhere_is_a_stray(trial_fake: JudgesFake, elsewhere: JudgesFake) -> None:
    class Astray(Elsewhere):
        astray = elsewhere.url

    with runner_for(Astray, trial_fake, elsewhere) as runner:
        case = runner.run(Trial("t", (EVENT,)))

    assert (len(case.strays), len(case.sent)) == (1, 0)


class Late(Reference):
    """Sends once more when its call is over."""

    threads: list[threading.Thread]
    gate = threading.Event()

    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - as in Reference
        super().addUserAnalytics(**fields)
        send = super().addUserAnalytics

        def later() -> None:
            Late.gate.wait(10)
            try:
                send(**fields)
            except Exception as error:  # noqa: BLE001 - its key may be gone by then
                assert "401" in str(error)  # noqa: PT017 - in a thread

        Late.threads.append(threading.Thread(target=later))
        Late.threads[-1].start()


def test_what_comes_with_an_earlier_key_is_late(trial_fake: JudgesFake) -> None:
    Late.threads = []
    with runner_for(Late, trial_fake) as runner:
        first = runner.run(Trial("t", (EVENT,)))
        trial_fake.begin(())
        Late.gate.set()
        for thread in Late.threads:
            thread.join()
        arrived = trial_fake.arrived()
        stale = arrived.late(arrived.stale)

    assert [sent.header("x-distinct-api-key") for sent in stale] == [first.calls[0].key]
    assert first.late == ()


def test_no_client_is_blamed_for_what_another_sent_late(trial_fake: JudgesFake) -> None:
    with runner_for(BackgroundRetry, trial_fake) as runner:
        runner.run(Trial("t", (EVENT,), plan=("500",)))
    with runner_for(Reference, trial_fake) as runner:
        cases = [runner.run(Trial("t", (EVENT,))) for _ in range(100)]

    assert [case.late for case in cases if case.late] == []


def test_what_the_fake_reads_when_the_client_has_left_is_not_late(trial_fake: JudgesFake) -> None:
    class LeavesABusyFake(Reference):
        def exchange(self, *request: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as in Reference
            left = threading.Event()
            trial_fake._running.loop.call_soon_threadsafe(left.wait, 10)  # noqa: SLF001 - no option makes it busy
            try:
                return super().exchange(*request)
            finally:
                left.set()

    with runner_for(LeavesABusyFake, trial_fake) as runner:
        cases = [runner.run(Trial("t", (EVENT,), plan=("hang",), timeout_ms=100)) for _ in range(2)]

    found = [(call.reply.outcome, len(call.sent), call.left) for case in cases for call in case.calls]
    assert found == [(Outcome.ERROR, 1, 0)] * 2
    assert [case.late for case in cases] == [(), ()]


def test_what_was_there_before_and_ends_only_now_is_not_late(
    trial_fake: JudgesFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started, "_LOOKS", 25)
    (lot,) = trial_fake.begin([Wish({}, ("pass",))])
    headers = {"Content-Type": "application/json", "Content-Length": "100", "x-distinct-api-key": lot.secret}
    with closing(HTTPConnection(trial_fake.url.partition("//")[2])) as connection:
        connection.request("POST", "/api/v1/user/analytics", b"{", headers)
        while trial_fake.arrived().left != {lot.shown: 0}:
            pass
        trial_fake.begin([Wish({})])
        trial_fake.arrived()
    while not (arrived := trial_fake.arrived()).stale:
        pass

    assert [sent.given_up for sent in arrived.stale] == [True]
    assert arrived.late(arrived.stale) == []


def test_a_plan_that_cannot_be_is_named(right: Runner) -> None:
    with pytest.raises(ConfigError, match="bad plan: do: got 'surprise'"):
        right.run(Trial("bad plan", (EVENT,), plan=("surprise",)))


class Patient(Reference):
    """Waits in full between its attempts, and as long for an answer as it says, whatever it is told."""

    capabilities: ClassVar[Mapping[str, Any]] = {
        "retries": {"on": [500], "max_attempts": 3}, "timeout_ms": 900,
    }  # fmt: skip

    def __init__(self, config: Config) -> None:
        super().__init__(replace(config, time_scale=1.0, timeout_ms=None))


PATIENT = [
    pytest.param(("500",) * ENDLESS, [500, 500, 500], Outcome.ERROR, id="waits-between-attempts"),
    pytest.param(("hang",), [0], Outcome.ERROR, id="its-own-timeout"),
    pytest.param(("drip:1+200",), [200], Outcome.HANG, id="no-longer-than-any-other"),
]


@pytest.mark.parametrize(("plan", "statuses", "outcome"), PATIENT)
def test_a_call_has_the_time_that_the_client_says_it_needs(
    plan: tuple[str, ...], statuses: list[int], outcome: Outcome, trial_fake: JudgesFake, contract: Contract
) -> None:
    with runner_for(Patient, trial_fake, deadline=0.4) as runner:
        case = runner.run(Trial("t", (EVENT,), plan, timeout_ms=100))

    (call,) = case.calls
    assert ([sent.status for sent in call.sent], call.reply.outcome) == (statuses, outcome)
    broken = {name for name, judged in judge_case(case, tuple(catalogue(contract))).items() if judged.broken}
    assert broken == ({"P-01"} if outcome is Outcome.HANG else set())


READ_AS = [
    pytest.param("/api/v1/user/%61nalytics", "/api/v1/user/analytics", id="needless"),
    pytest.param("/api/v1/user%2Fanalytics", "/api/v1/user%2Fanalytics", id="slash"),
    pytest.param("/api/v1/user/%61nalytics?a=%62", "/api/v1/user/analytics?a=%62", id="query"),
]


@pytest.mark.parametrize(("path", "target"), READ_AS)
def test_a_target_is_told_as_it_is_read(path: str, target: str, trial_fake: JudgesFake) -> None:
    class Escaping(Reference):
        def path(self, operation: str) -> str:  # noqa: ARG002 - as the right one
            return path

    with runner_for(Escaping, trial_fake) as runner:
        case = runner.run(Trial("t", (EVENT,)))

    assert {sent.target for sent in case.sent} == {target}
