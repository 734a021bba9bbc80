"""Keys are found and masked however they are spelled, and whatever else is left as it is."""

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.model import shown
from contracts.world import masked
from mock_server.storage.keyring import digest
from mock_server.storage.secrecy import Secrets, Trace, is_secret, is_session_key, unknown_keys
from tests.test_properties import SAME_EVERYWHERE

KEY = "vendor-secret-key"
ODD_KEY = "a/b+c=d\"e'f\\g&h%i?"
SESSION_KEY = "dmk_0123456789abcdef0123456789abcdef"
HEADER = b"x-distinct-api-key"


@pytest.mark.parametrize("key", [KEY, ODD_KEY, "sixsix"])
@pytest.mark.parametrize(
    "spell",
    [
        pytest.param(str, id="as-it-is"),
        pytest.param(lambda key: quote(key, safe=""), id="in-a-url"),
        pytest.param(quote_plus, id="in-a-query"),
        pytest.param(json.dumps, id="in-json"),
        pytest.param(lambda key: json.dumps(key).replace("/", "\\/"), id="in-json-of-php"),
        pytest.param(repr, id="in-python"),
    ],
)
def test_a_key_is_hidden_however_it_is_spelled(key: str, spell: "type[str]") -> None:
    secrets = Secrets([key])

    assert (
        secrets.hidden(f"before {spell(key)} after").replace('"', "").replace("'", "") == f"before {masked(key)} after"
    )


@pytest.mark.parametrize("key", [SESSION_KEY, SESSION_KEY.replace("f", "0")])
def test_a_session_key_is_known_by_its_form(key: str) -> None:
    assert Secrets().hidden(f"x{key}x{key}") == f"x{masked(key)}x{masked(key)}"


@pytest.mark.parametrize(
    ("key", "is_one"),
    [(SESSION_KEY, True), (SESSION_KEY[:-1], False), (f"{SESSION_KEY}0", False), ("dmk_test-key", False)],
)
def test_only_the_whole_form_is_that_of_a_session(key: str, is_one: bool) -> None:  # noqa: FBT001 - a case
    assert is_session_key(key) is is_one


def test_a_key_that_begins_like_another_is_hidden_as_itself() -> None:
    secrets = Secrets(["vendor-key-1", "vendor-key-12"])

    assert secrets.hidden("vendor-key-12") == masked("vendor-key-12")


def test_a_short_key_stays_since_it_would_be_found_in_words() -> None:
    assert Secrets(["test"]).hidden("a test") == "a test"


def trace(key: str) -> Trace:
    return Trace(masked(key).partition("…")[0], len(key), digest(key), masked(key))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEY, masked(KEY)),
        (f"{KEY}{KEY}", masked(KEY) * 2),
        (f"vend vendor-{KEY}-x", f"vend vendor-{masked(KEY)}-x"),
        (f"{KEY[:-1]}!", f"{KEY[:-1]}!"),
        (KEY[:-1], KEY[:-1]),
        ("nothing", "nothing"),
    ],
)
def test_a_key_is_found_by_its_trace(text: str, expected: str) -> None:
    assert Secrets(traces=[trace(KEY)]).hidden(text) == expected


def test_a_trace_without_a_beginning_cannot_be_followed() -> None:
    assert Secrets(traces=[trace("short-key")]).hidden("short-key") == "short-key"


def test_what_one_request_shows_is_hidden_beside_the_others() -> None:
    secrets = Secrets([KEY], [trace("added-to-the-world")])

    more = secrets.and_also(["shown-by-the-request"])

    texts = [KEY, "added-to-the-world", "shown-by-the-request"]
    assert more.hidden(" ".join(texts)) == " ".join(map(masked, texts))
    assert secrets.hidden("shown-by-the-request") == "shown-by-the-request"
    assert secrets.and_also([]) is secrets


@SAME_EVERYWHERE
@given(st.lists(st.sampled_from([KEY, ODD_KEY, SESSION_KEY, "sixsix", "é", "x", '"']), max_size=6).map("".join))
def test_bytes_without_keys_are_as_many_as_before(text: str) -> None:
    secrets, content = Secrets([KEY, ODD_KEY, "sixsix"]), text.encode()

    hidden = secrets.hidden_bytes(content)

    assert len(hidden) == len(content)
    assert [key for key in (KEY, ODD_KEY, SESSION_KEY, "sixsix") if key.encode() in hidden] == []
    assert hidden.count("é".encode()) == text.count("é")
    assert json.dumps(hidden.decode())


