"""The pytest plugin: the obligations of a client as test items.

It is there with `--distinct-client SPEC`, or where a conftest.py defines a fixture `distinct_client` that gives such a
text or a factory. Anywhere else it does nothing, and imports nothing but pytest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.results import Run

_FIXTURE = "distinct_client"
_PROFILES = ("quick", "ci", "deep")
_OPTIONS = ("strict", "assume-strict", "server-validated")
_SKIPPED = {"not-applicable": "not applicable", "untested": "not exercised", "blocked": "explained by another"}
_NEXT, _ALIGNED = "\n", "\n" + " " * 10
# As `distinct-conformance client run` names them, which looks for them where it is run.
_KNOWN, _CASES = "distinct-known.toml", "conformance-cases"


@dataclass
class _Found:
    """What a session knows: the folders with a client, their nodes, the suites, and what is to be said at the end."""

    clients: list[Path] = field(default_factory=list)
    folders: dict[Path, pytest.Collector] = field(default_factory=dict)
    suites: "list[Suite]" = field(default_factory=list)
    from_workers: list[str] = field(default_factory=list)


_FOUND: "pytest.StashKey[_Found]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run."""
    group = parser.getgroup("distinct-conformance", "distinct-mock: judge a client of the Distinct vendor API")
    group.addoption(
        "--distinct-client", metavar="SPEC", help='the client: python:MODULE:FACTORY, jsonl:"COMMAND" or exec:"COMMAND"'
    )
    group.addoption("--distinct-profile", choices=_PROFILES, default="quick", help="how much is tried")
    group.addoption("--distinct-seed", type=int, default=0, metavar="N", help="what is drawn from")
    group.addoption("--distinct-only", action="append", default=[], metavar="ID", help="only these, such as R-*")
    for name in _OPTIONS:
        group.addoption(f"--distinct-{name}", action="store_true", help=f"as --{name} of distinct-conformance")


def pytest_configure(config: pytest.Config) -> None:
    """Make room for what is found."""
    config.stash.setdefault(_FOUND, _Found())
    config.addinivalue_line("markers", "distinct(level): an obligation of a client, and how much it binds")


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    """Remember each conftest.py that has a client."""
    config = manager.get_plugin("pytestconfig")
    file = getattr(plugin, "__file__", None)
    if isinstance(config, pytest.Config) and file and file.endswith("conftest.py") and hasattr(plugin, _FIXTURE):
        config.stash.setdefault(_FOUND, _Found()).clients.append(Path(file).parent)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Remember the node of each folder: a conftest's fixtures are only seen below that of its own."""
    if isinstance(collector, pytest.Directory):
        collector.config.stash[_FOUND].folders.setdefault(collector.path, collector)


# First, so that other plugins choose among these items as well.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add an item for each obligation."""
    found = config.stash[_FOUND]
    if config.getoption("distinct_client"):
        found.suites.append(_suite(session, config.rootpath))
    else:
        folders = [folder for folder in found.clients if folder in found.folders and _is_asked_for(config, folder)]
        found.suites += [_suite(found.folders[folder], folder) for folder in folders]
    for suite in found.suites:
        # Through the hooks, so that they are counted as any other.
        report = suite.ihook.pytest_make_collect_report(collector=suite)
        suite.ihook.pytest_collectreport(report=report)
        items += report.result


def _is_asked_for(config: pytest.Config, folder: Path) -> bool:
    """Whether a folder as a whole is to be tested: whoever asks for one file in it does not ask for the client."""
    asked = (config.invocation_params.dir / arg.partition("::")[0] for arg in config.args if "::" not in arg)
    return any(folder.is_relative_to(path.resolve()) for path in asked) or bool(config.getoption("pyargs"))


def _suite(parent: pytest.Collector, folder: Path) -> "Suite":
    root = parent.config.rootpath
    place = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else ""
    suite: Suite = Suite.from_parent(
        parent, name="distinct", nodeid="/".join(filter(None, [place.strip("."), "distinct"]))
    )
    return suite


class Suite(pytest.Collector):
    """All obligations of one client. They share one run, which the first of them starts.

    Of pytest-xdist, each worker has a run of its own, unless it leaves them together (--dist loadfile).
    """

    report: Mapping[str, Any] | None = None
    trouble = ""
    told_by = ""

    def collect(self) -> list[pytest.Item]:
        """Give an item for each obligation that is wanted."""
        from conformance.catalogue import catalogue  # noqa: PLC0415 - see the module
        from conformance.selecting import selected  # noqa: PLC0415
        from contracts.faults import ConfigError  # noqa: PLC0415
        from contracts.spec import load_contract  # noqa: PLC0415

        try:
            chosen = selected(catalogue(load_contract(None)), self.config.getoption("distinct_only"))
        except ConfigError as error:
            raise self.CollectError(str(error).replace("--only", "--distinct-only")) from None
        items: list[pytest.Item] = []
        for obligation in chosen:
            check: Check = Check.from_parent(self, name=obligation.id, callobj=_check_of(self, obligation.id))
            check.title = f"{obligation.id}  {obligation.says}"
            check.add_marker(pytest.mark.distinct(level=obligation.level.value))
            items.append(check)
        if (self.config.rootpath / _KNOWN).exists():
            items.append(Check.from_parent(self, name="known-failures", callobj=_check_of_known(self)))
        return items

    def judged(self, request: pytest.FixtureRequest) -> Mapping[str, Any]:
        """Give the report; without a verdict one item fails, and the others are skipped."""
        if self.report is None and not self.trouble:
            self._judge(request)
        if self.trouble and not self.told_by:
            self.told_by = request.node.nodeid
            pytest.fail(self.trouble, pytrace=False)
        if self.trouble:
            pytest.skip(f"no verdict, as {self.told_by} says")
        assert self.report is not None  # noqa: S101 - for the type
        return self.report

    def _judge(self, request: pytest.FixtureRequest) -> None:
        from conformance.clients.client import AdapterError  # noqa: PLC0415 - see the module
        from conformance.report.document import document  # noqa: PLC0415
        from contracts.faults import ConfigError  # noqa: PLC0415

        spec = self.config.getoption("distinct_client") or request.getfixturevalue(_FIXTURE)
        try:
            run = _run(self.config, spec)
        except AdapterError as error:
            self.trouble = f"the client cannot be tried: {error}"
            return
        except ConfigError as error:
            self.trouble = str(error)
            return
        if run.interrupted:
            raise KeyboardInterrupt
        self.report = document(run)
        if run.problems:
            self.trouble = "no verdict: " + "; ".join(self.report["problems"])

    def told(self) -> list[str]:
        """Say how much was exercised, and what was only warned of."""
        if self.report is None:
            return []
        from conformance.report.wording import both_numbers, client_name  # noqa: PLC0415 - see the module

        warned = [one["id"] for one in self.report["obligations"] if one["verdict"] == "warn"]
        numbers = f"{client_name(self.report)}: {both_numbers(self.report['summary'])}"
        return [numbers, *([f"warned of: {', '.join(warned)}"] if warned else [])]


