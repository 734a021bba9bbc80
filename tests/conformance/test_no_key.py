"""Nothing that the judge prints or writes holds an API key, however clients spell it that tell it everywhere."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conformance import cli, examination
from tests.conformance.few_trials import try_few
from tests.conformance.leaking import spellings

# Installed beside the interpreter; its folder need not be on the path.
COMMAND = str(Path(sys.executable).with_name("distinct-conformance"))

ROOT = Path(__file__).parents[2]
PYTHON = "python:tests.conformance.leaking:Leaking"
LINES = f"jsonl:{sys.executable} -m tests.conformance.leaking lines"
ONCE = f"exec:{sys.executable} -m tests.conformance.leaking once"
_CODED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")

Run = Callable[..., str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder, which is the current one; beside it, the clients write down what keys they were given."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LEAKED", str(tmp_path / "leaked"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


@pytest.fixture
def run(here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Give what runs a command with a few of the trials, and gives all that it printed."""
    assert here.is_dir()
    try_few(monkeypatch, every=6, among=lambda name: "addUser" in name or "gift" in name)
    monkeypatch.setattr(examination, "strategies", lambda _: {})

    def told(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["distinct-conformance", *words])
        with pytest.raises(SystemExit):
            cli.main()
        printed = capfd.readouterr()
        return printed.out + printed.err

    return told


def leaks(texts: Sequence[str], leaked: Path) -> list[str]:
    """Give the places at which a key of a client stands in what was written."""
    # Keys that a trial spells itself stand in our source.
    keys = sorted({key for key in leaked.read_text().split() if key.startswith(("dmk_", "vendor-key-"))})
    assert keys
    return [
        f"{spelled[:12]}…: …{text[max(0, at - 60) : at + 10]}"
        for text in texts
        for key in keys
        for spelled in {*spellings(key), spellings(key)[3].replace("\\", "\\\\")}
        if (at := text.find(spelled)) >= 0
    ]


