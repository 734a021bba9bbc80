"""A command of somebody's own is given a fake, and what it sends is judged; of what it does not do, nothing is said."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.catalogue import catalogue
from conformance.commands.watch import watch_command
from conformance.fake import watched
from conformance.fake.watched import WatchedFake, watched_fake
from conformance.obligation import Mode, Obligation
from conformance.observed.watch import SCENARIOS, Watch, watch
from conformance.results import Run, Verdict
from conformance.verdicts import Options
from contracts.faults import ConfigError
from contracts.operations import Contract
from tests.conftest import ANALYTICS, EVENT, send

ROOT = str(Path(__file__).parents[3])

# A right client, and what a test suite does with it: several calls, each of another event.
SUITE = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from conformance.clients.client import Config, GivenFile
from tests.conformance.reference import ApiError, Reference

class Client(Reference):
    first_wait = 0.06
{override}

client = Client(Config(os.environ["DISTINCT_BASE_URL"], {key}))
picture = Path({folder!r}) / "a.gif"
picture.write_bytes(b"GIF89a" + bytes(64))
for number in range({calls}):
    event = {{
        "userId": "user-john-doe", "email": None, "feature": "registration_email", "action": "opened",
        "experienceId": "47Gop5", "capturedAt": f"2026-11-01T00:00:{second}Z",
    }}
    files = [GivenFile(picture, f"{{number}}.gif", "image/gif", 70, "")]
    for call in (
        lambda: client.addUserAnalytics(**event),
        lambda: client.giftAssets(files, userId="user-john-doe", eventId="summer-gala"),
    ):
        try:
            call()
        except ApiError:
            pass
"""


@pytest.fixture(scope="module")
def obligations(contract: Contract) -> Sequence[Obligation]:
    return catalogue(contract).obligations


Suite = Callable[..., tuple[str, ...]]


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Give the function that writes a test suite of a client with one step overridden, as a command."""

    def write(
        override: str = "pass",
        *,
        key: str = 'os.environ["DISTINCT_API_KEY"]',
        calls: int = 2,
        second: str = "{number:02}",
    ) -> tuple[str, ...]:
        body = textwrap.indent(textwrap.dedent(override), "    ")
        text = SUITE.format(root=ROOT, override=body, key=key, calls=calls, second=second, folder=str(tmp_path))
        (tmp_path / "suite.py").write_text(text)
        return (sys.executable, str(tmp_path / "suite.py"))

    return write


def verdicts(run: Run, *, among: Sequence[Verdict]) -> set[str]:
    return {result.obligation.id for result in run.results if result.verdict in among}


BAD = (Verdict.FAIL, Verdict.WARN)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_right_client_has_nothing_to_hear(
    scenario: str,
    suite: Suite,
    contract: Contract,
    obligations: Sequence[Obligation],
) -> None:
    what = Watch(suite(), scenario, calls_differ=True)

    run = watch(what, contract, obligations, Options(strict=True))

    assert (run.mode, run.profile, run.problems) == (Mode.WATCH, scenario, ())
    assert run.requests >= 4
    assert verdicts(run, among=BAD) == set()
    assert "O-01" in verdicts(run, among=[Verdict.PASS])


RETRY_400 = """
def again(self, status, attempt, most):
    return status >= 400 and attempt < 3
"""
NULLS = """
def cleaned(self, fields):
    return dict(fields)
def check_identifiers(self, names):
    pass
def text(self, body, *names):
    pass
"""
NO_WAIT = """
def wait(self, attempt):
    pass
"""
CONSUMED = """
def post_form(self, texts, files):
    self.fresh = True
    super().post_form(texts, files)
def read(self, path):
    if self.fresh:
        yield from super().read(path)
    self.fresh = False
def contents(self, pieces):
    for piece in pieces:
        if isinstance(piece, GivenFile):
            yield b"".join(self.read(piece.path))
        else:
            yield piece
def attempts(self, operation, request):
    def resized():
        headers, length, content = request()
        body = b"".join(content)
        return headers, len(body), iter([body])
    super().attempts(operation, resized)
"""
RETRY_401 = """
def again(self, status, attempt, most):
    return status in {401, 500} and attempt < 3
