"""The pytest plugin, used by the tests of somebody else."""

import subprocess
import sys
import textwrap
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from contracts.spec import spec_text
from contracts.world_file import world_text
from tests.conftest import Start
from tests.mock_server.another import another_server

pytest_plugins = ["pytester"]

# Where it is installed with its entry point, it is there anyway.
_INSTALLED = any(point.value == "mock_server.pytest_plugin" for point in entry_points(group="pytest11"))
_PLUGIN = () if _INSTALLED else ("-p", "mock_server.pytest_plugin")
_IMPORT_MILLISECONDS = 5

_BEGINNING = """
    import json, urllib.error, urllib.request
    import pytest

    def post(fake, email="john.doe@example.com"):
        event = {"email": email, "feature": "registration_email", "action": "opened", "experienceId": "47Gop5",
                 "capturedAt": "2026-04-27T13:35:00Z"}
        headers = {"Content-Type": "application/json", "x-distinct-api-key": fake.key}
        request = urllib.request.Request(fake.url + "/api/v1/user/analytics", json.dumps(event).encode(), headers)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
"""

Outcome = pytest.RunResult
RunTests = Callable[..., Outcome]


@pytest.fixture
def run_tests(pytester: pytest.Pytester) -> RunTests:
    """Run pytest on a module of tests; gives what came out."""

    def run(source: str, *options: str) -> Outcome:
        pytester.makepyfile(textwrap.dedent(_BEGINNING) + textwrap.dedent(source))
        return pytester.runpytest_inprocess(*_PLUGIN, "-p", "no:schemathesis", "-p", "no:cacheprovider", *options)

    return run


def test_each_test_has_a_session_of_its_own(run_tests: RunTests) -> None:
    outcome = run_tests("""
        KEYS = []

        @pytest.mark.parametrize("number", [1, 2])
        def test_it(distinct_mock, number):
            KEYS.append(distinct_mock.key)
            assert post(distinct_mock) == 200
            distinct_mock.verify(1)

        def test_they_ended(distinct_mock_server):
            sessions = distinct_mock_server.control.get("/sessions")["sessions"]
            assert [bool(one["ended"]) for one in sessions] == [True, True]
            assert [one["name"] for one in sessions] == ["test_it[1]", "test_it[2]"]
            assert len(set(KEYS)) == 2
    """)

    outcome.assert_outcomes(passed=3)
    outcome.stdout.no_fnmatch_line("*distinct-mock*errors*")


def test_a_test_that_fails_shows_what_was_sent(run_tests: RunTests) -> None:
    outcome = run_tests("""
        def test_it(distinct_mock):
            post(distinct_mock)
            assert post(distinct_mock, "nobody@example.com") == 200

        def test_nothing_sent(distinct_mock):
            assert distinct_mock.requests()
    """)

    outcome.assert_outcomes(failed=2)
    outcome.stdout.fnmatch_lines([
        "*- distinct-mock requests -*",
        "* dmk_*addUserAnalytics 200 *",
        "* dmk_*addUserAnalytics 400 * analytics.user-known*",
        "*- distinct-mock requests -*",
        "none",
    ])  # fmt: skip


def test_an_unmet_check_is_shown_with_the_line_of_the_test(run_tests: RunTests) -> None:
    outcome = run_tests("""
        def test_it(distinct_mock):
            post(distinct_mock)
            distinct_mock.verify(2, status=200)
    """)

    outcome.stdout.fnmatch_lines([
        ">*distinct_mock.verify(2, status=200)",
        "E*AssertionError: expected exactly 2 requests",
        "E*with status=200",
    ])  # fmt: skip
    outcome.stdout.no_fnmatch_line("*handle.py*")


