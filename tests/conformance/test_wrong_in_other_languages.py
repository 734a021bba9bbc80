"""Proof of the judge in other languages: clients with the faults of each are caught by exactly their obligations."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from conformance.catalogue import catalogue
from conformance.clients.json_lines import JsonLinesClient
from conformance.clients.per_call import PerCallClient
from conformance.depth import PER_CALL, PROFILES, Depth
from conformance.examination import Examination
from conformance.fake.started import JudgesFake
from conformance.files import FileStore
from conformance.results import Verdict
from conformance.runner import Runner
from conformance.verdicts import exit_code
from contracts.operations import Contract
from tests.conformance.few_trials import try_few
from tests.conformance.wrong import node, php, sh
from tests.conformance.wrong_client import broken, examined_in_time
from tests.conformance.wrong_copy import WrongCopy, copy_changed


class Language(NamedTuple):
    """A folder of examples/adapters: what programs it needs, what makes its client, how much is tried, its cases."""

    folder: str
    needs: tuple[str, ...]
    make: Callable[[Contract], JsonLinesClient | PerCallClient]
    depth: Depth
    wrong: tuple[WrongCopy, ...]


# The first of the intents that the profile draws; shrinking is tested apart.
QUICK = replace(PROFILES["quick"], intents=20, shrink_calls=0)
# Each case names the few that it needs of all the trials that there are.
FEW = replace(PER_CALL, thorough=True)
LANGUAGES = (
    Language("node", ("node",), partial(JsonLinesClient, ["node", "adapter.mjs"]), QUICK, node.WRONG),
    Language("php", ("php",), partial(JsonLinesClient, ["php", "adapter.php"]), QUICK, php.WRONG),
    Language("sh", ("bash", "curl"), partial(PerCallClient, ["./send.sh"]), FEW, sh.WRONG),
)
CASES = [
    pytest.param(language, wrong, id=f"{language.folder}-{wrong.name}")
    for language in LANGUAGES
    for wrong in language.wrong
]
# At which the waits of a client can be told from those for another process, and nobody waits long.
TIME_SCALE = 0.05


@pytest.fixture
def fakes(trial_fake: JudgesFake, elsewhere: JudgesFake) -> tuple[JudgesFake, JudgesFake]:
    return trial_fake, elsewhere


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize(("language", "wrong"), CASES)
def test_a_wrong_client_is_caught_by_exactly_its_obligations(
    language: Language,
    wrong: WrongCopy,
    fakes: tuple[JudgesFake, JudgesFake],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = [program for program in language.needs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    fake, elsewhere = fakes
    copy_changed(language.folder, tmp_path / "client", wrong.changes)
    monkeypatch.chdir(tmp_path / "client")
    # Where the local time is that of Greenwich, nobody sees that one is told for the other.
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    try_few(monkeypatch, every=1, among=lambda name: not wrong.trials or name.startswith(wrong.trials))

    with language.make(fake.contract) as client:
        client.can = replace(client.can, operations=frozenset({wrong.operation}))
        store = FileStore(tmp_path)
        runner = Runner(fake, client, store, fake.contract, elsewhere=elsewhere, time_scale=TIME_SCALE)
        obligations = tuple(catalogue(fake.contract))
        run = examined_in_time(lambda: Examination(runner, obligations, language.depth).examine(), wrong.trips)

    found = broken(run)
    assert (set(found), run.problems) == (set(wrong.trips), ()), {
        name: result.counterexample and (result.counterexample.case.trial, result.counterexample.finding)
        for name, result in found.items()
        if name not in wrong.trips
    }
    assert exit_code(run) != 0 or all(result.verdict in {Verdict.WARN, Verdict.INFO} for result in found.values())


@pytest.mark.parametrize(("old", "times"), [("no such words", "0"), ("const ", r"\d\d")])
def test_words_that_do_not_stand_in_a_client_once_are_not_changed(old: str, times: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=f"{old!r} stands {times} times in the node client, expected once"):
        copy_changed("node", tmp_path, {old: "others"})
