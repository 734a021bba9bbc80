"""The run of a client: its phases, what is left out, what ends it early, and what is measured twice."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from conformance import examination
from conformance.catalogue import Catalogue, catalogue
from conformance.chapters import retries
from conformance.clients.client import AdapterError
from conformance.depth import PER_CALL, SMOKE, Depth
from conformance.examination import Examination
from conformance.fake.started import JudgesFake
from conformance.model import Intent
from conformance.report.document import document
from conformance.report.reading import checked
from conformance.results import Result, Run, Verdict
from conformance.stored import StoredTrial
from conformance.trial import Trial
from conformance.verdicts import exit_code
from contracts.operations import Contract
from tests.conformance.examining import runner_for
from tests.conformance.few_trials import try_few
from tests.conformance.reference import ApiError, Headers, Reference, Refused

EVENT = {
    "email": "john.doe@example.com",
    "feature": "registration_email",
    "action": "opened",
    "experienceId": "47Gop5",
    "capturedAt": "2026-04-27T13:35:00Z",
}
ANALYTICS = Intent("addUserAnalytics", EVENT)
WRITTEN = Depth("quick", 0)
PHASES = [
    "smoke", "stored cases", "written trials", "generated intents", "measured again", "shrinking", "closing",
]  # fmt: skip


class Analytics(Reference):
    """Has one operation."""

    giftAssets = captureAnalytics = None  # type: ignore[assignment] # noqa: N815 - what it has not


class Telling(Analytics):
    """Keeps what it was asked for; for one test."""

    asked: ClassVar[list[str]] = []

    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - as the right one
        self.asked.append(str(fields.get("email")))
        super().addUserAnalytics(**fields)


@pytest.fixture(scope="module")
def everything(contract: Contract) -> Catalogue:
    return catalogue(contract)


Examine = Callable[..., Run]


@pytest.fixture
def examine(everything: Catalogue, trial_fake: JudgesFake, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """Give what examines a client, by default with some of what is written down."""
    try_few(monkeypatch, every=5, always=["plan/500"])

    def run(make: type[Reference], depth: Depth = WRITTEN, **more: Any) -> Run:  # noqa: ANN401 - the examination's
        with runner_for(make, trial_fake) as runner:
            return Examination(runner, everything.obligations, depth, **more).examine()

    return run


def result(run: Run, name: str) -> Result:
    return next(one for one in run.results if one.obligation.id == name)


def stored(name: str) -> StoredTrial:
    return StoredTrial("N-14", Trial(f"stored/{name}", (Intent("addUserAnalytics", {**EVENT, "email": name}),)))


# Phases


def test_the_phases_follow_each_other(examine: Examine) -> None:
    told: list[tuple[str, int, int]] = []

    run = examine(Analytics, Depth("quick", 3, shrink_calls=5, shrink_seconds=1), progress=lambda *at: told.append(at))

    assert list(run.timings) == PHASES
    assert exit_code(run) == 4  # of its one operation, too few trials are made here
    phases = list(dict.fromkeys(phase for phase, _, _ in told))
    drawn = ["drawing intents: addUserAnalytics", "generated intents: addUserAnalytics"]
    assert phases == ["smoke", "written trials", *drawn, "closing"]
    assert all(0 <= done < of for _, done, of in told)
    for phase in phases:
        done = [number for name, number, _ in told if name == phase]
        assert done == list(range(len(done)))


def test_stored_cases_come_right_after_smoke(examine: Examine) -> None:
    Telling.asked.clear()

    examine(Telling, SMOKE, stored=(stored("a@example.com"), stored("b@example.com")))

    assert Telling.asked[2:4] == ["a@example.com", "b@example.com"]
    assert Telling.asked[:2] == Telling.asked[4:]


def test_profile_smoke_tries_each_operation_twice_at_both_ends(examine: Examine) -> None:
    run = examine(Reference, SMOKE)

    assert (run.calls, run.requests, run.problems) == (12, 12, ())


def test_the_last_calls_are_as_the_first(examine: Examine) -> None:
    class Tired(Analytics):
        """Sends nothing any more after many calls."""

        left = 20

        def exchange(self, *request: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as the right one
            Tired.left -= 1
            if Tired.left < 0:
                raise ApiError(None, "tired")
            return super().exchange(*request)

    run = examine(Tired)

    assert result(run, "P-02").verdict is Verdict.FAIL
    assert exit_code(run) == 1


class NoUploads(Reference):
    """Has uploads, and refuses all of them."""

    def check_gift(self, _texts: object, _files: object) -> None:
        raise Refused("not for me")


def test_what_is_refused_from_the_first_call_on_is_no_sign_of_what_came_in_between(examine: Examine) -> None:
    run = examine(NoUploads)

    assert (result(run, "P-02").verdict, result(run, "O-16").verdict) == (Verdict.PASS, Verdict.WARN)
    assert result(run, "O-16").blocked == 0
    assert exit_code(run) == 4  # nothing of an upload was seen


# What a client has not


class Says(Analytics):
    """Has a method for all, and says of two operations that it has them not."""

    def call(self, operation: str, args: Mapping[str, Any], _files: Sequence[Any]) -> None:
        if operation != "addUserAnalytics":
            raise UnsupportedError
        self.addUserAnalytics(**args)


class UnsupportedError(Exception):
    pass


def test_an_operation_that_a_client_has_not_is_left_out(examine: Examine) -> None:
    run = examine(Analytics)

    assert run.client.operations == {"addUserAnalytics"}
    assert {one.verdict for one in run.results if one.obligation.id[0] == "U"} == {Verdict.NOT_APPLICABLE}
    assert all(call.intent.operation == "addUserAnalytics" for call in _calls(run))


def _calls(run: Run) -> list[Any]:
    return [call for one in run.results if one.counterexample for call in one.counterexample.case.calls]


def test_an_operation_of_which_only_the_reply_says_so_is_left_out(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conformance.clients import python_object
    from conformance.model import Outcome, Reply

    told = python_object._failed  # noqa: SLF001 - an object cannot say what an adapter can

    def failed(error: BaseException, *rest: Any) -> Reply:  # noqa: ANN401 - the rest of it
        return Reply(Outcome.UNSUPPORTED) if isinstance(error, UnsupportedError) else told(error, *rest)

    # An object cannot say so; an adapter of another language can, with the same reply.
    monkeypatch.setattr(python_object, "_failed", failed)

    run = examine(Says, SMOKE)

    assert run.client.operations == {"addUserAnalytics"}
    assert (run.problems, run.calls) == ((), 8)  # six at first, two at the end


# What ends a run early


def test_an_interrupted_run_reports_what_there_is(examine: Examine) -> None:
    def progress(phase: str, done: int, _of: int) -> None:
        if phase == "written trials" and done == 5:
            raise KeyboardInterrupt

    run = examine(Analytics, progress=progress)

    assert (run.interrupted, exit_code(run)) == (True, 130)
    assert list(run.timings) == PHASES[:3]
    assert result(run, "O-01").verdict is Verdict.PASS
    assert result(run, "P-02").verdict is Verdict.UNTESTED
    assert checked(document(run), "report")["exitCode"] == 130


def test_what_waits_to_be_measured_again_is_told_when_there_is_no_time(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "_FIRST_WAIT_SECONDS", SURELY_A_WAIT)
    try_few(monkeypatch, every=1, among=lambda name: name.startswith(PLANS), full_waits=True)

    def progress(phase: str, *_: int) -> None:
        if phase == "measured again":
            raise KeyboardInterrupt

    run = examine(Hasty, progress=progress)

    assert (result(run, "R-13").failed, exit_code(run)) == (1, 130)


@pytest.mark.parametrize("phase", ["stored cases", "written trials", "closing"])
def test_a_fault_of_the_adapter_ends_it_without_a_verdict(phase: str, examine: Examine) -> None:
    def progress(name: str, *_: int) -> None:
        if name == phase:
            raise AdapterError("the adapter is gone")

    run = examine(Analytics, SMOKE if phase != "written trials" else WRITTEN, progress=progress, stored=(stored("x"),))

    assert (run.problems, exit_code(run)) == (("the adapter is gone",), 3)
    assert run.calls >= 2


def test_nothing_else_is_tried_when_no_request_arrives(examine: Examine) -> None:
    class Elsewhere(Analytics):
        """Calls a host of its own."""

        def exchange(self, *_: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as the right one
            raise ApiError(None, "no such host: api.distinct.so")

    run = examine(Elsewhere)

    assert list(run.timings) == ["smoke"]
    (problem,) = run.problems
    assert problem.startswith("no request arrived, and the client said error: no such host: api.distinct.so; does the")
    assert exit_code(run) == 3


# Shrinking


class Nulls(Analytics):
    """Sends null for what is empty."""

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return super().encoded({"metadata": None, "eventValue": None, **body})


class NullsBesideNumbers(Analytics):
    """Sends null beside a phone number, which the plain example has not."""

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        return super().encoded({"metadata": None, "eventValue": None, **body} if "phone" in body else body)


def test_shrinking_shares_one_budget(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

        time = perf_counter = monotonic

    clock, budgets = Clock(), []

    def shrink(*_: Any, budget: Any, **__: Any) -> None:  # noqa: ANN401 - what shrunk takes
        budgets.append(budget)
        clock.now += budget.seconds / 2

    monkeypatch.setattr(examination, "time", clock)
    monkeypatch.setattr(examination, "shrunk", shrink)
    monkeypatch.setattr(examination, "written", lambda *_: ())

    run = examine(NullsBesideNumbers, Depth("quick", 40, shrink_calls=7, shrink_seconds=8))

    assert len(budgets) >= 2
    assert {budget.calls for budget in budgets} == {7}
    # What the first one leaves, the others have.
    assert budgets[0].seconds == pytest.approx(8 / len(budgets))
    assert budgets[-1].seconds > budgets[0].seconds
    assert clock.now < 8
    assert sum(1 for one in run.results if one.failed) >= len(budgets)


def test_what_a_written_trial_shows_is_not_shrunk(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    shrunk: list[object] = []
    monkeypatch.setattr(examination, "shrunk", lambda *given, **_: shrunk.append(given))

    run = examine(Nulls, Depth("quick", 40, shrink_calls=7, shrink_seconds=8))

    example = result(run, "N-14").counterexample
    assert example is not None
    assert not example.case.trial.startswith("generated/")
    assert len(shrunk) < sum(1 for one in run.results if one.failed)


# What is measured


PLANS = ("plan/500", "plan/429", "plan/stalled")
# A busy machine makes a wait where a client makes none, but hardly one of this length.
SURELY_A_WAIT = 0.4


class Hasty(Analytics):
    """Does not wait before it tries again."""

    def wait(self, attempt: int) -> None:
        pass


class HastyOnce(Analytics):
    """Does not wait in the first call in which it tries again, at a scale that is looked at."""

    hurry: ClassVar[list[bool]] = []

    def wait(self, attempt: int) -> None:
        if self.config.time_scale < 0.1:
            super().wait(attempt)
        elif not self.hurry:
            threading.Event().wait(1.1 * SURELY_A_WAIT)
        elif attempt + 1 == self.most_attempts():
            self.hurry.pop()


class Impatient(Analytics):
    """Tries again at once after a 429, the first time; after that as it is asked to."""

    hurry: ClassVar[list[bool]] = []

    def exchange(self, operation: str, headers: Headers, length: int, content: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as the right one
        said = b"".join(content)
        status, body = super().exchange(operation, headers, length, iter([said]))
        if status != 429:
            return status, body
        if self.hurry:
            self.hurry.pop()
        else:
            threading.Event().wait(2 * self.config.time_scale + 0.05)
        return super().exchange(operation, headers, length, iter([said]))


class SlowOnce(Analytics):
    """Waits longer for an answer than it says, once."""

    capabilities: ClassVar[Mapping[str, Any]] = {**Reference.capabilities, "timeout_ms": 300}
    hurry: ClassVar[list[bool]] = []

    def exchange(self, *request: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as the right one
        try:
            return super().exchange(*request)
        except ApiError:
            if self.hurry and self.timeout < 1:
                self.hurry.pop()
                threading.Event().wait(1.8)
            raise


ONCE = [
    pytest.param(HastyOnce, "R-13", "the next attempt follows at once", id="R-13"),
    pytest.param(Impatient, "R-23", "sent again before the time that Retry-After names", id="R-23"),
    pytest.param(SlowOnce, "R-27", "waits longer than it says", id="R-27"),
]


@pytest.mark.parametrize(("make", "name", "what"), ONCE)
def test_what_is_measured_once_and_not_again_is_no_fault(
    make: type[Any], name: str, what: str, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.hurry[:] = [True]
    monkeypatch.setattr(retries, "_FIRST_WAIT_SECONDS", SURELY_A_WAIT)
    try_few(monkeypatch, every=1, among=lambda name: name.startswith(PLANS), full_waits=True)

    run = examine(make)

    found = result(run, name)
    assert make.hurry == []
    assert (found.verdict, found.failed, found.counterexample) == (Verdict.PASS, 0, None)
    assert found.kept > 0
    assert found.reason == f"seen once, not again: {what}"


def test_what_is_measured_every_time_is_a_fault(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_WAIT_SECONDS", SURELY_A_WAIT)
    try_few(monkeypatch, every=1, among=lambda name: name.startswith(PLANS), full_waits=True)

    run = examine(Hasty)

    found = result(run, "R-13")
    assert (found.verdict, found.failed, found.reason) == (Verdict.WARN, 1, "")
    assert found.counterexample is not None
    assert found.counterexample.finding.measured.endswith(" ms")
    assert found.counterexample.finding.got == ""


def test_only_what_is_measured_is_tried_again(examine: Examine) -> None:
    told: list[str] = []

    examine(Nulls, progress=lambda phase, *_: told.append(phase))

    assert "measured again" not in told


# What a reader has to know


class Printing(Analytics):
    """Prints what it does, and says what it can in words of its own."""

    capabilities: ClassVar[Mapping[str, Any]] = {**Reference.capabilities, "timeoutMs": 300}

    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - as the right one
        sys.stdout.write(f"sending {len(fields)} fields\n")
        sys.stderr.write("bye\n")
        super().addUserAnalytics(**fields)


class Unwilling(Analytics):
    """Refuses whatever it is asked for."""

    def addUserAnalytics(self, **_: Any) -> None:  # noqa: ANN401, N802 - as the right one
        raise Refused("no base URL")


class Unready(Unwilling):
    """Refuses, though not all of it."""

    calls: ClassVar[list[int]] = []

    def addUserAnalytics(self, **_: Any) -> None:  # noqa: ANN401, N802 - as the right one
        self.calls.append(1)
        raise Refused("no base URL") if len(self.calls) > 1 else RuntimeError("no")


REMARKS = [
    pytest.param(Analytics, SMOKE, [], id="nothing"),
    pytest.param(Analytics, PER_CALL, [PER_CALL.limitation], id="a-profile-that-leaves-something-out"),
    pytest.param(Unwilling, SMOKE, ["every valid call was refused: no base URL; is that the adapter?"], id="refuses"),
    pytest.param(Unready, SMOKE, [], id="refuses-some"),
    pytest.param(
        Printing,
        SMOKE,
        [
            "'capabilities.timeoutMs' is no member of the protocol and was ignored; near it: 'timeout_ms'",
            "in 4 calls the client wrote to standard output what is no reply, such as 'sending 5 fields'",
        ],
        id="misspells-and-prints",
    ),
]


@pytest.mark.parametrize(("make", "depth", "told"), REMARKS)
def test_what_a_reader_has_to_know_is_told(
    make: type[Reference], depth: Depth, told: list[str], examine: Examine
) -> None:
    run = examine(make, depth)

    assert list(run.limitations) == told
