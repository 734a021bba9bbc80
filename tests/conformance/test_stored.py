"""Trials in files."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.model import File, Intent
from conformance.stored import StoredTrial, from_json, load, load_all, save, to_json
from conformance.trial import Trial
from contracts.faults import ConfigError
from contracts.operations import Contract
from tests.test_properties import SAME_EVERYWHERE

ODD_FILE = File("ä.gif", "image/gif", 9, b"\x89\xff", b"\r\n")
TRIAL = Trial(
    "plan/500-200/giftAssets",
    (Intent("giftAssets", {"userId": "\ud800", "eventId": None}, (ODD_FILE,), "odd"),),
    plan=("500", "200"),
    timeout_ms=300,
)
STORED = StoredTrial("R-17", TRIAL, "the file came empty")

_values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=2))
_files = st.builds(File, st.text(), st.text(), st.integers(0), st.binary(), st.binary(min_size=1))
_intents = st.builds(
    Intent,
    st.text(),
    st.dictionaries(st.text(), _values, max_size=3),
    st.lists(_files, max_size=2).map(tuple),
    st.text(),
)
_trials = st.builds(
    Trial,
    st.text(),
    st.lists(_intents, min_size=1, max_size=2).map(tuple),
    st.lists(st.text(), max_size=2).map(tuple),
    persistent=st.booleans(),
    key=st.text(),
    second_key=st.booleans(),
    prefix=st.text(),
    timeout_ms=st.none() | st.integers(1),
    parallel=st.booleans(),
    known=st.booleans(),
    time_scale=st.none() | st.floats(0.001, 10),
    allow=st.lists(st.text(), max_size=2).map(tuple),
)


@SAME_EVERYWHERE
@given(_trials)
def test_what_is_written_is_read_again(trial: Trial) -> None:
    stored = StoredTrial("N-14", trial, "how")

    assert from_json(json.loads(json.dumps(to_json(stored))), "here") == stored


def test_a_file_is_found_again_by_its_obligation(tmp_path: Path) -> None:
    path = save(STORED, tmp_path)
    again = save(STORED, tmp_path)

    assert (path.parent.name, again, load(path), list(load_all(tmp_path))) == ("R-17", path, STORED, [STORED])


def test_where_no_folder_is_nothing_is_stored(tmp_path: Path) -> None:
    assert list(load_all(tmp_path / "none")) == []


def of_file(**changes: str) -> dict[str, Any]:
    file = {"name": "a.gif", "contentType": "image/gif", "size": 10, **changes}
    return {"intents": [{"operation": "giftAssets", "args": {}, "files": [file]}]}


WRONG: list[Any] = [
    pytest.param({"format": 2}, "format", "1", id="other-format"),
    pytest.param({"intents": []}, "intents", "less than 1 item", id="no-intent"),
    pytest.param({"intents": [{"operation": "x", "args": 5}]}, "intents/0/args", "object", id="args"),
    pytest.param({"surprise": 1}, "the file", "surprise", id="unknown-member"),
    pytest.param(
        {"intents": [{"operation": "sell", "args": {}}]},
        "intents/0/operation",
        "got 'sell', expected giftAssets or",
        id="operation",
    ),
    pytest.param(of_file(head="abc"), "intents/0/files/0/head", "got 'abc', expected Base64", id="head"),
    pytest.param(of_file(head="ä==="), "intents/0/files/0/head", "got 'ä===', expected Base64", id="head-of-no-ascii"),
    pytest.param(of_file(filler="!!!!"), "intents/0/files/0/filler", "got '!!!!', expected Base64", id="filler"),
    pytest.param(of_file(filler="===="), "intents/0/files/0/filler", "got '====', expected Base64", id="no-filler"),
]


@pytest.mark.parametrize(("change", "place", "problem"), WRONG)
def test_what_is_wrong_is_told_with_its_place(
    change: dict[str, Any], place: str, problem: str, contract: Contract
) -> None:
    with pytest.raises(ConfigError) as raised:
        from_json({**to_json(STORED), **change}, "case.json", contract)

    (fault,) = raised.value.faults
    assert fault.place == f"case.json: {place}"
    assert problem in fault.problem


UNREADABLE = [
    pytest.param("{", "no JSON", id="no-json"),
    pytest.param("[" * 100_000, "no JSON: maximum recursion depth", id="too-deep"),
    pytest.param(None, "cannot be read", id="no-file"),
]


@pytest.mark.parametrize(("text", "problem"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None, problem: str) -> None:
    path = tmp_path / "case.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ConfigError, match=problem) as raised:
        load(path)

    assert raised.value.faults[0].place == str(path)


@pytest.mark.parametrize("place", ["c", "c/R-17"], ids=["a-file", "a-file-below"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).touch()

    with pytest.raises(ConfigError, match=r"c/R-17/\w+\.json: cannot be written: "):
        save(STORED, tmp_path / "c")
