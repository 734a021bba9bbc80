"""Reads what a fake has kept: the file of a journal, which stays as it is, or what a running fake tells."""

import base64
import contextlib
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.fake.entries import sent
from conformance.model import Sent
from conformance.observed.recorded import NOBODYS_CALL, Gap, Recorded, counted, is_for_the_api, path_of, told_gaps
from contracts.faults import ConfigError, Fault
from contracts.operations import Contract
from mock_server.client import TOKEN_VARIABLE, URL_VARIABLE, Control, ControlError
from mock_server.storage.database import MAGIC, misfit
from mock_server.storage.entry import Armed, Detail, Entry, Remark, SentPart
from mock_server.storage.rows import DETAIL, SUMMARY, entry
from mock_server.storage.search import Search
from mock_server.storage.secrecy import Secrets

_PAGE = 100
_WHY = "the fake kept less than all of it (--journal-bodies)"


# A file


def is_journal(file: Path) -> bool:
    """Whether a file looks like a journal's: like any file of SQLite."""
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


def journal_requests(file: Path, contract: Contract, *, session: str | None = None) -> Recorded:
    """Read the requests of a journal, or those of one session. The file is not changed, even while a fake writes it.

    Raises ConfigError for what is no journal, or one of another version, of another contract, or damaged, and for a
    session that it does not know.
    """
    try:
        with contextlib.closing(_opened(file)) as connection:
            # All of it at one moment: a fake may be writing.
            connection.execute("BEGIN")
            wrong = misfit(connection) or ("" if _has_tables(connection) else "is no journal yet: nothing is in it")
            if wrong:
                raise ConfigError([Fault(str(file), wrong)])
            if session is not None and not _has_session(connection, session):
                raise ConfigError([Fault(str(file), f"has no session {session!r}")])
            where, values = Search(session=session).where()
            sql = f"SELECT {SUMMARY}, {DETAIL} FROM requests WHERE {where} ORDER BY seq"  # noqa: S608 - constants
            entries = (entry(row, full=True) for row in connection.execute(sql, values))
            return recorded_of(entries, contract, str(file), _evicted(connection, session))
    except (sqlite3.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([Fault(str(file), f"cannot be read as a journal: {reason}")]) from None


def _opened(file: Path) -> sqlite3.Connection:
    # Whoever opens a journal leaves files for its log beside it, unless it is said that nobody writes: then there is
    # no log that something could be missing from.
    log = file.with_name(f"{file.name}-wal")
    quiet = "" if log.exists() and log.stat().st_size else "&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro{quiet}", uri=True, isolation_level=None)


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _has_session(connection: sqlite3.Connection, session: str) -> bool:
    # One that has ended has left no more than its requests, or that there were some.
    tables = {"sessions": "id", "requests": "session", "evictions": "session"}
    each = (f"EXISTS (SELECT 1 FROM {table} WHERE {column} = :id)" for table, column in tables.items())  # noqa: S608 - constants
    return bool(connection.execute(f"SELECT {' OR '.join(each)}", {"id": session}).fetchone()[0])


def _evicted(connection: sqlite3.Connection, session: str | None) -> int:
    where, values = ("session = ?", [session]) if session is not None else ("1", [])
    sql = f"SELECT coalesce(sum(count), 0) FROM evictions WHERE {where}"  # noqa: S608 - constants
    return int(connection.execute(sql, values).fetchone()[0])


# A running fake


def session_requests(
    url: str,
    contract: Contract,
    *,
    session: str | None = None,
    token: str | None = None,
    ca_file: str | None = None,
) -> Recorded:
    """Read the requests that a running fake keeps, or those of one session, through its control API.

    Raises ConfigError where there is no such fake or session, and for a fake with another contract.
    """
    try:
        control = Control.from_environment(url, token, ca_file=ca_file)
        rows, evicted = _in_full(control, session)
    except (ControlError, ValueError, OSError) as error:
        raise ConfigError([Fault("", str(error))]) from None
    return recorded_of(map(_entry, rows), contract, url, evicted)


def _in_full(control: Control, session: str | None) -> tuple[list[Mapping[str, Any]], int]:
    rows: list[Mapping[str, Any]] = []
    after: int | None = 0
    evicted = 0
    while after is not None:
        page = control.get("/requests", session=session, order="oldest", limit=_PAGE, after=after, full=True)
        rows += page["requests"]
        after, evicted = page["next"], page["evicted"]
    return rows, evicted


