"""The pytest plugin: the obligations of a client as test items.

It is there with `--distinct-client SPEC`, or where a conftest.py defines a fixture `distinct_client` that gives such a
text or a factory. Anywhere else it does nothing, and imports nothing but pytest.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.results import Run

_FIXTURE = "distinct_client"
_PROFILES = ("quick", "ci", "deep")
_CONFTESTS: pytest.StashKey[list[Path]] = pytest.StashKey()
_REPORTS: "pytest.StashKey[dict[int, Mapping[str, Any]]]" = pytest.StashKey()
_OPTIONS = ("strict", "assume-strict", "server-validated")
_SKIPPED = {"not-applicable": "not applicable", "untested": "not exercised", "blocked": "explained by another"}


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
    config.stash.setdefault(_CONFTESTS, [])
    config.stash[_REPORTS] = {}
    config.addinivalue_line("markers", "distinct(level): an obligation of a client, and how much it binds")


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    """Remember each conftest.py that has a client."""
    config = manager.get_plugin("pytestconfig")
    file = getattr(plugin, "__file__", None)
    if isinstance(config, pytest.Config) and file and file.endswith("conftest.py") and hasattr(plugin, _FIXTURE):
        config.stash.setdefault(_CONFTESTS, []).append(Path(file))


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add an item for each obligation."""
    if config.getoption("distinct_client"):
        items += _suite(session, "").collect()
        return
    for conftest in config.stash[_CONFTESTS]:
        folder = conftest.parent
        place = folder.relative_to(config.rootpath).as_posix() if folder.is_relative_to(config.rootpath) else ""
        items += _suite(session, "" if place == "." else place).collect()


def _suite(session: pytest.Session, place: str) -> "Suite":
    suite: Suite = Suite.from_parent(session, name="distinct", nodeid=place)
    return suite


class Suite(pytest.Collector):
    """All obligations, in the folder of a conftest.py."""

    def collect(self) -> list[pytest.Item]:
        """Give an item for each obligation that is wanted."""
        from conformance.obligations import catalogue  # noqa: PLC0415 - see the module
        from conformance.selecting import selected  # noqa: PLC0415
        from contracts.faults import ConfigError  # noqa: PLC0415
        from contracts.spec import load_contract  # noqa: PLC0415

        try:
            chosen = selected(catalogue(load_contract(None)), self.config.getoption("distinct_only"))
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from None
        items = []
        for obligation in chosen:
            item: pytest.Item = pytest.Function.from_parent(
                self, name=f"distinct::{obligation.id}", callobj=_check_of(obligation.id)
            )
            item.add_marker(pytest.mark.distinct(obligation.level.value))
            items.append(item)
        return items


def _check_of(obligation_id: str) -> Callable[[pytest.FixtureRequest], None]:
    def check(request: pytest.FixtureRequest) -> None:
        __tracebackhide__ = True
        _tell(request, obligation_id, _report(request))

    return check


def _report(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """Give the report of the one run that all items of a client share."""
    config = request.config
    spec = config.getoption("distinct_client") or request.getfixturevalue(_FIXTURE)
    reports = config.stash[_REPORTS]
    known = hash(spec) if isinstance(spec, str) else id(spec)
    if known not in reports:
        from conformance.report.document import document  # noqa: PLC0415 - see the module

        reports[known] = document(_run(config, spec))
    return reports[known]


def _run(config: pytest.Config, spec: Any) -> "Run":  # noqa: ANN401 - a text, or a factory
    from conformance.clients.choosing import client_of  # noqa: PLC0415 - see the module
    from conformance.clients.client import AdapterError  # noqa: PLC0415
    from conformance.clients.python_object import PythonClient  # noqa: PLC0415
    from conformance.depth import PER_CALL, PROFILES  # noqa: PLC0415
    from conformance.judge import judge  # noqa: PLC0415
    from conformance.obligations import catalogue  # noqa: PLC0415
    from conformance.selecting import selected  # noqa: PLC0415
    from contracts.spec import load_contract  # noqa: PLC0415

    contract = load_contract(None)
    try:
        client = client_of(spec, contract) if isinstance(spec, str) else PythonClient(spec, contract)
        return judge(
            client,
            contract,
            selected(catalogue(contract), config.getoption("distinct_only")),
            PER_CALL
            if isinstance(spec, str) and spec.startswith("exec:")
            else PROFILES[config.getoption("distinct_profile")],
            seed=config.getoption("distinct_seed"),
            **{name.replace("-", "_"): config.getoption(f"distinct_{name.replace('-', '_')}") for name in _OPTIONS},
        )
    except AdapterError as error:
        raise pytest.fail.Exception(f"the client cannot be tried: {error}", pytrace=False) from None


def _tell(request: pytest.FixtureRequest, obligation_id: str, report: Mapping[str, Any]) -> None:
    """Pass, fail or skip as the verdict says."""
    __tracebackhide__ = True
    from conformance.report.wording import failure_rows  # noqa: PLC0415 - see the module

    if report["problems"]:
        pytest.fail("no verdict: " + "; ".join(report["problems"]), pytrace=False)
    obligation = next(one for one in report["obligations"] if one["id"] == obligation_id)
    text = "\n".join(f"{name:<9} {row}" for name, row in failure_rows(obligation))
    verdict = obligation["verdict"]
    if verdict in {"fail", "stale"}:
        pytest.fail(text, pytrace=False)
    if obligation["missing"]:
        pytest.fail(f"had to be exercised and was not: {obligation['reason']}\n{text}", pytrace=False)
    if verdict in _SKIPPED:
        pytest.skip(f"{_SKIPPED[verdict]}: {obligation['reason']}")
    if verdict in {"warn", "info"}:
        request.node.add_report_section("call", "distinct", f"{verdict}\n{text}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how much was exercised, and what was only warned of."""
    for report in config.stash[_REPORTS].values():
        from conformance.report.wording import both_numbers  # noqa: PLC0415 - see the module

        warned = [one["id"] for one in report["obligations"] if one["verdict"] == "warn"]
        terminalreporter.write_sep("-", "distinct-conformance")
        terminalreporter.write_line(both_numbers(report["summary"]))
        if warned:
            terminalreporter.write_line(f"warned of: {', '.join(warned)}")
