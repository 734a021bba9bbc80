"""The page as it goes over the wire: what a browser may do with it, what it may keep, and who gets it."""

import http.client
import importlib.util
import re
from collections.abc import Iterator
from contextlib import closing
from importlib.machinery import ModuleSpec
from urllib.parse import urlsplit

import pytest

from mock_server.page import files
from mock_server.server import Running
from tests.conftest import Reply

HTML = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"


def get(url: str, path: str, *, method: str = "GET", **headers: str) -> Reply:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    with closing(connection):
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, response.read().decode())


def policy_of(reply: Reply) -> dict[str, str]:
    parts = (part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
    return {name: value for name, value in parts}  # noqa: C416 - tells the pairs apart


STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
DOCUMENTS = [
    pytest.param("/_mock/", STRICT, id="page"),
    pytest.param("/_mock/swagger/", {**STRICT, "style-src": "'self' 'unsafe-inline'"}, id="reference"),
]


@pytest.mark.parametrize(("path", "policy"), DOCUMENTS)
def test_a_document_is_kept_by_nobody_and_may_do_little(fake: Running, path: str, policy: dict[str, str]) -> None:
    reply = get(fake.url, path)

    assert reply.status == 200
    assert policy_of(reply) == policy
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/_mock/", "/_mock/swagger/"])
def test_a_document_holds_no_script_and_no_style(fake: Running, path: str) -> None:
    text = get(fake.url, path).text

    assert re.findall(r"<script(?![^>]* src=)[^>]*>", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert re.findall(r"(?:src|href)=\"(?:[a-z]+:)?//", text) == []


def static_paths(fake: Running) -> list[str]:
    return sorted(set(re.findall(r"/_mock/static/[^\"]+", get(fake.url, "/_mock/").text)))


def test_own_files_are_kept_for_ever_under_a_name_of_their_content(fake: Running) -> None:
    for path in static_paths(fake):
        reply = get(fake.url, path)
        again = get(fake.url, path, if_none_match=reply.headers["etag"])

        assert (reply.status, reply.headers["x-content-type-options"]) == (200, "nosniff"), path
        assert "immutable" in reply.headers["cache-control"]
        assert (again.status, again.text) == (304, "")


def test_every_own_script_that_another_imports_exists() -> None:
    names = files.own_files()
    imported = {
        name
        for file in names.values()
        if file.media_type.startswith("text/javascript")
        for name in re.findall(r'from "\./([^"]+)"|import "\./([^"]+)"', file.content.decode())
        for name in name
        if name
    }

    assert imported <= set(names)
    assert "feed.js" in imported


NOWHERE = [
    pytest.param("/_mock/static/{digest}/nothing.js", id="no-such-file"),
    pytest.param("/_mock/static/{digest}/%2e%2e%2froutes.py", id="above"),
    pytest.param("/_mock/static/000000000000/app.js", id="other-version"),
    pytest.param("/_mock/swagger/swagger-editor.js", id="not-needed"),
]


@pytest.mark.parametrize("path", NOWHERE)
def test_other_files_are_not_found(fake: Running, path: str) -> None:
    assert get(fake.url, path.format(digest=files.digest())).status == 404


def test_swagger_files_are_asked_for_again(fake: Running) -> None:
    reply = get(fake.url, "/_mock/swagger/swagger-ui.css")
    again = get(fake.url, "/_mock/swagger/swagger-ui.css", if_none_match=reply.headers["etag"])

    assert (reply.status, reply.headers["cache-control"]) == (200, "no-cache")
    assert again.status == 304


REDIRECTS = [
    pytest.param("/_mock", "/_mock/", id="without-slash"),
    pytest.param("/_mock/swagger", "/_mock/swagger/", id="reference-without-slash"),
    pytest.param("/_mock/requests/4ce41c-17", "/_mock/#/requests/4ce41c-17", id="request"),
    pytest.param("/_mock/requests/a%3Fb%23c", "/_mock/#/requests/a%3Fb%23c", id="odd-request"),
]


@pytest.mark.parametrize(("path", "to"), REDIRECTS)
def test_a_browser_is_led_to_the_page(fake: Running, path: str, to: str) -> None:
    reply = get(fake.url, path, accept=HTML)

    assert (reply.status, reply.headers["location"]) in {(303, to), (307, to)}


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_a_program_gets_what_the_control_api_has_at_the_path(fake: Running, accept: str) -> None:
    reply = get(fake.url, "/_mock/requests/none-such", accept=accept)

    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")


def test_the_count_of_requests_is_no_request(fake: Running) -> None:
    reply = get(fake.url, "/_mock/requests/count", accept=HTML)

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")


def test_another_method_of_the_path_is_not_the_pages(fake: Running) -> None:
    reply = get(fake.url, "/_mock/requests/none-such", method="DELETE", accept=HTML)

    assert (reply.status, reply.headers["content-type"]) == (405, "application/problem+json")


def hide_swagger(monkeypatch: pytest.MonkeyPatch, instead: ModuleSpec | None) -> None:
    """Have another package found in place of Swagger UI's, or none; others ask for packages too, and find them."""
    found = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return instead if name == "swagger_ui" else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    files.swagger_files.cache_clear()


@pytest.fixture
def without_swagger(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    hide_swagger(monkeypatch, None)
    yield
    files.swagger_files.cache_clear()


@pytest.mark.usefixtures("without_swagger")
def test_without_the_package_the_reference_says_how_to_install_it(fake: Running) -> None:
    reply = get(fake.url, "/_mock/swagger/")

    assert reply.status == 501
    assert policy_of(reply) == STRICT
    assert "pip install swagger-ui-py" in reply.text
    assert get(fake.url, "/_mock/swagger/swagger-ui.css").status == 404


def test_a_package_without_the_files_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_swagger(monkeypatch, importlib.util.spec_from_file_location("x", "/x.py"))

    assert files.swagger_files() == {}

    files.swagger_files.cache_clear()
