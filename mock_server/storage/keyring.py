"""Every key that the fake takes: those of its world file, those that were added, those of sessions."""

from collections.abc import Callable, Mapping
from hashlib import blake2b

from contracts.world import Key

Digest = bytes


def digest(secret: str) -> Digest:
    """Sum up a key, so that it is known again without being stored."""
    return blake2b(secret.encode(), digest_size=32, person=b"distinct-mock").digest()


class KeyRing(dict[str, Key]):
    """Keys by their secret. Of some only the digest is known, until somebody comes with the secret."""

    def __init__(self, by_secret: Mapping[str, Key], by_digest: Mapping[Digest, Callable[[], Key]]) -> None:
        """Take keys by secret, and ways to build those that are known by digest only."""
        super().__init__(by_secret)
        self._by_digest = by_digest

    def __missing__(self, secret: str) -> Key:
        """Look for a key among the digests; KeyError when it is unknown there as well."""
        build = self._by_digest[digest(secret)]
        key = self[secret] = build()
        return key
