"""Processes that speak the protocol, well or badly: each misbehaviour has an outcome of its own, and an end."""

import os
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from conformance.clients.client import AdapterError, GivenFile
from conformance.clients.json_lines import MOST_FAILURES
from conformance.clients.noise import FLOOD
from conformance.model import Outcome, Reply
from contracts.operations import Contract
from tests.conformance.clients.asking import KEY, are_as_many, is_gone, order, speaking


def asked(behaviour: str, contract: Contract, *, deadline: float = 5.0) -> Reply:
    with speaking(behaviour, contract) as client:
        return client.call([order(deadline=deadline)])[0]


def test_what_the_adapter_says_of_itself_is_read(contract: Contract) -> None:
    with speaking("backwards", contract) as client:
        can = client.can

    assert (can.name, can.version, can.language, can.concurrency) == ("for tests", "1.0", "python", 4)
    assert can.operations == {"giftAssets", "addUserAnalytics", "captureAnalytics"}


def test_a_call_is_handed_over_as_it_is(contract: Contract, tmp_path: Path) -> None:
    file = GivenFile(tmp_path / "a.png", 'naïve "x"\ud800.png', "image/png", 67, "0" * 64)
    args = {"userId": "\ud83d", "email": None, "metadata": {"ü": [1, 2.5, 10**30]}}

    with speaking("echo", contract) as client:
        said = client.call([order(args, files=(file,))])[0].detail["said"]

    # What UTF-8 cannot write is shown escaped by the judge, and came as it was.
    assert said["args"] == {**args, "userId": "\\ud83d"}
    assert said["files"] == [
        {
            "path": str(file.path),
            "name": 'naïve "x"\\ud800.png',
            "content_type": "image/png",
            "size": 67,
            "sha256": "0" * 64,
        }
    ]
    assert said["config"] == {
        "base_url": "http://127.0.0.1:9", "api_key": said["config"]["api_key"], "time_scale": 1.0, "timeout_ms": None,
    }  # fmt: skip
    assert KEY not in str(said)


def test_several_calls_run_at_once_and_are_told_apart(contract: Contract) -> None:
    with speaking("backwards", contract) as client:
        replies = client.call([order({"userId": name}) for name in "abcdef"])

    assert [(reply.outcome, reply.message, reply.status) for reply in replies] == [
        (Outcome.ERROR, name, 400) for name in "abcdef"
    ]


REPLIES = [
    pytest.param("prints", Outcome.OK, "", id="what-is-printed-does-no-harm"),
    pytest.param("never-answers", Outcome.HANG, "no reply in time", id="never-answers"),
    pytest.param("dies", Outcome.CRASH, "it ended with status 3", id="dies"),
    pytest.param("ends", Outcome.CRASH, "it ended with status 0, before its input did", id="ends-early"),
    pytest.param("killed", Outcome.CRASH, "it was ended by SIGSEGV", id="killed-by-a-signal"),
    pytest.param("dies-holding-its-output-open", Outcome.CRASH, "it ended with status 4", id="others-hold-its-output"),
    pytest.param("unfinished", Outcome.CRASH, "it ended with status 0, before its input did", id="in-mid-line"),
    pytest.param("closes-stdout", Outcome.CRASH, "it closed its standard output", id="closes-its-output"),
    pytest.param("line-without-end", Outcome.HANG, "it wrote a line of more than 1048576 bytes", id="endless-line"),
    pytest.param("floods", Outcome.HANG, f"it wrote {FLOOD}", id="endless-lines"),
    pytest.param("halves", Outcome.ERROR, "\\ud83d", id="half-a-character"),
    pytest.param("php", Outcome.ERROR, "", id="empty-lists-for-empty-objects"),
]


@pytest.mark.parametrize(("behaviour", "outcome", "message"), REPLIES)
def test_each_behaviour_has_its_outcome(behaviour: str, outcome: Outcome, message: str, contract: Contract) -> None:
    reply = asked(behaviour, contract, deadline=0.5 if behaviour == "never-answers" else 20)

    assert (reply.outcome, reply.message) == (outcome, message)


