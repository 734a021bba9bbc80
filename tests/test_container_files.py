"""The container and CI files, as far as that can be seen without an engine that runs them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from mock_server.cli import main, serve
from mock_server.server import Running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS

ROOT = Path(__file__).parents[1]
WITH_FAKE = ROOT / "examples" / "ci" / "with-fake.sh"


def instructions(text: str) -> list[tuple[str, str]]:
    """Read a Dockerfile: each instruction with what follows it, comments left out, continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in "\n".join(lines).replace("\\\n", "").split("\n")]


DOCKERFILE = instructions((ROOT / "Dockerfile").read_text())
LAST_STAGE = dict(DOCKERFILE[max(n for n, (word, _) in enumerate(DOCKERFILE) if word == "FROM") :])


def copied() -> list[str]:
    return [
        source
        for word, rest in DOCKERFILE
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]


def test_what_is_copied_is_there_and_is_all_that_goes_into_the_build() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}

    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert rules[0] == "*"
    assert let_in == set(copied())


def test_the_base_is_named_plainly_and_the_user_is_not_root() -> None:
    assert {rest.split()[0] for word, rest in DOCKERFILE if word == "FROM"} == {"python:3.11-slim"}
    assert int(LAST_STAGE["USER"]) > 0


def test_dependencies_come_from_the_lock_file() -> None:
    installs = [rest for word, rest in DOCKERFILE if word == "RUN" and rest.startswith("pip install")]

    assert [("--require-hashes" in line, "--no-deps" in line) for line in installs] == [(True, False), (False, True)]


def test_the_command_is_one_that_serve_takes() -> None:
    program, words = json.loads(LAST_STAGE["ENTRYPOINT"]), json.loads(LAST_STAGE["CMD"])

    with main.make_context("distinct-mock", list(words)) as group:
        given = serve.make_context("serve", list(words[1:]), parent=group).params

    assert (program, words[0]) == (["distinct-mock"], "serve")
    assert given["host"] == "0.0.0.0"  # noqa: S104 - of a container
    assert LAST_STAGE["EXPOSE"] == str(given["port"]) == str(Settings().port)


@pytest.mark.parametrize(("is_there", "healthy"), [(True, True), (False, False)], ids=["serving", "gone"])
def test_the_health_check_tells_whether_the_fake_serves(is_there: bool, healthy: bool, fake: Running) -> None:  # noqa: FBT001 - a table
    program, *words = json.loads(LAST_STAGE["HEALTHCHECK"].partition("CMD ")[2])
    # Nothing listens on port 1, and what is exposed in a container is no port of this machine.
    port = urlsplit(fake.url).port if is_there else 1
    assert "127.0.0.1:8080/" in words[1]

    done = subprocess.run(
        [sys.executable, words[0], words[1].replace(":8080/", f":{port}/")],
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert program == "python"
    assert (done.returncode == 0) is healthy


# The examples for CI


def with_fake(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(WITH_FAKE), *command],
        env={**os.environ, "PATH": programs, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


ASK = (
    "import os, sys, urllib.request as r; url = os.environ['DISTINCT_MOCK_URL']; print(url);"
    f"r.urlopen(r.Request(url + '{ANALYTICS}', sys.argv[1].encode(),"
    "{'x-distinct-api-key': os.environ['DISTINCT_API_KEY'], 'Content-Type': 'application/json'}))"
)
RIGHT = (
    '{"email": "john.doe@example.com", "feature": "registration_email", "action": "opened", "experienceId": "47Gop5",'
    ' "capturedAt": "2026-04-27T13:35:00Z"}'
)


def test_a_command_finds_the_fake_beside_it() -> None:
    done = with_fake(sys.executable, "-c", ASK, RIGHT)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("http://127.0.0.1:")


def test_a_command_that_fails_is_followed_by_the_log() -> None:
    done = with_fake(sys.executable, "-c", ASK, "{}")

    assert done.returncode == 1
    assert re.search(r"the fake's log:\n.* addUserAnalytics 400 .*analytics\.identifier", done.stderr), done.stderr


def test_the_exit_status_is_the_commands() -> None:
    assert with_fake("sh", "-c", "exit 7").returncode == 7


def test_the_fake_ends_with_the_command() -> None:
    done = with_fake("sh", "-c", "echo $DISTINCT_MOCK_URL")

    gone = subprocess.run(
        [sys.executable, "-c", f"from urllib.request import urlopen; urlopen('{done.stdout.strip()}/_mock/health')"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Connection refused" in gone.stderr


def test_a_command_is_told_whom_to_trust(tmp_path: Path) -> None:
    tls = {"DISTINCT_MOCK_TLS": "self-signed", "DISTINCT_MOCK_TLS_DIR": str(tmp_path)}
    done = with_fake("sh", "-c", "distinct-mock requests && echo $DISTINCT_MOCK_CA_FILE", **tls)

    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'ca.pem'}\n")


def test_a_fake_that_cannot_start_says_why() -> None:
    done = with_fake("echo", "never run", DISTINCT_MOCK_WORLD="/no/such/world.toml")

    assert (done.returncode, done.stdout) == (2, "")
    assert "/no/such/world.toml: the world cannot be read" in done.stderr


def test_a_script_without_a_command_says_how_it_is_used() -> None:
    assert (with_fake().returncode, with_fake().stderr.startswith("usage: ")) == (2, True)


def test_the_workflow_uses_what_there_is() -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "ci" / "workflow.yml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    environment = workflow["jobs"]["as-a-service"]["env"]

    assert any("./with-fake.sh" in step.get("run", "") for step in steps)
    assert environment["DISTINCT_MOCK_URL"].endswith(f":{Settings().port}")
    assert WITH_FAKE.stat().st_mode & 0o111