def _entry(row: Mapping[str, Any]) -> Entry:
    """Read a request as the control API tells it."""
    milliseconds, armed = row["milliseconds"], row["armed"]
    return Entry(
        seq=row["seq"],
        id=row["id"],
        at=datetime.fromisoformat(row["at"]).timestamp(),
        session=row["session"] or "",
        key=row["key"] or "",
        address=row["address"],
        method=row["method"],
        target=row["path"],
        operation=row["operation"] or "",
        status=row["status"] or 0,
        answer=row["answer"] or "",
        accepted=row["accepted"],
        size=row["size"],
        seconds=None if milliseconds is None else milliseconds / 1000,
        stayed=row["stayed"],
        user=row["user"] or "",
        event=row["event"] or "",
        broken=tuple(row["broken"]),
        flagged=tuple(row["flags"]),
        armed=Armed(**armed) if armed else None,
        detail=_detail(row),
    )


def _detail(row: Mapping[str, Any]) -> Detail:
    request, body, parts = row["request"], row["request"]["body"], row["request"]["parts"]
    text, coded = body["text"], body["base64"]
    return Detail(
        headers=tuple((name, value) for name, value in request["headers"]),
        body=base64.b64decode(coded) if text is None else text.encode(),
        sha256=body["sha256"] or "",
        parts=None if parts is None else tuple(_part(part) for part in parts),
        remarks=(
            *(_remark(one, is_flag=False) for one in row["breaches"]),
            *(_remark(one, is_flag=True) for one in row["flagged"]),
        ),
        sent_headers=tuple((name, value) for name, value in row["response"]["headers"]),
        sent_body=row["response"]["body"].encode(),
    )


def _part(part: Mapping[str, Any]) -> SentPart:
    filename, content_type = part["filename"], part["contentType"] or ""
    return SentPart(part["name"], filename, content_type, part["size"], part["sha256"] or "", part["text"] or "")


def _remark(one: Mapping[str, Any], *, is_flag: bool) -> Remark:
    return Remark(one["rule"], one["field"], one["got"], one["expected"], one["hint"] or "", is_flag)


# Either


def recorded_of(
    entries: Iterable[Entry], contract: Contract, place: str, evicted: int = 0, *, mine: str | None = None
) -> Recorded:
    """Take what a client may have sent, and what is not known of it; `mine` is the masked key that it was given.

    Raises ConfigError for a request that broke a rule which this contract has not.
    """
    kept: list[Sent] = []
    left_out = 0
    for one in entries:
        if not _is_for_the_api(one, contract):
            left_out += 1
            continue
        try:
            kept.append(sent(one, contract, mine=mine is None or one.key == mine))
        except LookupError as error:
            problem = f"broke the rule {error}, which this contract has not; --spec names the one it was judged by"
            raise ConfigError([Fault(f"{place}: request {one.id}", problem)]) from None
    gaps = {one.id: frozenset({Gap.BODY}) for one in kept if _is_cut(one, contract)}
    limitations = [*told_gaps(gaps, _WHY)]
    if evicted:
        limitations.append(f"{counted(evicted, 'earlier request')} had to make room: nothing is known of them")
    if left_out:
        limitations.append(f"{counted(left_out, 'request')} {NOBODYS_CALL}")
    return Recorded(tuple(kept), gaps, tuple(limitations))


def _is_for_the_api(one: Entry, contract: Contract) -> bool:
    names = [name for name, _ in one.detail.headers] if one.detail else []
    has_key = bool(one.key) or contract.key_header in names
    return bool(one.operation) or is_for_the_api(path_of(one.target), has_key=has_key, contract=contract)


def _is_cut(one: Sent, contract: Contract) -> bool:
    """Whether the fake read more of a body than it kept."""
    if one.parts is not None:
        return any(part.size and not part.text for part in one.texts)
    is_json = bool(one.operation) and not contract.operation(one.operation).asset_field
    return is_json and len(one.body) < one.size


__all__ = [
    "TOKEN_VARIABLE",
    "URL_VARIABLE",
    "Secrets",
    "is_journal",
    "journal_requests",
    "recorded_of",
    "session_requests",
]
