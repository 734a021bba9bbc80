"""The pytest plugin: a fake for the run, a session of it for each test, and their word when a test fails.

Nothing but pytest is imported until a test asks for a fake: whoever does not use it pays nothing for it.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from mock_server.complaints import Complaints
    from mock_server.handle import Handle

_FAKE: "pytest.StashKey[Handle]" = pytest.StashKey()
_COMPLAINTS: "pytest.StashKey[Complaints]" = pytest.StashKey()

_SECTION = "distinct-mock"
_REQUESTS = "distinct-mock requests"
_MOST_REQUESTS = 200
_LONGEST_NAME = 200

_OPTIONS = {
    "world": "serve this world (TOML) in tests; by default the built-in one",
    "spec": "serve this openapi.yaml in tests; by default the one that comes with distinct-mock",
    "url": "use the fake that runs there (with the token of DISTINCT_MOCK_CONTROL_TOKEN) in place of one of our own",
    "ca-file": "for an https URL: the certificates to trust (PEM)",
}
_FILES = ("world", "spec", "ca-file")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add each option to the command line, and to the configuration file."""
    group = parser.getgroup("distinct-mock", "distinct-mock: a fake of the Distinct vendor API")
    for name, text in _OPTIONS.items():
        group.addoption(f"--distinct-mock-{name}", metavar="URL" if name == "url" else "FILE", help=text)
        parser.addini(_ini_name(name), text, type="string", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what cannot both be meant."""
    if _given(config, "url") and (_given(config, "world") or _given(config, "spec")):
        raise pytest.UsageError("--distinct-mock-url uses a fake that has its own world and spec: leave those out")


@pytest.fixture(scope="session")
def distinct_mock_server(pytestconfig: pytest.Config) -> Iterator["Handle"]:
    """Give the fake of this run, for all tests together: for what no session has, such as other keys."""
    from contracts.faults import ConfigError  # noqa: PLC0415 - see the module
    from mock_server.client import ControlError  # noqa: PLC0415

    with ExitStack() as stack:
        try:
            fake = stack.enter_context(_fake(pytestconfig))
        except (ConfigError, ControlError, OSError, ValueError) as error:
            # From None: the error is told by its message, once.
            raise pytest.fail.Exception(f"distinct-mock: {error}", pytrace=False) from None
        yield fake


@pytest.fixture
def distinct_mock(request: pytest.FixtureRequest, distinct_mock_server: "Handle") -> Iterator["Handle"]:
    """Give a fresh session of the fake: with a key, requests, armed faults and a world of its own."""
    with distinct_mock_server.session(request.node.name[:_LONGEST_NAME]) as fake:
        request.node.stash[_FAKE] = fake
        yield fake


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a report what the fake complained of, and for a test that failed what was sent."""
    report = yield
    if _COMPLAINTS in item.config.stash and (said := item.config.stash[_COMPLAINTS].taken()):
        report.sections.append((_SECTION, said))
    if report.failed and _FAKE in item.stash:
        report.sections.append((_REQUESTS, _sent(item.stash[_FAKE])))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write every complaint of the fake, with the test that it came with: of those that passed, too."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    said = [
        (report.nodeid, text)
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, text in report.sections
        if name == _SECTION
    ]
    if said:
        terminalreporter.section("distinct-mock: errors of the fake itself")
    for nodeid, text in said:
        terminalreporter.write_line(f"{nodeid}:")
        terminalreporter.write_line(text)


@contextmanager
def _fake(config: pytest.Config) -> Iterator["Handle"]:
    """Give the fake that the options ask for: one in a thread, or one that runs elsewhere."""
    from mock_server.complaints import collected  # noqa: PLC0415 - see the module
    from mock_server.handle import connect, running  # noqa: PLC0415

    own = _given(config, "world") or _given(config, "spec")
    url = None if own else _option(config, "url")
    if url is not None:
        fake = connect(url, ca_file=_option(config, "ca-file"))
        fake.control.get("/sessions")
        yield fake
        return
    world, spec = _option(config, "world"), _option(config, "spec")
    with collected() as complaints, running(world=world, spec=spec, log=complaints) as fake:
        config.stash[_COMPLAINTS] = complaints
        yield fake


def _sent(fake: "Handle") -> str:
    """List what was sent in a session, a line each."""
    from mock_server.client import ControlError  # noqa: PLC0415 - see the module

    try:
        requests = fake.requests(limit=_MOST_REQUESTS)
    except ControlError as error:
        return f"not to be had: {error}"
    return "\n".join(map(str, requests)) or "none"


def _ini_name(name: str) -> str:
    return f"distinct_mock_{name.replace('-', '_')}"


def _given(config: pytest.Config, name: str) -> str | None:
    """Give what the command line says."""
    return cast("str | None", config.getoption(f"--distinct-mock-{name}"))


def _option(config: pytest.Config, name: str) -> str | None:
    """Give what the command line says or else the configuration file; its files are beside it."""
    on_command_line = _given(config, name)
    found = on_command_line or config.getini(_ini_name(name)) or None
    if found is None or name not in _FILES:
        return found
    beside = config.inipath.parent if config.inipath else config.rootpath
    return str((config.invocation_params.dir if on_command_line else beside) / found)
