"""The obligations of a client as test items, in somebody else's test suite."""

import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

# pytester takes out of memory what a run of it has imported, and a class would be another one each time.
import conformance.commands.client
from conformance.clients.client import AdapterError
from conformance.obligation import Obligation
from conformance.results import Run
from tests.conformance.made_runs import BLOCKS, NOTES, PASSES, fails, run

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
ADAPTERS = ROOT / "examples" / "adapters" / "python"
# Where it is installed with its entry point, it is there anyway.
_INSTALLED = any(point.value == "conformance.pytest_plugin" for point in entry_points(group="pytest11"))
_PLUGIN = () if _INSTALLED else ("-p", "conformance.pytest_plugin")
_OPTIONS = (*_PLUGIN, "-p", "no:schemathesis", "-p", "no:cacheprovider")

CONFTEST = """
    import pytest

    @pytest.fixture
    def distinct_client():
        return "exec:true"
"""
OF_SOMEBODY = "def test_of_somebody(): pass"
FOUND = {
    "P-01": [PASSES], "U-01": [PASSES], "N-01": [fails("nobody")], "N-14": [fails()], "U-14": [fails("a path")],
    "N-11": [NOTES], "N-02": [BLOCKS],
}  # fmt: skip
ONLY = [f"--distinct-only={name}" for name in ("P-01", "N-14", "U-14", "N-11", "N-02", "R-14", "O-15")]

Outcome = pytest.RunResult


class Judge:
    """Stands for the judge: gives a run that is made by hand, and keeps how often it was asked, and for what."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = FOUND
        self.more: dict[str, Any] = {}
        self.asked: list[dict[str, Any]] = []
        self.clients: list[object] = []
        self.fault: Exception | None = None

    def __call__(
        self, client: object, _contract: object, obligations: Sequence[Obligation], *_: object, **how: object
    ) -> Run:
        self.asked.append(how)
        self.clients.append(client)
        if self.fault:
            raise self.fault
        return run(obligations, self.found, **self.more)


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    made = Judge()
    monkeypatch.setattr(conformance.judge, "judge", made)
    return made


@pytest.fixture
def run_tests(pytester: pytest.Pytester) -> Callable[..., Outcome]:
    """Run pytest in a folder with a test of somebody's."""
    pytester.makepyfile(OF_SOMEBODY)
    return lambda *options: pytester.runpytest_inprocess(*_OPTIONS, *options, no_reraise_ctrlc=True)


RunTests = Callable[..., Outcome]


# Verdicts


def test_each_verdict_is_an_outcome_and_there_is_one_run(run_tests: RunTests, judge: Judge) -> None:
    outcome = run_tests("--distinct-client", "exec:true", "-rs", "-v", *ONLY)

    # Somebody's own, P-01, U-01, U-14 and N-11; N-01, N-14, and O-15, which is missing.
    counted = outcome.parseoutcomes()
    assert (counted["passed"], counted["failed"]) == (5, 3)
    assert len(judge.asked) == 1
    outcome.stdout.fnmatch_lines_random([
        "*distinct::N-14 FAILED*",
        "*distinct::U-14 PASSED*",
        "*not applicable: the client does not declare retries",
        "*explained by another: explained by what it depends on: N-01",
        "*- distinct-conformance -*",
        "acme 3.2: * obligations exercised, * kept",
        "warned of: U-14",
    ])  # fmt: skip


def test_a_failure_reads_like_one_of_the_report(run_tests: RunTests, judge: Judge) -> None:  # noqa: ARG001 - a stand-in
    outcome = run_tests("--distinct-client", "exec:true", *ONLY)

    outcome.stdout.fnmatch_lines([
        "_* N-14  An optional field without a value is left out, and not sent as null. _*",
        "says *",
        "source *user-analytics, *",
        "what *null was sent",
        "where *capturedAt",
        "expected *nothing",
        "got *null",
        "again *distinct-conformance client run * --only N-14",
    ])  # fmt: skip
    outcome.stdout.fnmatch_lines(["had to be exercised and was not: the client refused nothing *"])
    for noise in ("*pytest_plugin.py*", "*traceback*", "*Traceback*"):
        outcome.stdout.no_fnmatch_line(noise)


def test_an_obligation_is_chosen_by_its_id_and_by_its_level(run_tests: RunTests, judge: Judge) -> None:  # noqa: ARG001 - a stand-in
    by_id = run_tests("--distinct-client", "exec:true", "-k", "P-01", *ONLY)
    by_mark = run_tests("--distinct-client", "exec:true", "--strict-markers", "-m", "distinct(level='ASSUMED')", *ONLY)

    assert (by_id.parseoutcomes()["passed"], by_id.ret) == (1, 0)
    assert by_mark.parseoutcomes()["passed"] == 1
    by_id.stdout.fnmatch_lines(["collected * items / * deselected / 1 selected"])


def test_warnings_fail_when_they_are_to(run_tests: RunTests, judge: Judge) -> None:
    run_tests("--distinct-client", "exec:true", "--distinct-strict", "--distinct-server-validated", "--distinct-seed=7")

    assert judge.asked[0] == {
        "strict": True, "assume_strict": False, "server_validated": True, "seed": 7, "stored": [],
    }  # fmt: skip


