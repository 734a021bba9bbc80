"""A process for the tests of adapters: speaks the protocol, and misbehaves as its first argument says."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]

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


# What a call meets, by the name of the misbehaviour. One that says nothing of calls answers ok.

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


def closes_its_input(message: Message) -> None:
    os.close(0)
    reply(message)
    for_ever()


def dies_holding_its_output_open(_message: Message) -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    os._exit(4)


def dies_when_told(message: Message) -> None:
    if message["args"]["userId"] == "die":
        os._exit(5)
    reply(message)


CALLS: dict[str, Callable[[Message], object]] = {
    "echo": echo,
    "backwards": backwards,
    "prints": prints,
    "tells-key": tells_key,
    "floods": floods,
    "leaves-others": leaves_others,
    "dies-when-told": dies_when_told,
    "dies-at-the-second": dies_at_the_second,
    "dies-holding-its-output-open": dies_holding_its_output_open,
    "never-answers": lambda _: for_ever(),
    "dies": lambda _: (err("Traceback\nboom\n"), os._exit(3)),
    "ends": lambda _: sys.exit(0),
    "killed": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "line-without-end": lambda _: [out("{" + "x" * 100_000) for _ in range(1000)],
    "unfinished": lambda message: (out('{"id": %d, "outc' % message["id"]), os._exit(0)),
    "closes-stdout": lambda _: (os.close(1), for_ever()),
    "closes-stdin": closes_its_input,
    "wrong-id": lambda _: out('{"id": 999, "outcome": "ok"}\n'),
    "twice": lambda message: (reply(message), reply(message)),
    "bad-json": lambda message: out('{"id": %d, "outcome": ok}\n' % message["id"]),
    "bad-utf-8": lambda message: out(b'{"id": %d, "outcome": "ok", "message": "\xff"}\n' % message["id"]),
    "nan": lambda message: out('{"id": %d, "outcome": "ok", "detail": {"x": NaN}}\n' % message["id"]),
    "too-deep": lambda _: out('{"a":' * 100_000 + "\n"),
    "deep": lambda message: reply(message, outcome="ok", detail={"a": json.loads("[" * 90 + "]" * 90)}),
    "other-outcome": lambda message: reply(message, outcome="OK"),
    "status-as-text": lambda message: reply(message, outcome="error", status="400"),
    "no-outcome": lambda message: reply(message, result="ok"),
    "halves": lambda message: reply(message, outcome="error", message="\ud83d"),
    "php": lambda message: reply(message, outcome="error", detail=[], status=None, message=None, attempts=None),
    "floats": lambda message: out('{"id": %d.0, "outcome": "error", "status": 400.0}\n' % message["id"]),
    "escapes": lambda message: out('{"id": %d, "outcome": "\\u001b[31m \x1b[31m"}\n' % message["id"]),
}

HELLOS: dict[str, Callable[[Message], object]] = {
    "no-hello": lambda _: for_ever(),
    "dies-at-hello": lambda _: (err("no module named acme\n"), sys.exit(1)),
    "other-version": lambda message: reply(message, **{**HELLO, "protocol": 2}),
    "unknown-operation": lambda message: reply(message, **{**HELLO, "operations": ["giftAsset"]}),
    "no-operation": lambda message: reply(message, **{**HELLO, "operations": []}),
    "bad-capabilities": lambda message: reply(message, **{**HELLO, "capabilities": {"concurrency": "4"}}),
    "backwards": lambda message: reply(message, **{**HELLO, "capabilities": {"concurrency": 4}}),
    "drains": lambda message: reply(message, **{**HELLO, "capabilities": {"async_send": True}}),
    "php": lambda message: reply(message, **{**HELLO, "capabilities": []}),
    "prints-first": lambda message: (out("Loading plugins...\n"), reply(message, **HELLO)),
}


def main(behaviour: str) -> None:
    if behaviour == "ignores-sigterm":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        message = json.loads(line)
        match message["cmd"]:
            case "hello":
                HELLOS.get(behaviour, lambda message: reply(message, **HELLO))(message)
            case "call":
                CALLS.get(behaviour, reply)(message)
            case "drain":
                reply(message, outcome="error", message="2 events were lost")
            case "bye" if behaviour != "stays":
                return
    if behaviour == "stays":
        for_ever()


if __name__ == "__main__":
    main(sys.argv[1])
