"""Speaks the judge's protocol for a Python client: a JSON object a line. Nothing in it has to be changed.

distinct-conformance client run --client "jsonl:python3 adapter.py"

The client is made by `make` of client.py, or of the module that is named: `python3 adapter.py my_client`.
"""

import importlib
import json
import sys
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

make: Any = importlib.import_module(sys.argv[1] if len(sys.argv) > 1 else "client").make

STATUSES = range(100, 600)

# What the client prints must not come between the replies.
replies, sys.stdout = sys.stdout, sys.stderr


@lru_cache(maxsize=2)
def client_for(config: str) -> Any:
    """Make a client, and keep it while its key is in use."""
    return make(SimpleNamespace(**json.loads(config)))


def hello() -> dict[str, Any]:
    """Say who the client is, and what it can."""
    return {
        "protocol": 1,
        "client": {"name": make.__module__, "language": "python"},
        "operations": ["giftAssets", "addUserAnalytics", "captureAnalytics"],
        "capabilities": getattr(make, "capabilities", {}),
    }


def called(message: dict[str, Any]) -> dict[str, Any]:
    """Call the client, and say what its caller was told."""
    files = [SimpleNamespace(**file) for file in message["files"]]
    try:
        client_for(json.dumps(message["config"])).call(message["op"], message["args"], files)
    except Exception as error:
        outcome = "refused" if type(error).__name__ == "Refused" else "error"
        return {"outcome": outcome, "status": status_of(error), "message": str(error)}
    return {"outcome": "ok"}


def status_of(error: Exception) -> int | None:
    """Find the HTTP status where clients keep it."""
    places = [(error, "status"), (error, "status_code"), (getattr(error, "response", None), "status_code")]
    found = (getattr(place, name, None) for place, name in places)
    return next((status for status in found if type(status) is int and status in STATUSES), None)


def told(message: dict[str, Any]) -> dict[str, Any]:
    """Answer a message."""
    if message["cmd"] == "hello":
        return hello()
    return called(message) if message["cmd"] == "call" else {"outcome": "ok"}


for line in sys.stdin:
    message = json.loads(line)
    if message["cmd"] == "bye":
        break
    replies.write(json.dumps({"id": message["id"], **told(message)}) + "\n")
    replies.flush()
