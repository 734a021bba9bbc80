"""Clients that are Python objects: what they are asked, what their exceptions mean, and what else they may do."""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from conformance.clients.client import AdapterError, Config, GivenFile, Order
from conformance.clients.python_object import PythonClient, Refused, load
from conformance.model import Intent, Outcome, Reply
from contracts.faults import ConfigError
from contracts.operations import Contract
from tests.conformance.clients.asking import KEY, are_as_many, order
from tests.conformance.reference import Reference

Work = Callable[[Any], Any]


class Doing:
    """A client that does one thing at every call."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def call(self, _operation: str, args: dict[str, Any], _files: Sequence[GivenFile]) -> object:
        return self.work(args)


def asked(work: Work, contract: Contract, *, deadline: float = 5) -> Reply:
    with PythonClient(lambda _: Doing(work), contract) as client:
        return client.call([order(deadline=deadline)])[0]


def raises(error: BaseException) -> Work:
    def work(_args: object) -> None:
        raise error

    return work


class StatusError(Exception):
    def __init__(self, name: str, value: object) -> None:
        super().__init__("no")
        setattr(self, name, value)


class Response:
    status_code = 403


ENDS = [
    pytest.param(lambda _: {"ok": False}, Outcome.OK, None, "", id="what-it-gives-does-not-matter"),
    pytest.param(raises(Refused("no user")), Outcome.REFUSED, None, "no user", id="refused"),
    pytest.param(raises(type("Refused", (Exception,), {})("ours")), Outcome.REFUSED, None, "ours", id="their-refused"),
    pytest.param(raises(ValueError("x")), Outcome.ERROR, None, "x", id="any-exception"),
    pytest.param(raises(TimeoutError("late")), Outcome.ERROR, None, "late", id="their-timeout-is-no-hang"),
    pytest.param(raises(StatusError("status", 400)), Outcome.ERROR, 400, "no", id="status"),
    pytest.param(raises(StatusError("status_code", 401)), Outcome.ERROR, 401, "no", id="status-code"),
    pytest.param(raises(StatusError("response", Response())), Outcome.ERROR, 403, "no", id="status-of-the-response"),
    pytest.param(raises(StatusError("code", 500)), Outcome.ERROR, 500, "no", id="code"),
    pytest.param(raises(StatusError("code", 32)), Outcome.ERROR, None, "no", id="code-of-something-else"),
    pytest.param(raises(StatusError("status", "400")), Outcome.ERROR, None, "no", id="no-status"),
    pytest.param(raises(SystemExit(3)), Outcome.CRASH, None, "SystemExit: 3", id="exits"),
    pytest.param(raises(KeyboardInterrupt()), Outcome.CRASH, None, "KeyboardInterrupt: ", id="interrupted"),
]


@pytest.mark.parametrize(("work", "outcome", "status", "message"), ENDS)
def test_the_end_says_what_became_of_it(
    work: Work, outcome: Outcome, status: int | None, message: str, contract: Contract
) -> None:
    reply = asked(work, contract)

    assert (reply.outcome, reply.status, reply.message) == (outcome, status, message)


class Methods:
    """A client with a method for each of two operations."""

    capabilities: ClassVar[dict[str, object]] = {"retries": {"on": {500}, "max_attempts": 2}, "timeout_ms": 700}
    asked: ClassVar[list[object]] = []

    def __init__(self, config: Config) -> None:
        self.config = config

    def addUserAnalytics(self, **fields: object) -> None:  # noqa: N802 - the operation's id
        self.asked.append(fields)

    def giftAssets(self, userId: str, files: Sequence[GivenFile]) -> None:  # noqa: N802, N803 - ids and fields
        self.asked.append((userId, [file.name for file in files]))


def test_methods_get_the_fields_and_the_files(contract: Contract) -> None:
    file = GivenFile(Path("/a.gif"), "a.gif", "image/gif", 1, "")
    upload = Order(Intent("giftAssets", {"userId": "u"}), Config("http://127.0.0.1:9", KEY), (file,))

    with PythonClient(Methods, contract) as client:
        client.call([order({"email": None}), upload])

    assert sorted(map(str, Methods.asked)) == sorted([str({"email": None}), str(("u", ["a.gif"]))])


def test_what_it_can_is_read(contract: Contract) -> None:
    with PythonClient(Methods, contract) as client:
        can = client.can

    assert can.operations == {"addUserAnalytics", "giftAssets"}
    assert (can.retries_on, can.max_attempts, can.timeout_ms) == (frozenset({500}), 2, 700)
    assert (can.name, can.language) == ("Methods", "python")


def test_one_that_hangs_is_left_behind(contract: Contract) -> None:
    over = threading.Event()
    try:
        reply = asked(lambda _: over.wait(), contract, deadline=0.1)
    finally:
        over.set()

    assert (reply.outcome, reply.message) == (Outcome.HANG, "no reply in time")


def test_after_three_hangs_in_a_row_it_is_not_asked_again(contract: Contract) -> None:
    over = threading.Event()
    with PythonClient(lambda _: Doing(lambda args: args["userId"] and over.wait()), contract) as client:
        outcomes = [client.call([order({"userId": user}, deadline=0.05)])[0].outcome for user in ("u", "u", "", *"uuu")]

        with pytest.raises(AdapterError, match="hung 3 times in a row"):
            client.call([order()])
        over.set()

    assert outcomes.count(Outcome.OK) == 1


def test_what_it_prints_is_heard_and_not_shown(contract: Contract, capsys: pytest.CaptureFixture[str]) -> None:
    def work(_args: object) -> None:
        print("sending")  # noqa: T201 - it is what is tested
        print(f"with {KEY}", file=sys.stderr)  # noqa: T201

    reply = asked(work, contract)

    assert reply.noise.split("\n")[0] == "stdout: sending"
    assert (KEY in reply.noise, reply.leaks) == (False, ("noise",))
    assert capsys.readouterr() == ("", "")


def test_what_it_logs_is_heard_and_not_shown(contract: Contract, caplog: pytest.LogCaptureFixture) -> None:
    with PythonClient(
        lambda _: Doing(lambda _: logging.getLogger("theirs").warning("with %s", KEY)), contract
    ) as client:
        (reply,) = client.call([order()])
        logging.getLogger("ours").warning("told")
    logging.getLogger("ours").warning("told again")

    assert reply.noise.startswith("stderr: with ")
    assert (KEY in reply.noise, reply.leaks) == (False, ("noise",))
    assert caplog.messages == ["told", "told again"]


def test_what_others_print_is_shown(contract: Contract, capsys: pytest.CaptureFixture[str]) -> None:
    with PythonClient(Methods, contract):
        print("progress")  # noqa: T201 - it is what is tested

    assert capsys.readouterr().out == "progress\n"


def test_the_streams_are_given_back(contract: Contract) -> None:
    before = sys.stdout, sys.stderr

    asked(lambda _: None, contract)
    with pytest.raises(AdapterError), PythonClient(lambda _: None, contract):
        pass

    assert (sys.stdout, sys.stderr) == before


def test_printing_without_end_takes_no_memory(contract: Contract) -> None:
    reply = asked(lambda _: [print("x" * 1000) for _ in range(10_000)], contract)  # noqa: T201 - it is what is tested

    assert len(reply.noise) <= 4000


def test_the_key_is_kept_nowhere(contract: Contract) -> None:
    reply = asked(raises(ValueError(f"bad key {KEY}")), contract)

    assert (reply.leaks, KEY in str(reply)) == (("message",), False)


class Asynchronous:
    """A client that is to be awaited; all on one loop, as its connections would ask for."""

    loops: ClassVar[set[int]] = set()
    closed: ClassVar[list[bool]] = []

    def __init__(self, _config: Config) -> None:
        self.lock = asyncio.Lock()

    async def call(self, _operation: str, args: dict[str, Any], _files: object) -> None:
        async with self.lock:
            self.loops.add(id(asyncio.get_running_loop()))
            await asyncio.sleep(0)
            print("awaited")  # noqa: T201 - it is what is tested
            if args["userId"] == "hang":
                await asyncio.Event().wait()
            raise ValueError(args["userId"])

    async def aclose(self) -> None:
        self.closed.append(True)


def test_what_is_to_be_awaited_is_awaited(contract: Contract) -> None:
    threads = threading.active_count()
    with PythonClient(Asynchronous, contract) as client:
        replies = client.call([order({"userId": name}) for name in "ab"])
        replies += client.call([order({"userId": "hang"}, deadline=0.2)])

    assert [(reply.outcome, reply.message) for reply in replies] == [
        (Outcome.ERROR, "a"), (Outcome.ERROR, "b"), (Outcome.HANG, "no reply in time"),
    ]  # fmt: skip
    assert [reply.noise for reply in replies] == ["stdout: awaited"] * 3
    assert (len(Asynchronous.loops), bool(Asynchronous.closed)) == (1, True)
    # The one that hung hears of the end, and goes.
    assert are_as_many(threads)


def test_a_client_is_made_for_each_key_and_closed(contract: Contract) -> None:
    made: list[str] = []
    closed: list[str] = []

    class Closing(Doing):
        def __init__(self, config: Config) -> None:
            super().__init__(lambda _: None)
            made.append(config.api_key)
            self.key = config.api_key

        def close(self) -> None:
            closed.append(self.key)
            raise OSError("broken")

    with PythonClient(Closing, contract) as client:
        for key in ("one", "one", "two", "one", "three"):
            client.call([order(key=key)])

    assert made[1:] == ["one", "two", "three"]
    assert sorted(closed) == sorted(made)


FACTORIES = [
    pytest.param(lambda: Doing(print), "<lambda> made no client: TypeError: ", id="takes-no-config"),
    pytest.param(raises(OSError("no database")), "work made no client: OSError: no database", id="fails"),
    pytest.param(raises(SystemExit(2)), "work made no client: SystemExit: 2", id="exits"),
    pytest.param(lambda _: time.sleep(2), "<lambda> made no client within 0.2 s", id="hangs"),
    pytest.param(lambda _: None, "NoneType has no method call, and none of addUserAnalytics, ", id="gives-nothing"),
    pytest.param(
        lambda _: type("C", (), {"call": print, "capabilities": {"retries": [500]}})(),
        "capabilities.retries: got [500], expected an object or null", id="capabilities",
    ),
    pytest.param(
        lambda _: type("C", (), {"call": print, "capabilities": 5})(), "capabilities: 'int' object is not", id="number"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "complaint"), FACTORIES)
def test_a_factory_that_makes_no_client_is_told(make: Any, complaint: str, contract: Contract) -> None:  # noqa: ANN401 - wrong ones on purpose
    with pytest.raises(AdapterError) as raised, PythonClient(make, contract, start_seconds=0.2):
        pass

    assert str(raised.value).startswith(complaint)


def test_a_method_that_does_not_take_the_fields_is_the_clients_failure(contract: Contract) -> None:
    with PythonClient(Methods, contract) as client:
        reply = client.call([Order(Intent("giftAssets", {"other": 1}), Config("http://127.0.0.1:9", KEY))])[0]

    assert (reply.outcome, reply.detail["type"]) == (Outcome.ERROR, "TypeError")


def test_draining_is_handed_on(contract: Contract) -> None:
    class Queue(Doing):
        def drain(self) -> None:
            raise ValueError("2 events were lost")

    with PythonClient(lambda _: Queue(lambda _: None), contract) as client:
        client.call([order()])
        reply = client.drain(5)

    assert (reply.outcome, reply.message) == (Outcome.ERROR, "2 events were lost")


NAMES = [
    pytest.param("no.such:make", "python:no.such:make: no.such cannot be imported: ModuleNotFoundError: ", id="module"),
    pytest.param("json:nothing", "python:json:nothing: json has no nothing", id="name"),
    pytest.param(
        "json:__name__", "python:json:__name__: __name__ is no factory: it cannot be called", id="no-function"
    ),
    pytest.param("exits:make", "python:exits:make: exits cannot be imported: SystemExit: 1", id="exits"),
    pytest.param("broken:make", "python:broken:make: broken cannot be imported: SyntaxError: ", id="syntax"),
]


@pytest.mark.parametrize(("name", "complaint"), NAMES)
def test_a_name_that_leads_nowhere_is_told(
    name: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    Path("exits.py").write_text("raise SystemExit(1)\n")
    Path("broken.py").write_text("def\n")

    with pytest.raises(AdapterError) as raised:
        load(name)

    assert str(raised.value).startswith(complaint)


def test_a_name_without_a_factory_is_wrong_use() -> None:
    with pytest.raises(ConfigError, match=r"^the client: got 'python:json', expected python:MODULE:FACTORY$"):
        load("json")


DECLARED = [
    pytest.param({"timeout_ms": 500}, (), id="known"),
    pytest.param({"timeoutMs": 500}, ("capabilities.timeoutMs", "near it: 'timeout_ms'"), id="misspelled"),
    pytest.param(
        {"retries": {"on": [500], "maxAttempts": 3}}, ("capabilities.retries.maxAttempts", "'max_attempts'"), id="deep"
    ),
]


@pytest.mark.parametrize(("declared", "words"), DECLARED)
def test_what_is_declared_in_other_words_is_remarked(
    declared: dict[str, object], words: tuple[str, ...], contract: Contract
) -> None:
    class Client(Reference):
        capabilities = declared

    with PythonClient(Client, contract) as client:
        remarks = client.can.remarks

    assert len(remarks) == bool(words)
    assert all(word in remark for word in words for remark in remarks)


def test_a_module_of_the_current_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    Path("of_this_folder.py").write_text("class Acme:\n    @staticmethod\n    def make(config): return 7\n")

    make = load("of_this_folder:Acme.make")

    assert make(Config("", "")) == 7


def test_a_client_that_is_made_while_all_are_closed_does_no_harm(contract: Contract) -> None:
    late, made = threading.Event(), threading.Event()

    class Slow:
        """Lets another one be made while it is closed."""

        def call(self, *_: object) -> None:
            pass

        def close(self) -> None:
            late.set()
            made.wait(2)

    client = PythonClient(lambda _: Slow(), contract)

    def make_another() -> None:
        late.wait(5)
        client._client(Config("http://127.0.0.1:9", "another"))  # noqa: SLF001 - as a call that was left behind
        made.set()

    thread = threading.Thread(target=make_another)
    with client:
        thread.start()

    thread.join(5)
    assert made.is_set()
