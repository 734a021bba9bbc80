"""A client of the control API that checks every answer against the API's own document."""

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.routing import compile_path

from mock_server.control.document import control_document
from mock_server.control.wording import pointer

DOCUMENT = control_document()
_PATHS = [(compile_path(path)[0], path) for path in sorted(DOCUMENT.content["paths"], key=lambda path: "{" in path)]


@dataclass(frozen=True)
class Answer:
    """What came back: a JSON value, or text where it was no JSON."""

    status: int
    headers: Mapping[str, str]
    value: Any

    @property
    def detail(self) -> str:
        """What a problem says in its sentence; fails for what is none."""
        assert self.headers["content-type"] == "application/problem+json", self.value
        return str(self.value["detail"])

    @property
    def places(self) -> list[str]:
        """Where a problem says that something is wrong."""
        return [error["place"] for error in self.value["errors"]]


def ask(
    url: str,
    method: str,
    path: str,
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Ask the control API: `path` stands after `/_mock`; bytes are sent as they are, anything else as JSON."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"} if content is not None else {}
    with closing(connection):
        connection.request(method, "/_mock" + path, content, {**kind, **(headers or {})})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        text = response.read().decode()
    is_json = "json" in found.get("content-type", "")
    answer = Answer(response.status, found, json.loads(text) if is_json else text)
    check_answer(method, "/_mock" + path.partition("?")[0], answer)
    return answer


def check_answer(method: str, path: str, answer: Answer) -> None:
    """Fail for an answer that the document does not describe."""
    assert answer.headers["distinct-mock-control"] == "yes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    place = _described(method, path, answer.status)
    if place is None:
        assert answer.status in {404, 405}, f"{method} {path} is not in the document"
        place = "/components/responses/Problem"
    described = DOCUMENT.content
    for step in place.split("/")[1:]:
        described = described[step.replace("~1", "/")]
    if "content" not in described:
        assert answer.value == ""
        return
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in described["content"], f"{kind} is not a documented type of {method} {path} {answer.status}"
    validator = DOCUMENT.validator(place + pointer(["content", kind, "schema"]))
    assert [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(answer.value)] == []


def _described(method: str, path: str, status: int) -> str | None:
    """Find the place of the response that the document has for an answer."""
    template = next((template for pattern, template in _PATHS if pattern.fullmatch(path)), "")
    node = DOCUMENT.content["paths"].get(template, {}).get(method.lower())
    if node is None:
        return None
    name = str(status) if str(status) in node["responses"] else "default"
    assert name != "default" or status >= 400, f"{method} {path} is not documented to answer {status}"
    reference = node["responses"][name].get("$ref")
    return reference[1:] if reference else pointer(["paths", template, method.lower(), "responses", name])
