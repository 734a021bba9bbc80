"""Who is let in: keys and addresses, with a second address on loopback."""

from collections.abc import Iterator

import pytest

from contracts.world_file import network
from mock_server.server import running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, Send

PATHS = [ANALYTICS, "/api/v1/vendor/user/assets", "/api/v1/analytics/capture/fifa-cwc-2025"]
WORLD = """
experiences = ["47Gop5"]
[[users]]
id = "john"
email = "john.doe@example.com"
[[keys]]
key = "second-address-only"
allow = ["127.0.0.2"]
[[keys]]
key = "mapped"
allow = ["::ffff:127.0.0.2"]
[[keys]]
key = "nobody-at-all"
allow = []
[[keys]]
key = "behind-a-proxy"
allow = ["203.0.113.0/24", "2001:db8::/32"]
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    world = tmp_path_factory.mktemp("world") / "world.toml"
    world.write_text(WORLD)
    with running(Settings(port=0, world=str(world), log_level="error")) as fake:
        yield fake.url


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    world = tmp_path_factory.mktemp("world") / "world.toml"
    world.write_text(WORLD)
    trusted = (network("127.0.0.2"), network("10.0.0.0/8"))
    with running(Settings(port=0, world=str(world), log_level="error", trusted=trusted)) as fake:
        yield fake.url


ADDRESSES = [
    pytest.param("second-address-only", "127.0.0.2", 200, id="on-the-list"),
    pytest.param("second-address-only", "127.0.0.1", 403, id="not-on-the-list"),
    pytest.param("mapped", "127.0.0.2", 200, id="on-the-list-as-mapped-address"),
    pytest.param("mapped", "127.0.0.1", 403, id="not-on-the-list-of-mapped-addresses"),
    pytest.param("nobody-at-all", "127.0.0.1", 403, id="empty-list"),
]


@pytest.mark.parametrize(("key", "source", "status"), ADDRESSES)
def test_the_address_decides(key: str, source: str, status: int, url: str, post: Send) -> None:
    reply = post(url, ANALYTICS, EVENT, source=source, headers={"x-distinct-api-key": key})

    assert reply.status == status
    assert reply.message == ("Forbidden." if status == 403 else "User analytics added successfully.")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("key", "status", "message"),
    [("second-address-only", 403, "Forbidden."), ("wrong", 401, "Unauthorized."), ("", 401, "Unauthorized.")],
)
def test_every_endpoint_looks_at_key_and_address_first(
    key: str, status: int, message: str, path: str, url: str, post: Send
) -> None:
    reply = post(url, path, b"not even JSON", headers={"x-distinct-api-key": key, "Content-Type": "text/plain"})

    assert (reply.status, reply.message) == (status, message)


FORWARDED = [
    pytest.param("127.0.0.2", "203.0.113.9", 200, id="a-trusted-proxy-is-believed"),
    pytest.param("127.0.0.2", "203.0.113.9, 10.1.2.3", 200, id="a-chain-of-trusted-proxies"),
    pytest.param("127.0.0.2", "198.51.100.7", 403, id="a-client-that-is-not-on-the-list"),
    pytest.param("127.0.0.2", "203.0.113.9, 198.51.100.7", 403, id="what-stands-left-of-a-stranger-is-his-word"),
    pytest.param("127.0.0.2", "<script>", 403, id="no-address"),
    pytest.param("127.0.0.2", "2001:db8::1", 200, id="ipv6"),
    pytest.param("127.0.0.2", None, 403, id="no-header-means-the-proxy-itself"),
    pytest.param("127.0.0.1", "203.0.113.9", 403, id="a-stranger-is-not-believed"),
]


@pytest.mark.parametrize(("source", "forwarded", "status"), FORWARDED)
def test_forwarded_addresses_count_from_trusted_proxies(
    source: str, forwarded: str | None, status: int, proxied: str, post: Send
) -> None:
    headers = {"x-distinct-api-key": "behind-a-proxy", "X-Forwarded-For": forwarded}

    assert post(proxied, ANALYTICS, EVENT, source=source, headers=headers).status == status


def test_without_a_trusted_proxy_nobody_is_believed(url: str, post: Send) -> None:
    headers = {"x-distinct-api-key": "second-address-only", "X-Forwarded-For": "127.0.0.2"}

    assert post(url, ANALYTICS, EVENT, headers=headers).status == 403