def test_bytes_without_a_key_are_handed_back() -> None:
    content = bytes(range(256)) * 2

    assert Secrets([KEY]).hidden_bytes(content) is content


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("x-distinct-api-key", True),
        ("Authorization", True),
        ("cookie", True),
        ("x-csrf-token", True),
        ("content-type", False),
        ("user-agent", False),
    ],
)
def test_some_names_speak_of_secrets(name: str, secret: bool) -> None:  # noqa: FBT001 - a case
    assert is_secret(name) is secret


@pytest.mark.parametrize(
    ("headers", "query", "found"),
    [
        ([(HEADER, b"a-key-of-the-real-one")], "", ["a-key-of-the-real-one"]),
        ([(HEADER, b"short"), (b"accept", b"application/json")], "", []),
        ([], "x=1&api_key=a%2Fkey-in-the-query&y", ["a%2Fkey-in-the-query", "a/key-in-the-query"]),
        ([], "page=a-long-value-of-no-secret&key=short", []),
    ],
)
def test_a_request_shows_keys_that_nobody_knows(
    headers: list[tuple[bytes, bytes]], query: str, found: list[str]
) -> None:
    assert list(unknown_keys(headers, query, HEADER)) == found


def halves(key: str) -> set[str]:
    """Give all that would tell a good deal of a key: enough of its beginning, or of its end."""
    return {key[:length] for length in range(12, len(key) + 1)} | {key[-length:] for length in range(12, len(key) + 1)}


@pytest.mark.parametrize("suffix", ["", "&v=1", "0", "g" * 5, *("q" * length for length in range(1, 45, 6))])
@pytest.mark.parametrize("key", [SESSION_KEY, "vendor-live-0123456789-abcdef"])
def test_a_key_that_a_message_cuts_is_hidden(key: str, suffix: str) -> None:
    secrets = Secrets(["vendor-live-0123456789-abcdef"])

    for length in range(120):
        for value in (f"{'q' * length}{key}{suffix}", {"a": "x" * (length + 220), "b": key + suffix}):
            hidden = secrets.hidden(shown(value))
            assert [half for half in halves(key) if half in hidden] == [], value


@pytest.mark.parametrize("key", [KEY, SESSION_KEY])
def test_a_beginning_may_end_in_the_middle_of_a_key(key: str) -> None:
    secrets = Secrets([KEY])

    for length in range(len(key) + 1):
        content = b"\xffsome bytes " + key[:length].encode()
        hidden = secrets.hidden_beginning(content)
        assert (len(hidden), hidden[:12]) == (len(content), content[:12])
        assert [half for half in halves(key) if half.encode() in hidden] == []
    assert secrets.hidden_beginning(b"vendor-secret, dmk_") == b"vendor-secret, ****"


def test_of_two_keys_that_begin_alike_the_longer_beginning_counts() -> None:
    secrets = Secrets(["vendor-key-1", "vendor-key-234567"])

    assert secrets.hidden_beginning(b"x vendor-key-2345") == b"x " + b"*" * 15


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vendor-secr…", f"{masked(KEY)}…"),
        ("…secret-key", f"…{masked(KEY)}"),
        ("vendor…", f"{masked(KEY)}…"),
        ("vendo…", "vendo…"),
        ("vendor-secr… and vendor-x…", f"{masked(KEY)}… and vendor-x…"),
        ("vendor-vendor-se…t-key", f"vendor-{masked(KEY)}…t-key"),
        ("vendor-secret-ke…endor-secret-key", f"{masked(KEY)}…{masked(KEY)}"),
        ("vendor-secr", "vendor-secr"),
    ],
)
def test_halves_of_a_key_are_known_beside_a_cut(text: str, expected: str) -> None:
    assert Secrets([KEY]).hidden(text) == expected


TEXTS = st.lists(st.sampled_from([KEY, ODD_KEY, SESSION_KEY, "\\u0076", "%76", "…", "vendor"]) | st.text(max_size=6))


@given(words=TEXTS, cut=st.integers(1, 40))
def test_what_shows_no_sign_of_a_key_would_stay_as_it_is(words: list[str], cut: int) -> None:
    trace = Trace("trac", 12, digest("traced-key-1"), "trac…")
    secrets = Secrets([KEY], [trace]).and_also([ODD_KEY])
    text = "".join([*words, "traced-key-1"[:cut]])

    assert secrets.may_show_in(text) or (
        secrets.hidden(text) == text and secrets.hidden_bytes(text.encode()) == text.encode()
    )


@pytest.mark.parametrize("key", [KEY, ODD_KEY, SESSION_KEY, "traced-key-1"])
def test_a_key_is_a_sign(key: str) -> None:
    assert Secrets([KEY, ODD_KEY], [Trace("trac", 12, digest("traced-key-1"), "trac…")]).may_show_in(f"a{key}b")
    assert not Secrets([KEY, ODD_KEY]).may_show_in("a request as most are")
