"""Tells from the first bytes of a file what it is, and whether that may be gifted."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import filetype

HEAD_BYTES = 4096
"""How much of a file has to be kept for `recognise`."""

# Boxes that may stand before the one that names the format of an MP4 or QuickTime file.
_SKIPPED_BOXES = {b"free", b"wide", b"skip", b"pnot"}
_BOX_HEADER = 8
# Brands that have a media type of their own, by their first letters.
_BRANDS = {b"3gp": "video/3gpp", b"3g2": "video/3gpp2", b"M4V": "video/x-m4v"}
_OTHER_NAMES = {
    "image/heif": "image/heic",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "video/avi": "video/x-msvideo",
    "video/matroska": "video/x-matroska",
    "video/msvideo": "video/x-msvideo",
    "video/vnd.avi": "video/x-msvideo",
}
_BITMAP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
_HTML = re.compile(rb"<(!doctype html|html|head|body|script)\b", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class MediaKinds:
    """Which kinds of media a field takes, and which declared types say nothing about the kind."""

    kinds: frozenset[str]
    undeclared: frozenset[str]

    @classmethod
    def declared(cls, content_type: str) -> "MediaKinds":
        """Read an OpenAPI encoding's `contentType`: `image/*` is a kind, a type without wildcard says nothing."""
        types = [item.strip() for item in content_type.split(",") if item.strip()]
        return cls(
            kinds=frozenset(item[:-2] for item in types if item.endswith("/*")),
            undeclared=frozenset({"", *(item for item in types if not item.endswith("/*"))}),
        )

    def take(self, media_type: str) -> bool:
        """Whether a media type is of one of the kinds."""
        return media_type.partition("/")[0] in self.kinds


def is_same_type(declared: str, recognised: str) -> bool:
    """Whether two media types name the same format; some formats have several."""
    return _OTHER_NAMES.get(declared, declared) == _OTHER_NAMES.get(recognised, recognised)


# Several rules ask about the same file, one after the other.
@lru_cache(maxsize=64)
def recognise(head: bytes) -> str:
    """Name the media type that the first bytes of a file show; the empty text when they show none.

    Decided by prefix: what follows a right beginning is not looked at.
    """
    if head[:2] == b"BM" and not _is_bitmap(head):
        return _text_type(head)
    if head[4:8] == b"ftyp" and head[8:11] in _BRANDS:
        return _BRANDS[head[8:11]]
    kind = filetype.guess(head)
    if kind is not None and kind.mime == "audio/ogg" and b"theora" in head[:HEAD_BYTES]:
        return "video/ogg"
    if kind is not None:
        return str(kind.mime)
    return _behind_skipped_boxes(head) or _text_type(head)


def _is_bitmap(head: bytes) -> bool:
    """Tell a bitmap from a text that happens to begin with BM: by the size of its second header."""
    return int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS


def _behind_skipped_boxes(head: bytes) -> str:
    for name, rest in _boxes(head):
        if name == b"ftyp":
            kind = filetype.guess(rest)
            return str(kind.mime) if kind is not None else "video/mp4"
        if name in {b"moov", b"mdat"}:
            # Only QuickTime goes without ftyp.
            return "video/quicktime"
        if name not in _SKIPPED_BOXES:
            break
    return ""


def _boxes(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + _BOX_HEADER <= len(head):
        size = int.from_bytes(head[at : at + 4], "big")
        yield head[at + 4 : at + _BOX_HEADER], head[at:]
        if size < _BOX_HEADER:
            return
        at += size


def _text_type(head: bytes) -> str:
    """Recognise text, but not SVG: that is a picture, only none that its first bytes prove."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if _HTML.match(start):
        return "text/html"
    if start.startswith(b"<") and b"<svg" in start:
        return ""
    if start.startswith(b"<?xml"):
        return "text/xml"
    try:
        # The head may end within a character, so the decoder is not told that this is the end.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROLS.search(text) else "text/plain"