FAULTS = [
    pytest.param("wrong-id", "id: got 999, expected 2, which is not answered yet", id="wrong-id"),
    pytest.param("bad-json", "no JSON, at column 22: expecting value", id="no-json"),
    pytest.param("bad-utf-8", "byte 40 is 0xff, expected text in UTF-8", id="no-utf-8"),
    pytest.param("nan", "no JSON: NaN is no JSON number", id="nan"),
    pytest.param("too-deep", "no JSON: maximum recursion depth exceeded", id="too-deep"),
    pytest.param("other-outcome", 'outcome: got "OK", expected one of "ok", "refused", "error"', id="outcome"),
    pytest.param("status-as-text", 'status: got "400", expected a whole number or null', id="status"),
    pytest.param(
        "no-outcome", 'outcome: got nothing, expected "ok", "refused", "error" or "unsupported"', id="missing"
    ),
]


@pytest.mark.parametrize(("behaviour", "complaint"), FAULTS)
def test_what_is_the_adapters_fault_is_told_with_its_place(behaviour: str, complaint: str, contract: Contract) -> None:
    with pytest.raises(AdapterError) as raised, speaking(behaviour, contract) as client:
        client.call([order()])

    assert str(raised.value).startswith("line 2 of the adapter's output:")
    assert complaint in str(raised.value)
    assert max(map(len, str(raised.value).split("\n"))) < 400


def test_an_answer_that_comes_twice_is_the_adapters_fault(contract: Contract) -> None:
    with speaking("twice", contract) as client:
        client.call([order()])

        with pytest.raises(AdapterError, match=r"line 3 .* id: got 2, expected 3, which is not answered yet"):
            client.call([order()])


def test_a_complaint_cannot_steer_the_terminal(contract: Contract) -> None:
    with pytest.raises(AdapterError) as raised:
        asked("escapes", contract)

    assert "\x1b" not in str(raised.value)


HELLOS = [
    pytest.param("no-hello", "the adapter did not answer hello: no reply in time", id="silent"),
    pytest.param("dies-at-hello", "did not answer hello: it ended with status 1\nno module named acme", id="dies"),
    pytest.param("other-version", "protocol: got 2, expected 1", id="another-version"),
    pytest.param("unknown-operation", "operations: got ['giftAsset'], expected some of ['addUser", id="operation"),
    pytest.param("no-operation", "operations: got [], expected at least 1 of them", id="no-operation"),
    pytest.param("bad-capabilities", 'capabilities.concurrency: got "4", expected a whole number', id="capabilities"),
]


@pytest.mark.parametrize(("behaviour", "complaint"), HELLOS)
def test_a_client_that_does_not_say_hello_cannot_be_judged(behaviour: str, complaint: str, contract: Contract) -> None:
    # Only of one that stays silent the end is waited for.
    patience = 1 if behaviour == "no-hello" else 20
    with pytest.raises(AdapterError) as raised, speaking(behaviour, contract, start_seconds=patience):
        pass

    assert complaint in str(raised.value)


def test_what_is_printed_before_hello_does_no_harm(contract: Contract) -> None:
    with speaking("prints-first", contract) as client:
        reply = client.call([order()])[0]

    assert (reply.outcome, reply.noise) == (Outcome.OK, "stdout: Loading plugins...")


def test_numbers_may_be_written_as_floats(contract: Contract) -> None:
    reply = asked("floats", contract)

    assert (reply.outcome, reply.status, type(reply.status)) == (Outcome.ERROR, 400, int)


def test_what_is_printed_is_kept_with_where(contract: Contract) -> None:
    with speaking("prints", contract) as client:
        noises = [client.call([order()])[0].noise for _ in range(2)]

    assert noises == ["stdout: debug: sending\nstdout: [1]\nstdout: \nstderr: a warning"] * 2


def test_the_key_is_kept_nowhere(contract: Contract) -> None:
    heard: list[str] = []
    with speaking("tells-key", contract, listen=lambda _, line: heard.append(line)) as client:
        reply = client.call([order()])[0]

    assert set(reply.leaks) == {"message", "detail", "noise"}
    assert KEY not in f"{reply}{heard}"
    assert "dmk_…" in reply.message
    assert any('"api_key":"dmk_' in line for line in heard)


