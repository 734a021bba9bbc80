"""Keeps the journal within its bounds: the oldest requests make room, and are counted."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

# Made a little more room at once, so that it is not looked for at every request.
_SPARE = 32
_LOOKED_AT = 512


class Totals(NamedTuple):
    """The number of the last request, how many are stored, and how many bytes they take."""

    last: int
    entries: int
    weight: int


def read_totals(connection: sqlite3.Connection) -> Totals:
    """Read the totals of a journal."""
    return Totals(*connection.execute("SELECT last, entries, weight FROM totals").fetchone())


def write_totals(connection: sqlite3.Connection, totals: Totals) -> None:
    """Write the totals of a journal."""
    connection.execute("UPDATE totals SET last = ?, entries = ?, weight = ?", totals)


def evict(connection: sqlite3.Connection, totals: Totals, most: Totals) -> Totals:
    """Delete the oldest requests until no more are stored than `most` says; gives the totals that are left."""
    if totals.entries <= most.entries and totals.weight <= most.weight:
        return totals
    entries, weight = (bound - bound // _SPARE for bound in (most.entries, most.weight))
    while totals.entries > entries or totals.weight > weight:
        oldest = connection.execute("SELECT seq, session, weight FROM requests ORDER BY seq LIMIT ?", (_LOOKED_AT,))
        gone: Counter[str] = Counter()
        until = None
        for seq, session, bytes_ in oldest:
            if totals.entries <= entries and totals.weight <= weight:
                break
            totals = Totals(totals.last, totals.entries - 1, totals.weight - bytes_)
            gone[session] += 1
            until = seq
        if until is None:
            break
        connection.execute("DELETE FROM requests WHERE seq <= ?", (until,))
        count_evicted(connection, gone)
    return totals


def forget(connection: sqlite3.Connection, condition: str, value: object) -> int:
    """Delete the requests that meet a condition, and give how many; `value` is that of its one placeholder."""
    entries, weight = connection.execute(
        f"SELECT count(*), coalesce(sum(weight), 0) FROM requests WHERE {condition}",  # noqa: S608 - from this package
        (value,),
    ).fetchone()
    if entries:
        connection.execute(f"DELETE FROM requests WHERE {condition}", (value,))  # noqa: S608 - the same
        totals = read_totals(connection)
        write_totals(connection, Totals(totals.last, totals.entries - entries, totals.weight - weight))
    return int(entries)


def count_evicted(connection: sqlite3.Connection, gone: Mapping[str, int]) -> None:
    """Add to the evictions that are counted for each session."""
    connection.executemany(
        "INSERT INTO evictions VALUES (?, ?) ON CONFLICT (session) DO UPDATE SET count = count + excluded.count",
        gone.items(),
    )
