"""The adapters to begin with: written, run, and the same as those of the examples."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.clients.choosing import client_of
from conformance.fake.started import JudgesFake
from conformance.files import FileStore
from conformance.model import Outcome
from conformance.runner import Runner
from conformance.skeleton import SKELETONS, write_skeleton
from conformance.trials import smoke
from contracts.faults import ConfigError
from contracts.operations import Contract
from tests.conformance.clients.asking import order

ROOT = Path(__file__).parents[2]
RAISING = """
class make:
    def __init__(self, config): pass
    def call(self, *_):
        error = Exception("no")
        {}
        raise error
"""
PROGRAMS = {"python": "python3", "node": "node", "java": "javac", "php": "php", "sh": "curl"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("lang", SKELETONS)
def test_a_skeleton_works_as_it_is(
    lang: str, here: Path, contract: Contract, trial_fake: JudgesFake, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if shutil.which(PROGRAMS[lang]) is None:
        pytest.skip(f"{PROGRAMS[lang]} is not installed")
    write_skeleton(lang, here)
    subprocess.run(SKELETONS[lang].before or "true", shell=True, check=True, timeout=60)  # noqa: S602 - our own

    with client_of(SKELETONS[lang].client, contract) as client:
        runner = Runner(trial_fake, client, FileStore(tmp_path_factory.mktemp("files")), contract)
        calls = [runner.run(trial).calls[0] for trial in smoke.trials(contract, client.can.operations)]

    assert [(call.reply.outcome, call.reply.status) for call in calls] == [
        (Outcome.OK, None), (Outcome.ERROR, 400),
    ] * len(contract.operations)  # fmt: skip
    assert [[sent.breaches for sent in call.sent] for call in calls] == [[()]] * len(calls)


STATUSES = [
    pytest.param("error.status = 400", 400, id="status"),
    pytest.param("error.status_code = 400", 400, id="status-code"),
    pytest.param("error.response = type('Response', (), {'status_code': 400})", 400, id="of-the-response"),
    pytest.param("error.status = None; error.status_code = 400", 400, id="the-second"),
    pytest.param("error.status = 'Bad Request'", None, id="no-number"),
    pytest.param("error.status = 0", None, id="no-status"),
    pytest.param("pass", None, id="none"),
]


@pytest.mark.parametrize(("line", "status"), STATUSES)
@pytest.mark.parametrize("form", ["python:raising:make", f"jsonl:{sys.executable} adapter.py raising"])
def test_both_ways_to_a_python_client_find_its_status(
    form: str, line: str, status: int | None, here: Path, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(here), *sys.path])
    monkeypatch.delitem(sys.modules, "raising", raising=False)
    write_skeleton("python", here)
    (here / "raising.py").write_text(RAISING.format(line))

    with client_of(form, contract) as client:
        (reply,) = client.call([order()])

    assert (reply.outcome, reply.status, reply.message) == (Outcome.ERROR, status, "no")


@pytest.mark.parametrize("lang", SKELETONS)
def test_all_files_are_written_and_nothing_else(lang: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"

    written = write_skeleton(lang, folder)

    packaged = ROOT / "conformance" / "skeletons" / lang
    assert {path.name: path.read_text() for path in written} == {
        path.name: path.read_text() for path in packaged.iterdir() if path.is_file()
    }
    assert sorted(folder.iterdir()) == sorted(written)


def test_a_script_can_be_run(tmp_path: Path) -> None:
    script, client = write_skeleton("sh", tmp_path)

    assert (script.stat().st_mode & 0o111, client.stat().st_mode & 0o111) == (0o111, 0)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "client.py").write_text("mine")

    with pytest.raises(ConfigError, match=r"client\.py: is there already, and is not overwritten"):
        write_skeleton("python", tmp_path)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"client.py": "mine"}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="cannot be written: "):
        write_skeleton("python", tmp_path / "file" / "folder")


def test_an_unknown_language_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="lang: got 'cobol', expected one of python, node, java, php, sh"):
        write_skeleton("cobol", tmp_path)


@pytest.mark.parametrize("lang", SKELETONS)
def test_the_adapters_of_the_examples_are_the_skeletons(lang: str) -> None:
    skeleton, example = ROOT / "conformance" / "skeletons" / lang, ROOT / "examples" / "adapters" / lang
    # The second file is the client, which is another there.
    shared = [name for name in SKELETONS[lang].files if name != SKELETONS[lang].files[1]]

    assert {name: (example / name).read_text() for name in shared} == {
        name: (skeleton / name).read_text() for name in shared
    }


@pytest.mark.parametrize("lang", SKELETONS)
def test_a_skeleton_is_small(lang: str) -> None:
    for name in SKELETONS[lang].files:
        assert len((ROOT / "conformance" / "skeletons" / lang / name).read_text().splitlines()) <= 100
