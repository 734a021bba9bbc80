"""A process for the tests of adapters: speaks the protocol, and misbehaves as its first argument says."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

Message = dict[str, Any]
Behaviour = Callable[[Message], object]

HELLO: Message = {
    "protocol": 1,
    "client": {"name": "for tests", "version": "1.0", "language": "python"},
    "operations": ["giftAssets", "addUserAnalytics", "captureAnalytics"],
    "capabilities": {"concurrency": 1},
}
OK: Message = {"outcome": "ok"}


def out(text: str | bytes) -> None:
    sys.stdout.buffer.write(text.encode() if isinstance(text, str) else text)
    sys.stdout.buffer.flush()


def err(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def reply(message: Message, /, **said: Any) -> None:  # noqa: ANN401 - any JSON value
    out(json.dumps({"id": message["id"], **(said or OK)}) + "\n")


def for_ever() -> None:
    while True:
        time.sleep(60)


pending: list[Message] = []


def echo(message: Message) -> None:
    reply(message, outcome="ok", detail={"said": message})


def backwards(message: Message) -> None:
    """Wait for three calls and answer the last one first."""
    pending.append(message)
    if len(pending) == 3:
        while pending:
            one = pending.pop()
            reply(one, outcome="error", message=one["args"]["userId"], status=400)


def prints(message: Message) -> None:
    out("debug: sending\n[1]\n\n")
    err("a warning\n")
    reply(message)


def tells_key(message: Message) -> None:
    key = message["config"]["api_key"]
    err(f"using {key}\n")
    reply(message, outcome="error", message=f"bad key {key}", detail={key: [key, 1]})


def dies_at_the_second(message: Message) -> None:
    reply(message)
    if len(pending) == 1:
        err("out of memory\n")
        os._exit(3)
    pending.append(message)


def floods(_message: Message) -> None:
    while True:
        out("x" * 1000 + "\n")


def leaves_others(message: Message) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    reply(message, outcome="ok", detail={"pid": process.pid})


def dies_holding_its_output_open(_message: Message) -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    os._exit(4)


def dies_when_told(message: Message) -> None:
    if message["args"]["userId"] == "die":
        os._exit(5)
    reply(message)


def writes(text: str | bytes) -> Behaviour:
    """Write a text, in which ID stands for the id of the message."""
    content = text.encode() if isinstance(text, str) else text
    return lambda message: out(content.replace(b"ID", str(message["id"]).encode()))


def complains(text: str) -> Behaviour:
    return lambda _: err(text)


def answers(**said: Any) -> Behaviour:  # noqa: ANN401 - any JSON value
    return lambda message: reply(message, **said)


def says_hello(**said: Any) -> Behaviour:  # noqa: ANN401 - any JSON value
    return answers(**{**HELLO, **said})


def closes(number: int) -> Behaviour:
    return lambda _: os.close(number)


def ends(status: int) -> Behaviour:
    return lambda _: os._exit(status)


def stays(_message: Message) -> None:
    for_ever()


def line_without_end(_message: Message) -> None:
    out("{")
    while True:
        out("x" * 100_000)


CALLS: dict[str, Sequence[Behaviour]] = {
    "echo": [echo],
    "backwards": [backwards],
    "prints": [prints],
    "tells-key": [tells_key],
    "floods": [floods],
    "leaves-others": [leaves_others],
    "dies-when-told": [dies_when_told],
    "dies-at-the-second": [dies_at_the_second],
    "dies-holding-its-output-open": [dies_holding_its_output_open],
    "never-answers": [stays],
    "dies": [complains("Traceback\nboom\n"), ends(3)],
    "ends": [ends(0)],
    "killed": [lambda _: os.kill(os.getpid(), signal.SIGSEGV)],
    "line-without-end": [line_without_end],
    "unfinished": [writes('{"id": ID, "outc'), ends(0)],
    "closes-stdout": [closes(1), stays],
    "closes-stdin": [closes(0), reply, stays],
    "wrong-id": [writes('{"id": 999, "outcome": "ok"}\n')],
    "twice": [reply, reply],
    "bad-json": [writes('{"id": ID, "outcome": ok}\n')],
    "bad-utf-8": [writes(b'{"id": ID, "outcome": "ok", "message": "\xff"}\n')],
    "nan": [writes('{"id": ID, "outcome": "ok", "detail": {"x": NaN}}\n')],
    "too-deep": [writes('{"a":' * 100_000 + "\n")],
    "deep": [answers(outcome="ok", detail={"a": json.loads("[" * 90 + "]" * 90)})],
    "other-outcome": [answers(outcome="OK")],
    "status-as-text": [answers(outcome="error", status="400")],
    "no-outcome": [answers(result="ok")],
    "more-members": [answers(outcome="ok", atempts=1)],
    "other-capabilities": [answers(outcome="ok", detail={"any": {"thing": 1}})],
    "halves": [answers(outcome="error", message="\ud83d")],
    "php": [answers(outcome="error", detail=[], status=None, message=None, attempts=None)],
    "floats": [writes('{"id": ID.0, "outcome": "error", "status": 400.0}\n')],
    "escapes": [writes('{"id": ID, "outcome": "\\u001b[31m \x1b[31m"}\n')],
}
"""What a call meets, by the name of the misbehaviour. One that says nothing of calls answers ok."""

OTHER_CAPABILITIES = {"timeoutMs": 500, "retries": {"on": [500], "maxAttempts": 3}}
HELLOS: dict[str, Sequence[Behaviour]] = {
    "no-hello": [stays],
    "dies-at-hello": [complains("no module named acme\n"), ends(1)],
    "other-version": [says_hello(protocol=2)],
    "unknown-operation": [says_hello(operations=["giftAsset"])],
    "no-operation": [says_hello(operations=[])],
    "bad-capabilities": [says_hello(capabilities={"concurrency": "4"})],
    "backwards": [says_hello(capabilities={"concurrency": 4})],
    "drains": [says_hello(capabilities={"async_send": True})],
    "other-capabilities": [says_hello(capabilities=OTHER_CAPABILITIES, client={"vendor": "acme"})],
    "php": [says_hello(capabilities=[])],
    "prints-first": [writes("Loading plugins...\n"), says_hello()],
}
"""What hello meets."""


def main(behaviour: str) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        works: Sequence[Behaviour] = {
            "hello": HELLOS.get(behaviour, [says_hello()]),
            "call": CALLS.get(behaviour, [reply]),
            "drain": [answers(outcome="error", message="2 events were lost")],
            "bye": [stays if behaviour == "stays" else ends(0)],
        }[message["cmd"]]
        for work in works:
            work(message)


if __name__ == "__main__":
    main(sys.argv[1])
