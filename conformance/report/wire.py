"""Writes a request as it went over the wire, and marks what a finding is about."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from conformance.report.wording import printable

_VALUE = r'("(?:[^"\\]|\\.)*"|\{[^{}]*\}|\[[^\[\]]*\]|[^,}\]\s]*)'
_LEAST_GOT = 2
_HALF = re.compile("[\udc80-\udcff]+")


class Piece(NamedTuple):
    """Some text of a request, and whether it is what is wrong."""

    text: str
    marked: bool = False


def wire(request: Mapping[str, Any], finding: Mapping[str, Any] | None = None) -> list[Piece]:
    """Cut a request of a report into pieces; without a finding, nothing of it is marked."""
    places = _names_of(finding["place"]) if finding else ()
    lines = [*_head(request, places), Piece("\n"), *_content(request, places)]
    if finding and not any(piece.marked for piece in lines):
        lines = list(_by_value(lines, finding["got"].strip("'\"")))
    return [Piece(printable(piece.text), piece.marked) for piece in lines if piece.text]


def _names_of(place: str) -> tuple[str, ...]:
    """Give what a place may be about: itself, the last of its words, the first and last of its steps."""
    if not place:
        return ()
    steps = [step for step in re.split(r"[/.\s\[\]]+", place) if step]
    return tuple(dict.fromkeys([place, *steps[-1:], *steps[:1]]))


def _head(request: Mapping[str, Any], places: tuple[str, ...]) -> Iterator[Piece]:
    yield Piece(request["method"], "method" in places)
    yield Piece(" ")
    yield Piece(request["target"], any(name in places for name in ("target", "path", "query")))
    yield Piece("\n")
    lower = {name.lower() for name in places}
    for name, value in request["headers"]:
        marked = name in lower
        yield Piece(f"{name}: {value}", marked)
        yield Piece("\n")


def _content(request: Mapping[str, Any], places: tuple[str, ...]) -> Iterator[Piece]:
    if request["parts"] is not None:
        yield from _parts(request["parts"], places)
        return
    body = request["body"]
    if "text" in body:
        yield from _members(body["text"], places)
    elif body.get("base64"):
        yield from _bytes(base64.b64decode(body["base64"]))
    if body["cut"]:
        yield Piece(f"\n… {body['size']} bytes in all")


def _parts(parts: list[dict[str, Any]], places: tuple[str, ...]) -> Iterator[Piece]:
    for part in parts:
        name = part["name"] if part["filename"] is None else f"{part['name']}; filename={part['filename']}"
        content = part["text"] if part["filename"] is None else f"{part['size']} bytes, sha256 {part['sha256']}"
        kind = f" ({part['contentType']})" if part["contentType"] else ""
        yield Piece(f"{name}{kind}: {content}", part["name"] in places or part["filename"] in places)
        yield Piece("\n")


def _members(text: str, places: tuple[str, ...]) -> Iterator[Piece]:
    """Mark the first member of a JSON text that has one of the names."""
    for name in places:
        found = re.search(rf'"{re.escape(name)}"\s*:\s*{_VALUE}', text)
        if found:
            yield Piece(text[: found.start()])
            yield Piece(found[0], marked=True)
            yield Piece(text[found.end() :])
            return
    yield Piece(text)


def _bytes(content: bytes) -> Iterator[Piece]:
    """Mark what is no UTF-8."""
    text = content.decode("utf-8", "surrogateescape")
    at = 0
    for found in _HALF.finditer(text):
        yield Piece(text[at : found.start()])
        yield Piece("".join(f"\\x{ord(char) - 0xDC00:02x}" for char in found[0]), marked=True)
        at = found.end()
    yield Piece(text[at:])


def _by_value(pieces: list[Piece], got: str) -> Iterator[Piece]:
    """Mark the first place where what was got stands."""
    is_found = len(got) < _LEAST_GOT
    for piece in pieces:
        before, value, behind = piece.text.partition(got) if not is_found else (piece.text, "", "")
        yield Piece(before)
        if value:
            is_found = True
            yield Piece(value, marked=True)
            yield Piece(behind)
