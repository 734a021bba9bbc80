"""Keeps API keys out of what is stored and printed."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus

from contracts.world import masked
from mock_server.storage.keyring import Digest, digest

SESSION_KEY_PREFIX = "dmk_"
"""What the keys that the fake makes for sessions begin with, so that they are known wherever they turn up."""

_SESSION_KEY = re.compile(rf"{SESSION_KEY_PREFIX}[0-9a-f]{{32}}")
# What a message that was cut in its middle leaves of one, on either side.
_CUT = "…"
_CUT_SESSION_KEY = re.compile(rf"{SESSION_KEY_PREFIX}[0-9a-f]{{6,31}}(?={_CUT})|(?<={_CUT})(?:m?k?_)?[0-9a-f]{{12,}}")
_BEGUN_SESSION_KEY = re.compile(rf"{SESSION_KEY_PREFIX}[0-9a-f]{{0,31}}\Z")
# A shorter one would be found in words that are none.
_LEAST = 6
# What nobody knows to be a key has to be long, too, to be taken for one.
_LEAST_UNKNOWN = 12
# How the letters of keys, which are ASCII, are written in an address, and in JSON or Python, when they are escaped.
_ESCAPES = (
    ("%", re.compile(r"%[0-7][0-9a-fA-F]")),
    ("\\", re.compile(r"\\(?:u00[0-7][0-9a-fA-F]|x[0-7][0-9a-fA-F]|[\"'\\/])")),
)
_SECRET_NAME = re.compile(r"key|token|secret|auth|cookie|passw", re.IGNORECASE)

_Write = Callable[[str, int], str]
_Found = tuple[int, int, str]


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
        # The longest first: one key may be the beginning of another.
        known = sorted((secret for secret in secrets if len(secret) >= _LEAST), key=len, reverse=True)
        self._known = {secret: masked(secret) for secret in known}
        self._shown = {spelled: shown for secret, shown in self._known.items() for spelled in _spellings(secret)}
        self._traces = tuple(trace for trace in traces if trace.begins)
        self._signs = self._all_signs()

    def _all_signs(self) -> tuple[str, ...]:
        begins = (trace.begins for trace in self._traces)
        return (*self._shown, *begins, SESSION_KEY_PREFIX, _CUT, *(sign for sign, _ in _ESCAPES))

    def and_also(self, secrets: Iterable[str]) -> "Secrets":
        """Give these and more, which only one request is known to hold."""
        more = Secrets(secrets)
        if not more._shown:
            return self
        more._shown |= self._shown
        more._known |= self._known
        more._traces = self._traces
        more._signs = more._all_signs()
        return more

    def may_show_in(self, text: str) -> bool:
        """Say whether a text has to be looked through. Most hold no key, nor anything that it could be spelled with."""
        for sign in self._signs:  # noqa: SIM110 - any() takes twice as long, and every request is asked about
            if sign in text:
                return True
        return False

    def hidden(self, text: str) -> str:
        """Write each key in a text in its masked form."""
        text = self._without_keys(text, _as_it_is)
        return self._without_cut_keys(text) if _CUT in text else text

    def hidden_in(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Do the same to every text in a JSON value, names of members among them."""
        match value:
            case str():
                return self.hidden(value)
            case list():
                return [self.hidden_in(each) for each in value]
            case dict():
                return {self.hidden(name): self.hidden_in(each) for name, each in value.items()}
        return value

    def hidden_bytes(self, content: bytes) -> bytes:
        """Do the same to bytes, of which there are as many afterwards as before."""
        text = content.decode("latin-1")
        hidden = self._without_keys(text, _fitted)
        return content if hidden is text else hidden.encode("latin-1")

    def hidden_beginning(self, content: bytes) -> bytes:
        """Do the same to the beginning of some content, which may end in the middle of a key."""
        text = self.hidden_bytes(content).decode("latin-1")
        begun = _BEGUN_SESSION_KEY.search(text)
        shown = [len(begun[0])] if begun else []
        shown += [_begun_at_the_end_of(text, secret) for secret in self._known]
        length = max(shown, default=0)
        return f"{text[: len(text) - length]}{'*' * length}".encode("latin-1")

    def _without_keys(self, text: str, write: _Write) -> str:
        for spelled, shown in self._shown.items():
            if spelled in text:
                text = text.replace(spelled, write(shown, len(spelled)))
        for trace in self._traces:
            text = _untraced(text, trace, write)
        if SESSION_KEY_PREFIX in text:
            text = _SESSION_KEY.sub(lambda found: write(masked(found[0]), len(found[0])), text)
        for sign, escape in _ESCAPES:
            if sign in text:
                text = self._without_escaped_keys(text, escape, write)
        return text

    def _without_cut_keys(self, text: str) -> str:
        """Hide what is left of keys where a message was cut; of a key that is not at hand nobody knows its parts."""
        pieces = text.split(_CUT)
        last = len(pieces) - 1
        whole = [
            self._without_halves(piece, at_its_end=number < last, at_its_beginning=number > 0)
            for number, piece in enumerate(pieces)
        ]
        return _CUT_SESSION_KEY.sub("", _CUT.join(whole))

    def _without_halves(self, piece: str, *, at_its_end: bool, at_its_beginning: bool) -> str:
        for secret, shown in self._known.items():
            length = _begun_at_the_end_of(piece, secret) if at_its_end else 0
            if length:
                piece = f"{piece[:-length]}{shown}"
            length = _ended_at_the_beginning_of(piece, secret) if at_its_beginning else 0
            if length:
                piece = f"{shown}{piece[length:]}"
        return piece

    def _without_escaped_keys(self, text: str, escape: re.Pattern[str], write: _Write) -> str:
        """Hide the keys that show when a text is read as an address or as JSON, whichever letters it escapes."""
        letters = escape.sub(_letter, text)
        found = sorted(self._found(letters), key=lambda one: (one[0], -one[1])) if letters != text else []
        if not found:
            return text
        # Each of them is one letter, so that what was found there is found here.
        spelled = re.findall(f"{escape.pattern}|.", text, re.DOTALL)
        hidden, at = "", 0
        for begin, end, shown in found:
            if begin >= at:
                length = sum(map(len, spelled[begin:end]))
                hidden, at = f"{hidden}{''.join(spelled[at:begin])}{write(shown, length)}", end
        return hidden + "".join(spelled[at:])

    def _found(self, letters: str) -> Iterator[_Found]:
        for secret, shown in self._known.items():
            at = letters.find(secret)
            while at >= 0:
                yield at, at + len(secret), shown
                at = letters.find(secret, at + 1)
        for trace in self._traces:
            yield from _traced(letters, trace)
        for found in _SESSION_KEY.finditer(letters):
            yield *found.span(), masked(found[0])