def test_what_a_fake_complains_of_stands_with_the_test_that_caused_it(run_tests: RunTests) -> None:
    outcome = run_tests("""
        def test_innocent(distinct_mock):
            assert post(distinct_mock) == 200

        def test_guilty(distinct_mock, monkeypatch):
            def fail(*arguments, **named):
                raise LookupError("a mistake of the fake")
            monkeypatch.setattr("mock_server.endpoint.Endpoint.__call__", fail)
            assert post(distinct_mock) == 500

        def test_guilty_and_failing(distinct_mock, monkeypatch):
            from mock_server.storage.database import StorageError
            def fail(*arguments):
                raise StorageError("the disk is full")
            monkeypatch.setattr("mock_server.storage.journal.Journal.record", fail)
            assert post(distinct_mock) == 200
    """)

    outcome.assert_outcomes(passed=2, failed=1)
    outcome.stdout.fnmatch_lines([
        "*- distinct-mock -*",
        "*the journal * cannot be written: the disk is full*",
        "*= distinct-mock: errors of the fake itself =*",
        "*::test_guilty:",
        "*exception in the ASGI application",
        "*LookupError: a mistake of the fake",
        "*::test_guilty_and_failing:",
        "*cannot be written: the disk is full*",
    ])  # fmt: skip
    outcome.stdout.no_fnmatch_line("*test_innocent:")


def test_the_journal_of_a_fake_that_is_gone_is_not_to_be_had(run_tests: RunTests) -> None:
    outcome = run_tests("""
        def test_it(distinct_mock):
            distinct_mock.control = type(distinct_mock.control)("http://127.0.0.1:1")
            assert False
    """)

    outcome.stdout.fnmatch_lines(["*- distinct-mock requests -*", "not to be had: no fake answers at *"])


# Which fake


def other_files(folder: Path) -> None:
    folder.mkdir()
    (folder / "world.toml").write_text(world_text().replace("john.doe@example.com", "jane@example.com"))
    (folder / "spec.yaml").write_text(spec_text().replace("/api/v1/user/analytics:", "/api/v2/user/analytics:"))


_OTHER_WORLD = """
    def test_it(distinct_mock):
        assert post(distinct_mock, "jane@example.com") == 200
"""
_OTHER_SPEC = """
    def test_it(distinct_mock):
        assert "/api/v2/user/analytics" in distinct_mock.control.get("/spec.json")["paths"]
"""
FILES = [
    pytest.param("world", _OTHER_WORLD, "world.toml", id="world"),
    pytest.param("spec", _OTHER_SPEC, "spec.yaml", id="spec"),
]


@pytest.mark.parametrize(("option", "source", "file"), FILES)
def test_the_command_line_names_a_file(
    run_tests: RunTests, pytester: pytest.Pytester, option: str, source: str, file: str
) -> None:
    other_files(pytester.path / "other")

    run_tests(source, f"--distinct-mock-{option}", f"other/{file}").assert_outcomes(passed=1)


@pytest.mark.parametrize(("option", "source", "file"), FILES)
def test_the_configuration_names_a_file_beside_it(
    run_tests: RunTests, pytester: pytest.Pytester, option: str, source: str, file: str
) -> None:
    other_files(pytester.path / "other")
    pytester.makeini(f"[pytest]\ndistinct_mock_{option} = other/{file}\n")
    (pytester.path / "elsewhere").mkdir()

    pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(pytester.path / "elsewhere")
        outcome = run_tests(source, str(pytester.path))

    outcome.assert_outcomes(passed=1)


def test_a_fake_that_runs_elsewhere(run_tests: RunTests, pytester: pytest.Pytester, start: Start) -> None:
    url = start().url
    pytester.makeini(f"[pytest]\ndistinct_mock_url = {url}\n")

    outcome = run_tests(f"""
        def test_it(distinct_mock):
            assert distinct_mock.url == "{url}"
            assert post(distinct_mock) == 200
    """)

    outcome.assert_outcomes(passed=1)


def test_a_world_of_the_command_line_is_served_whatever_the_configuration_says(
    run_tests: RunTests, pytester: pytest.Pytester
) -> None:
    other_files(pytester.path / "other")
    pytester.makeini("[pytest]\ndistinct_mock_url = http://127.0.0.1:1\n")

    run_tests(_OTHER_WORLD, "--distinct-mock-world", "other/world.toml").assert_outcomes(passed=1)


