"""Prism as a proxy between client and fake: it finds nothing in the fake's answers that the document does not allow."""

import http.client
import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contracts.operations import Contract
from contracts.samples import Sample, accepted, breaking
from contracts.world import Key

NOW = datetime(2026, 4, 28, tzinfo=UTC)
JSON_OPERATIONS = ["addUserAnalytics", "captureAnalytics"]


@pytest.fixture(scope="module")
def proxy(served: str, node_modules: Path, openapi_file: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = node_modules / ".bin" / "prism"
    command = [str(program), "proxy", str(openapi_file), served, "--port", str(port), "--host", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "is listening" in line:
                break
        else:
            pytest.fail("Prism did not start: " + "".join(said))
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.communicate()


def violations(url: str, sample: Sample, key_header: str) -> tuple[int, list[dict[str, object]]]:
    """Send a sample; give the status, and what Prism found in the response."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = {"Content-Type": "application/json", key_header: sample.key.secret, **sample.headers}
    connection.request("POST", sample.operation.path, sample.text, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    found = json.loads(response.headers.get("sl-violations", "[]"))
    return response.status, [one for one in found if one["location"][0] == "response"]


def samples_of(contract: Contract, key: Key, operation_id: str) -> list[tuple[int, Sample]]:
    """Give accepted and broken requests with the status that the contract answers them with."""
    operation = contract.operation(operation_id)
    broken = breaking(contract, operation, key, NOW)
    rows = [(operation.accepted.status, sample) for sample in accepted(operation, key, contract.document)]
    # Prism has no idea of a large body; it reads all of it and refuses it itself.
    return rows + [
        (contract.rules[rule_id].refusal.status, sample) for rule_id, sample in broken.items() if not sample.filler
    ]


@pytest.mark.parametrize("operation_id", JSON_OPERATIONS)
def test_prism_finds_nothing_wrong_with_our_answers(
    operation_id: str, proxy: str, contract: Contract, key: Key
) -> None:
    rows = samples_of(contract, key, operation_id)

    answers = [(status, *violations(proxy, sample, contract.key_header)) for status, sample in rows]

    assert len(answers) > 8
    assert [(got, found) for _, got, found in answers] == [(status, []) for status, _, _ in answers]


def test_generated_clients_are_accepted(
    served: str, typescript_calls: Callable[[str, str], list[tuple[int, object]]], key: Key
) -> None:
    answers = typescript_calls(served, key.secret)

    assert [status for status, _ in answers] == [200, 200, 200]


def test_generated_python_client_is_accepted(
    served: str, python_calls: Callable[[str, str], list[tuple[int, object]]], key: Key
) -> None:
    answers = python_calls(served, key.secret)

    assert [status for status, _ in answers] == [200, 200, 200]
