"""Who is let in to the control API, and who is not."""

import http.client
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from starlette.datastructures import Headers

from mock_server.control.guard import COOKIE, Guard, cookie_value, same_origin, split_authority
from mock_server.control.problems import ProblemError
from mock_server.server import running
from mock_server.settings import Settings, is_loopback, with_token
from tests.mock_server.control.asking import ask

TOKEN = "a-token-of-32-bytes-or-so"
WORLD = "/_mock/world"
BOUND_HERE = Settings(host="127.0.0.1")
BOUND_BY_NAME = Settings(host="localhost")
BOUND_WIDE = Settings(host="0.0.0.0", control_token=TOKEN)  # noqa: S104 - never served
WITH_TOKEN = Settings(host="127.0.0.1", control_token=TOKEN)
BEARER = {"host": "localhost", "authorization": f"Bearer {TOKEN}"}


def status_of(settings: Settings, headers: dict[str, str], path: str = WORLD) -> int:
    """Give the status of a refusal, or 200 for who is let in."""
    guard = Guard(settings)
    try:
        guard.check_site(Headers(headers))
        guard.check_token(path, Headers(headers))
    except ProblemError as problem:
        return problem.status
    return 200


HOSTS = [
    pytest.param(BOUND_HERE, "127.0.0.1:8080", 200, id="loopback"),
    pytest.param(BOUND_HERE, "127.8.9.1", 200, id="all-of-127"),
    pytest.param(BOUND_HERE, "localhost:8080", 200, id="localhost"),
    pytest.param(BOUND_HERE, "LocalHost", 200, id="localhost-in-another-case"),
    pytest.param(BOUND_HERE, "localhost.:8080", 200, id="localhost-with-a-dot"),
    pytest.param(BOUND_HERE, "localhost..:8080", 403, id="localhost-with-two-dots"),
    pytest.param(BOUND_HERE, "[::1]:8080", 200, id="IPv6"),
    pytest.param(BOUND_HERE, "localhost:9000", 200, id="port-that-was-forwarded"),
    pytest.param(BOUND_HERE, "evil.example:8080", 403, id="rebound-name"),
    pytest.param(BOUND_HERE, "localhost.evil.example", 403, id="name-that-begins-like-ours"),
    pytest.param(BOUND_HERE, "127.0.0.1.evil.example", 403, id="name-that-begins-like-an-address"),
    pytest.param(BOUND_HERE, "192.0.2.7:8080", 403, id="another-address"),
    pytest.param(BOUND_HERE, "evil.example@localhost", 403, id="with-a-user"),
    pytest.param(BOUND_HERE, "localhost, evil.example", 403, id="two"),
    pytest.param(BOUND_HERE, "", 403, id="none"),
    pytest.param(Settings(host="::1"), "[::1]:8080", 200, id="bound-to-IPv6"),
    pytest.param(BOUND_BY_NAME, "127.0.0.1:8080", 200, id="bound-by-name"),
]


@pytest.mark.parametrize(("settings", "host", "status"), HOSTS)
def test_on_loopback_the_host_has_to_be_this_machine(settings: Settings, host: str, status: int) -> None:
    assert status_of(settings, {"host": host}) == status


LINK = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
SITES = [
    pytest.param({}, 200, id="a-program"),
    pytest.param({"origin": "http://localhost:8080"}, 200, id="own-page"),
    pytest.param({"origin": "https://localhost:8080"}, 200, id="own-page-behind-https"),
    pytest.param({"origin": "http://localhost:3000"}, 403, id="another-port"),
    pytest.param({"origin": "http://127.0.0.1:8080"}, 403, id="another-name-of-the-same"),
    pytest.param({"origin": "https://evil.example"}, 403, id="another-site"),
    pytest.param({"origin": "null"}, 403, id="sandboxed"),
    pytest.param({"origin": ""}, 403, id="empty"),
    pytest.param({"origin": "file://"}, 403, id="file"),
    pytest.param({"origin": "chrome-extension://localhost:8080"}, 403, id="extension"),
    pytest.param({"sec-fetch-site": "same-origin"}, 200, id="fetch-of-the-same-origin"),
    pytest.param({"sec-fetch-site": "none"}, 200, id="typed-into-a-browser"),
    pytest.param({"sec-fetch-site": "cross-site"}, 403, id="fetch-across-sites"),
    pytest.param({"sec-fetch-site": "cross-site", **LINK}, 200, id="link-on-another-site"),
    pytest.param({"sec-fetch-site": "cross-site", **LINK, "sec-fetch-dest": "iframe"}, 403, id="frame-of-another-site"),
    pytest.param({"sec-fetch-site": "cross-site", **LINK, "origin": "https://x.test"}, 403, id="form-of-another-site"),
]


