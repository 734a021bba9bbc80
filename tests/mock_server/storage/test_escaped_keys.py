"""A key is found whichever of its letters an address, JSON or Python has escaped; other escapes stay as they are."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import quote

import pytest

from contracts.model import shown
from contracts.world import masked
from mock_server.storage.keyring import digest
from mock_server.storage.secrecy import Secrets, Trace

ODD = "odd/k\"e'y\\+%26&=<-b8"
SESSION = "dmk_0123456789abcdef0123456789abcdef"


def percent(text: str) -> str:
    return "".join(f"%{ord(letter):02X}" for letter in text)


def in_json(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def trace(key: str) -> Trace:
    return Trace(masked(key).partition("…")[0], len(key), digest(key), masked(key))


KNOWN = {
    "by-itself": (ODD, Secrets([ODD])),
    "by-its-trace": (ODD, Secrets(traces=[trace(ODD)])),
    "by-its-form": (SESSION, Secrets()),
}
WAYS: Mapping[str, Callable[[str], str]] = {
    "percents": percent,
    "small-percents": lambda key: percent(key).lower(),
    "one-percent": lambda key: percent(key[0]) + quote(key[1:], safe=""),
    "json": in_json,
    "one-of-json": lambda key: json.dumps(key[:3])[1:-1] + in_json(key[3]) + json.dumps(key[4:])[1:-1],
    "json-of-php": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "python": lambda key: "".join(f"\\x{ord(letter):02x}" for letter in key),
}


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize("way", WAYS)
def test_an_escaped_key_is_hidden(known: str, way: str) -> None:
    key, secrets = KNOWN[known]
    text = f"%2f \\u002f {WAYS[way](key)} and {WAYS[way](key)}%2F\\\\"

    assert secrets.hidden(text) == f"%2f \\u002f {masked(key)} and {masked(key)}%2F\\\\"
    assert len(secrets.hidden_bytes(text.encode())) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "%",
        "%%2",
        "%zz%41",
        "\\",
        "\\u00",
        "\\ud83d\\ude00",
        'a "quoted\\" text\\\\',
        "100%25 of it \\u0041",
        percent(ODD[:-1]),
    ],
)
def test_what_is_no_key_stays_escaped(text: str) -> None:
    secrets = Secrets([ODD], [trace("added-to-the-world")])

    assert secrets.hidden(text) == text
    assert secrets.hidden_bytes(text.encode()) == text.encode()


@pytest.mark.parametrize("before", range(10, 60))
@pytest.mark.parametrize("key", ["vendor-secret-key", SESSION])
def test_a_message_that_was_cut_within_a_key_shows_little_of_it(before: int, key: str) -> None:
    message = shown("-" * before + key + "-" * 60)

    hidden = Secrets(["vendor-secret-key"]).hidden(message)

    assert not [n for n in range(len(key) - 11) if key[n : n + 12] in hidden], hidden


def test_a_masked_key_is_not_taken_for_one_that_was_cut() -> None:
    text = f"{masked('vendor-secret-key')} and {masked(SESSION)}, … vendor…"

    assert Secrets(["vendor-secret-key"]).hidden(text).startswith(text[:-7])


def test_keys_are_hidden_wherever_they_stand_in_a_value() -> None:
    value = {ODD: [ODD, 1, None, True, {"a": f"x{SESSION}"}], "b": 0.5}

    assert Secrets([ODD]).hidden_in(value) == {
        masked(ODD): [masked(ODD), 1, None, True, {"a": f"x{masked(SESSION)}"}],
        "b": 0.5,
    }
