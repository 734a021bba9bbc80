"""Intents are drawn the same for the same seed, and shrunk within a budget."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st

from conformance.generation import Budget, canonical, draw, shrunk
from conformance.model import File, Intent

INTENTS = st.builds(
    Intent, st.just("addUserAnalytics"), st.fixed_dictionaries({"userId": st.text(), "metadata": st.integers()})
)


def drawn(at: int, examples: int = 40) -> list[Intent]:
    return draw(INTENTS, examples=examples, at=at)


def clock(step: float) -> Callable[[], float]:
    ticks: Iterator[float] = (number * step for number in range(1_000_000))
    return lambda: next(ticks)


def is_large(intent: Intent) -> bool:
    return bool(intent.args["metadata"] > 7 and len(intent.args["userId"]) > 1)


def test_a_seed_says_which_intents_are_drawn() -> None:
    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert len(drawn(1)) == 40
    assert len(set(map(canonical, drawn(1)))) == 40


def test_the_smallest_is_found_and_said_to_be_the_smallest() -> None:
    found = shrunk(INTENTS, is_large, examples=100, at=0, budget=Budget(1000, 1000, clock(0)))

    assert found is not None
    assert (found[0].args, found[1]) == ({"userId": "00", "metadata": 8}, True)


@pytest.mark.parametrize("budget", [Budget(3, 1000, clock(0)), Budget(1000, 3, clock(1))], ids=["calls", "seconds"])
def test_what_a_budget_ends_breaks_it_all_the_same(budget: Budget) -> None:
    found = shrunk(INTENTS, is_large, examples=100, at=0, budget=budget)

    assert found is not None
    assert (is_large(found[0]), found[1]) == (True, False)


def test_no_intent_is_tried_twice() -> None:
    tried: list[str] = []

    def breaks(intent: Intent) -> bool:
        tried.append(canonical(intent))
        return is_large(intent)

    shrunk(INTENTS, breaks, examples=100, at=0, budget=Budget(1000, 1000, clock(0)))

    assert len(tried) == len(set(tried))


def test_what_breaks_nothing_is_not_shrunk() -> None:
    assert shrunk(INTENTS, lambda _: False, examples=20, at=0, budget=Budget(10, 10, clock(0))) is None


SAME = Intent("giftAssets", {"a": 1, "b": 2}, (File("x", "image/gif", 3),), "from here")
OTHERS = [
    pytest.param(Intent("giftAssets", {"b": 2, "a": 1}, (File("x", "image/gif", 3),)), True, id="order-and-label"),
    pytest.param(Intent("giftAssets", {"a": 1, "b": 2}), False, id="no-file"),
    pytest.param(Intent("giftAssets", {"a": 1, "b": 2}, (File("x", "image/gif", 4),)), False, id="size"),
    pytest.param(Intent("giftAssets", {"a": 1, "b": 2}, (File("x", "image/gif", 3, b"PNG"),)), False, id="content"),
    pytest.param(Intent("giftAssets", {"a": "1", "b": 2}, (File("x", "image/gif", 3),)), False, id="type"),
]


@pytest.mark.parametrize(("other", "is_same"), OTHERS)
def test_equal_intents_are_written_the_same(other: Intent, is_same: bool) -> None:  # noqa: FBT001 - a case
    assert (canonical(other) == canonical(SAME)) is is_same


DRAWS = """
import sys
sys.path.insert(0, sys.argv[1])
import client
from hypothesis import strategies as st
from conformance.generation import canonical, draw
from conformance.model import Intent

intents = st.builds(Intent, st.just("x"), st.dictionaries(st.text(), st.text() | st.integers()))
for intent in draw(intents, examples=200, at=0):
    print(canonical(intent))
"""


def test_what_a_client_is_made_of_changes_nothing(tmp_path: Path) -> None:
    def drawn_beside(source: str) -> str:
        folder = tmp_path / str(len(source))
        folder.mkdir()
        (folder / "client.py").write_text(source)
        words = [sys.executable, "-B", "-c", DRAWS, str(folder)]
        place = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        run = subprocess.run(words, cwd=folder, env=place, capture_output=True, text=True, timeout=60, check=True)
        return run.stdout

    many = "\n".join(f"NAME_{number} = 'constant {number}', {number * 7919}" for number in range(300))

    assert drawn_beside(many) == drawn_beside("")
