"""Whether the fake says how it is."""

import time
from importlib.metadata import version
from types import SimpleNamespace

import pytest

from mock_server.server import Running
from tests.mock_server.control.asking import ask


def test_health_says_which_fake_it_is_and_how_it_does(own: Running) -> None:
    answer = ask(own.url, "GET", "/health")

    assert answer.status == 200
    assert answer.value["version"] == version("distinct-mock")
    assert answer.value["uptimeSeconds"] <= time.time() - own.fake.started
    assert answer.value["workers"] == 1
    assert answer.value["journal"] == {"file": None, "writable": True, "problem": None}


def test_it_is_ready(own: Running) -> None:
    answer = ask(own.url, "GET", "/ready")

    assert (answer.status, answer.value) == (200, {"status": "ready"})


def test_a_journal_that_cannot_be_written_is_told(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own.fake, "journal", SimpleNamespace(file="/full/journal", problem="the disk is full"))

    health, ready = ask(own.url, "GET", "/health"), ask(own.url, "GET", "/ready")

    assert health.value["journal"] == {"file": "/full/journal", "writable": False, "problem": "the disk is full"}
    assert (ready.status, ready.detail) == (503, "the journal cannot be written: the disk is full")
