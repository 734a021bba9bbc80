"""Several clients side by side."""

import pytest

from conformance.report.merging import matrix
from conformance.verdicts import Options
from tests.conformance.made_runs import PASSES, fails, obligation, run
from tests.conformance.report.made_reports import report

ORDERS = [
    pytest.param([["N-1", "N-2"], ["N-1", "N-2"]], ["N-1", "N-2"], id="same"),
    pytest.param([["N-1", "N-3"], ["N-1", "N-2", "N-3"]], ["N-1", "N-2", "N-3"], id="one-more"),
    pytest.param([["N-2"], ["N-1", "N-2", "N-3"]], ["N-1", "N-2", "N-3"], id="around"),
    pytest.param([["N-1"], []], ["N-1"], id="none"),
]


@pytest.mark.parametrize(("lists", "merged"), ORDERS)
def test_obligations_keep_their_order(lists: list[list[str]], merged: list[str]) -> None:
    reports = [report(run([obligation(name) for name in names], {})) for names in lists]

    assert [row.obligation["id"] for row in matrix(reports).rows] == merged


def test_what_each_client_made_of_it() -> None:
    one = report(run([obligation("N-14")], {"N-14": [fails()]}))
    other = report(run([obligation("N-14"), obligation("N-15")], {"N-14": [PASSES]}))

    found = matrix([one, other])

    verdicts = {row.obligation["id"]: [cell and cell["verdict"] for cell in row.cells] for row in found.rows}
    assert verdicts == {"N-14": ["fail", "pass"], "N-15": [None, "untested"]}
    assert found.clients == ("acme 3.2 (1)", "acme 3.2 (2)")
    assert found.remarks == ()


def test_one_client_keeps_its_name() -> None:
    assert matrix([report()]).clients == ("acme 3.2",)


def test_what_makes_them_hard_to_compare_is_said() -> None:
    one = report(run([obligation()], {}, profile="quick"))
    other = report(run([obligation()], {}, profile="ci", contract_digest="ffff", options=Options(strict=True)))

    assert matrix([one, other]).remarks == (
        "the reports differ in contract: openapi.yaml 0123456789ab; openapi.yaml ffff",
        "the reports differ in profile: quick; ci",
        "the reports differ in options: none; strict",
    )
