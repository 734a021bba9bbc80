"""Keeps API keys out of what is stored and printed."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from contracts.world import masked
from mock_server.storage.keyring import Digest, digest

SESSION_KEY_PREFIX = "dmk_"
"""What the keys that the fake makes for sessions begin with, so that they are known wherever they turn up."""

_SESSION_KEY = re.compile(rf"{SESSION_KEY_PREFIX}[0-9a-f]{{32}}")
# A shorter one would be found in words that are none.
_LEAST = 6
# What nobody knows to be a key has to be long, too, to be taken for one.
_LEAST_UNKNOWN = 12
_SECRET_NAME = re.compile(r"key|token|secret|auth|cookie|passw", re.IGNORECASE)

_Write = Callable[[str, int], str]


def is_secret(header: str) -> bool:
    """Whether the value of a header of this name is nobody else's business."""
    return bool(_SECRET_NAME.search(header))


def is_session_key(secret: str) -> bool:
    """Whether a key has the form of those that the fake makes for sessions."""
    return bool(_SESSION_KEY.fullmatch(secret))


def unknown_keys(headers: Sequence[tuple[bytes, bytes]], query: str, key_header: bytes) -> Iterator[str]:
    """Give what a request shows as a key of some server's: in the header for it, or in its query under such a name."""
    found = [value.decode("latin-1") for name, value in headers if name == key_header]
    for word in query.split("&") if query else ():
        parameter, _, text = word.partition("=")
        if is_secret(parameter):
            found += (text, unquote_plus(text))
    return (each for each in found if len(each) >= _LEAST_UNKNOWN)


class Trace(NamedTuple):
    """What is known of a key that is not at hand: how it begins, its length, its digest, and how it is shown."""

    begins: str
    length: int
    digest: Digest
    shown: str


class Secrets:
    """The API keys that may turn up in a request, and the way to take them out of a text."""

    def __init__(self, secrets: Iterable[str] = (), traces: Iterable[Trace] = ()) -> None:
        """Take keys, and traces of others; only traces that say how the key begins can be followed."""
        known = sorted((secret for secret in secrets if len(secret) >= _LEAST), key=len, reverse=True)
        # The longest first: one key may be the beginning of another.
        self._shown = {spelled: masked(secret) for secret in known for spelled in _spellings(secret)}
        self._traces = tuple(trace for trace in traces if trace.begins)

    def and_also(self, secrets: Iterable[str]) -> "Secrets":
        """Give these and more, which only one request is known to hold."""
        more = Secrets(secrets)
        if not more._shown:
            return self
        more._shown |= self._shown
        more._traces = self._traces
        return more

    def hidden(self, text: str) -> str:
        """Write each key in a text in its masked form."""
        return self._without_keys(text, _as_it_is)

    def hidden_bytes(self, content: bytes) -> bytes:
        """Do the same to bytes, of which there are as many afterwards as before."""
        text = content.decode("latin-1")
        hidden = self._without_keys(text, _fitted)
        return content if hidden is text else hidden.encode("latin-1")

    def _without_keys(self, text: str, write: _Write) -> str:
        for spelled, shown in self._shown.items():
            if spelled in text:
                text = text.replace(spelled, write(shown, len(spelled)))
        for trace in self._traces:
            text = _untraced(text, trace, write)
        if SESSION_KEY_PREFIX in text:
            text = _SESSION_KEY.sub(lambda found: write(masked(found[0]), len(found[0])), text)
        return text


def _spellings(secret: str) -> Iterable[str]:
    """Spell a key as URLs, JSON and Python do; with letters, digits and dashes alone it is the same everywhere."""
    in_json = json.dumps(secret)[1:-1]
    return dict.fromkeys((repr(secret)[1:-1], in_json.replace("/", "\\/"), in_json, quote(secret, safe=""), secret))


def _untraced(text: str, trace: Trace, write: _Write) -> str:
    at = text.find(trace.begins)
    while at >= 0:
        end = at + trace.length
        if digest(text[at:end]) == trace.digest:
            text = text[:at] + write(trace.shown, trace.length) + text[end:]
        at = text.find(trace.begins, at + 1)
    return text


def _as_it_is(shown: str, _length: int) -> str:
    return shown


def _fitted(shown: str, length: int) -> str:
    """Write a masked key in UTF-8, as Latin-1 shows that, in as many bytes as the key has."""
    return shown.encode().decode("latin-1").ljust(length, "*")[:length]
