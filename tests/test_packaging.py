"""The wheel: built, installed into an environment of its own, and served from."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from contracts.spec import spec_text
from tests.conftest import send

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_the_spec_and_the_world(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        packaged = archive.read("contracts/openapi.yaml").decode()

    assert packaged == spec_text()
    assert {"contracts/world.toml", "contracts/py.typed", "mock_server/py.typed"} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/"))]


def test_the_wheel_serves_from_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    # With the pip that is here: to install another one would take as long as all the rest.
    venv.create(tmp_path / "clean", with_pip=False)
    programs = str(tmp_path / "clean" / "bin")
    pip = [sys.executable, "-m", "pip", "--python", str(tmp_path / "clean"), "install", "-q", "--no-compile"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True, cwd=tmp_path)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True, cwd=tmp_path)

    command = [f"{programs}/distinct-mock", "serve", "--port", "0", "--ready-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        reply = send(ready["url"], "/api/v1/user/analytics", {})
        process.terminate()

    assert (reply.status, reply.message) == (400, "User not found.")


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_name_hashes_and_no_address(file: str) -> None:
    text = (ROOT / file).read_text()

    assert text.count("--hash=sha256:") >= text.count("==")
    assert "://" not in text
