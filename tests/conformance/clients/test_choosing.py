"""Which client a text names."""

import shutil

import pytest

from conformance.clients.choosing import client_of, is_per_call, words_of
from conformance.clients.json_lines import JsonLinesClient
from conformance.clients.per_call import PerCallClient
from conformance.clients.python_object import PythonClient
from contracts.faults import ConfigError
from contracts.operations import Contract
from tests.conformance.clients.asking import order, words

KINDS = [
    pytest.param("python:tests.conformance.reference:Reference", PythonClient, id="python"),
    pytest.param('jsonl:node "my adapter.mjs"', JsonLinesClient, id="jsonl"),
    pytest.param("exec:./send.sh --quiet", PerCallClient, id="exec"),
]


@pytest.mark.parametrize(("spec", "kind"), KINDS)
def test_the_kind_stands_before_the_colon(spec: str, kind: type, contract: Contract) -> None:
    assert isinstance(client_of(spec, contract), kind)


FAULTS = [
    pytest.param("", 'got \'\', expected python:MODULE:FACTORY, jsonl:"COMMAND" or exec:"COMMAND"', id="empty"),
    pytest.param("node adapter.mjs", "perhaps 'jsonl:node adapter.mjs'", id="a-command"),
    pytest.param("acme.testing:make", "perhaps 'python:acme.testing:make'", id="a-factory"),
    pytest.param("http://127.0.0.1", "expected python:MODULE:FACTORY", id="a-url"),
    pytest.param("jsonl:", "got 'jsonl:', expected jsonl:\"COMMAND\"", id="no-command"),
    pytest.param("exec:'a", 'got "exec:\'a", expected a command line: no closing quotation', id="no-end-of-the-quote"),
    pytest.param("python:acme", "got 'python:acme', expected python:MODULE:FACTORY", id="no-factory"),
]


@pytest.mark.parametrize(("spec", "complaint"), FAULTS)
def test_what_names_no_client_is_told(spec: str, complaint: str, contract: Contract) -> None:
    with pytest.raises(ConfigError) as raised:
        client_of(spec, contract)

    assert str(raised.value).startswith("the client: got ")
    assert complaint in str(raised.value)


def test_words_are_split_as_a_shell_does() -> None:
    assert words_of("node 'my adapter.mjs' --x=\"a b\"") == ["node", "my adapter.mjs", "--x=a b"]


@pytest.mark.parametrize(("spec", "costly"), [("exec:./a", True), ("jsonl:./a", False), ("python:a:b", False)])
def test_only_a_command_costs_a_process_for_each_call(spec: str, *, costly: bool) -> None:
    assert is_per_call(spec) is costly


def test_a_client_that_was_chosen_answers(contract: Contract) -> None:
    with client_of("jsonl:" + " ".join(words("echo")), contract) as client:
        reply = client.call([order()])[0]

    assert reply.outcome == "ok"
    assert shutil.which("sh")
