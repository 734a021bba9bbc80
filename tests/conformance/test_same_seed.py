"""The same client and the same seed give the same report, but for what was measured."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from conformance import examination
from conformance.catalogue import catalogue
from conformance.clients.client import Client
from conformance.clients.json_lines import JsonLinesClient
from conformance.clients.python_object import PythonClient
from conformance.depth import Depth
from conformance.judge import judge
from conformance.report.document import document
from contracts.operations import Contract
from tests.conformance.few_trials import try_few
from tests.conformance.reference import Reference
from tests.conformance.several_faults import SeveralFaults

# No clock decides when shrinking ends.
_BOUNDARY = re.compile("reference-[0-9a-f]{16}")
DEPTH = Depth("quick", 25, shrink_calls=60, shrink_seconds=600)


def steady(value: object) -> object:
    """Take out what may differ from run to run."""
    if isinstance(value, dict):
        return {name: steady(item) for name, item in value.items() if name != "measured"}
    if isinstance(value, str):
        # Which boundary a form has, is up to the client.
        return _BOUNDARY.sub("reference-", value)
    return [steady(item) for item in value] if isinstance(value, list) else value


def differences(one: Any, other: Any, place: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    """Give the places where two values differ, so that a failure can be read."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other})
        return [found for name in names for found in differences(one.get(name), other.get(name), f"{place}/{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for number, pair in pairs for found in differences(*pair, f"{place}/{number}")]
    return [] if one == other else [f"{place}: {str(one)[:200]} and {str(other)[:200]}"]


def of_reference(contract: Contract) -> Client:
    return PythonClient(Reference, contract)


def of_wrong(contract: Contract) -> Client:
    return PythonClient(SeveralFaults, contract)


def of_process(contract: Contract) -> Client:
    return JsonLinesClient([sys.executable, "-m", "tests.conformance.adapter_process", "wrong"], contract)


CLIENTS = [
    pytest.param(of_reference, False, id="right"),
    pytest.param(of_wrong, True, id="wrong"),
    pytest.param(of_process, True, id="wrong-in-a-process"),
]


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize(("make", "is_wrong"), CLIENTS)
def test_two_runs_with_one_seed_give_one_report(
    make: Callable[[Contract], Client], is_wrong: object, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_few(monkeypatch, every=6, always=["plan/500", "plan/429"], full_waits=True)

    def report() -> Any:  # noqa: ANN401 - JSON
        found = judge(make(contract), contract, catalogue(contract).obligations, DEPTH, seed=7)
        return json.loads(json.dumps(document(found)))

    first, second = report(), report()

    assert differences(steady(first), steady(second)) == []
    assert first["measured"] != second["measured"]
    minimal = [one["id"] for one in first["obligations"] if one["failed"] and one["counterexample"]["minimal"]]
    assert bool(minimal) is bool(is_wrong)
    if is_wrong:
        (hasty,) = [one for one in first["obligations"] if one["id"] == "R-13"]
        assert hasty["verdict"] == "warn"
        assert hasty["failures"][0]["measured"]["got"].endswith(" ms")


@pytest.mark.usefixtures("unmeasured")
def test_another_seed_draws_something_else(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "written", lambda *_: ())

    def report(seed: int) -> Any:  # noqa: ANN401 - JSON
        found = judge(of_wrong(contract), contract, catalogue(contract).obligations, Depth("quick", 20), seed=seed)
        return steady(document(found))

    first, second = report(1), report(2)

    assert [place for place in differences(first, second) if "/exercised" in place]
