"""What other fakes need to tell our valid requests from those that break a rule: stubs made by hand, or a document.

Stubs look at the key, and at the fields that a broken body of ours breaks.
"""

import json
from pathlib import Path

import yaml

from benchmarks.messages import ANALYTICS, ASSETS, HOST, KEY, KEY_HEADER

Stub = dict[str, object]

_OPENAPI = Path(__file__).parents[1] / "openapi.yaml"
_FIELDS = {"feature": "registration_email", "action": "opened", "experienceId": "47Gop5"}
_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
_HEADERS = {"Content-Type": "application/json"}
_TAKEN = {ANALYTICS: "User analytics added successfully.", ASSETS: "Assets uploaded successfully."}


def prism_document() -> str:
    """Give our document for Prism, which takes a part that is sent repeatedly for a single one."""
    document = yaml.safe_load(_OPENAPI.read_text(encoding="utf-8"))
    document["components"]["schemas"]["Gift"]["properties"]["assets"] = {"type": "string"}
    return json.dumps(document)


def wiremock_stubs() -> list[Stub]:
    """Give WireMock's mappings: the right request for each path, then whatever else."""
    fields = [f"@.{name} == '{value}'" for name, value in _FIELDS.items()]
    right = f"$[?({' && '.join([*fields, f'@.capturedAt =~ /{_TIME}/'])})]"
    return [
        _wiremock_stub(1, 200, ANALYTICS, {"bodyPatterns": [{"matchesJsonPath": right}]}),
        _wiremock_stub(1, 200, ASSETS, {}),
        _wiremock_stub(9, 400, ANALYTICS, {}),
    ]


def mountebank_imposter(port: int) -> Stub:
    """Give mountebank's imposter: the right request for each path, then whatever else."""
    body: list[Stub] = [{"equals": {"body": _FIELDS}}, {"matches": {"body": {"capturedAt": _TIME}}}]
    stubs = [_mountebank_stub(200, ANALYTICS, body), _mountebank_stub(200, ASSETS, []), {"responses": [_is(400)]}]
    return {"port": port, "protocol": "http", "host": HOST, "stubs": stubs}


def mockoon_environment(port: int) -> Stub:
    """Give Mockoon's environment. It looks at nothing but the path: its rules cost it most of its speed."""
    routes = [_mockoon_route(number, path) for number, path in enumerate(_TAKEN)]
    return {
        "uuid": "00000000-0000-4000-8000-000000000000",
        "name": "benchmark",
        "port": port,
        "hostname": HOST,
        "routes": routes,
        "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
    }


def _answer(status: int, path: str = ANALYTICS) -> str:
    message = _TAKEN[path] if status == 200 else "Invalid feature/action."
    return json.dumps({"statusCode": status, "message": message, "data": None}, separators=(",", ":"))


def _wiremock_stub(priority: int, status: int, path: str, conditions: Stub) -> Stub:
    request = {"method": "POST", "urlPath": path, "headers": {KEY_HEADER: {"equalTo": KEY}}, **conditions}
    response = {"status": status, "headers": _HEADERS, "body": _answer(status, path)}
    return {"priority": priority, "request": request, "response": response}


def _mountebank_stub(status: int, path: str, conditions: list[Stub]) -> Stub:
    head = {"equals": {"method": "POST", "path": path, "headers": {KEY_HEADER: KEY}}}
    return {"predicates": [head, *conditions], "responses": [_is(status, path)]}


def _is(status: int, path: str = ANALYTICS) -> Stub:
    # Told nothing, it would close each connection after one answer.
    headers = {**_HEADERS, "Connection": "keep-alive"}
    return {"is": {"statusCode": status, "headers": headers, "body": _answer(status, path)}}


def _mockoon_route(number: int, path: str) -> Stub:
    response = {
        "uuid": f"00000000-0000-4000-8000-00000000010{number}",
        "statusCode": 200,
        "default": True,
        "headers": [{"key": name, "value": value} for name, value in _HEADERS.items()],
        "bodyType": "INLINE",
        "body": _answer(200, path),
        "disableTemplating": True,
    }
    return {
        "uuid": f"00000000-0000-4000-8000-00000000000{number + 1}",
        "type": "http",
        "method": "post",
        "endpoint": path.removeprefix("/"),
        "responses": [response],
    }
