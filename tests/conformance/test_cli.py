"""Every command of distinct-conformance as a user types it: what it prints, what it ends with."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from conformance import cli, examination
from conformance.commands import client as client_commands
from conformance.depth import PER_CALL, PROFILES, Depth
from conformance.report.reading import read_report
from conformance.results import Run
from tests.conformance.few_trials import try_few
from tests.conformance.made_runs import mixed

# Installed beside the interpreter; its folder need not be on the path.
COMMAND = str(Path(sys.executable).with_name("distinct-conformance"))

ROOT = Path(__file__).parents[2]

# What a user has: a client of one operation, which sends null while there is a file of that name.
CLIENT = """
from pathlib import Path
from tests.conformance.reference import Reference

class Client(Reference):
    giftAssets = captureAnalytics = None

    def encoded(self, body):
        return super().encoded({"metadata": None, **body} if Path("faulty").exists() else body)
"""
MINE = ("--client", "python:mine:Client")


class Told(NamedTuple):
    """What a command ended with, and what it printed."""

    code: int
    out: str
    err: str


Tell = Callable[..., Told]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the folder that a user is in, with a client."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "mine.py").write_text(CLIENT)
    yield tmp_path
    sys.modules.pop("mine", None)


@pytest.fixture
def tell(here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Tell:
    """Give what runs a command in that folder: in this process, with a few of the trials, so that it is quick."""
    assert here.exists()
    try_few(monkeypatch, every=4, among=lambda name: name.startswith(("analytics/", "plan/")))
    monkeypatch.setattr(examination, "strategies", lambda _: {})

    def run(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["distinct-conformance", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        return Told(code if isinstance(code, int) else 0, *capfd.readouterr())

    return run


# What is asked wrongly

RUN = ("client", "run")
CHECK = ("client", "smoke", "--client", "jsonl:true", "--check-protocol")
WRONG = [
    pytest.param(RUN, 2, "Missing option '--client' (env var: 'DISTINCT_CLIENT')", id="no-client"),
    pytest.param((*RUN, "--client", "mine:Client"), 2, "perhaps 'python:mine:Client'", id="no-kind"),
    pytest.param((*RUN, "--client", ""), 2, "the client: got '', expected python:MODULE:FACTORY", id="empty"),
    pytest.param((*RUN, "--client", "jsonl:"), 2, "the client: got 'jsonl:', expected", id="nothing-behind-the-colon"),
    pytest.param((*RUN, "--client", 'jsonl:a "b'), 2, "expected a command line: no closing quot", id="half-a-quote"),
    pytest.param((*RUN, "--client", "python:mine"), 2, "expected python:MODULE:FACTORY", id="half-a-name"),
    pytest.param((*RUN, "--client", "python:nix:Client"), 3, "No module named 'nix'", id="no-module"),
    pytest.param((*RUN, "--client", "python:mine:Nix"), 3, "mine has no Nix", id="no-factory"),
    pytest.param((*RUN, "--client", "jsonl:no-such-command"), 3, "'no-such-command' is no command", id="no-command"),
    pytest.param((*RUN, "--client", "jsonl:false"), 3, "did not answer hello: it ended with status 1", id="no-hello"),
    pytest.param((*RUN, "--client", "exec:./mine.py"), 3, "may not be executed (chmod +x)", id="not-executable"),
    pytest.param((*RUN, *MINE, "--profile", "all"), 2, "'all' is not one of 'quick', 'ci', 'deep'", id="profile"),
    pytest.param((*RUN, *MINE, "--only", "N-1"), 2, "--only N-1: names no obligation; near it: ", id="only"),
    pytest.param((*RUN, *MINE, "--known", "none.toml"), 2, "none.toml: cannot be read: no such file", id="known"),
    pytest.param((*RUN, *MINE, "--json", "-", "--junit", "-"), 2, "--json and --junit have the same pl", id="both-to-"),
    pytest.param((*RUN, *MINE, "--html", "a", "--json", "./a"), 2, "--json and --html have the same", id="one-file"),
    pytest.param((*CHECK, "--json", "a"), 2, "--check-protocol makes no report", id="no-report"),
    pytest.param((*RUN, *MINE, "--json", "none/a.json"), 2, "there is no folder 'none'", id="json"),
    pytest.param((*RUN, *MINE, "--seed", "-1"), 2, "-1 is not in the range", id="seed"),
    pytest.param((*RUN, *MINE, "--time-scale", "2"), 2, "2.0 is not in the range", id="time-scale"),
    pytest.param((*RUN, *MINE, "--time-scale", "nan"), 2, "'nan' is not a finite number", id="no-time-scale"),
    pytest.param((*RUN, *MINE, "--deadline", "inf"), 2, "'inf' is not a finite number", id="no-deadline"),
    pytest.param(("client", "watch", "--timeout", "nan", "--", "true"), 2, "'nan' is not a fini", id="no-timeout"),
    pytest.param((*RUN, *MINE, "--deadline", "0"), 2, "0.0 is not in the range", id="deadline"),
    pytest.param((*RUN, *MINE, "--spec", "none.yaml"), 2, "none.yaml: the spec cannot be", id="spec"),
    pytest.param((*RUN, *MINE, "--nix"), 2, "No such option", id="option"),
    pytest.param(("client", "smoke", *MINE, "--check-protocol"), 2, "jsonl:…, not python:…", id="no-protocol"),
    pytest.param(("client", "replay", *MINE, "none.json"), 2, "'none.json' does not exist", id="replay"),
    pytest.param(("client", "replay", *MINE, "mine.py"), 2, "mine.py: is no JSON", id="replay-no-case"),
    pytest.param(("client", "init", "--lang", "cobol"), 2, "'cobol' is not one of", id="init"),
    pytest.param(("client", "watch"), 2, "Missing argument", id="watch-nothing"),
    pytest.param(("client", "watch", "--", "no-such-command"), 2, "no-such-command: cannot be started", id="watch"),
    pytest.param(("client", "watch", "--scenario", "nix", "--", "true"), 2, "'nix' is not one of", id="scenario"),
    pytest.param(("traffic", "none.har"), 2, "none.har: cannot be read: no such file", id="traffic"),
    pytest.param(("traffic", "mine.py"), 2, "mine.py", id="traffic-no-har"),
    pytest.param(("traffic", "http://127.0.0.1:9"), 2, "http://127.0.0.1:9", id="traffic-nobody-there"),
    pytest.param(("report", "html", "none.json"), 2, "'none.json' does not exist", id="report"),
    pytest.param(("report", "html", "mine.py"), 2, "mine.py", id="report-no-json"),
    pytest.param(("explain", "N-99"), 2, "no obligation 'N-99'; near it: ", id="explain"),
    pytest.param(("nix",), 2, "No such command 'nix'", id="command"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code", "line"), WRONG)
def test_what_is_asked_wrongly_is_told_in_a_line(words: tuple[str, ...], code: int, line: str, tell: Tell) -> None:
    told = tell(*words)

    assert told.code == code
    # What a line of usage comes before.
    (complaint,) = [one for one in told.err.splitlines() if line in one]
    assert len(complaint) < 400
    assert complaint.startswith(("distinct-conformance: ", "Error: "))
    assert len(told.err.splitlines()) <= 5
    assert "Traceback" not in told.err
    assert told.out == ""


CASE = {
    "format": 1,
    "name": "stored/x",
    "intents": [{"operation": "addUserAnalytics", "args": {"userId": "user-1", "feature": "x"}}],
}
REPLAYED = [
    pytest.param({}, "cases: holds no stored case; expected FOLDER/OBLIGATION/*.json", id="an-empty-folder"),
    pytest.param({"N-14/a.json": "N-99"}, "cases/N-14/a.json: obligation: there is no obligation 'N-99'", id="unknown"),
    pytest.param({"N-14/a.json": "*"}, "cases/N-14/a.json: obligation: there is no obligation '*'", id="a-pattern"),
]


@pytest.mark.parametrize(("cases", "complaint"), REPLAYED)
def test_what_is_no_stored_case_is_not_replayed(
    cases: Mapping[str, str], complaint: str, here: Path, tell: Tell
) -> None:
    (here / "cases" / "N-14").mkdir(parents=True)
    for name, obligation in cases.items():
        (here / "cases" / name).write_text(json.dumps({**CASE, "obligation": obligation}))

    told = tell("client", "replay", *MINE, "cases")

    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"distinct-conformance: {complaint}")


def test_a_missing_extra_is_told_with_what_installs_it(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_NEEDED", ("json", "no_such_package"))

    told = tell("list")

    assert told == Told(2, "", "distinct-conformance: needs what is not installed (no_such_package): "
                               "pip install 'distinct-mock[conformance]'\n")  # fmt: skip


# What is looked up


def test_what_is_judged_is_listed(tell: Tell) -> None:
    everything, musts, rows = tell("list"), tell("list", "--level", "must"), tell("list", "--json")

    names = {row["id"] for row in json.loads(rows.out)}
    assert (everything.code, musts.code, rows.code) == (0, 0, 0)
    assert all(f"  {name} " in everything.out for name in names)
    assert len(names) > 100
    assert "MUST" in musts.out
    assert "SHOULD" not in musts.out


def test_one_obligation_is_explained_in_either_case(tell: Tell) -> None:
    told = tell("explain", "n-14")

    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()[:3]] == ["obligation", "level", "says"]
    assert "user-analytics" in told.out


@pytest.mark.parametrize(
    "words", [("--help",), ("client", "run", "-h"), ("report", "--help"), ("--version",)], ids=" ".join
)
def test_help_is_there(words: tuple[str, ...], tell: Tell) -> None:
    told = tell(*words)

    assert (told.code, told.err) == (0, "")
    assert told.out


# A client is judged


@pytest.mark.usefixtures("unmeasured")
def test_a_faulty_client_from_its_first_report_to_a_verdict(here: Path, tell: Tell) -> None:
    (here / "faulty").touch()
    files = {name: f"report.{name}" for name in ("json", "junit", "html", "markdown")}
    outputs = [word for name, file in files.items() for word in (f"--{name}", file)]

    told = tell("client", "run", *MINE, "--save", *outputs)

    assert told.code == 1
    assert not (here / ".hypothesis").exists()
    assert "N-14  broken  MUST" in told.out
    assert "Client deviates: " in told.out.splitlines()[-1]
    report = read_report(here / "report.json")
    assert (report["exitCode"], report["seed"], report["profile"]) == (1, 0, "quick")
    cases = ET.parse(here / "report.junit").getroot().iter("testcase")  # noqa: S314 - our own
    assert [case.get("name", "").split()[0] for case in cases if case.find("failure") is not None] == ["N-14"]
    assert "<html" in (here / "report.html").read_text()
    assert "N-14" in (here / "report.markdown").read_text()

    # The same is made of the JSON alone.
    for name in ("junit", "html", "markdown"):
        again = tell("report", name, "report.json", "--out", f"again.{name}")
        assert again == Told(0, "", "")
        assert (here / f"again.{name}").read_text() == (here / files[name]).read_text()
    both = tell("report", "html", "report.json", "report.json")
    assert both.code == 0
    assert both.out.count("Client") >= 2

    # What was saved shows it again, alone and first of all.
    (case,) = (here / "conformance-cases" / "N-14").iterdir()
    replayed = tell("client", "replay", *MINE, str(case), "--quiet")
    assert (replayed.code, "N-14" in replayed.out) == (1, True)
    assert tell("client", "replay", *MINE, "conformance-cases", "--quiet").code == 1
    assert tell("client", "replay", *MINE, "conformance-cases/N-14", "--quiet").code == 1

    # It becomes known.
    planned = tell("client", "baseline", *MINE, "--json", "base.json")
    assert planned.code == 0
    assert read_report(here / "base.json")["exitCode"] == 1
    assert "to be added with --update:" in planned.out
    assert not (here / "distinct-known.toml").exists()
    assert tell("client", "baseline", *MINE, "--update").code == 0
    assert 'obligation = "N-14"' in (here / "distinct-known.toml").read_text()
    known = tell("client", "run", *MINE, "--quiet")
    assert known.code in {0, 4}
    assert "deviates" not in known.out

    # It is mended: the entry has to go.
    (here / "faulty").unlink()
    stale = tell("client", "run", *MINE, "--quiet")
    assert stale.code == 1
    assert "to be removed" in stale.out
    pruned = tell("client", "baseline", *MINE, "--prune")
    assert (pruned.code, "taken out: " in pruned.out) == (0, True)
    assert "N-14" not in (here / "distinct-known.toml").read_text()
    assert tell("client", "baseline", *MINE).out == "nothing changes\n"
    mended = tell("client", "replay", *MINE, str(case), "--quiet")
    assert "deviates" not in mended.out


def test_a_report_for_a_program_stands_alone_on_stdout(tell: Tell) -> None:
    told = tell("client", "smoke", *MINE, "--json", "-")

    assert json.loads(told.out)["exitCode"] == told.code
    assert "obligations exercised" in told.err


LONG = "x" * 300
UNWRITTEN = [
    pytest.param(("--cases", "taken"), ["taken/N-14/"], id="cases"),
    pytest.param(("--json", LONG), [LONG], id="a-report"),
    pytest.param(("--cases", "taken", "--json", LONG), [LONG, "taken/N-14/"], id="both"),
]


@pytest.mark.parametrize(("options", "places"), UNWRITTEN)
def test_what_cannot_be_written_takes_nothing_else_along(
    options: tuple[str, ...], places: list[str], here: Path, tell: Tell
) -> None:
    (here / "faulty").touch()
    (here / "taken").mkdir()
    (here / "taken" / "N-14").touch()

    told = tell("client", "run", *MINE, "--only", "N-14", "--save", *options, "--markdown", "summary")

    assert told.code == 2
    assert "N-14  broken  MUST" in told.out
    assert "N-14" in (here / "summary").read_text()
    assert (here / "conformance-cases" / "N-14").exists() is ("--cases" not in options)
    complaints = told.err.splitlines()
    assert [f"distinct-conformance: {place}" for place in places] == [
        complaint[: len(f"distinct-conformance: {place}")] for complaint, place in zip(complaints, places, strict=True)
    ]
    assert all(": cannot be written: " in complaint for complaint in complaints)


ALIKE = [
    pytest.param("python:mine:Client", (), (PROFILES["quick"], 0), id="as-it-comes"),
    pytest.param("exec:true", (), (PER_CALL, 0), id="a-command-for-each-call"),
    pytest.param("python:mine:Client", ("--profile", "ci", "--seed", "7"), (PROFILES["ci"], 7), id="as-asked"),
]


@pytest.mark.parametrize(("client", "options", "asked"), ALIKE)
def test_a_baseline_is_of_the_run_that_is_judged(
    client: str,
    options: tuple[str, ...],
    asked: tuple[Depth, int],
    here: Path,
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (here / "conformance-cases" / "N-14").mkdir(parents=True)
    (here / "conformance-cases" / "N-14" / "a.json").write_text(json.dumps({**CASE, "obligation": "N-14"}))
    judged: list[tuple[Depth, int, list[str]]] = []

    def judge(_client: object, _contract: object, _wanted: object, depth: Depth, **more: Any) -> Run:  # noqa: ANN401 - judge's
        judged.append((depth, more["seed"], [one.trial.name for one in more["stored"]]))
        return mixed()

    monkeypatch.setattr(client_commands, "judge", judge)
    for command in ("run", "baseline"):
        tell("client", command, "--client", client, *options)

    assert judged == [(*asked, ["stored/x"])] * 2


def test_too_little_is_no_verdict(here: Path, tell: Tell) -> None:
    (here / "none.har").write_text(json.dumps({"log": {"version": "1.2", "creator": {}, "entries": []}}))

    told = tell("traffic", "none.har", "--require")

    assert told.code == 4
    assert "no verdict: too little was exercised" in told.out
    assert "! there is no request of a client in it" in told.out


def test_a_smoke_test_passes_where_nothing_is_wrong(tell: Tell) -> None:
    told = tell("client", "smoke", "--client", "python:tests.conformance.reference:Reference", "--quiet")

    assert told.code == 0
    assert told.out.startswith("Reference works, as far as a few calls show: ")


def test_what_only_should_be_fails_when_asked_to(here: Path, tell: Tell) -> None:
    twice = '    def encoded(self, body):\n        return super().encoded(body)[:-1] + b\', "email": "twice"}\'\n'
    (here / "mine.py").write_text(CLIENT + twice)

    told, strict = (tell("client", "run", *MINE, "--only", "O-08", *option) for option in ((), ("--strict",)))

    assert (told.code, strict.code) == (0, 1)
    assert "O-08  broken, though no document demands it  SHOULD" in told.out


RUNS = 'distinct-conformance client run --client "jsonl:'
NEXT = [
    pytest.param("node", ("my judge",), f"  cd 'my judge' && {RUNS}node adapter.mjs\"", id="a-folder-with-a-blank"),
    pytest.param("python", (), f'  {RUNS}python3 adapter.py"', id="here"),
    pytest.param(
        "java",
        ("new",),
        f'  cd new && javac -d classes *.java && {RUNS}java -cp classes Adapter"',
        id="with-a-step-before",
    ),
]


@pytest.mark.parametrize(("lang", "folder", "line"), NEXT)
def test_what_comes_next_is_a_line_to_copy(lang: str, folder: tuple[str, ...], line: str, tell: Tell) -> None:
    assert tell("client", "init", "--lang", lang, *folder).out.splitlines()[-1] == line


def test_an_adapter_is_written_and_works(tell: Tell) -> None:
    written = tell("client", "init", "--lang", "python", "new")

    assert written.code == 0
    assert "wrote new/adapter.py" in written.out
    checked = tell("client", "smoke", "--client", f"jsonl:{sys.executable} new/adapter.py", "--check-protocol")
    assert checked.code == 0
    assert checked.out.endswith("the protocol is kept\n")
    assert tell("client", "init", "--lang", "python", "new").code == 2


# The command itself


def test_the_command_is_there_and_starts_quickly() -> None:
    began = time.monotonic()
    told = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, timeout=60, check=True)

    assert told.stdout.startswith("distinct-conformance, version ")
    assert time.monotonic() - began < 30


def test_an_interrupted_run_leaves_a_report(here: Path) -> None:
    (here / "mine.py").write_text(
        CLIENT + "    def addUserAnalytics(self, **fields):\n"
                 "        Client.calls = getattr(Client, 'calls', 0) + 1\n"
                 "        if Client.calls == 20:\n"
                 "            Path('at-work').touch()\n"
                 "        super().addUserAnalytics(**fields)\n"
    )  # fmt: skip
    command = [COMMAND, "client", "run", *MINE, "--profile", "deep", "--json", "report.json"]
    judge = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    with judge:
        until = time.monotonic() + 60
        while not (here / "at-work").exists() and judge.poll() is None and time.monotonic() < until:
            time.sleep(0.01)

        judge.send_signal(signal.SIGINT)
        out, err = judge.communicate(timeout=60)

    assert (judge.returncode, err) == (130, "")
    assert "interrupted: this is what was found until then" in out
    report = read_report(here / "report.json")
    assert (report["interrupted"], report["exitCode"]) == (True, 130)
    assert report["summary"]["exercised"] > 10


SLEEPS = """
import json, sys, time
print(json.dumps({"id": json.loads(input())["id"], "protocol": 1, "operations": ["addUserAnalytics"]}), flush=True)
input()
# By then the judge waits.
time.sleep(0.3)
open("at-work", "w")
time.sleep(60)
"""
CLIENT_SLEEPS = """
import time
from pathlib import Path
Path("at-work").touch()
# A signal that comes right before a sleep does not end it.
for _ in range(600):
    time.sleep(0.1)
