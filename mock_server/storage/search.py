"""Which requests of the journal are meant, and how SQLite is asked for them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

EQUAL = ("session", "key", "operation", "status", "answer", "user", "event", "accepted", "method")
"""The conditions that ask for one value."""


def decoded_path(target: str) -> str:
    """Give the path of a target as it is read, without the query."""
    return unquote(target.partition("?")[0])


def paths_of(target: str) -> set[str]:
    """Give every path that may be meant by one: what a search in SQL finds, too."""
    return {target, target.partition("?")[0], decoded_path(target)}


@dataclass(frozen=True, slots=True)
class Search:
    """Conditions that a request has to meet; None is no condition. Times are seconds of the epoch.

    `path` is meant as it was sent, with or without its query, or as it is read, without. `rule` is broken or flagged;
    `unattributed` asks for requests without a known key.
    """

    session: str | None = None
    key: str | None = None
    operation: str | None = None
    status: int | None = None
    answer: str | None = None
    rule: str | None = None
    user: str | None = None
    event: str | None = None
    accepted: bool | None = None
    path: str | None = None
    method: str | None = None
    since: float | None = None
    until: float | None = None
    unattributed: bool = False

    def where(self) -> tuple[str, list[Any]]:
        """Write the conditions in SQL, with the values for its placeholders."""
        given: list[tuple[str, list[Any]]] = [
            (f"{name} = ?", [getattr(self, name)]) for name in EQUAL if getattr(self, name) is not None
        ]
        if self.session:
            # SQLite uses an index of some rows only where it sees that no others are asked for.
            given.append(("session != ''", []))
        if self.rule is not None:
            given.append(("(instr(broken, ?) OR instr(flagged, ?))", [f" {self.rule} "] * 2))
        if self.path is not None:
            sql = "(target = ? OR substr(target, 1, ?) = ? OR instr(target, '%') AND decoded_path(target) = ?)"
            given.append((sql, [self.path, len(self.path) + 1, f"{self.path}?", self.path]))
        if self.since is not None:
            given.append(("at >= ?", [self.since]))
        if self.until is not None:
            given.append(("at <= ?", [self.until]))
        if self.unattributed:
            given.append(("key = ''", []))
        return " AND ".join(sql for sql, _ in given) or "1", [value for _, values in given for value in values]