"""
BEARER = """
def key_headers(self):
    return {**super().key_headers(), "x-distinct-api-key": "Bearer " + self.config.api_key}
"""

WRONG = [
    pytest.param(NULLS, Watch((), "baseline"), "N-14", id="nulls"),
    pytest.param(RETRY_400, Watch((), "reject-400", calls_differ=True), "R-04", id="retries-400"),
    pytest.param(RETRY_401, Watch((), "unauthorized", calls_differ=True), "R-07", id="retries-401"),
    pytest.param(NO_WAIT, Watch((), "retry-500", calls_differ=True), "R-13", id="does-not-wait"),
    pytest.param(CONSUMED, Watch((), "retry-500"), "R-17", id="sends-no-file-again"),
    pytest.param(BEARER, Watch((), "baseline"), "O-04", id="another-key"),
]


@pytest.mark.parametrize(("override", "what", "broken"), WRONG)
def test_a_wrong_client_is_found_out(
    override: str, what: Watch, broken: str, suite: Suite, contract: Contract, obligations: Sequence[Obligation]
) -> None:
    run = watch(replace(what, command=suite(override)), contract, obligations, Options())

    assert verdicts(run, among=BAD) == {broken}


def test_retries_may_be_calls_unless_it_is_said_that_these_differ(
    suite: Suite,
    contract: Contract,
    obligations: Sequence[Obligation],
) -> None:
    run = watch(Watch(suite(RETRY_400), "reject-400"), contract, obligations, Options(strict=True))

    assert verdicts(run, among=BAD) == set()
    assert "R-04" in verdicts(run, among=[Verdict.INFO, Verdict.PASS])
    assert any("--calls-differ" in limitation for limitation in run.limitations)


@pytest.mark.parametrize("scenario", ["retry-500", "reject-400", "rate-limited"])
def test_calls_that_mean_the_same_are_no_fault(
    scenario: str, suite: Suite, contract: Contract, obligations: Sequence[Obligation]
) -> None:
    never_again = "def again(self, status, attempt, most):\n    return False"
    command = suite(never_again, calls=5, second="00")

    run = watch(Watch(command, scenario), contract, obligations, Options(strict=True))

    assert verdicts(run, among=BAD) == set()


def test_what_the_command_did_not_do_has_no_verdict(contract: Contract, obligations: Sequence[Obligation]) -> None:
    run = watch(Watch((sys.executable, "-c", "raise SystemExit(3)")), contract, obligations, Options())

    assert verdicts(run, among=[Verdict.PASS, *BAD, Verdict.INFO]) == set()
    assert Path(sys.executable).name in run.limitations[0]
    assert run.limitations[0].endswith("ended with exit status 3")
    assert run.limitations[1].startswith("no request arrived; does the command use DISTINCT_BASE_URL")


def test_another_key_is_told(
    suite: Suite,
    contract: Contract,
    obligations: Sequence[Obligation],
) -> None:
    run = watch(Watch(suite(key="'vendor-test-key'", calls=1)), contract, obligations, Options())

    assert "2 requests came with another key than DISTINCT_API_KEY" in run.limitations


def test_the_page_names_every_scenario() -> None:
    page = (Path(ROOT) / "docs" / "traffic.md").read_text()

    rows = [line for line in page.partition("| scenario |")[2].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{name}` | {scenario.says} |" for name, scenario in SCENARIOS.items()]


# How the fake answers


@contextlib.contextmanager
def armed(contract: Contract, plan: Sequence[str]) -> Iterator[WatchedFake]:
    with watched_fake(contract) as fake:
        if plan:
            fake.keep_armed(plan)
        yield fake


def status_of(fake: WatchedFake) -> int:
    try:
        return send(fake.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": fake.secret}).status
    except OSError:
        return 0


ANSWERS = [
    pytest.param("baseline", [200, 200, 200, 200], id="baseline"),
    pytest.param("retry-500", [500, 200, 500, 200], id="retry-500"),
    pytest.param("outage", [500, 500, 500, 500], id="outage"),
    pytest.param("reject-400", [400, 400, 400, 400], id="reject-400"),
    pytest.param("unauthorized", [401, 401, 401, 401], id="unauthorized"),
    pytest.param("forbidden", [403, 403, 403, 403], id="forbidden"),
    pytest.param("rate-limited", [429, 200, 429, 200], id="rate-limited"),
    pytest.param("flaky", [200, 500, 200, 200, 0, 200], id="flaky"),
]


@pytest.mark.parametrize(("scenario", "statuses"), ANSWERS)
def test_a_scenario_answers_as_it_says(scenario: str, statuses: list[int], contract: Contract) -> None:
    with armed(contract, SCENARIOS[scenario].plan) as fake:
        assert [status_of(fake) for _ in statuses] == statuses


def test_every_scenario_is_tried() -> None:
    assert [row.values[0] for row in ANSWERS] == list(SCENARIOS)


def test_a_loop_goes_on(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "_STEPS_AHEAD", 4)
    with armed(contract, ("500", "pass")) as fake:
        found = []
        for _ in range(6):
            found += [status_of(fake), status_of(fake)]
            fake.keep_armed(("500", "pass"))

    assert found == [500, 200] * 6


def test_a_fake_prints_no_key(contract: Contract) -> None:
    with watched_fake(contract) as fake:
        assert repr(fake) == f"<WatchedFake {fake.url}>"


# The command


def told(*words: str) -> Result:
    return CliRunner().invoke(watch_command, list(words))


def test_the_command_ends_as_it_found_it(suite: Suite, tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    right = told("--json", str(report), "--", *suite())
    wrong = told("--quiet", "--", *suite(NULLS))

    assert right.exit_code == 0, right.output
    assert "the fake is at http://127.0.0.1:" in right.stderr
    written = json.loads(report.read_text())
    assert (written["mode"], written["profile"]) == ("watch", "baseline")
    assert wrong.exit_code == 1
    assert "the fake is at" not in wrong.stderr


def test_nothing_sent_is_too_little() -> None:
    result = told("--", sys.executable, "-c", "pass")

    assert result.exit_code == 4
    assert "no request arrived" in result.output


def test_what_is_required_has_to_be_exercised(suite: Suite) -> None:
    assert told("--require", "--", *suite(calls=1)).exit_code == 4


def test_a_command_that_takes_too_long_gives_no_verdict() -> None:
    result = told("--timeout", "0.2", "--", sys.executable, "-c", "import time; time.sleep(60)")

    assert result.exit_code == 3
    assert "took longer than 0.2 s, and was ended" in result.output


def test_an_interrupted_one_reports_what_came(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    waits = "print('here', flush=True)\nimport time\ntime.sleep(60)"
    command = [sys.executable, "-c", "from conformance.commands.watch import watch_command as run; run()"]

    with subprocess.Popen(
        [*command, "--json", str(report), "--", sys.executable, "-c", waits],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGINT)
        process.stdout.read()

    assert process.returncode == 130
    assert json.loads(report.read_text())["interrupted"]


def test_no_key_is_printed(suite: Suite, tmp_path: Path) -> None:
    names = ("json", "junit", "html", "markdown")
    files = [word for name in names for word in (f"--{name}", str(tmp_path / name))]

    result = told(*files, "--", *suite(BEARER))

    assert result.exit_code == 1
    for text in (result.output, *((tmp_path / name).read_text() for name in names)):
        assert "dmk_" not in text.replace("dmk_…", "")


def test_a_world_of_ones_own_is_used(suite: Suite, tmp_path: Path) -> None:
    world = tmp_path / "world.toml"
    world.write_text('[[keys]]\nkey = "the-only-one"\n')
    report = tmp_path / "report.json"

    told("--world", str(world), "--json", str(report), "--", *suite(calls=1))

    assert json.loads(report.read_text())["measured"]["requests"] == 2


def test_wrong_use_is_told(contract: Contract, tmp_path: Path, obligations: Sequence[Obligation]) -> None:
    with pytest.raises(ConfigError, match="no-such-world"):
        watch(Watch(("true",), world=str(tmp_path / "no-such-world")), contract, obligations, Options())
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="cannot listen there"):
        watch(Watch(("true",), port=taken.getsockname()[1]), contract, obligations, Options())
    assert told("--scenario", "no-such", "--", "true").exit_code == 2
    assert told().exit_code == 2