def _begun_at_the_end_of(text: str, secret: str) -> int:
    """Give how many letters of a key's beginning a text ends with: 0 unless they are enough to tell."""
    start = secret[:_LEAST]
    at = text.find(start, max(0, len(text) - len(secret) + 1))
    while at >= 0 and not secret.startswith(text[at:]):
        at = text.find(start, at + 1)
    return len(text) - at if at >= 0 else 0


def _ended_at_the_beginning_of(text: str, secret: str) -> int:
    """Give how many letters of a key's end a text begins with: 0 unless they are enough to tell."""
    end = secret[-_LEAST:]
    at = text.rfind(end, 0, len(secret) - 1)
    while at >= 0 and not secret.endswith(text[: at + _LEAST]):
        at = text.rfind(end, 0, at + _LEAST - 1)
    return at + _LEAST if at >= 0 else 0


def _spellings(secret: str) -> Iterable[str]:
    """Spell a key as URLs, JSON and Python do; with letters, digits and dashes alone it is the same everywhere."""
    in_json = json.dumps(secret)[1:-1]
    return dict.fromkeys((repr(secret)[1:-1], in_json.replace("/", "\\/"), in_json, quote(secret, safe=""), secret))


def _letter(escape: re.Match[str]) -> str:
    digits = escape[0].lstrip("%\\ux")
    return chr(int(digits, 16)) if len(escape[0]) > len('\\"') else escape[0][1]


def _traced(text: str, trace: Trace) -> Iterator[_Found]:
    at = text.find(trace.begins)
    while at >= 0:
        after, end = at + 1, at + trace.length
        # What is not ASCII is no key, and may not even be text.
        if text[at:end].isascii() and digest(text[at:end]) == trace.digest:
            yield at, end, trace.shown
            after = end
        at = text.find(trace.begins, after)


def _untraced(text: str, trace: Trace, write: _Write) -> str:
    # The last first, so that the others stay where they are.
    for begin, end, shown in reversed(list(_traced(text, trace))):
        text = text[:begin] + write(shown, trace.length) + text[end:]
    return text


def _as_it_is(shown: str, _length: int) -> str:
    return shown


def _fitted(shown: str, length: int) -> str:
    """Write a masked key in UTF-8, as Latin-1 shows that, in as many bytes as the key has."""
    return shown.encode().decode("latin-1").ljust(length, "*")[:length]
