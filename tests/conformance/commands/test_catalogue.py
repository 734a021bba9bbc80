"""The commands `list` and `explain`, and the page that one of them writes."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.catalogue import catalogue
from conformance.commands.catalogue import explain_command, list_command
from conformance.verdicts import CLIENT_NEEDS, NEEDS, PROFILE_NEEDS, REFUSALS
from contracts.operations import Contract

ROW = re.compile(r"(\| |  )[A-Z]-\d\d")
PAGE = Path(__file__).parents[3] / "docs" / "measures.md"


def said(*arguments: str) -> str:
    result = CliRunner().invoke(list_command, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_page_is_the_one_that_the_command_writes() -> None:
    assert PAGE.read_text() == said("--markdown"), "distinct-conformance list --markdown >docs/measures.md"


def test_every_obligation_has_a_row_in_each_form(contract: Contract) -> None:
    known = [one.id for one in catalogue(contract)]

    page = [line.split(" | ")[0][2:].replace("\\", "") for line in said("--markdown").splitlines() if ROW.match(line)]
    lines = [line.split()[0] for line in said().splitlines() if ROW.match(line)]

    assert page == lines == [one["id"] for one in json.loads(said("--json"))] == known


@pytest.mark.parametrize("level", ["must", "should", "assumed"])
def test_only_those_of_a_level(level: str) -> None:
    assert {one["level"] for one in json.loads(said("--json", "--level", level))} == {level.upper()}


def test_every_need_has_its_words() -> None:
    assert set(NEEDS) == {*CLIENT_NEEDS, *PROFILE_NEEDS, REFUSALS}


EXPLAINED = [
    pytest.param(
        "n-14", 0, "says       An optional field without a value is left out, and not sent as null.", id="one"
    ),
    pytest.param("R-14", 0, "needs      a client that declares that it tries again", id="one-with-needs"),
    pytest.param("U-07", 0, "needs      profile ci or deep", id="one-of-a-profile"),
    pytest.param("N-99", 2, "no obligation 'N-99'; near it: ", id="none"),
    pytest.param("something", 2, "`distinct-conformance list` lists them", id="nothing-like-it"),
]


@pytest.mark.parametrize(("name", "code", "words"), EXPLAINED)
def test_one_is_explained(name: str, code: int, words: str) -> None:
    result = CliRunner().invoke(explain_command, [name])

    assert (result.exit_code, words in result.output) == (code, True)