def decoded(text: str) -> str:
    """Decode whatever looks like base64, as bodies in a report do."""
    found = []
    for word in _CODED.findall(text):
        for begin in range(4):
            whole = word[begin:].rstrip("=").replace("-", "+").replace("_", "/")
            found.append(base64.b64decode(whole[: len(whole) // 4 * 4]).decode("latin-1"))
    return "\n".join(found)


def written_in(folder: Path) -> list[str]:
    """Give all that was written into a folder, the names of files among it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [*map(str, files), *(path.read_text(errors="replace") for path in files)]


def outputs() -> list[str]:
    return [word for name in ("json", "junit", "html", "markdown") for word in (f"--{name}", f"report.{name}")]


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("client", [PYTHON, LINES], ids=["python", "lines"])
def test_no_report_of_a_run_shows_a_key(client: str, run: Run, here: Path) -> None:
    printed = run("client", "run", "--client", client, "--save", *outputs())

    assert "deviates" in printed
    report = json.loads((here / "report.json").read_text())
    failed = {one["id"] for one in report["obligations"] if one["failed"]}
    assert {"N-14", "S-07"} <= failed
    texts = [printed, *written_in(here)]
    assert leaks([*texts, *map(decoded, texts)], here.parent / "leaked") == []

    # What it is known for, and what replays it.
    printed = run("client", "baseline", "--client", client, "--update")
    printed += run("client", "replay", "--client", client, "conformance-cases", *outputs())
    printed += run("client", "run", "--client", client, "--known", "distinct-known.toml", *outputs())

    texts = [printed, *written_in(here)]
    assert "distinct-known.toml" in "".join(texts)
    assert leaks([*texts, *map(decoded, texts)], here.parent / "leaked") == []


def test_no_report_of_a_command_for_each_call_shows_a_key(run: Run, here: Path) -> None:
    printed = run("client", "smoke", "--client", ONCE, *outputs())

    texts = [printed, *written_in(here)]
    assert leaks([*texts, *map(decoded, texts)], here.parent / "leaked") == []


def test_no_conversation_shows_a_key(run: Run, here: Path) -> None:
    printed = run("client", "smoke", "--client", LINES, "--check-protocol")

    assert '"cmd": "call"' in printed or '"cmd":"call"' in printed
    assert leaks([printed, decoded(printed)], here.parent / "leaked") == []


def test_no_report_of_a_watched_command_shows_a_key(here: Path) -> None:
    # What the command itself prints is its own business, and goes where it wants it.
    quiet = f"{sys.executable} -m tests.conformance.leaking once >/dev/null 2>&1"
    command = [COMMAND, "client", "watch", *outputs(), "--", "sh", "-c", quiet]

    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    texts = [told.stdout, told.stderr, *written_in(here)]
    assert "N-14" in told.stdout
    assert leaks([*texts, *map(decoded, texts)], here.parent / "leaked") == []


def test_no_report_of_recorded_traffic_shows_a_key(run: Run, here: Path) -> None:
    key = "vendor-key-5e5af0b3c2d1"
    (here.parent / "leaked").write_text(key)
    every = " ".join(spellings(key)[:1])
    body = json.dumps({"email": "a@example.com", "metadata": None, key: every})
    request = {
        "method": "POST",
        "url": f"https://api.distinct.so/api/v1/user/analytics?key={key}",
        "httpVersion": "HTTP/1.1",
        "headers": [
            {"name": "x-distinct-api-key", "value": key}, {"name": "Content-Type", "value": "application/json"},
            {"name": "X-Trace", "value": every},
        ],
        "postData": {"mimeType": "application/json", "text": body},
    }  # fmt: skip
    answer = {"status": 400, "headers": [], "content": {"size": 0}}
    entry = {"startedDateTime": "2026-11-21T12:00:00Z", "time": 1, "request": request, "response": answer}
    har = {"log": {"version": "1.2", "creator": {}, "entries": [entry]}}
    (here.parent / "traffic.har").write_text(json.dumps(har))

    printed = run("traffic", "../traffic.har", *outputs())

    texts = [printed, *written_in(here)]
    assert "N-14" in printed
    assert leaks([*texts, *map(decoded, texts)], here.parent / "leaked") == []


FAULTS = [
    pytest.param("print('{', key, flush=True)", id="no-json"),
    pytest.param("print(json.dumps({'id': key, 'outcome': key}), flush=True)", id="wrong-members"),
    pytest.param("sys.exit(key)", id="dies-with-it"),
    pytest.param("raise RuntimeError(key)", id="raises-it"),
]
ADAPTER = """
import json, os, sys
hello = json.loads(sys.stdin.readline())
print(json.dumps({"id": hello["id"], "protocol": 1, "operations": ["addUserAnalytics"]}), flush=True)
from tests.conformance.leaking import noted, spellings
for line in sys.stdin:
    key = " ".join(spellings(noted(json.loads(line)["config"]["api_key"])))
    FAULT
"""


@pytest.mark.parametrize("fault", FAULTS)
def test_no_complaint_about_an_adapter_shows_a_key(fault: str, run: Run, here: Path) -> None:
    (here / "adapter.py").write_text(ADAPTER.replace("FAULT", fault))

    printed = run("client", "smoke", "--client", f"jsonl:{sys.executable} adapter.py", *outputs())

    assert "no verdict" in printed
    texts = [printed, *written_in(here)]
    assert leaks([*texts, *map(decoded, texts)], here.parent / "leaked") == []


# A few of the trials, so that it is quick.
CONFTEST = """
from conformance import examination

everything = examination.written
examination.written = lambda *of: [one for one in everything(*of) if one.name.startswith("analytics/")][::8]
examination.strategies = lambda _: {}
"""


def test_no_output_of_pytest_shows_a_key(here: Path) -> None:
    (here / "conftest.py").write_text(CONFTEST)
    command = [
        sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "--distinct-client", PYTHON,
        "--distinct-only", "N-14", "--distinct-only", "S-07", "--junitxml", "report.xml",
    ]  # fmt: skip

    told = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "COLUMNS": "200"}
    )

    texts = [told.stdout, told.stderr, *written_in(here)]
    assert "N-14" in told.stdout
    assert leaks([*texts, *map(decoded, texts)], here.parent / "leaked") == []