def test_detail_is_kept_to_some_depth(contract: Contract) -> None:
    assert "…" in str(asked("deep", contract).detail)


def test_it_is_started_again_after_a_crash(contract: Contract) -> None:
    with speaking("dies-at-the-second", contract) as client:
        outcomes = [client.call([order()])[0].outcome for _ in range(3)]
        reply = client.call([order()])[0]

    # It answers twice and dies: the call after that meets nobody, the next one a new process.
    assert (outcomes, reply.outcome) == ([Outcome.OK, Outcome.OK, Outcome.CRASH], Outcome.OK)


def test_the_last_words_of_a_crash_are_kept(contract: Contract) -> None:
    assert asked("dies", contract).noise == "stderr: Traceback\nstderr: boom"


@pytest.mark.parametrize(("behaviour", "outcome"), [("dies", Outcome.CRASH), ("never-answers", Outcome.HANG)])
def test_after_three_failures_in_a_row_it_is_not_started_again(
    behaviour: str, outcome: Outcome, contract: Contract
) -> None:
    with speaking(behaviour, contract) as client:
        replies = [client.call([order(deadline=0.3)])[0].outcome for _ in range(MOST_FAILURES)]

        with pytest.raises(AdapterError, match="hung or crashed 3 times in a row"):
            client.call([order()])

    assert replies == [outcome] * MOST_FAILURES


def test_failures_that_are_not_in_a_row_go_on(contract: Contract) -> None:
    with speaking("dies-when-told", contract) as client:
        outcomes = [client.call([order({"userId": user})])[0].outcome for user in ("die", "die", "live") * 2]

    assert outcomes == [Outcome.CRASH, Outcome.CRASH, Outcome.OK] * 2


def test_calls_that_run_at_once_share_the_fate_of_their_process(contract: Contract) -> None:
    with speaking("backwards", contract) as client:
        # Only two: it waits for the third for ever.
        replies = client.call([order(deadline=0.3), order(deadline=0.3)])

    assert [reply.outcome for reply in replies] == [Outcome.HANG, Outcome.HANG]


def test_draining_says_what_was_lost(contract: Contract) -> None:
    with speaking("drains", contract) as client:
        client.call([order()])
        reply = client.drain(5)

    assert (reply.outcome, reply.message) == (Outcome.ERROR, "2 events were lost")


def test_a_client_that_does_not_take_its_input_hangs_and_holds_up_nobody(contract: Contract) -> None:
    with speaking("never-answers", contract) as client:
        began = time.monotonic()
        reply = client.call([order({"userId": "u" * 5_000_000}, deadline=0.5)])[0]

    assert reply.outcome is Outcome.HANG
    assert time.monotonic() - began < 5


def test_a_client_that_closes_its_input_is_not_waited_for(contract: Contract) -> None:
    with speaking("closes-stdin", contract) as client:
        first = client.call([order()])[0]
        began = time.monotonic()
        second = client.call([order(deadline=20)])[0]

    assert (first.outcome, second.outcome) == (Outcome.OK, Outcome.CRASH)
    assert second.message == "it closed its standard input"
    assert time.monotonic() - began < 10


def test_nothing_that_it_started_is_left(contract: Contract) -> None:
    with speaking("leaves-others", contract) as client:
        pid = client.call([order()])[0].detail["pid"]
        os.kill(pid, 0)

    assert is_gone(pid)


@pytest.mark.parametrize(("behaviour", "went"), [("echo", True), ("stays", False)])
def test_who_does_not_go_after_bye_is_ended(behaviour: str, *, went: bool, contract: Contract) -> None:
    with speaking(behaviour, contract) as client:
        client.call([order()])
        began = time.monotonic()

        assert client.close() is went

    assert time.monotonic() - began < 10


def test_no_thread_is_left(contract: Contract) -> None:
    before = threading.active_count()

    asked("never-answers", contract, deadline=0.2)
    asked("line-without-end", contract)

    assert are_as_many(before)


def test_a_flood_takes_no_memory(contract: Contract) -> None:
    tracemalloc.start()
    try:
        for behaviour in ("floods", "line-without-end"):
            asked(behaviour, contract, deadline=20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # The longest line once as it grows and once in a message, and what waits in between.
    assert peak < 25_000_000
