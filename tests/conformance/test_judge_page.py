"""docs/judge.md and the others for users: the commands that they show are there, with these options."""

import re
import shlex
from pathlib import Path

import click
import pytest

from conformance.cli import _add_commands, commands
from conformance.depth import PROFILES
from conformance.known import read_known
from conformance.results import ExitCode
from conformance.skeleton import SKELETONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "judge.md").read_text()
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", *sorted((ROOT / "examples").glob("*/README.md"))]
COMMAND = re.compile(r"^(?:\$ )?distinct-conformance (.+)$", re.MULTILINE)
SHOWN = [
    pytest.param(found, id=f"{page.name}: {found}")
    for page in PAGES
    for found in dict.fromkeys(COMMAND.findall(page.read_text()))
]


@pytest.fixture(scope="module", autouse=True)
def with_commands() -> None:
    _add_commands()


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_is_there_with_its_options(line: str) -> None:
    words = shlex.split(line, comments=True)
    found: click.Command = commands
    context = click.Context(found)
    while isinstance(found, click.Group):
        found = found.commands[words.pop(0)]
        context = click.Context(found, parent=context)

    found.make_parser(context).parse_args(words)


def test_the_languages_profiles_and_exit_codes_are_all_there() -> None:
    codes = {value for name, value in vars(ExitCode).items() if name.isupper()}

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)} == codes
    assert set(re.findall(r"^\| `(\w+)` \| (?:the|all)", PAGE, re.MULTILINE)) == set(PROFILES)
    rows = {lang: (before, client) for lang, before, client in re.findall(
        r"^\| [^|]+ \| `(\w+)` \| (?:`([^|]+)` )?\| .*`\"((?:jsonl|exec):[^`]+)\"`", PAGE, re.MULTILINE)}  # fmt: skip
    assert rows == {lang: (one.before, one.client) for lang, one in SKELETONS.items()}


def test_how_many_calls_a_profile_generates() -> None:
    for name, depth in PROFILES.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        assert f"{depth.intents:,}" in row


def test_the_file_of_known_failures_is_one() -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

    (entry,) = read_known(shown, ["N-14"], "distinct-known.toml")
    assert entry.issue == "ACME-417"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []
