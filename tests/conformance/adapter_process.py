"""An adapter of the right client, as a process that speaks the protocol; misbehaves as its first argument says.

Started as `python -m tests.conformance.adapter_process BEHAVIOUR`, from the root of the project.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.clients.client import Config, GivenFile
from tests.conformance.reference import Reference
from tests.conformance.several_faults import SeveralFaults

Message = dict[str, Any]
Behaviour = Callable[[Message], None]

OPERATIONS = ["addUserAnalytics"]

# The client that is behind it is the last of them.
MADE: list[type[Reference]] = [Reference]
_clients: dict[str, Reference] = {}
_calls: list[Message] = []


def client_for(config: Message) -> Reference:
    name = json.dumps(config)
    if name not in _clients:
        _clients.clear()
        _clients[name] = MADE[-1](Config(**config))
    return _clients[name]


def called(message: Message) -> Message:
    files = [GivenFile(**{**file, "path": Path(file["path"])}) for file in message["files"]]
    more: Message = {"files": files} if files else {}
    try:
        getattr(client_for(message["config"]), message["op"])(**message["args"], **more)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told
        outcome = "refused" if type(error).__name__ == "Refused" else "error"
        return {"outcome": outcome, "status": getattr(error, "status", None), "message": str(error)}
    return {"outcome": "ok"}


def say(number: int, told: Message) -> None:
    sys.stdout.write(json.dumps({"id": number, **told}) + "\n")
    sys.stdout.flush()


def right(message: Message) -> None:
    say(message["id"], called(message))


def prints(message: Message) -> None:
    print("sending", message["op"])  # noqa: T201 - that is the point
    right(message)


def prints_json(message: Message) -> None:
    print(json.dumps({"level": "info", "said": "sending"}))  # noqa: T201 - the same
    right(message)


def with_a_wrong_id(message: Message) -> None:
    say(message["id"] + 1000, called(message))


def never(message: Message) -> None:
    called(message)


def dies_at_the_seventh(message: Message) -> None:
    _calls.append(message)
    if len(_calls) == 7:
        os._exit(3)
    right(message)


def dies_always(_message: Message) -> None:
    os._exit(3)


def swaps(message: Message) -> None:
    """Answer each call with what came of the one before."""
    _calls.append(called(message))
    say(message["id"], _calls[-2] if len(_calls) > 1 else {"outcome": "ok"})


def wrong(message: Message) -> None:
    """Be another client, which has more operations."""
    right(message)


def main(behaviour: Behaviour) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message["cmd"] == "bye":
            return
        if message["cmd"] == "call":
            behaviour(message)
        elif message["cmd"] == "hello":
            about = {"client": {"name": "of tests"}, "operations": OPERATIONS}
            said = {**Reference.capabilities, "concurrency": 1}
            say(message["id"], {"protocol": 1, **about, "capabilities": said})
        else:
            say(message["id"], {"outcome": "ok"})


if __name__ == "__main__":
    if sys.argv[1] == "wrong":
        MADE.append(SeveralFaults)
        OPERATIONS.append("giftAssets")
    main(globals()[sys.argv[1]])
