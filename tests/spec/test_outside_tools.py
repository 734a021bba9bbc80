"""What programs that others wrote make of the spec: checkers, generators of clients, a validating proxy."""

import importlib
import inspect
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jsonschema_rs
import pytest
from openapi_spec_validator.readers import read_from_filename

Done = subprocess.CompletedProcess[str]
Calls = Callable[[str, str], list[tuple[int, object]]]

ANSWER = {"statusCode": 200, "message": "Taken.", "data": None}
KEY = "key-of-this-test"

CAPTURE_FIELDS = {"type", "eventValue", "email", "recordCapturedAt", "sessionId", "registrationPageValue"}
IDENTIFIERS = {"userId", "email", "phone"}
FIELDS = [
    pytest.param("Gift", {"userId", "eventId", "assets"}, id="gift"),
    pytest.param(
        "UserAnalytics",
        IDENTIFIERS | {"feature", "action", "experienceId", "capturedAt", "metadata"},
        id="user-analytics",
    ),
    pytest.param("RegistrationPageVisit", CAPTURE_FIELDS, id="page-visit"),
    pytest.param("UserEvent", CAPTURE_FIELDS, id="user-event"),
]
BODIES = [
    pytest.param("gifts.gift_assets", ["Gift"], id="gift"),
    pytest.param("analytics.add_user_analytics", ["UserAnalytics"], id="user-analytics"),
    pytest.param("analytics.capture_analytics", ["RegistrationPageVisit", "UserEvent"], id="capture"),
]
LOAD_WITH_PRISM = """
    const { getHttpOperationsFromSpec } = require(process.argv[1] + '/@stoplight/prism-cli/dist/operations');
    getHttpOperationsFromSpec(process.argv[2]).then((all) => console.log(JSON.stringify(all.map((one) => one.iid))));
"""


class Recorder(ThreadingHTTPServer):
    """Takes everything, and keeps the bodies and headers that it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Recording)
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Recording(BaseHTTPRequestHandler):
    server: Recorder
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        answer = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=["typescript_calls", "python_calls"])
def calls(request: pytest.FixtureRequest) -> Calls:
    made: Calls = request.getfixturevalue(request.param)
    return made


def block(source: str, name: str) -> str:
    """Cut the type of this name out of generated TypeScript."""
    found = re.search(rf"^export type {name} = (\{{.*?^\}}|[^;{{]*);$", source, re.MULTILINE | re.DOTALL)
    assert found, f"no type {name}"
    return found[1]


def snake_case(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def test_redocly_has_nothing_to_say(node_tool: Callable[..., Done], openapi_file: Path, tmp_path: Path) -> None:
    done = node_tool("redocly", "lint", "--extends", "recommended", "--format", "json", openapi_file, cwd=tmp_path)

    assert json.loads(done.stdout)["problems"] == []


def test_spectral_has_nothing_to_say(node_tool: Callable[..., Done], openapi_file: Path, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("extends: spectral:oas\n")

    options = ["--ruleset", "rules.yaml", "--format", "json", "--quiet"]
    done = node_tool("spectral", "lint", *options, openapi_file, cwd=tmp_path)

    assert json.loads(done.stdout) == []


def test_prism_loads_the_operations(node_modules: Path, openapi_file: Path) -> None:
    command = ["node", "--eval", LOAD_WITH_PRISM, "--", str(node_modules), str(openapi_file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert json.loads(done.stdout) == ["giftAssets", "addUserAnalytics", "captureAnalytics"]


def test_typescript_compiles(typescript_compiled: Done) -> None:
    assert typescript_compiled.stdout == ""
    assert typescript_compiled.returncode == 0


@pytest.mark.parametrize(("name", "fields"), FIELDS)
def test_typescript_names_the_fields(typescript_client: Path, name: str, fields: set[str]) -> None:
    source = block((typescript_client / "client" / "types.gen.ts").read_text(), name)

    assert set(re.findall(r"^    (\w+)\??:", source, re.MULTILINE)) == fields
    # What a vendor puts into metadata is up to the vendor.
    assert not re.search(r"\b(any|unknown)\b", source.replace("[key: string]: unknown", ""))


def test_typescript_knows_both_forms_of_capture(typescript_client: Path) -> None:
    source = block((typescript_client / "client" / "types.gen.ts").read_text(), "Capture")

    assert source == "RegistrationPageVisit | UserEvent"


@pytest.mark.parametrize(("name", "fields"), FIELDS)
def test_python_names_the_fields(python_client: str, name: str, fields: set[str]) -> None:
    model = getattr(importlib.import_module(f"{python_client}.models"), name)
    types = {
        field.rstrip("_"): parameter.annotation for field, parameter in inspect.signature(model).parameters.items()
    }

    assert set(types) == {snake_case(field) for field in fields}
    assert not [field for field, its_type in types.items() if re.search(r"\b(Any|object)\b", its_type)]


@pytest.mark.parametrize(("operation", "models"), BODIES)
def test_python_takes_models(python_client: str, operation: str, models: list[str]) -> None:
    module = importlib.import_module(f"{python_client}.api.{operation}")

    body = inspect.formatannotation(inspect.signature(module.sync_detailed).parameters["body"].annotation)

    assert [name.rsplit(".")[-1] for name in body.split(" | ")] == models


def test_generated_clients_understand_the_answers(calls: Calls, recorder: Recorder) -> None:
    assert calls(recorder.url, KEY) == [(200, ANSWER)] * 3


def test_generated_clients_send_the_key(calls: Calls, recorder: Recorder) -> None:
    calls(recorder.url, KEY)

    assert [headers["x-distinct-api-key"] for _, headers, _ in recorder.got] == [KEY] * 3


def test_generated_clients_send_json_that_the_schema_takes(
    calls: Calls, recorder: Recorder, openapi_file: Path
) -> None:
    document = dict(read_from_filename(str(openapi_file))[0])
    registry = jsonschema_rs.Registry([("urn:spec", document)])
    calls(recorder.url, KEY)

    for (path, headers, body), name in zip(recorder.got[1:], ["UserAnalytics", "Capture"], strict=True):
        schema = {"$ref": f"urn:spec#/components/schemas/{name}"}
        jsonschema_rs.validate(schema, json.loads(body), registry=registry, validate_formats=True)
        assert (path in document["paths"], headers["content-type"]) == (True, "application/json")


def test_generated_clients_send_the_gift_as_parts(calls: Calls, recorder: Recorder) -> None:
    calls(recorder.url, KEY)

    path, headers, body = recorder.got[0]
    assert path == "/api/v1/vendor/user/assets"
    assert headers["content-type"].startswith("multipart/form-data; boundary=")
    assert re.findall(rb'; name="(\w+)"(; filename=)?', body) == [
        (b"userId", b""),
        (b"eventId", b""),
        (b"assets", b"; filename="),
    ]
