"""When an armed fault fires."""

from typing import Any

import pytest

from mock_server.storage.schedule import Order, due, problem

FIVE = ("500",)

RUNS: list[Any] = [
    pytest.param(Order(FIVE), "next", ["500", None, None, None], id="by-default-once"),
    pytest.param(Order(FIVE, next=3), "next", ["500", "500", "500", None], id="next"),
    pytest.param(Order(("500", "401", "200")), "next", ["500", "401", "200", None], id="series"),
    pytest.param(Order(("500", "401"), next=2), "next", ["500", "401", None, None], id="series-with-its-length"),
    pytest.param(Order(FIVE, every=1), "every", ["500"] * 4, id="every"),
    pytest.param(Order(FIVE, every=3), "every", [None, None, "500", None, None, "500"], id="every-third"),
    pytest.param(Order(FIVE, always=True), "always", ["500"] * 4, id="always"),
    pytest.param(Order(FIVE, probability=1.0), "probability", ["500"] * 4, id="certain"),
]


@pytest.mark.parametrize(("order", "mode", "played"), RUNS)
def test_a_schedule_says_who_gets_it(order: Order, mode: str, played: list[str | None]) -> None:
    assert problem(order) == ""
    assert order.mode == mode
    assert [due(order, seen, 1) for seen in range(len(played))] == played


@pytest.mark.parametrize("chance", [0.1, 0.3, 0.9])
def test_a_probability_is_about_right_and_a_seed_repeats_it(chance: float) -> None:
    order = Order(FIVE, probability=chance, seed=7)

    played = [due(order, seen, 1) for seen in range(2000)]

    assert played == [due(order, seen, 2) for seen in range(2000)]
    assert abs(played.count("500") / 2000 - chance) < 0.04
    assert played != [due(Order(FIVE, probability=chance, seed=8), seen, 1) for seen in range(2000)]


def test_without_a_seed_two_faults_have_chances_of_their_own() -> None:
    order = Order(FIVE, probability=0.5)

    first, second = ([due(order, seen, number) for seen in range(200)] for number in (1, 2))

    assert first != second


WRONG: list[Any] = [
    pytest.param(Order(()), "do: nothing to play; expected at least one step", id="nothing"),
    pytest.param(Order(FIVE, next=2, every=3), "every: beside next; expected one of", id="two-modes"),
    pytest.param(Order(FIVE, always=True, probability=0.5), "always: beside probability", id="always-beside"),
    pytest.param(Order(("500", "401"), every=2), "do: 2 steps with every; a series is", id="a-series-every-so-often"),
    pytest.param(Order(("500", "401"), next=3), "next: 3 for a series of 2 steps", id="a-series-of-another-length"),
    pytest.param(Order(FIVE, next=0), "next: got 0, expected 1 or more", id="next-none"),
    pytest.param(Order(FIVE, every=0), "every: got 0, expected 1 or more", id="every-none"),
    pytest.param(Order(FIVE, every=-1), "every: got -1, expected 1 or more", id="every-negative"),
    pytest.param(Order(FIVE, probability=0.0), "probability: got 0.0, expected more than 0", id="impossible"),
    pytest.param(Order(FIVE, probability=1.5), "probability: got 1.5", id="more-than-certain"),
    pytest.param(Order(FIVE, probability=float("nan")), "probability: got nan", id="no-number"),
    pytest.param(Order(FIVE, seed=1), "seed: only a probability has one", id="seed-alone"),
]


@pytest.mark.parametrize(("order", "words"), WRONG)
def test_a_schedule_that_makes_no_sense_is_refused(order: Order, words: str) -> None:
    assert problem(order).startswith(words)
