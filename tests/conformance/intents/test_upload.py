"""Generated uploads: mostly valid, whatever their bytes and names, and small when they are shrunk."""

import json

import pytest
from hypothesis import find, settings

from conformance.chapters.upload import obligations
from conformance.fake.started import JudgesFake
from conformance.generation import canonical, draw
from conformance.intents.upload import MEDIA, Medium, intents, picture
from conformance.meaning import wrong_with
from conformance.model import Intent
from conformance.trial import Trial
from contracts.media import recognise
from contracts.operations import Contract
from tests.conformance.examining import cases_of, runner_for, tripped
from tests.conformance.reference import Reference

FIND = settings(derandomize=True, database=None, max_examples=2000)


def drawn(contract: Contract, count: int) -> list[Intent]:
    return draw(intents(contract), examples=count, at=0)


def test_most_are_valid_and_some_are_not(contract: Contract) -> None:
    found = drawn(contract, 300)

    valid = sum(1 for intent in found if not wrong_with(intent, contract))
    assert 0.5 < valid / len(found) < 0.95


def test_they_are_the_same_every_time_and_fit_json(contract: Contract) -> None:
    first, second = ([canonical(intent) for intent in drawn(contract, 50)] for _ in range(2))

    assert first == second
    assert all(isinstance(json.loads(text), list) for text in first)


def test_names_can_be_written_everywhere(contract: Contract) -> None:
    names = {file.name for intent in drawn(contract, 300) for file in intent.files}

    # Neither is any fault of a client's: C cannot hand on the first, and UTF-8 cannot write the second.
    assert [name for name in names if "\0" in name or "\ufffd" in name or not name.encode()] == []


@pytest.mark.parametrize("medium", MEDIA, ids=[medium.suffix for medium in MEDIA])
@pytest.mark.parametrize("filler", [b"\0", b"\r\n", b"text"], ids=["zeros", "lines", "text"])
def test_files_are_recognised_as_what_they_are(medium: Medium, filler: bytes) -> None:
    file = picture("a", medium, filler=filler)

    assert recognise(file.head) == file.content_type
    assert recognise((file.head + filler * 600)[: file.size]) == file.content_type


@pytest.mark.usefixtures("unmeasured")
def test_they_shrink_to_one_small_picture(contract: Contract) -> None:
    smallest = find(intents(contract), lambda intent: len(intent.files) == 1, settings=FIND)

    assert smallest.args == {"userId": "0", "eventId": "0"}
    assert (smallest.files[0].name, smallest.files[0].size) == ("0.gif", 6)


@pytest.mark.usefixtures("unmeasured")
def test_right_client_has_nothing_broken(contract: Contract, trial_fake: JudgesFake) -> None:
    trials = [Trial(f"generated/{number}", (one,)) for number, one in enumerate(drawn(contract, 150))]

    with runner_for(Reference, trial_fake) as runner:
        cases = cases_of(runner, trials)

    assert tripped(cases, obligations(contract)) == set()
