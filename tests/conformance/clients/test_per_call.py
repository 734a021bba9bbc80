"""Commands that are run for each call: what they are told, and what their end means."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.clients.client import AdapterError, Config, GivenFile, Order
from conformance.clients.json_lines import MOST_FAILURES
from conformance.clients.noise import FLOOD
from conformance.clients.per_call import PerCallClient
from conformance.model import Intent, Outcome, Reply
from contracts.operations import Contract
from tests.conformance.clients.asking import KEY, are_as_many, is_gone, order

FILE = GivenFile(Path("/files/a b.png"), 'ü "x".png', "image/png", 67, "0" * 64)


def asked(script: str, contract: Contract, one: Order | None = None) -> Reply:
    with PerCallClient(["sh", "-c", script], contract) as client:
        return client.call([one or order()])[0]


def told(contract: Contract, args: dict[str, Any], *files: GivenFile) -> dict[str, str]:
    """Give the environment that a command finds, as far as it is about the call."""
    config = Config("http://127.0.0.1:9", KEY, 0.01, 300)
    one = Order(Intent("captureAnalytics", args), config, files)
    with PerCallClient(["python3", "-c", _PRINTS_ENVIRONMENT], contract) as client:
        found: dict[str, str] = client.call([one])[0].detail["environment"]
    return found


_PRINTS_ENVIRONMENT = """
import json, os
environment = {name: value for name, value in os.environ.items() if name.startswith("DISTINCT_")}
environment["ARGS"] = open(environment.pop("DISTINCT_ARGS_FILE")).read()
print(json.dumps({"detail": {"environment": environment}}))
"""


def test_the_call_stands_in_the_environment(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing of ours is to be taken for something of the call.
    monkeypatch.setenv("DISTINCT_ARG_EMAIL", "of-the-judge@example.com")
    args = {"userId": "ü\n'", "phone": None, "metadata": {"a": [1]}, "n": 5, "b": True, "empty": ""}

    found = told(contract, args, FILE)

    assert found.pop("DISTINCT_API_KEY").startswith("dmk_…")
    assert json.loads(found.pop("DISTINCT_ARGS_JSON")) == json.loads(found.pop("ARGS")) == args
    assert found == {
        "DISTINCT_BASE_URL": "http://127.0.0.1:9",
        "DISTINCT_OP": "captureAnalytics",
        "DISTINCT_TIME_SCALE": "0.01",
        "DISTINCT_TIMEOUT_MS": "300",
        "DISTINCT_ARG_USERID": "ü\n'",
        "DISTINCT_TYPE_USERID": "string",
        "DISTINCT_TYPE_PHONE": "null",
        "DISTINCT_ARG_METADATA": '{"a": [1]}',
        "DISTINCT_TYPE_METADATA": "object",
        "DISTINCT_ARG_N": "5",
        "DISTINCT_TYPE_N": "number",
        "DISTINCT_ARG_B": "true",
        "DISTINCT_TYPE_B": "boolean",
        "DISTINCT_ARG_EMPTY": "",
        "DISTINCT_TYPE_EMPTY": "string",
        "DISTINCT_FILES": "1",
        "DISTINCT_FILE_1": "/files/a b.png",
        "DISTINCT_FILE_1_NAME": 'ü "x".png',
        "DISTINCT_FILE_1_TYPE": "image/png",
        "DISTINCT_FILE_1_SIZE": "67",
        "DISTINCT_FILE_1_SHA256": "0" * 64,
    }


UNFIT = [
    pytest.param({"userId": "a\0b"}, "userId", id="nul"),
    pytest.param({"userId": "\ud83d"}, "userId", id="half-a-character"),
    pytest.param({"userId": "x" * 200_000}, "userId", id="too-long"),
    pytest.param({"user-id": "x"}, "user-id", id="no-name-of-a-variable"),
    pytest.param({"userId": "a", "userid": "b"}, "userid", id="the-same-in-capitals"),
]


@pytest.mark.parametrize(("args", "name"), UNFIT)
def test_what_does_not_fit_is_named(args: dict[str, Any], name: str, contract: Contract) -> None:
    found = told(contract, args)

    assert found["DISTINCT_ARGS_UNFIT"] == name
    # A report does not hold what is so long.
    assert found["ARGS"] == json.dumps(args)[:4000]


def test_a_file_name_that_does_not_fit_is_left_out(contract: Contract) -> None:
    found = told(contract, {}, GivenFile(Path("/a.png"), "a\0b.png", "image/png", 1, "0" * 64))

    assert ("DISTINCT_FILE_1" in found, "DISTINCT_FILE_1_NAME" in found) == (True, False)


ENDS = [
    pytest.param("exit 0", Outcome.OK, None, "", id="done"),
    pytest.param("echo no user >&2; exit 64", Outcome.REFUSED, None, "no user", id="refused"),
    pytest.param("echo no such call >&2; exit 69", Outcome.UNSUPPORTED, None, "no such call", id="unsupported"),
    pytest.param("printf 'one\\ntwo\\n\\n' >&2; exit 1", Outcome.ERROR, None, "two", id="the-last-line-is-why"),
    pytest.param("exit 7", Outcome.ERROR, None, "", id="failed-without-a-word"),
    pytest.param("kill -9 $$", Outcome.CRASH, None, "it was ended by SIGKILL", id="killed"),
    pytest.param(
        """echo '{"status": 400, "message": "User not found."}'; echo other >&2; exit 1""",
        Outcome.ERROR, 400, "User not found.", id="more-on-standard-output",
    ),
    pytest.param(
        """echo '{"status": 400}'; echo 'User not found.' >&2; exit 1""",
        Outcome.ERROR, 400, "User not found.", id="only-the-status-there",
    ),
    pytest.param(
        """echo '{"statusCode": 400, "message": "Invalid type.", "data": null}'; exit 22""",
        Outcome.ERROR, None, "Invalid type.", id="the-answer-of-the-api",
    ),
    pytest.param("""echo '{"status": "400"}'; exit 1""", Outcome.ERROR, None, "", id="no-reply"),
    pytest.param("""echo '{"statusCode": 4'; exit 1""", Outcome.ERROR, None, "", id="a-broken-answer-of-the-api"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "outcome", "status", "message"), ENDS)
def test_the_end_says_what_became_of_it(
    script: str, outcome: Outcome, status: int | None, message: str, contract: Contract
) -> None:
    reply = asked(script, contract)

    assert (reply.outcome, reply.status, reply.message) == (outcome, status, message)


HANGS = [
    pytest.param("sleep 600", "no end in time", id="sleeps"),
    pytest.param("exec >&-; sleep 600", "no end in time", id="without-output"),
    pytest.param("yes", f"it wrote {FLOOD}", id="floods"),
    pytest.param("tr '\\0' x < /dev/zero", "it wrote a line of more than 1048576 bytes", id="line-without-end"),
]


@pytest.mark.parametrize(("script", "message"), HANGS)
def test_who_does_not_end_is_ended(script: str, message: str, contract: Contract) -> None:
    threads, began = threading.active_count(), time.monotonic()

    reply = asked(script, contract, order(deadline=0.3 if "sleep" in script else 20))

    assert (reply.outcome, reply.message) == (Outcome.HANG, message)
    assert time.monotonic() - began < 9
    assert are_as_many(threads)


def test_what_it_leaves_behind_is_ended(contract: Contract) -> None:
    reply = asked("""sleep 600 & echo "{\\"detail\\": {\\"pid\\": $!}}" """, contract)

    assert reply.outcome is Outcome.OK
    assert is_gone(reply.detail["pid"])


def test_after_three_failures_in_a_row_it_is_run_no_more(contract: Contract) -> None:
    with PerCallClient(["sh", "-c", "kill -9 $$"], contract) as client:
        replies = client.call([order()] * MOST_FAILURES)

        with pytest.raises(AdapterError, match="hung or crashed 3 times in a row"):
            client.call([order()])

    assert [reply.outcome for reply in replies] == [Outcome.CRASH] * MOST_FAILURES


def test_the_key_is_kept_nowhere(contract: Contract) -> None:
    script = """
        echo "debug $DISTINCT_API_KEY"
        echo "{\\"detail\\": {\\"key\\": \\"$DISTINCT_API_KEY\\"}}"
        echo "a $DISTINCT_API_KEY" >&2
        echo "why $DISTINCT_API_KEY" >&2; exit 1
    """

    reply = asked(script, contract)

    assert set(reply.leaks) == {"detail", "message", "noise"}
    assert KEY not in str(reply)
    assert reply.noise.split("\n")[0].startswith("stdout: debug dmk_…")


def test_nothing_of_it_is_left_on_disk(contract: Contract) -> None:
    script = """echo "{\\"detail\\": {\\"path\\": \\"$DISTINCT_ARGS_FILE\\"}}" """

    path = Path(asked(script, contract).detail["path"])

    assert not path.parent.exists()


STARTS = [
    pytest.param("no-such-command", "'no-such-command' is no command that is there", id="missing"),
    pytest.param("./plain", "'./plain' may not be executed (chmod +x)", id="not-executable"),
]


@pytest.mark.parametrize(("word", "complaint"), STARTS)
def test_a_command_that_cannot_be_run_is_told_at_the_start(
    word: str, complaint: str, contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plain").write_text("#!/bin/sh\n")

    with pytest.raises(AdapterError) as raised, PerCallClient([word], contract):
        pass

    assert str(raised.value) == complaint


@pytest.mark.parametrize(
    ("script", "complaint"),
    [("#!/no/such/interpreter\n", "names an interpreter that is not there"), ("no script", "cannot be started")],
    ids=["interpreter", "format"],
)
def test_a_script_that_cannot_be_started_is_the_adapters_fault(
    script: str, complaint: str, contract: Contract, tmp_path: Path
) -> None:
    path = tmp_path / "send"
    path.write_text(script)
    path.chmod(0o755)

    with PerCallClient([str(path)], contract) as client, pytest.raises(AdapterError, match=complaint):
        client.call([order()])


def test_it_has_nothing_to_drain(contract: Contract) -> None:
    with PerCallClient(["true"], contract) as client:
        assert client.drain(1).outcome is Outcome.OK


def test_the_environment_of_the_judge_is_left_alone(contract: Contract) -> None:
    before = dict(os.environ)

    asked("exit 0", contract)

    assert dict(os.environ) == before
