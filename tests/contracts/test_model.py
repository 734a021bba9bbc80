"""Answers and how values are shown."""

from dataclasses import replace

import pytest
from hypothesis.vendor.pretty import pretty

from contracts.faults import ConfigError, Fault
from contracts.model import answer_of, filled, shown
from contracts.operations import Contract
from contracts.world import Key, World

SHOWN = [
    pytest.param("a", "'a'", id="text"),
    pytest.param("a\n'é", '"a\\n\'é"', id="text-that-needs-escapes"),
    pytest.param(None, "None", id="null"),
    pytest.param(1.5, "1.5", id="number"),
    pytest.param({"a": [None, True]}, '{"a": [null, true]}', id="object"),
    pytest.param([1, "b"], '[1, "b"]', id="list"),
]
LONG = [
    pytest.param("x" * 1_000_000, id="text"),
    pytest.param("x" * 81, id="text-just-too-long"),
    pytest.param(["x" * 1000] * 100, id="list"),
    pytest.param({"a": {"b": "x" * 1000}}, id="object"),
    pytest.param(10**300, id="number"),
]


@pytest.mark.parametrize(("value", "text"), SHOWN)
def test_value_is_shown(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("value", LONG)
def test_long_value_is_cut_in_the_middle(value: object) -> None:
    text = shown(value)

    assert len(text) == 79
    assert text[39] == "…"


def test_cut_text_keeps_both_ends() -> None:
    text = shown("begin" + "x" * 1000 + "end")

    assert (text[:6], text[-4:]) == ("'begin", "end'")


def test_answer_is_its_example_to_the_letter() -> None:
    answer = answer_of("a", {"statusCode": 418, "message": "Ünlike.", "data": None})

    assert (answer.status, answer.message) == (418, "Ünlike.")
    assert answer.body == '{"statusCode":418,"message":"Ünlike.","data":null}'.encode()


def test_limit_is_filled_in_where_it_is_asked_for() -> None:
    asking = answer_of("a", {"statusCode": 400, "message": "At most {limit}.", "data": None})
    plain = answer_of("b", {"statusCode": 400, "message": "Too much.", "data": None})

    assert filled(asking, "5").body == b'{"statusCode":400,"message":"At most 5.","data":null}'
    assert filled(plain, "5") is plain


def test_rule_without_answer_has_no_refusal(contract: Contract) -> None:
    flag = contract.rules["gift.no-query"]

    with pytest.raises(LookupError, match=r"gift\.no-query"):
        _ = flag.refusal


def test_rule_is_assumed_when_anything_about_it_is(contract: Contract) -> None:
    rule = contract.rules["analytics.key"]

    assert not rule.assumed
    assert replace(rule, demand=contract.rules["gift.no-query"].demand).assumed


def test_fault_without_a_place_is_its_problem() -> None:
    error = ConfigError([Fault("here", "a is b"), Fault("", "c is d")])

    assert str(error) == "here: a is b\nc is d"
    assert len(error.faults) == 2


def test_large_and_secret_values_are_printed_by_name(contract: Contract, world: World, key: Key) -> None:
    printed = [repr(value) for value in (contract, contract.operation("giftAssets"), world, key)]

    assert printed == [
        "<Contract openapi.yaml>",
        "<Operation giftAssets>",
        "<World the built-in world>",
        "<Key vend…5db8a6>",
    ]
    assert [pretty(value) for value in (contract, contract.operation("giftAssets"), world, key)] == printed
