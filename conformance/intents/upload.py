"""Uploads that a client is asked for: files of every kind, with awkward bytes and awkward names."""

from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.model import File, Intent
from contracts.operations import Contract


class Medium(NamedTuple):
    """A kind of media: the suffix of its files, its type, and the bytes that it is recognised by."""

    suffix: str
    content_type: str
    head: bytes


GIF = Medium("gif", "image/gif", b"GIF89a")
PNG = Medium("png", "image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
JPEG = Medium("jpg", "image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0")
WEBP = Medium("webp", "image/webp", b"RIFF\x24\0\0\0WEBPVP8 ")
MP4 = Medium("mp4", "video/mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
MEDIA = (GIF, PNG, JPEG, WEBP, MP4)

FILLERS = (
    b"\0", b"\r\n", b"\n", b"\r", b"\xff", b"\xe4", b"\x1a", b"\xef\xbb\xbf", b"%0D%0A", b"\r\n--", b"\r\n\r\n--\r\n",
    b"--boundary--\r\n", b'\r\nContent-Disposition: form-data; name="userId"\r\n\r\nsomebody\r\n',
)  # fmt: skip
"""What a form, a line or a text would take for its own."""

STEMS = (
    "two words", 'quo"te', "semi;colon", 'a"; name="userId"; x="', 'a"; filename="b', 'a"\r\nX-More: "',
    "line\r\nbreak", "per%22cent", "folder/picture", "../../picture", "back\\slash", "apo'strophe", "co,mma", "a=b",
    "na\u00efve", "\u00c4\u00d6\u00dc\u00df", "\u65e5\u672c\u8a9e", "e\u0301", "\U0001f600", ".hidden", "a" * 120,
)  # fmt: skip
"""What files are called, apart from the suffix: with whatever a header takes for its own."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_ID_LETTERS = _LETTERS + "ABC-_.:@+ÄÿЖ日\U0001f600"
_IDS = ("0042", "1e3", "12345678901234567890", "1.0", "true", "null", "user-ä")
_SIZES = (1000, 65_535, 65_536, 200_000)
# More than one upload takes.
_TOO_MANY = 11
# One in four is wrong.
_WRONG_ONE = 3


def picture(name: str = "picture", medium: Medium = GIF, *, filler: bytes = b"\0", more: int = 40) -> File:
    """Make a file with so many bytes behind what it is recognised by."""
    return File(f"{name}.{medium.suffix}", medium.content_type, len(medium.head) + more, medium.head, filler)


def _files() -> SearchStrategy[File]:
    names = st.text(_LETTERS, min_size=1, max_size=12) | st.sampled_from(STEMS)
    fillers = st.sampled_from(FILLERS) | st.binary(min_size=1, max_size=8)
    sizes = st.integers(0, 64) | st.sampled_from(_SIZES)
    return st.builds(
        lambda name, medium, filler, more: picture(name, medium, filler=filler, more=more),
        names, st.sampled_from(MEDIA), fillers, sizes,
    )  # fmt: skip


def _ids() -> SearchStrategy[str]:
    return st.text(_ID_LETTERS, min_size=1, max_size=24) | st.sampled_from(_IDS)


def intents(contract: Contract) -> SearchStrategy[Intent]:  # noqa: ARG001 - every operation's strategy has this form
    """Give uploads, three of four of them valid; they shrink to one small picture for user 0 and event 0."""
    # A list that is as long as it may be hardly shrinks; places that hold a file or none do.
    place = st.none() | _files()
    few = st.tuples(place, place, place, place).map(
        lambda found: [file for file in found if file is not None] or [picture("0", more=0)]
    )
    wrong_files: SearchStrategy[list[File]] = (
        st.just([])
        | st.integers(_TOO_MANY, _TOO_MANY + 2).map(lambda count: [picture(f"p{number}") for number in range(count)])
        | st.just([File("empty.gif", "image/gif", 0)])
        | st.just([picture(), File("document.pdf", "application/pdf", 400, b"%PDF-1.7\n", b"pdf ")])
    )
    wrong_ids = st.sampled_from(("", None, 42, True, ["user"], {"id": "user"}))
    valid = _uploads(_ids(), _ids(), few)
    wrong = _uploads(wrong_ids, _ids(), few) | _uploads(_ids(), wrong_ids, few) | _uploads(_ids(), _ids(), wrong_files)
    # Said three times in an alternative, a strategy counts once.
    return st.integers(0, 3).flatmap(lambda number: wrong if number == _WRONG_ONE else valid)


def _uploads(
    users: SearchStrategy[object], events: SearchStrategy[object], files: SearchStrategy[list[File]]
) -> SearchStrategy[Intent]:
    return st.builds(
        lambda user, event, given: Intent("giftAssets", {"userId": user, "eventId": event}, tuple(given)),
        users, events, files,
    )  # fmt: skip
