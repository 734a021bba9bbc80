"""The contract and what else the fake knows, as the control API tells it."""

import json
from pathlib import Path

import pytest
import yaml

from contracts.operations import Contract
from contracts.spec import spec_text
from mock_server.control.document import control_document
from mock_server.server import Running, running
from mock_server.settings import Settings
from tests.mock_server.control.asking import ask


def test_the_control_apis_own_document(fake: Running) -> None:
    assert ask(fake.url, "GET", "/openapi.json").value == control_document().content


def test_the_contract_as_json(fake: Running, contract: Contract) -> None:
    assert ask(fake.url, "GET", "/spec.json").value == contract.document


def test_the_contract_as_yaml_has_its_comments(fake: Running) -> None:
    assert ask(fake.url, "GET", "/spec.yaml").value == spec_text()


@pytest.mark.parametrize("later", ["openapi: 3.1.0 # other", "no: [yaml", None], ids=["changed", "broken", "gone"])
def test_a_spec_whose_file_has_changed_is_given_as_it_is_served(later: str | None, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(spec_text().replace("User not found.", "Nobody here."))
    with running(Settings(port=0, log_level="error", spec=str(file))) as fake:
        file.unlink() if later is None else file.write_text(later)

        text = ask(fake.url, "GET", "/spec.yaml").value

    assert "Nobody here." in text
    assert json.loads(json.dumps(yaml.safe_load(text))) is not None


def test_the_rules_in_their_order(fake: Running, contract: Contract) -> None:
    rules = ask(fake.url, "GET", "/rules").value["rules"]

    assert [rule["id"] for rule in rules] == [rule.id for _, rule in contract.rules_in_order()]
    assert {rule["operation"] for rule in rules} == {None, *(each.id for each in contract.operations.values())}


def test_the_error_catalogue_is_of_this_fake(fake: Running) -> None:
    errors = ask(fake.url, "GET", "/errors").value["errors"]

    assert {error["answer"] for error in errors} >= {"userNotFound", "internalServerError"}
    assert all(
        fake.url in error["command"] for error in errors if error["command"] and "telnet" not in error["command"]
    )


def test_what_can_be_armed(fake: Running, contract: Contract) -> None:
    value = ask(fake.url, "GET", "/answers").value

    assert [operation["path"] for operation in value["operations"]] == list(contract.operations)
    assert [answer["name"] for answer in value["answers"]] == list(contract.answers)
    (not_found,) = [answer for answer in value["answers"] if answer["name"] == "userNotFound"]
    assert (not_found["status"], not_found["message"]) == (400, "User not found.")
    assert "addUserAnalytics" in not_found["operations"]
    assert {"tooManyRequests"} <= {answer["name"] for answer in value["undocumented"]}
    assert {"delay", "reset"} <= {fault["name"] for fault in value["faults"]}
