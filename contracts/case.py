"""What the checks look at: one request that was read, the key's world, and the circumstances."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from contracts.media import MediaKinds
from contracts.model import Limits
from contracts.multipart_body import Part
from contracts.world import Key

# Named tuples, because several of these are made for every request, and a frozen dataclass costs five times as much.


class Circumstances(NamedTuple):
    """What stands around a body: when it came, the query string of its URL, whether the same came just before."""

    now: datetime
    query: str = ""
    repeated: bool = False


class Finding(NamedTuple):
    """What a check found: at which field, what was got, what was expected."""

    field: str
    got: str
    expected: str
    hint: str = ""


class Form(NamedTuple):
    """What only a form has: its files, the bytes that each may have, and the kinds of media that are taken."""

    assets: tuple[Part, ...] = ()
    asset_bytes: int = 0
    media: MediaKinds = MediaKinds(frozenset(), frozenset())


class Case(NamedTuple):
    """One request as the checks see it.

    `body` holds all fields by name, `sound` those that the schema has nothing against; `named` are the fields that the
    schema names, `needed` those that it requires of this body.
    """

    body: Mapping[str, Any]
    sound: Mapping[str, Any]
    key: Key
    circumstances: Circumstances
    limits: Limits
    named: frozenset[str]
    needed: frozenset[str]
    oddities: tuple[str, ...] = ()
    form: Form = Form()

    @property
    def ordinary(self) -> bool:
        """Whether nothing but the body itself could be worth a remark: no query, no repeat, no odd JSON."""
        around = self.circumstances
        return not (around.query or around.repeated or self.oddities)