NO_VERDICT = [
    pytest.param(
        {"fault": AdapterError("no such command")}, "the client cannot be tried: no such command", id="adapter"
    ),
    pytest.param({"more": {"problems": ("it swapped replies",)}}, "no verdict: it swapped replies", id="harness"),
]


@pytest.mark.parametrize(("made", "words"), NO_VERDICT)
def test_without_a_verdict_one_item_fails_and_says_why(
    run_tests: RunTests, judge: Judge, made: dict[str, Any], words: str
) -> None:
    vars(judge).update(made)

    outcome = run_tests("--distinct-client", "exec:true", "-rs", *ONLY)

    counted = outcome.parseoutcomes()
    assert (counted["failed"], counted["passed"], len(judge.asked)) == (1, 1, 1)
    outcome.stdout.fnmatch_lines([words, "SKIPPED *no verdict, as distinct::P-01 says"])


def test_an_interrupted_run_ends_the_session(run_tests: RunTests, judge: Judge) -> None:
    judge.more = {"interrupted": True}

    outcome = run_tests("--distinct-client", "exec:true")

    assert outcome.ret == pytest.ExitCode.INTERRUPTED


KNOWN = """
    [[known]]
    obligation = "{id}"
    reason = "our server does that"
    match = "null was sent"
"""
KNOWN_FAILURES = [
    pytest.param("N-14", {"xfailed": 1, "failed": 2}, id="fails-as-is-known"),
    pytest.param("P-01", {"failed": 4}, id="passes"),
]


@pytest.mark.parametrize(("name", "counted"), KNOWN_FAILURES)
def test_what_is_known_to_fail_is_expected_to(
    run_tests: RunTests, judge: Judge, pytester: pytest.Pytester, name: str, counted: dict[str, int]
) -> None:
    (pytester.path / "distinct-known.toml").write_text(textwrap.dedent(KNOWN.format(id=name)))

    outcome = run_tests("--distinct-client", "exec:true", "-v", *ONLY)

    found = outcome.parseoutcomes()
    assert {word: found.get(word, 0) for word in counted} == counted
    assert len(judge.asked) == 1
    outcome.stdout.fnmatch_lines_random(["distinct::known-failures PASSED*"])


def test_a_mistake_in_the_file_of_known_failures_is_told(
    run_tests: RunTests, judge: Judge, pytester: pytest.Pytester
) -> None:
    (pytester.path / "distinct-known.toml").write_text('[[known]]\nobligation = "N-99"\n')

    outcome = run_tests("--distinct-client", "exec:true", *ONLY)

    outcome.stdout.fnmatch_lines(["*distinct-known.toml: known[[]1[]]: has no reason"])
    assert (outcome.parseoutcomes()["failed"], judge.asked) == (1, [])


def test_an_id_that_is_none_is_told(run_tests: RunTests) -> None:
    outcome = run_tests("--distinct-client", "exec:true", "--distinct-only", "N-99")

    assert outcome.ret == pytest.ExitCode.INTERRUPTED
    outcome.stdout.fnmatch_lines(["--distinct-only N-99: names no obligation; near it: *"])


# The fixture


def test_a_fixture_in_the_root(run_tests: RunTests, judge: Judge, pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)

    outcome = run_tests("-v")

    outcome.stdout.fnmatch_lines(["distinct::P-01 PASSED*"])
    assert len(judge.asked) == 1


def test_fixtures_in_folders_each_have_a_run(run_tests: RunTests, judge: Judge, pytester: pytest.Pytester) -> None:
    for folder in ("one", "two/deep"):
        (pytester.path / folder).mkdir(parents=True)
        (pytester.path / folder / "conftest.py").write_text(textwrap.dedent(CONFTEST))

    outcome = run_tests("-v")

    outcome.stdout.fnmatch_lines(["one/distinct::P-01 PASSED*", "two/deep/distinct::P-01 PASSED*"])
    assert len(judge.asked) == 2


