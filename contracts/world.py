"""Who exists: the users, events and keys of one fake, and what each key may see of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from contracts.model import Brief

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_SHOWN = 4
_MASK = "…"
_LONG_ENOUGH = 12
# Enough to tell the keys of a world apart, far too little to find one by.
_TOLD_APART_BYTES = 3


def ascii_lower(text: str) -> str:
    """Put the letters A to Z in lower case, and no others: no Turkish i, no ß."""
    # lower() is four times as quick, and the same for text that is all ASCII.
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


def masked(secret: str) -> str:
    """Write a key so that its owner knows it and nobody can use it: its first letters, and a mark of its own."""
    digest = blake2b(secret.encode(), digest_size=_TOLD_APART_BYTES).hexdigest()
    return f"{secret[:_SHOWN] if len(secret) >= _LONG_ENOUGH else ''}{_MASK}{digest}"


def masked_once(secret: str) -> str:
    """Mask a key, unless it is masked already."""
    return secret if _MASK in secret else masked(secret)


@dataclass(frozen=True, slots=True)
class User:
    """A registered user, and the ids of the events that the user is registered for."""

    id: str
    email: str = ""
    phone: str = ""
    events: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Key(Brief):
    """An API key with all that a vendor who uses it sees of the world.

    `allow` is the allowlist, or None when none is configured; `answer` names the answer that the key always gets.
    `masked` is how the key may be shown. `secret` is empty where the fake was never told it, only what it looks like to
    those who have it; `session` names the session that the key was made for.
    """

    secret: str
    masked: str
    name: str
    by_identifier: Mapping[str, Mapping[str, User]]
    events: frozenset[str]
    experiences: frozenset[str]
    event_values: frozenset[str]
    registration_pages: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    allow: tuple[Network, ...] | None = None
    answer: str = ""
    asset_bytes: int | None = None
    session: str = ""

    def user(self, field: str, value: object) -> User | None:
        """Find the user that an identifier names: `userId` and `phone` to the letter, `email` without ASCII case."""
        # A schema that was changed may let through what is no text; that is nobody's identifier.
        if not isinstance(value, str):
            return None
        return self.by_identifier[field].get(ascii_lower(value) if field == "email" else value)

    @property
    def shown_name(self) -> str:
        """The key as it may be shown."""
        return self.masked


@dataclass(frozen=True, slots=True, repr=False)
class World(Brief):
    """Every key, by its secret, and everybody that any of them can see."""

    name: str
    keys: Mapping[str, Key]
    users: tuple[User, ...]

    @property
    def shown_name(self) -> str:
        """The name of its file."""
        return self.name


def indexed(users: Iterable[User]) -> Mapping[str, Mapping[str, User]]:
    """Index users by each of their identifiers, under the names that the documents give to these."""
    listed = tuple(users)
    return {
        "userId": {user.id: user for user in listed},
        "email": {ascii_lower(user.email): user for user in listed if user.email},
        "phone": {user.phone: user for user in listed if user.phone},
    }
