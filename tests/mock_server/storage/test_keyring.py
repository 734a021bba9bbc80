"""Keys by their secret, and by its digest."""

import pytest

from contracts.world import Key
from mock_server.storage.keyring import KeyRing, digest


def test_a_key_is_found_by_its_secret(key: Key) -> None:
    assert KeyRing({"vendor-test-key": key}, {})["vendor-test-key"] is key


def test_a_key_is_built_when_somebody_comes_with_it_and_only_once(key: Key) -> None:
    built: list[Key] = []

    def build() -> Key:
        built.append(key)
        return key

    ring = KeyRing({}, {digest("late-key"): build})
    assert (len(ring), list(ring)) == (0, [])

    assert [ring["late-key"] for _ in range(2)] == [key, key]
    assert (built, list(ring)) == ([key], ["late-key"])


@pytest.mark.parametrize("secret", ["", "late-keys", "LATE-KEY", "späti"])
def test_any_other_is_unknown(secret: str, key: Key) -> None:
    ring = KeyRing({}, {digest("late-key"): lambda: key})

    with pytest.raises(KeyError):
        ring[secret]


def test_a_digest_does_not_give_its_key_away() -> None:
    assert digest("a") != digest("b")
    assert len(digest("a")) == 32
