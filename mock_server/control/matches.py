"""Reads which requests are meant, from a query or from the member `match` of a body."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from contracts.world import masked_once
from mock_server.control.known import unknown_key, unknown_session
from mock_server.control.problems import Wrong, refusal
from mock_server.fake import Fake
from mock_server.printing import near
from mock_server.steps import answer_names
from mock_server.storage.search import Search
from mock_server.verification import Match
from mock_server.wire.heads import METHODS

FILTERS = (
    "session", "key", "operation", "status", "answer", "rule", "user", "event", "accepted", "path", "method",
    "since", "until", "unattributed",
)  # fmt: skip
"""The names of the filters: those of the query, and of a match beside `body`, `parts` and `headers`."""

_TIMES = ("since", "until")


def search_of(fake: Fake, given: Mapping[str, Any], place: str = "?") -> Search:
    """Read the filters among `given`, which fits the document; `place` stands before the name of one that is wrong.

    Raises the problem of a session, key, operation, rule, answer or method that there is not: nothing would ever match,
    and a check that none came would pass for a slip of the pen.
    """
    faults = list(_unknown(fake, given, place))
    values = {name: given[name] for name in FILTERS if name in given}
    for name in _TIMES:
        if name in values:
            try:
                values[name] = datetime.fromisoformat(values[name].upper()).timestamp()
            except ValueError:
                faults.append(Wrong(f"{place}{name}", repr(values[name]), "a time such as 2026-11-21T12:00:00.000Z"))
    if faults:
        raise refusal(faults)
    if "key" in values:
        values["key"] = masked_once(values["key"])
    if "method" in values:
        values["method"] = values["method"].upper()
    return Search(**values)


def match_of(fake: Fake, given: Mapping[str, Any], place: str, session: str | None = None) -> Match:
    """Read a match, which is of one session unless it says so itself."""
    of_session = {"session": session} if session is not None else {}
    return Match(
        search=search_of(fake, {**of_session, **given}, f"{place}/"),
        body=given.get("body"),
        parts=tuple(given["parts"]) if "parts" in given else None,
        headers={name.lower(): value for name, value in given.get("headers", {}).items()},
    )


def _unknown(fake: Fake, given: Mapping[str, Any], place: str) -> Iterable[Wrong]:
    yield from unknown_session(fake, given.get("session"), f"{place}session")
    unknown = list(unknown_key(fake, given.get("key"), f"{place}key"))
    # The key of a request that is kept may be gone.
    if unknown and not fake.journal.count(Search(key=masked_once(given["key"]))):
        yield from unknown
    known = {
        "operation": [operation.id for operation in fake.contract.operations.values()],
        "rule": list(fake.contract.rules),
        "answer": answer_names(fake.contract.answers),
        # That of what could not be read as a request is a dash.
        "method": [*METHODS, *map(str.lower, METHODS), "-"],
    }
    for name, names in known.items():
        if name in given and given[name] not in names:
            yield Wrong(f"{place}{name}", repr(given[name]), f"one there is; near it: {near(given[name], names)}")
