"""docs/protocol.md: what it shows is run, and what it names is there."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.clients.child import LONGEST_LINE
from conformance.clients.client import Client, Config, GivenFile, Order
from conformance.clients.json_lines import JsonLinesClient
from conformance.clients.noise import FLOOD
from conformance.clients.per_call import OUTCOMES, PerCallClient, variables
from conformance.clients.protocol import HELLO_REPLY, REPLY, faults, remarks, schema
from conformance.clients.python_object import PythonClient, load
from conformance.model import Intent, Outcome
from contracts.operations import Contract
from mock_server.server import Running
from tests.conftest import EVENT

PAGE = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text()
OBJECT, ADAPTER = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(SCRIPT,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
(CONVERSATION,) = re.findall(r"```\n(> .*?)```", PAGE, re.DOTALL)
SAID = [(line[0], json.loads(line[2:])) for line in CONVERSATION.splitlines()]


def order(url: str, event: Mapping[str, Any]) -> Order:
    return Order(Intent("addUserAnalytics", event), Config(url, "vendor-test-key"))


def outcomes(client: Client, url: str) -> list[tuple[Outcome, int | None, bool]]:
    """Ask for two calls, one right and one wrong: what became of them, and whether the API's words were told."""
    replies = client.call([order(url, EVENT), order(url, {**EVENT, "action": "read"})])
    return [(reply.outcome, reply.status, "Invalid feature/action." in reply.message) for reply in replies]


RIGHT = (Outcome.OK, None, False)


def test_the_conversation_is_one(tmp_path: Path, fake: Running) -> None:
    (tmp_path / "adapter.py").write_text(ADAPTER)
    asked = CONVERSATION.replace("http://127.0.0.1:8080", fake.url).splitlines()
    told = "".join(f"{line[2:]}\n" for line in asked if line.startswith(">"))

    done = subprocess.run(
        [sys.executable, "adapter.py"], input=told, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True
    )

    assert done.stdout.splitlines() == [line[2:] for line in asked if line.startswith("<")]


def test_the_conversation_fits_the_schema() -> None:
    definitions = [
        message["cmd"] if direction == ">" else HELLO_REPLY if "protocol" in message else REPLY
        for direction, message in SAID
    ]

    found = [
        (faults(message, name), remarks(message, name)) for name, (_, message) in zip(definitions, SAID, strict=True)
    ]

    assert found == [([], [])] * len(SAID)


def test_the_adapter_works(tmp_path: Path, fake: Running, contract: Contract) -> None:
    (tmp_path / "adapter.py").write_text(ADAPTER)

    with JsonLinesClient([sys.executable, str(tmp_path / "adapter.py")], contract) as client:
        found = outcomes(client, fake.url)

    assert found == [RIGHT, (Outcome.ERROR, 400, True)]


def test_the_object_works(tmp_path: Path, fake: Running, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_client.py").write_text(OBJECT)

    with PythonClient(load("my_client:Client"), contract) as client:
        found = outcomes(client, fake.url)

    assert found == [RIGHT, (Outcome.ERROR, 400, False)]


def test_the_script_works(tmp_path: Path, fake: Running, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("send.sh").write_text(SCRIPT)
    Path("send.sh").chmod(0o755)

    with PerCallClient(["./send.sh"], contract) as client:
        found = outcomes(client, fake.url)
        other = client.call([Order(Intent("giftAssets", {}), Config(fake.url, "vendor-test-key"))])[0]

    assert found == [RIGHT, (Outcome.ERROR, 400, True)]
    assert other.outcome is Outcome.UNSUPPORTED


def members(node: Any) -> Iterator[str]:  # noqa: ANN401 - any node of a schema
    """Give the names of all members that a schema describes."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for value in node.values():
            yield from members(value)


def test_the_page_names_every_member_of_the_schema() -> None:
    assert [name for name in set(members(schema())) if f"`{name}`" not in PAGE and f'"{name}"' not in PAGE] == []


def test_the_page_names_every_variable_and_no_other() -> None:
    args = {"userId": "u", "a\0": 1}
    file = GivenFile(Path("/a.png"), "a.png", "image/png", 1, "0" * 64)
    told = {name for name, _ in variables(Order(Intent("x", args), Config("u", "k", 1, 1), (file,)))}

    assert set(re.findall(r"`(DISTINCT_\w+)`", PAGE)) == told | {"DISTINCT_ARGS_FILE"}


def test_the_page_says_what_exit_statuses_mean() -> None:
    said = "0 is ok, 64 refused, 69\nunsupported"

    assert {outcome: status for status, outcome in OUTCOMES.items()} == {
        Outcome.OK: 0,
        Outcome.REFUSED: 64,
        Outcome.UNSUPPORTED: 69,
    }
    assert said in PAGE


def test_the_page_says_how_much_is_too_much() -> None:
    assert LONGEST_LINE == 1 << 20
    assert FLOOD.startswith(f"more than {8 << 20} bytes or 100000 lines")
    assert "more than 1 MiB, or more than 8 MiB or 100,000 lines" in PAGE