class Check(pytest.Function):
    """One obligation; the title of its failure is what it says."""

    title = ""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Give where it is from, which is no line of a file, and its title."""
        return self.path, None, self.title or self.name


def _check_of(suite: Suite, obligation_id: str) -> Callable[[pytest.FixtureRequest], None]:
    def check(request: pytest.FixtureRequest) -> None:
        report = suite.judged(request)
        _tell(request, next(one for one in report["obligations"] if one["id"] == obligation_id))

    return check


def _check_of_known(suite: Suite) -> Callable[[pytest.FixtureRequest], None]:
    def check(request: pytest.FixtureRequest) -> None:
        faults = suite.judged(request)["knownFaults"]
        if faults:
            pytest.fail("\n".join(faults), pytrace=False)

    return check


def _run(config: pytest.Config, spec: Any) -> "Run":  # noqa: ANN401 - a text, or a factory
    from datetime import UTC, datetime  # noqa: PLC0415 - see the module

    from conformance.catalogue import catalogue  # noqa: PLC0415
    from conformance.clients.choosing import client_of, is_per_call  # noqa: PLC0415
    from conformance.clients.python_object import PythonClient  # noqa: PLC0415
    from conformance.depth import PER_CALL, PROFILES  # noqa: PLC0415
    from conformance.judge import judge  # noqa: PLC0415
    from conformance.known import apply_known_to, load_known  # noqa: PLC0415
    from conformance.selecting import selected  # noqa: PLC0415
    from conformance.stored import load_all  # noqa: PLC0415
    from contracts.spec import load_contract  # noqa: PLC0415

    contract = load_contract(None)
    everything = catalogue(contract)
    known = config.rootpath / _KNOWN
    entries = load_known(known, [one.id for one in everything]) if known.exists() else ()
    run = judge(
        client_of(spec, contract) if isinstance(spec, str) else PythonClient(spec, contract),
        contract,
        selected(everything, config.getoption("distinct_only")),
        PER_CALL if isinstance(spec, str) and is_per_call(spec) else PROFILES[config.getoption("distinct_profile")],
        seed=config.getoption("distinct_seed"),
        stored=load_all(config.rootpath / _CASES, contract),
        **{name.replace("-", "_"): config.getoption(f"distinct_{name.replace('-', '_')}") for name in _OPTIONS},
    )
    return apply_known_to(run, entries, datetime.now(UTC).date())


def _tell(request: pytest.FixtureRequest, obligation: Mapping[str, Any]) -> None:
    """Pass, fail or skip as the verdict says."""
    from conformance.report.wording import failure_rows, printable  # noqa: PLC0415 - see the module

    text = "\n".join(f"{name:<9} {printable(row).replace(_NEXT, _ALIGNED)}" for name, row in failure_rows(obligation))
    verdict = obligation["verdict"]
    if verdict in {"fail", "stale"}:
        pytest.fail(text, pytrace=False)
    if obligation["missing"]:
        pytest.fail(f"had to be exercised and was not: {obligation['reason']}\n{text}", pytrace=False)
    if verdict == "known":
        pytest.xfail(obligation["reason"])
    if verdict in _SKIPPED:
        pytest.skip(f"{_SKIPPED[verdict]}: {obligation['reason']}")
    if verdict in {"warn", "info"}:
        request.node.add_report_section("call", "distinct", f"{verdict}\n{text}")


def _told(config: pytest.Config) -> list[str]:
    found = config.stash[_FOUND]
    return list(dict.fromkeys([*(line for suite in found.suites for line in suite.told()), *found.from_workers]))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist: hand over what is to be said at the end."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["distinct_conformance"] = _told(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 - a node of pytest-xdist, which need not be there
    """Take what a worker hands over."""
    node.config.stash[_FOUND].from_workers += getattr(node, "workeroutput", {}).get("distinct_conformance", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how much was exercised, and what was only warned of."""
    lines = _told(config)
    if lines:
        terminalreporter.write_sep("-", "distinct-conformance")
    for line in lines:
        terminalreporter.write_line(line)
