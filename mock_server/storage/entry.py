"""One request as the journal keeps it."""

from dataclasses import dataclass
from typing import NamedTuple

Pairs = tuple[tuple[str, str], ...]


class Armed(NamedTuple):
    """What was played instead of, or with, the answer: by an armed fault's id, by `prefer`, or by the `key`."""

    id: str
    step: str
    documented: bool


class Remark(NamedTuple):
    """A rule that was broken, or a flag: at which field, what was got, what was expected."""

    rule: str
    field: str
    got: str
    expected: str
    hint: str
    is_flag: bool


class SentPart(NamedTuple):
    """One part of a form; a file has a name, a size in bytes and its SHA-256, anything else its text."""

    name: str
    filename: str | None
    content_type: str
    size: int
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """What only one request in full shows.

    Secrets in headers are masked. `body` is what was kept of it, and `sha256` that of the whole when more came;
    `parts` is None for what was no form.
    """

    headers: Pairs
    body: bytes
    sha256: str
    parts: tuple[SentPart, ...] | None
    remarks: tuple[Remark, ...]
    sent_headers: Pairs
    sent_body: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as the journal keeps it; texts are empty where there is nothing.

    `at` is in seconds of the epoch; `seconds` is how long it took, and None until it is over. `status` is 0 when no
    answer went out. `key` is masked.
    """

    seq: int
    id: str
    at: float
    session: str
    key: str
    address: str
    method: str
    target: str
    operation: str
    status: int
    answer: str
    accepted: bool
    size: int
    seconds: float | None
    stayed: bool
    user: str
    event: str
    broken: tuple[str, ...]
    flagged: tuple[str, ...]
    armed: Armed | None
    detail: Detail | None = None
