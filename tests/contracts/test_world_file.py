"""Worlds: what a file may say, and everything that is wrong with one, at once and with its place."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from contracts.faults import ConfigError
from contracts.operations import Contract
from contracts.world import Key, User, World, masked
from contracts.world_file import load_world, network, read_world, world_text

KEY = '[[keys]]\nkey = "vendor-key"\n'
FULL = """
experiences = ["experience"]
event_values = ["value"]
registration_pages = ["page"]
[pairs]
Feature = ["Viewed", "sent"]
[[events]]
id = "gala"
[[events]]
id = "expo"
[[users]]
id = "user-1"
email = "One@Example.com"
phone = "+12"
events = ["gala"]
[[users]]
id = "user-2"
[[keys]]
key = "plain-vendor-key"
[[keys]]
key = "own-vendor-key"
name = "a key"
allow = ["192.0.2.10", "2001:db8::/32"]
answer = "forbidden"
asset_bytes = 1000
users = ["user-2"]
events = ["expo"]
pairs = {other = ["done"]}
[[keys]]
key = "closed-vendor-key"
allow = []
users = []
events = []
"""


@pytest.fixture(scope="module")
def full(contract: Contract) -> World:
    return read_world(FULL, "file", contract)


def test_world_holds_what_the_file_says(full: World) -> None:
    key = full.keys["plain-vendor-key"]

    assert full.users == (User("user-1", "One@Example.com", "+12", frozenset({"gala"})), User("user-2"))
    assert (key.events, key.experiences) == (frozenset({"gala", "expo"}), frozenset({"experience"}))
    assert (key.event_values, key.registration_pages) == (frozenset({"value"}), frozenset({"page"}))
    assert key.pairs == frozenset({("feature", "viewed"), ("feature", "sent")})
    assert (key.allow, key.answer, key.asset_bytes, key.name) == (None, "", None, "")


def test_key_may_have_its_own_part(full: World) -> None:
    key = full.keys["own-vendor-key"]

    assert key.allow == (ip_network("192.0.2.10"), ip_network("2001:db8::/32"))
    assert (key.name, key.answer, key.asset_bytes) == ("a key", "forbidden", 1000)
    assert (set(key.by_identifier["userId"]), key.events) == ({"user-2"}, frozenset({"expo"}))
    assert key.pairs == frozenset({("other", "done")})


def test_empty_list_means_nobody(full: World) -> None:
    key = full.keys["closed-vendor-key"]

    assert (key.allow, dict(key.by_identifier["userId"]), key.events) == ((), {}, frozenset())


IDENTIFIERS = [
    pytest.param("userId", "user-1", True, id="user-id"),
    pytest.param("userId", "User-1", False, id="user-id-in-capitals"),
    pytest.param("email", "one@example.com", True, id="email"),
    pytest.param("email", "ONE@EXAMPLE.COM", True, id="email-in-capitals"),
    pytest.param("email", "", False, id="no-email"),
    pytest.param("phone", "+12", True, id="phone"),
    pytest.param("phone", "", False, id="no-phone"),
]


@pytest.mark.parametrize(("field", "value", "found"), IDENTIFIERS)
def test_user_is_found(full: World, field: str, value: str, found: bool) -> None:  # noqa: FBT001 - a table
    user = full.keys["plain-vendor-key"].user(field, value)

    assert user == (full.users[0] if found else None)


def test_pairs_of_the_spec_hold_without_others(contract: Contract) -> None:
    key = read_world(KEY, "file", contract).keys["vendor-key"]

    assert ("registration_sms", "failed") in key.pairs
    assert len(key.pairs) == sum(map(len, contract.pairs.values())) == 9


def test_built_in_world_knows_the_documents(world: World, key: Key) -> None:
    assert world.name == "the built-in world"
    assert key.user("email", "john.doe@example.com") == key.user("phone", "+14155552671")
    assert "47Gop5" in key.experiences


EVERYWHERE = (
    "forbidden, headersTooLarge, internalServerError, malformedBody, malformedRequest, methodNotAllowed, notFound, "
    "requestTimeout, unauthorized, unsupportedMediaType, userNotFound"
)
OPTIONS = "experiences, event_values, registration_pages, pairs, events, users, keys"

FAULTS = [
    pytest.param("", ['file: "keys" is a required property'], id="nothing"),
    pytest.param("keys = []", ["file: keys: [] has less than 1 item"], id="no-keys"),
    pytest.param("a = ", ["file: no TOML: Invalid value (at end of document)"], id="no-toml"),
    pytest.param(
        KEY + KEY,
        ["file: [[keys]] 1, key: …131c47 stands 2 times", "file: [[keys]] 2, key: …131c47 stands 2 times"],
        id="key-twice",
    ),
    pytest.param(
        "user = 1\n" + KEY,
        [f"file: user: no such option; there are {OPTIONS}"],
        id="unknown-table",
    ),
    pytest.param(
        KEY + "[[users]]\nid = 'a'\nmail = 'b'\nname = 'c'\n",
        [
            "file: [[users]] 1, mail: no such option; there are id, email, phone, events",
            "file: [[users]] 1, name: no such option; there are id, email, phone, events",
        ],
        id="unknown-option",
    ),
    pytest.param(
        "colour = 'red'\nexperiences = 'one'\n"
        "[[keys]]\nkey = 'vendor-key'\nallow = ['nowhere']\nusers = [5]\n[[keys]]\nname = 'no key'\n"
        "[[users]]\nid = 'a'\nevents = ['gone']\nemail = 5\n[[users]]\nid = 'a'\n",
        [
            'file: experiences: "one" is not of type "array"',
            'file: [[keys]] 1, users 1: 5 is not of type "string"',
            'file: [[keys]] 2: "key" is a required property',
            'file: [[users]] 1, email: 5 is not of type "string"',
            f"file: colour: no such option; there are {OPTIONS}",
            "file: [[users]] 1, id: 'a' stands 2 times",
            "file: [[users]] 2, id: 'a' stands 2 times",
            "file: [[users]] 1, events: no event 'gone' in this world",
            "file: [[keys]] 1, allow: 'nowhere' is no IP address and no network such as 10.0.0.0/8",
        ],
        id="faults-of-every-kind-at-once",
    ),
    pytest.param(KEY + "[[users]]\nemail = 'a'\n", ['file: [[users]] 1: "id" is a required property'], id="no-id"),
    pytest.param(KEY + "[[users]]\nid = 1\n", ['file: [[users]] 1, id: 1 is not of type "string"'], id="id-number"),
    pytest.param(
        KEY + "[[users]]\nid = ''\n", ['file: [[users]] 1, id: "" is shorter than 1 character'], id="id-empty"
    ),
    pytest.param(
        KEY + "[[users]]\nid = 2026-01-01\n",
        ["file: [[users]] 1, id: 2026-01-01 is a date; no option takes one, and text stands in quotes"],
        id="id-date",
    ),
    pytest.param(
        KEY + "asset_bytes = 1.5\n",
        ["file: [[keys]] 1, asset_bytes: 1.5 is a float; no option takes one, and text stands in quotes"],
        id="size-fraction",
    ),
    pytest.param(
        KEY + "asset_bytes = 0\n",
        ["file: [[keys]] 1, asset_bytes: 0 is less than the minimum of 1"],
        id="size-zero",
    ),
    pytest.param(
        KEY + "[[users]]\nid = 'a'\n[[users]]\nid = 'b'\n[[users]]\nid = 'a'\n",
        ["file: [[users]] 1, id: 'a' stands 2 times", "file: [[users]] 3, id: 'a' stands 2 times"],
        id="user-twice",
    ),
    pytest.param(
        KEY + "[[users]]\nid = 'a'\nemail = 'X@y'\n[[users]]\nid = 'b'\nemail = 'x@Y'\n",
        ["file: [[users]] 1, email: 'X@y' stands 2 times", "file: [[users]] 2, email: 'x@Y' stands 2 times"],
        id="email-twice-in-another-case",
    ),
    pytest.param(
        KEY + "[[users]]\nid = 'a'\nphone = '+12'\n[[users]]\nid = 'A'\nphone = '+12'\n",
        ["file: [[users]] 1, phone: '+12' stands 2 times", "file: [[users]] 2, phone: '+12' stands 2 times"],
        id="phone-twice",
    ),
    pytest.param(
        KEY + "[[events]]\nid = 'a'\n[[events]]\nid = 'a'\n",
        ["file: [[events]] 1, id: 'a' stands 2 times", "file: [[events]] 2, id: 'a' stands 2 times"],
        id="event-twice",
    ),
    pytest.param(
        KEY + "[[users]]\nid = 'a'\nevents = ['x', 'w']\n",
        [
            "file: [[users]] 1, events: no event 'w' in this world",
            "file: [[users]] 1, events: no event 'x' in this world",
        ],
        id="unknown-events",
    ),
    pytest.param(
        KEY + "events = ['x']\nusers = ['y']\n",
        ["file: [[keys]] 1, events: no event 'x' in this world", "file: [[keys]] 1, users: no user 'y' in this world"],
        id="unknown-event-and-user-of-a-key",
    ),
    pytest.param(
        KEY + "answer = 'teapot'\n",
        [
            "file: [[keys]] 1, answer: no answer 'teapot' that every operation has; there are " + EVERYWHERE,
        ],
        id="unknown-answer",
    ),
    pytest.param(
        KEY + "allow = ['10.0.0.1/8', 'localhost', '10.0.0.256', ' 10.0.0.1', '10.0.0.0/33']\n",
        [
            "file: [[keys]] 1, allow: '10.0.0.1/8' has bits set behind its prefix; the network would be 10.0.0.0/8",
            "file: [[keys]] 1, allow: 'localhost' is no IP address and no network such as 10.0.0.0/8",
            "file: [[keys]] 1, allow: '10.0.0.256' is no IP address and no network such as 10.0.0.0/8",
            "file: [[keys]] 1, allow: ' 10.0.0.1' is no IP address and no network such as 10.0.0.0/8",
            "file: [[keys]] 1, allow: '10.0.0.0/33' is no IP address and no network such as 10.0.0.0/8",
        ],
        id="addresses",
    ),
    pytest.param(
        KEY + "allow = ['10.0.0.1', '10.0.0.1']\n",
        ['file: [[keys]] 1, allow: ["10.0.0.1","10.0.0.1"] has non-unique elements'],
        id="address-twice",
    ),
    pytest.param(KEY + "[keys.pairs]\n", ["file: [[keys]] 1, pairs: {} has less than 1 property"], id="no-pairs"),
    pytest.param("pairs = {a = []}\n" + KEY, ["file: pairs, a: [] has less than 1 item"], id="no-actions"),
    pytest.param(
        KEY + "allow = ['x']\nusers = ['y']\n[[users]]\nid = 'a'\n[[users]]\nid = 'a'\n",
        [
            "file: [[users]] 1, id: 'a' stands 2 times",
            "file: [[users]] 2, id: 'a' stands 2 times",
            "file: [[keys]] 1, users: no user 'y' in this world",
            "file: [[keys]] 1, allow: 'x' is no IP address and no network such as 10.0.0.0/8",
        ],
        id="all-at-once",
    ),
]


@pytest.mark.parametrize(("text", "faults"), FAULTS)
def test_every_fault_is_said(contract: Contract, text: str, faults: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        read_world(text, "file", contract)

    assert [str(fault) for fault in raised.value.faults] == faults


SECRETS = [
    pytest.param('[[keys]]\nkey = "gehe\u0131m-schl\u00fcssel"\n', "[[keys]] 1, key", id="beyond-ascii"),
    pytest.param('[[keys]]\nkey = "geheim schl"\n', "[[keys]] 1, key", id="with-a-blank"),
    pytest.param('[[keys]]\nkey = ""\n', "[[keys]] 1, key", id="empty"),
    pytest.param("[[keys]]\nkey = 123456\n", "[[keys]] 1, key", id="number"),
    pytest.param("[[keys]]\nkey = ['geheim']\n", "[[keys]] 1, key", id="list"),
    pytest.param('keys = ["geheim"]\n', "[[keys]] 1", id="no-table"),
    pytest.param('keys = "geheim"\n', "keys", id="no-list"),
]


@pytest.mark.parametrize(("text", "place"), SECRETS)
def test_faulty_key_is_never_shown(contract: Contract, text: str, place: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_world(text, "file", contract)

    assert str(raised.value) == f"file: {place}: expected [[keys]] tables with a key of visible ASCII characters"


def test_world_is_loaded_from_a_file(contract: Contract, tmp_path: Path) -> None:
    file = tmp_path / "world.toml"
    file.write_text(world_text(), encoding="utf-8")

    loaded = load_world(str(file), contract)

    assert (loaded.name, set(loaded.keys)) == (str(file), set(load_world(None, contract).keys))


def test_file_that_is_missing(contract: Contract, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"world\.toml: the world cannot be read: No such file or directory"):
        load_world(str(tmp_path / "world.toml"), contract)


def test_file_that_is_not_utf_8(contract: Contract, tmp_path: Path) -> None:
    file = tmp_path / "world.toml"
    file.write_bytes(b"a = '\xff'")

    with pytest.raises(ConfigError, match=r"world\.toml: the world is not UTF-8: invalid start byte at byte 5"):
        load_world(str(file), contract)


@pytest.mark.parametrize("text", ["10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "::1", "10.0.0.0/255.0.0.0"])
def test_network_is_read(text: str) -> None:
    assert network(text) == ip_network(text)


MASKED = [
    pytest.param("vendor-test-key", "vend…5db8a6", id="long"),
    pytest.param("x" * 12, "xxxx…e60ae0", id="long-enough"),
    pytest.param("x" * 11, "…260d12", id="short"),
    pytest.param("", "…cec7ea", id="empty"),
]


@pytest.mark.parametrize(("secret", "shown"), MASKED)
def test_key_is_shown_masked(secret: str, shown: str) -> None:
    assert masked(secret) == shown


def test_key_masks_itself(key: Key) -> None:
    assert key.masked == "vend…5db8a6"
