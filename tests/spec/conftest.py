"""Runs the Node tools, and generates clients from the spec once for all the tests that call with them.

`typescript_calls` and `python_calls` take a base URL and a key; the generated client then gifts, reports and captures
once each, and status and body of the three answers are given back.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

OPENAPI = Path(__file__).parents[2] / "openapi.yaml"
CALLS = Path(__file__).with_name("calls.ts")
NODE_PROGRAMS = ("openapi-ts", "prism", "redocly", "spectral", "tsc")
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "SCARF_ANALYTICS": "false"}
COMPILER_OPTIONS = {
    "strict": True,
    "target": "es2022",
    "lib": ["es2022", "dom", "dom.iterable"],
    "module": "nodenext",
    "types": [],
    "outDir": "js",
}

Done = subprocess.CompletedProcess[str]
Calls = Callable[[str, str], list[tuple[int, object]]]


def run(*command: str | Path, cwd: Path) -> Done:
    return subprocess.run(
        command, cwd=cwd, env=os.environ | QUIET, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="session")
def openapi_file() -> Path:
    return OPENAPI


@pytest.fixture(scope="session")
def node_modules() -> Path:
    modules = Path(os.environ.get("DISTINCT_MOCK_NODE_TOOLS", OPENAPI.parent / "tests")).resolve() / "node_modules"
    missing = [name for name in NODE_PROGRAMS if not (modules / ".bin" / name).exists()]
    if shutil.which("node") is None:
        missing.insert(0, "node")
    if missing:
        pytest.skip(
            f"needs the Node tools of tests/package.json; run npm ci --prefix tests (missing: {', '.join(missing)})"
        )
    return modules


@pytest.fixture(scope="session")
def node_tool(node_modules: Path) -> Callable[..., Done]:
    """Run a Node program by its name. In the folder `cwd` it finds no settings but those that a test put there."""

    def run_tool(program: str, *arguments: str | Path, cwd: Path) -> Done:
        return run(node_modules / ".bin" / program, *arguments, cwd=cwd)

    return run_tool


@pytest.fixture(scope="session")
def typescript_client(tmp_path_factory: pytest.TempPathFactory, node_tool: Callable[..., Done]) -> Path:
    """Generate a client into the folder `client` of the folder that is returned, beside calls.ts."""
    folder = tmp_path_factory.mktemp("typescript")
    options = ["--silent", "--no-log-file", "--client", "@hey-api/client-fetch"]
    generated = node_tool("openapi-ts", *options, "--input", OPENAPI, "--output", "client", cwd=folder)
    assert generated.returncode == 0, generated.stdout + generated.stderr
    shutil.copy(CALLS, folder)
    settings = {"compilerOptions": COMPILER_OPTIONS, "include": [CALLS.name]}
    (folder / "tsconfig.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="session")
def typescript_compiled(typescript_client: Path, node_tool: Callable[..., Done]) -> Done:
    """Compile the generated client with calls.ts into the folder `js`; what tsc said is returned."""
    return node_tool("tsc", "--project", typescript_client, cwd=typescript_client)


@pytest.fixture(scope="session")
def typescript_calls(typescript_client: Path, typescript_compiled: Done) -> Calls:
    assert typescript_compiled.returncode == 0, typescript_compiled.stdout

    def call(base_url: str, key: str) -> list[tuple[int, object]]:
        done = run("node", "calls.js", base_url, key, cwd=typescript_client / "js")
        assert done.returncode == 0, done.stderr
        return [(status, body) for status, body in json.loads(done.stdout)]

    return call


@pytest.fixture(scope="session")
def python_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Generate a client, and make it importable under the name that is returned."""
    name = "generated_distinct_client"
    folder = tmp_path_factory.mktemp("python")
    # The hooks that run unless told otherwise only tidy the code up.
    (folder / "settings.yaml").write_text("post_hooks: []\n")
    options = ["--meta", "none", "--config", "settings.yaml", "--fail-on-warning"]
    command = [sys.executable, "-m", "openapi_python_client", "generate", *options]
    generated = run(*command, "--path", OPENAPI, "--output-path", name, cwd=folder)
    assert generated.returncode == 0, generated.stdout + generated.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield name
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


@pytest.fixture(scope="session")
def python_calls(python_client: str) -> Calls:
    gifts = importlib.import_module(f"{python_client}.api.gifts.gift_assets")
    reports = importlib.import_module(f"{python_client}.api.analytics.add_user_analytics")
    captures = importlib.import_module(f"{python_client}.api.analytics.capture_analytics")
    client = importlib.import_module(f"{python_client}.client")
    models = importlib.import_module(f"{python_client}.models")
    types = importlib.import_module(f"{python_client}.types")
    happened = datetime(2026, 4, 27, 13, 35, tzinfo=UTC)

    def call(base_url: str, key: str) -> list[tuple[int, object]]:
        # Without a file name this client sends a text part, which is no file.
        asset = types.File(BytesIO(b"GIF89a"), file_name="pixel.gif", mime_type="image/gif")
        gift = models.Gift(user_id="user-john-doe", event_id="summer-gala", assets=[asset])
        analytics = models.UserAnalytics(
            email="john.doe@example.com",
            feature="registration_email",
            action="opened",
            experience_id="47Gop5",
            captured_at=happened,
        )
        capture = models.UserEvent(
            type_=models.UserEventType.PHOTO_VIEWED_BY_USER,
            event_value="opening-match",
            record_captured_at=happened,
            email="john.doe@example.com",
        )
        calls = [(gifts, gift), (reports, analytics), (captures, capture)]
        with client.AuthenticatedClient(base_url, key, prefix="", auth_header_name="x-distinct-api-key") as session:
            answers = [operation.sync_detailed(client=session, body=body) for operation, body in calls]
        return [(int(answer.status_code), answer.parsed.to_dict()) for answer in answers]

    return call
