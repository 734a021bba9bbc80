"""Finds out whether what a request names is there: what is not would never match, and a slip of the pen pass for it."""

from collections.abc import Iterator

from contracts.world import masked_once
from mock_server.control.problems import Wrong, missing
from mock_server.fake import Fake
from mock_server.printing import near

SESSIONS = "GET /_mock/sessions lists them"
"""Where the ids of sessions are."""


def known_session(fake: Fake, session_id: str | None) -> str | None:
    """Give the id of a session back when there is such a session, or none was named; raises the problem otherwise."""
    if session_id is not None and fake.sessions.get(session_id) is None:
        raise missing("session", session_id, SESSIONS)
    return session_id


def unknown_session(fake: Fake, session_id: str | None, place: str = "/session") -> Iterator[Wrong]:
    """Say what is wrong with a session that there is not; `place` is where a body or a filter names it."""
    if session_id is not None and fake.sessions.get(session_id) is None:
        yield Wrong(place, repr(session_id), f"the id of a session; {SESSIONS}")


def unknown_key(fake: Fake, key: str | None, place: str = "/key") -> Iterator[Wrong]:
    """Say what is wrong with a key, masked or not, that neither the world nor a session has."""
    if key is None:
        return
    shown = masked_once(key)
    known = {row["key"] for row in fake.worlds.data()["keys"]} | {session.masked for session in fake.sessions.all()}
    if shown not in known:
        yield Wrong(place, repr(shown), f"a key there is, masked or not; near it: {near(shown, known)}")