@pytest.mark.parametrize(("headers", "status"), SITES)
def test_other_sites_are_kept_out(headers: dict[str, str], status: int) -> None:
    assert status_of(BOUND_HERE, {"host": "localhost:8080", **headers}) == status


@pytest.mark.parametrize(("headers", "status"), SITES)
def test_other_sites_are_kept_out_even_with_the_token(headers: dict[str, str], status: int) -> None:
    given = {**BEARER, "host": "localhost:8080", **headers}

    assert status_of(BOUND_WIDE, given) == status


COOKIE_IN = {"host": "localhost", "cookie": f"other=1; {COOKIE}={cookie_value(TOKEN)}"}
TOKENS = [
    pytest.param(BOUND_WIDE, BEARER, WORLD, 200, id="bearer"),
    pytest.param(BOUND_WIDE, {**BEARER, "authorization": f"bearer  {TOKEN} "}, WORLD, 200, id="bearer-in-lower-case"),
    pytest.param(BOUND_WIDE, {**BEARER, "host": "mock.internal:80"}, WORLD, 200, id="any-host-with-the-token"),
    pytest.param(BOUND_WIDE, COOKIE_IN, WORLD, 200, id="cookie"),
    pytest.param(BOUND_WIDE, {"host": "localhost"}, WORLD, 401, id="nothing"),
    pytest.param(BOUND_WIDE, {**BEARER, "authorization": "Bearer wrong"}, WORLD, 401, id="wrong-token"),
    pytest.param(BOUND_WIDE, {**BEARER, "authorization": f"Bearer {TOKEN}é"}, WORLD, 401, id="token-and-more"),
    pytest.param(BOUND_WIDE, {**BEARER, "authorization": "Bearer "}, WORLD, 401, id="empty-token"),
    pytest.param(BOUND_WIDE, {**BEARER, "authorization": f"Basic {TOKEN}"}, WORLD, 401, id="another-scheme"),
    pytest.param(BOUND_WIDE, {"host": "x", "cookie": f"{COOKIE}={TOKEN}"}, WORLD, 401, id="token-itself-in-the-cookie"),
    pytest.param(BOUND_WIDE, {"host": "x"}, "/_mock/health", 200, id="health-is-open"),
    pytest.param(BOUND_WIDE, {"host": "x"}, "/_mock/ready", 200, id="ready-is-open"),
    pytest.param(BOUND_WIDE, {"host": "x"}, "/_mock/healthy", 401, id="nothing-else-is-open"),
    pytest.param(Settings(host="0.0.0.0"), BEARER, WORLD, 401, id="wide-and-no-token-set"),  # noqa: S104 - not served
    pytest.param(Settings(host="mock.internal"), BEARER, WORLD, 401, id="a-name-may-be-any-address"),
    pytest.param(Settings(host=""), BEARER, WORLD, 401, id="every-address"),
    pytest.param(WITH_TOKEN, {"host": "localhost"}, WORLD, 401, id="token-set-on-loopback"),
    pytest.param(WITH_TOKEN, BEARER, WORLD, 200, id="token-given-on-loopback"),
    pytest.param(WITH_TOKEN, {**BEARER, "host": "evil.example"}, WORLD, 403, id="token-and-a-rebound-name"),
]


@pytest.mark.parametrize(("settings", "headers", "path", "status"), TOKENS)
def test_beyond_loopback_the_token_is_asked_for(
    settings: Settings, headers: dict[str, str], path: str, status: int
) -> None:
    assert status_of(settings, headers, path) == status


