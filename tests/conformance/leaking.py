"""A client that tells its API key wherever it can, in every spelling; for `python:`, `jsonl:`, `exec:` and `watch`.

What keys it was given, it writes into the file that LEAKED names, so that a test knows what to look for.
"""

import base64
import json
import logging
import os
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError

from conformance.clients.client import Config, GivenFile
from tests.conformance.reference import Headers, Reference


def spellings(key: str) -> list[str]:
    """Spell a key as it is, as URLs and JSON may, and in base64."""
    return [
        key,
        "".join(f"%{ord(letter):02x}" for letter in key),
        "".join(f"%{ord(letter):02X}" for letter in key),
        "".join(f"\\u{ord(letter):04x}" for letter in key),
        base64.b64encode(key.encode()).decode(),
    ]


def noted(key: str) -> str:
    """Write a key down for the test."""
    with Path(os.environ["LEAKED"]).open("a") as file:
        file.write(key + "\n")
    return key


class Leaking(Reference):
    """The right client, but for its key; it breaks what it sends in order to be reported."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.all = " ".join(spellings(noted(config.api_key)))

    def tell(self) -> None:
        print("out", self.all)  # noqa: T201 - that is the point
        print("err", self.all, file=sys.stderr)  # noqa: T201 - the same
        logging.getLogger("leaking").warning("with %s", self.all)

    def addUserAnalytics(self, **fields: Any) -> None:  # noqa: ANN401, N802 - as the right one
        self.tell()
        super().addUserAnalytics(**fields)

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        coded = super().encoded({**body, "metadata": None, self.config.api_key: self.all})
        return coded.replace(b"\\\\u", b"\\u")

    def key_headers(self) -> Headers:
        basic = base64.b64encode(self.config.api_key.encode()).decode()
        more = {
            "X-Trace": self.config.api_key,
            "Authorization": f"Basic {basic}",
            "Referer": f"http://a/?k={self.config.api_key}",
        }
        return {**super().key_headers(), **more, "User-Agent": f"leaking/{self.config.api_key}"}

    def target(self, base: str, operation: str) -> str:
        key = spellings(self.config.api_key)
        return f"{super().target(base, operation)}?api_key={key[0]}&again={key[1]}&coded={key[-1]}"

    def file_name(self, file: GivenFile) -> str:
        return f'; filename="{self.config.api_key}-{file.name}"'

    def message(self, body: bytes) -> str:
        return f"{super().message(body)} {self.all}"

    def outcome(self, status: int, body: bytes) -> None:
        try:
            super().outcome(status, body)
        except Exception as error:
            error.add_note(self.all)
            raise error from RuntimeError(self.all)


def over_lines(calls: Sequence[dict[str, Any]]) -> None:
    """Speak the protocol, and put the key into each member of each reply, and between them."""
    for message in calls:
        if message["cmd"] == "bye":
            return
        told: dict[str, Any] = {"outcome": "ok"}
        if message["cmd"] == "hello":
            told = {"protocol": 1, "operations": ["addUserAnalytics"]}
        elif message["cmd"] == "call":
            client = Leaking(Config(**message["config"]))
            try:
                client.addUserAnalytics(**message["args"])
            except Exception as error:  # noqa: BLE001 - whatever it is
                told = {"outcome": "error", "status": getattr(error, "status", None)}
            told |= {"message": client.all, "detail": {client.config.api_key: [client.all], "a": {"b": client.all}}}
        sys.stdout.write(json.dumps({"id": message["id"], **told}) + "\n")
        sys.stdout.flush()


def once() -> None:
    """Be a command for one call: told by the environment."""
    key, url = os.environ["DISTINCT_API_KEY"], os.environ["DISTINCT_BASE_URL"]
    said = " ".join(spellings(noted(key)))
    body = json.dumps({"metadata": None, "all": said}).encode()
    target = f"{url}/api/v1/user/analytics?key={key}"
    request = urllib.request.Request(target, body, {"x-distinct-api-key": key, "Content-Type": "application/json"})  # noqa: S310 - the fake's
    try:
        urllib.request.urlopen(request).close()  # noqa: S310 - the same
    except URLError:
        print(json.dumps({"status": 400, "message": said, "detail": {"key": said}}))  # noqa: T201 - that is the point
        print(said, file=sys.stderr)  # noqa: T201 - the same
        sys.exit(1)


if __name__ == "__main__":
    if sys.argv[1] == "once":
        once()
    else:
        over_lines(map(json.loads, sys.stdin))  # type: ignore[arg-type] # one after the other