"""
SAID = ['> {"id":1', '< {"id": 1', '> {"id":2', '> {"id":3']
INTERRUPTED = [
    pytest.param(("smoke", "--client", f"jsonl:{sys.executable} sleeps.py", "--check-protocol"), SAID, id="talk"),
    pytest.param(("smoke", "--client", "python:sleeping:Client"), [], id="before-the-first-trial"),
]


@pytest.mark.parametrize(("words", "said"), INTERRUPTED)
def test_what_is_interrupted_ends_so(words: tuple[str, ...], said: list[str], here: Path) -> None:
    (here / "sleeps.py").write_text(SLEEPS)
    (here / "sleeping.py").write_text(CLIENT_SLEEPS)
    judge = subprocess.Popen(
        [COMMAND, "client", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with judge:
        until = time.monotonic() + 60
        while not (here / "at-work").exists() and judge.poll() is None and time.monotonic() < until:
            time.sleep(0.01)

        judge.send_signal(signal.SIGINT)
        out, err = judge.communicate(timeout=60)

    assert (judge.returncode, err) == (130, "distinct-conformance: interrupted\n")
    assert [line.split(",")[0] for line in out.splitlines()] == said


def test_an_interruption_while_it_starts_is_told_in_a_line(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_add_commands", interrupted)

    assert tell("list") == Told(130, "", "distinct-conformance: interrupted\n")