def test_a_factory_is_called_by_the_judge(run_tests: RunTests, judge: Judge, pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import pytest

        class Client:
            def __init__(self, config): ...
            def call(self, operation, args, files): ...

        @pytest.fixture
        def distinct_client():
            return lambda config: Client(config)
    """)

    run_tests(*ONLY)

    # It gives another one for each item, and still there is one run.
    assert [type(client).__name__ for client in judge.clients] == ["PythonClient"]


ASKED = [
    pytest.param((), 1, id="everything"),
    pytest.param(("sub",), 1, id="its-folder"),
    pytest.param((".",), 1, id="a-folder-above"),
    pytest.param(("sub/test_it.py",), 0, id="a-file-in-it"),
    pytest.param(("sub/test_it.py::test_of_somebody",), 0, id="a-test-in-it"),
    pytest.param(("other",), 0, id="another-folder"),
]


@pytest.mark.parametrize(("arguments", "runs"), ASKED)
def test_who_asks_for_something_else_gets_that(
    run_tests: RunTests, judge: Judge, pytester: pytest.Pytester, arguments: tuple[str, ...], runs: int
) -> None:
    for folder in ("sub", "other"):
        (pytester.path / folder).mkdir()
    (pytester.path / "sub" / "conftest.py").write_text(textwrap.dedent(CONFTEST))
    (pytester.path / "sub" / "test_it.py").write_text(OF_SOMEBODY)
    (pytester.path / "other" / "test_other.py").write_text(OF_SOMEBODY)

    outcome = run_tests(*arguments, *ONLY)

    assert (outcome.parseoutcomes().get("failed", 0) > 0, len(judge.asked)) == (runs > 0, runs)


# With a client, and beside other things


def test_a_right_client(pytester: pytest.Pytester) -> None:
    for file in ADAPTERS.glob("*.py"):
        (pytester.path / file.name).write_text(file.read_text())

    outcome = pytester.runpytest_subprocess(*_OPTIONS, "--distinct-client", "python:with_http_client:make", timeout=120)

    counted = outcome.parseoutcomes()
    assert (outcome.ret, counted.get("failed", 0)) == (0, 0)
    assert counted["passed"] > 100


def test_a_client_that_is_not_there(run_tests: RunTests) -> None:
    outcome = run_tests("--distinct-client", "python:nothing_of_this_name:make", *ONLY)

    outcome.stdout.fnmatch_lines(["the client cannot be tried: *nothing_of_this_name*"])
    outcome.assert_outcomes(passed=1, failed=1, skipped=len(ONLY) + 2)


# Workers are processes, so the stand-in is put in by the conftest of each.
WITH_STAND_IN = f"""
    import sys

    sys.path.append({str(ROOT)!r})
    from conformance import judge
    from tests.conformance.test_pytest_plugin import Judge

    made = Judge()
    judge.judge = made

    def pytest_unconfigure(config):
        worker = getattr(config, "workerinput", {{"workerid": "main"}})
        with open(f"{{worker['workerid']}}.asked", "w") as file:
            file.write(str(len(made.asked)))
"""


def test_workers_of_xdist_share_one_run_where_files_stay_together(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(OF_SOMEBODY)
    pytester.makeconftest(textwrap.dedent(CONFTEST) + textwrap.dedent(WITH_STAND_IN))

    outcome = pytester.runpytest_subprocess(*_OPTIONS, "-n", "2", "--dist", "loadfile", *ONLY, timeout=120)

    counted = outcome.parseoutcomes()
    assert (counted["passed"], counted["failed"]) == (5, 3)
    assert sum(int(file.read_text()) for file in pytester.path.glob("gw*.asked")) == 1
    outcome.stdout.fnmatch_lines(["*- distinct-conformance -*", "acme 3.2: *", "warned of: U-14"])


def test_otherwise_each_worker_of_xdist_has_its_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(textwrap.dedent(CONFTEST) + textwrap.dedent(WITH_STAND_IN))

    outcome = pytester.runpytest_subprocess(*_OPTIONS, "-n", "2", *ONLY, timeout=120)

    counted = outcome.parseoutcomes()
    assert (counted["passed"], counted["failed"]) == (4, 3)
    # What both say is said once.
    assert [line for line in outcome.outlines if line.startswith("warned of")] == ["warned of: U-14"]


INERT = """
    import sys

    def test_nothing_was_imported():
        heavy = ("hypothesis", "schemathesis", "rich", "contracts", "mock_server.handle", "conformance.model")
        assert "conformance.pytest_plugin" in sys.modules
        assert not [name for name in heavy if name in sys.modules]
"""


def test_without_a_client_it_does_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(INERT)

    # hypothesis has a plugin of its own, which imports it when it likes.
    outcome = pytester.runpytest_subprocess(*_OPTIONS, "-p", "no:hypothesispytest")

    outcome.assert_outcomes(passed=1)
    outcome.stdout.no_fnmatch_line("*distinct-conformance*")


def test_it_is_quick_to_import() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import conformance.pytest_plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert ran.stdout.split() == ["conformance", "conformance.pytest_plugin"]


def test_a_run_loads_no_schemathesis(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        textwrap.dedent(CONFTEST)
        + textwrap.dedent(WITH_STAND_IN)
        + "\ndef pytest_sessionfinish():\n    print('schemathesis' in sys.modules, 'hypothesis' in sys.modules)\n"
    )

    outcome = pytester.runpytest_subprocess(*_OPTIONS, "-s", *ONLY, timeout=120)

    outcome.stdout.fnmatch_lines(["*False True"])


def test_it_can_be_left_out(pytester: pytest.Pytester) -> None:
    if not _INSTALLED:
        pytest.skip("it is not installed with its entry point")
    pytester.makepyfile(OF_SOMEBODY)
    pytester.makeconftest(CONFTEST)

    outcome = pytester.runpytest_subprocess("-p", "no:schemathesis", "-p", "no:distinct-conformance")

    outcome.assert_outcomes(passed=1)