AUTHORITIES = [
    pytest.param("localhost:80", ("localhost", "80"), id="name-and-port"),
    pytest.param("[::1]", ("::1", ""), id="IPv6"),
    pytest.param("[::1", ("", ""), id="open-bracket"),
    pytest.param("a b", ("", ""), id="blank"),
    pytest.param("a:b", ("", ""), id="port-of-letters"),
    pytest.param("\u017f.example", ("", ""), id="beyond-ASCII"),
]


@pytest.mark.parametrize(("text", "parts"), AUTHORITIES)
def test_an_authority_is_read_or_refused(text: str, parts: tuple[str, str]) -> None:
    assert split_authority(text) == parts


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        pytest.param("http://a", "a:80", True, id="http-default"),
        pytest.param("https://a:443", "a", True, id="https-default"),
        pytest.param("http://a:443", "a", False, id="default-of-the-other"),
        pytest.param("http://", "", False, id="nothing-equals-nothing"),
        pytest.param("http://A", "a", True, id="case"),
    ],
)
def test_origins_are_compared_with_their_default_ports(origin: str, host: str, *, same: bool) -> None:
    assert same_origin(origin, host) is same


LOOPBACK = [
    ("::1", True), ("[::1]", True), ("10.0.0.1", False), ("localhost", True), ("LocalHost", True), ("localhost.", True),
    ("localhost..", False), ("localhost.example", False), ("", False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "ours"), LOOPBACK)
def test_loopback_is_known_by_name_and_address(name: str, *, ours: bool) -> None:
    assert is_loopback(name) is ours


@pytest.mark.parametrize("host", ["localhost.", "LOCALHOST", "[::1]", "127.0.0.2", "0.0.0.0", "mock.internal"])  # noqa: S104 - not served
def test_a_token_is_asked_for_where_one_is_made_up(host: str) -> None:
    settings = with_token(Settings(host=host))

    assert Guard(settings).needs_token is bool(settings.control_token)


def test_a_wrong_token_gets_no_cookie() -> None:
    assert Guard(BOUND_WIDE).cookie_for("wrong", "http") is None
    assert Guard(BOUND_HERE).cookie_for("", "http") is None


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_cookie_is_for_this_site_and_no_script(scheme: str, *, secure: bool) -> None:
    cookie = Guard(BOUND_WIDE).cookie_for(TOKEN, scheme)

    assert cookie is not None
    assert {"HttpOnly", "SameSite=Strict", "Path=/_mock"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) is secure
    assert TOKEN not in cookie


# Over real connections


def test_a_rebound_name_is_refused_on_the_wire() -> None:
    with running() as fake:
        answer = ask(fake.url, "GET", "/world", headers={"Host": "evil.example"})

    assert (answer.status, answer.detail) == (
        403,
        "the Host 'evil.example' is not this machine; expected localhost or 127.0.0.1",
    )


def test_the_token_lets_in_over_the_wire() -> None:
    with running(Settings(port=0, log_level="error", control_token=TOKEN)) as fake:
        without = ask(fake.url, "GET", "/sessions")
        with_it = ask(fake.url, "GET", "/sessions", headers={"Authorization": f"Bearer {TOKEN}"})
        health = ask(fake.url, "GET", "/health")

    assert (without.status, with_it.status, health.status) == (401, 200, 200)
    assert without.headers["www-authenticate"].startswith("Bearer")


def test_a_browser_gets_in_with_the_token_once_and_the_cookie_from_then_on() -> None:
    with running(Settings(port=0, log_level="error", control_token=TOKEN)) as fake:
        connection = http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=20)
        with closing(connection):
            connection.request("GET", f"/_mock/?token={TOKEN}")
            signed_in = connection.getresponse()
            content = signed_in.read().decode()
        cookie = signed_in.headers["set-cookie"].partition(";")[0]
        answer = ask(fake.url, "GET", "/sessions", headers={"Cookie": cookie})

    assert (signed_in.status, signed_in.headers["location"]) == (303, "/_mock/")
    assert TOKEN not in str(signed_in.headers) + content
    assert answer.status == 200


def test_a_wrong_token_in_the_address_is_refused() -> None:
    with running(Settings(port=0, log_level="error", control_token=TOKEN)) as fake:
        connection = http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=20)
        with closing(connection):
            connection.request("GET", "/_mock/?token=wrong")
            response = connection.getresponse()
            response.read()

    assert response.status == 401
    assert "set-cookie" not in response.headers