WRONG = [
    pytest.param(("--distinct-mock-world", "none.toml"), "distinct-mock: *none.toml: *", id="no-such-file"),
    pytest.param(("--distinct-mock-url", "http://127.0.0.1:1"), "distinct-mock: no fake answers at *", id="nobody"),
    pytest.param(("--distinct-mock-url", "nonsense"), "distinct-mock: the URL of a fake: got 'nonsense'*", id="no-url"),
]


def test_another_server_is_not_taken_for_a_fake(run_tests: RunTests) -> None:
    with another_server() as url:
        outcome = run_tests("def test_it(distinct_mock_server): pass", "--distinct-mock-url", url)

    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["distinct-mock: what answers at * is no fake with a control API: status 200"])


@pytest.mark.parametrize(("options", "words"), WRONG)
def test_a_fake_that_cannot_be_had_is_told_in_a_line(run_tests: RunTests, options: tuple[str], words: str) -> None:
    outcome = run_tests("def test_it(distinct_mock): pass", *options)

    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines([words])
    outcome.stdout.no_fnmatch_line("*Traceback*")
    outcome.stdout.no_fnmatch_line("*another exception*")


def test_options_that_cannot_both_be_meant(run_tests: RunTests) -> None:
    outcome = run_tests("", "--distinct-mock-url", "http://127.0.0.1:1", "--distinct-mock-world", "world.toml")

    assert outcome.ret == pytest.ExitCode.USAGE_ERROR
    outcome.stderr.fnmatch_lines(["*--distinct-mock-url uses a fake that has its own world*"])


# Beside other things


def test_each_worker_of_xdist_has_a_server_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        textwrap.dedent(_BEGINNING)
        + textwrap.dedent("""
        import os

        @pytest.mark.parametrize("number", range(6))
        def test_it(distinct_mock, number):
            with open(f"{os.environ['PYTEST_XDIST_WORKER']}.url", "w") as file:
                file.write(distinct_mock.url)
            assert post(distinct_mock) == 200
            assert number != 3

        def test_guilty(distinct_mock, monkeypatch):
            monkeypatch.setattr("mock_server.endpoint.Endpoint.__call__", None)
            assert post(distinct_mock) == 500
        """)
    )

    outcome = pytester.runpytest_subprocess(*_PLUGIN, "-p", "no:schemathesis", "-n", "2", "--dist", "each")

    outcome.assert_outcomes(passed=12, failed=2)
    urls = {file.read_text() for file in pytester.path.glob("gw*.url")}
    assert len(urls) == 2
    outcome.stdout.fnmatch_lines(["*- distinct-mock requests -*", "*= distinct-mock: errors of the fake itself =*"])


def test_who_does_not_use_it_pays_nothing_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys

        def test_nothing_was_imported():
            heavy = {"starlette", "uvicorn", "sqlite3", "mock_server.handle", "mock_server.client", "contracts"}
            assert "mock_server.pytest_plugin" in sys.modules
            assert not heavy & set(sys.modules)
    """)

    outcome = pytester.runpytest_subprocess(*_PLUGIN, "-p", "no:schemathesis")

    outcome.assert_outcomes(passed=1)


def test_it_is_quick_to_import() -> None:
    program = (
        "import sys, time, pytest; before = set(sys.modules); begun = time.perf_counter();"
        "import mock_server.pytest_plugin; took = 1000 * (time.perf_counter() - begun);"
        "print(took, *sorted(set(sys.modules) - before))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
        for _ in range(3)
    ]

    found = [run.stdout.split() for run in runs]

    assert found[0][1:] == ["mock_server", "mock_server.pytest_plugin"]
    assert min(float(words[0]) for words in found) < 4 * _IMPORT_MILLISECONDS
