"""Schemathesis against a running fake, in a process of its own, as its plugin changes how other suites print."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "schemathesis_run"
OPENAPI = Path(__file__).parents[1] / "openapi.yaml"


def test_all_checks_hold(served: str) -> None:
    # Looked for, not imported: importing it changes what Hypothesis prints in this process.
    if find_spec("schemathesis") is None:
        pytest.skip("schemathesis is not installed")
    program = Path(sys.executable).with_name("schemathesis")
    environment = {**os.environ, "DISTINCT_API_KEY": "vendor-test-key", "SCHEMATHESIS_HOOKS": str(FOLDER / "hooks.py")}

    done = subprocess.run(
        [program, "--config-file", FOLDER / "schemathesis.toml", "run", OPENAPI, "--url", served],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    # All three operations were tested, and a run that finds nothing to send finds no fault either.
    assert re.search(r"Operations:\s+3 selected / 3 total", done.stdout), done.stdout
    generated = re.search(r"(\d+) generated, \1 passed", done.stdout)
    assert generated is not None, done.stdout
    assert int(generated[1]) > 300
