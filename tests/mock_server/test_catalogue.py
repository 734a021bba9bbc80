"""Every answer of the contract, provoked by the very command that the catalogue prints, with real curl."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.operations import Contract
from contracts.samples import Sample
from contracts.spec import load_contract
from contracts.stages import BODY_IN_TIME, HEADERS_IN_TIME
from contracts.world import World
from contracts.world_file import load_world, read_world
from mock_server.catalogue import Entry, catalogue
from mock_server.curl import curl_command
from mock_server.server import running
from mock_server.settings import Settings

SETTINGS = Settings(port=0, log_level="error")
# With deadlines that are over soon, which on a busy machine an upload may not keep.
HURRIED = replace(SETTINGS, header_seconds=0.3, body_seconds=0.3)
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def entries(url: str, settings: Settings = SETTINGS) -> list[Entry]:
    contract = load_contract()
    return list(catalogue(contract, load_world(None, contract), url, settings, NOW))


def is_late(entry: Entry) -> bool:
    return entry.rule is not None and entry.rule.check in {HEADERS_IN_TIME, BODY_IN_TIME}


def name(entry: Entry) -> str:
    return f"{entry.operation}-{entry.rule.id if entry.rule else entry.answer.name}"


@pytest.fixture(scope="module")
def patient() -> Iterator[str]:
    with running(SETTINGS) as fake:
        yield fake.url


@pytest.fixture(scope="module")
def hurried() -> Iterator[str]:
    with running(HURRIED) as fake:
        yield fake.url


ENTRIES = [pytest.param(n, is_late(entry), id=name(entry)) for n, entry in enumerate(entries("http://x"))]


@pytest.mark.parametrize(("index", "late"), ENTRIES)
def test_the_printed_command_gets_the_answer(index: int, patient: str, hurried: str, *, late: bool) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    entry = (entries(hurried, HURRIED) if late else entries(patient))[index]
    command = re.sub(r"\bcurl ", "curl -sS -i ", entry.command, count=1)
    secret = entry.key.secret if entry.key else ""

    done = subprocess.run(  # noqa: S602 - commands for a shell are what is tested
        command, shell=True, env={**os.environ, "DISTINCT_API_KEY": secret}, capture_output=True, text=True, check=False
    )

    head, _, body = done.stdout.replace("HTTP/1.1 100 Continue\n\n", "").partition("\n\n")
    assert head.startswith(f"HTTP/1.1 {entry.answer.status} "), done.stdout + done.stderr
    # The command after the pipe of a deadline may end on its own; the answer is what counts.
    message = json.loads(body)["message"]
    assert re.fullmatch(re.escape(entry.answer.message).replace(r"\{limit\}", r"\d+"), message)
    broken = re.search(r"^distinct-mock-broken: (.*)$", head, re.MULTILINE)
    assert (broken[1] if broken else None) == (entry.rule.id if entry.rule else None)


def test_every_answer_of_every_operation_is_in_the_catalogue(contract: Contract) -> None:
    listed = {(entry.operation, entry.answer.name) for entry in entries("http://x")}

    declared = {(operation.id, answer) for operation in contract.operations.values() for answer in operation.answers}

    assert listed == declared


def test_no_command_shows_a_key(world: World) -> None:
    commands = " ".join(entry.command + entry.note for entry in entries("http://x"))

    assert not [secret for secret in world.keys if secret in commands]


def test_a_world_that_lacks_something_is_told_so(contract: Contract) -> None:
    world = read_world('[[keys]]\nkey = "alone"', "a small world", contract)

    found = list(catalogue(contract, world, "http://x", SETTINGS, NOW))

    assert {entry.note for entry in found} == {"this world has no key, user or event that such a request needs"}
    assert not any(entry.command for entry in found)


def test_what_this_world_cannot_provoke_says_what_it_would_take(contract: Contract) -> None:
    text = """
        experiences = ["e"]
        event_values = ["v"]
        registration_pages = ["p"]
        [[events]]
        id = "only-event"
        [[users]]
        id = "only-user"
        email = "a@example.com"
        phone = "+4912345"
        events = ["only-event"]
        [[keys]]
        key = "only-key"
    """
    world = read_world(text, "a small world", contract)

    found = {name(entry): entry for entry in catalogue(contract, world, "http://x", SETTINGS, NOW)}

    assert "allowlist" in found["giftAssets-gift.address"].note
    assert "cannot break" in found["giftAssets-gift.user-registered"].note
    assert 'answer = "internalServerError"' in found["giftAssets-internalServerError"].note


def test_values_are_quoted_for_the_shell(contract: Contract, world: World) -> None:
    operation = contract.operation("addUserAnalytics")
    key = world.keys["vendor-test-key"]

    command = curl_command(Sample(operation, key, text="it's $HOME"), "http://x", "x-key")

    assert "'it'\"'\"'s $HOME'" in command
