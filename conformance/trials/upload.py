"""Uploads at the edges: how many files, how large, with which bytes, under which names."""

from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from typing import Any

from conformance.chapters.upload_limits import smaller_limit
from conformance.depth import Depth
from conformance.intents.upload import FILLERS, GIF, MEDIA, MP4, PNG, STEMS, picture
from conformance.model import File, Intent
from conformance.trial import Trial
from contracts.operations import Contract

_IDS = {"userId": "user-of-uploads", "eventId": "event-of-uploads"}
# Boundaries that clients have been seen to use for every upload.
_FIXED_BOUNDARIES = (
    "boundary", "BOUNDARY", "Boundary", "myboundary", "X-BOUNDARY", "AaB03x", "foo_bar_baz", "----boundary",
    "----WebKitFormBoundary7MA4YWxkTrZu0gW", "---011000010111000001101001", "gc0p4Jq0M2Yt08jU534c0p",
    "---------------------------9051914041544843365972754266",
)  # fmt: skip
_CONTENTS: Mapping[str, tuple[bytes, ...]] = {
    "line-ends": (b"\r\n", b"\n", b"\r"),
    "bytes": (b"\0", b"\xff", b"\xe4", b"\x1a", b"\xef\xbb\xbf"),
    "forms": tuple(filler for filler in FILLERS if b"--" in filler or b"Content" in filler),
}
_CORE_STEMS = (
    'a"; name="userId"; x="', 'a"\r\nX-More: "', "line\r\nbreak", "semi;colon", "../../picture", "na\u00efve",
    "\U0001f600",
)  # fmt: skip
_NUMBER_LIKE = ("0042", "1e3", "12345678901234567890")
# What stands for a file, or for something about a field, in the words of a command.
_OPTION_LIKE = ("@user", "<user>", "user;type=text/plain")
_EMPTY: Mapping[str, dict[str, Any]] = {"missing": {}, "none": {"value": None}, "empty": {"value": ""}}
_TWENTY_MB = 20_000_000


def trials(contract: Contract, depth: Depth) -> Iterator[Trial]:
    """Give the edges of uploads; the largest files last, because they take a while."""
    count = contract.operation("giftAssets").asset_count
    yield from _counts(count)
    yield from _contents()
    yield from _names(STEMS if depth.thorough else _CORE_STEMS)
    yield from _ids(depth)
    if depth.large_files:
        yield from _sizes(contract, count)


def upload(*files: File, **args: Any) -> Intent:  # noqa: ANN401 - what a caller may get wrong
    """Make an upload for a user and an event that are known, unless others are given."""
    return Intent("giftAssets", {**_IDS, **args}, files)


def _pictures(count: int) -> tuple[File, ...]:
    """Make files that differ in name, kind and content, and stand in no order that a client could put them in."""
    kinds = islice(cycle((PNG, GIF, MP4, *MEDIA)), count)
    names = [f"{(number * 7 + 3) % 26:02}-of-{count}" for number in range(count)]
    return tuple(
        picture(name, medium, filler=bytes([number + 1]), more=(number * 11 + 20) % 50 + 20)
        for number, (name, medium) in enumerate(zip(names, kinds, strict=True))
    )


def _counts(most: int) -> Iterator[Trial]:
    yield Trial("upload/files/none", (upload(picture()), upload()))
    yield Trial("upload/files/twice", (upload(picture("first")), upload(*_pictures(2))))
    for count in (most, most + 1, 2 * most + 5):
        yield Trial(f"upload/files/{count}", (upload(*_pictures(count)),))
    # The second of several uploads fails.
    yield Trial(
        f"upload/files/{2 * most + 5}-fail",
        (upload(*_pictures(2 * most + 5)),),
        plan=("pass", "400"),
        needs=("batches_files",),
    )


def _contents() -> Iterator[Trial]:
    yield Trial("upload/content/kinds", (upload(*(picture(medium.suffix, medium) for medium in MEDIA)),))
    for name, fillers in _CONTENTS.items():
        files = (picture(f"{name}-{number}", filler=filler, more=500) for number, filler in enumerate(fillers))
        yield Trial(f"upload/content/{name}", (upload(*files),))
    # Larger than what is read, or taken for a text, at once.
    yield Trial("upload/content/many-bytes", (upload(picture(filler=bytes(range(256)), more=70_000)),))
    lines = "".join(f"\r\n--{boundary}\r\n" for boundary in _FIXED_BOUNDARIES).encode()
    yield Trial("upload/content/fixed-boundaries", (upload(picture(filler=lines, more=len(lines))),))
    yield Trial("upload/content/empty", (upload(File("empty.gif", "image/gif", 0)),))
    yield Trial("upload/content/empty-beside", (upload(picture(), File("empty.gif", "image/gif", 0)),))
    yield Trial("upload/content/pdf", (upload(File("a.pdf", "application/pdf", 400, b"%PDF-1.7\n", b"pdf ")),))


def _names(stems: tuple[str, ...]) -> Iterator[Trial]:
    for stem in stems:
        yield Trial(f"upload/name/{ascii(stem)[1:41]}", (upload(picture(stem)),))
    yield Trial("upload/name/the-same", (upload(picture(more=10), picture(more=20)),))


def _ids(depth: Depth) -> Iterator[Trial]:
    for text in (*_NUMBER_LIKE, *_OPTION_LIKE):
        yield Trial(f"upload/id/{text}", (upload(picture(), userId=text, eventId=text),))
    yield Trial("upload/id/unicode", (upload(picture(), userId="user-\u00e4-\U0001f600", eventId="\u65e5\u672c"),))
    for field in _IDS:
        for name, given in _EMPTY.items() if depth.thorough else [("empty", _EMPTY["empty"])]:
            args = {one: value for one, value in _IDS.items() if one != field}
            if given:
                args[field] = given["value"]
            yield Trial(f"upload/{field}/{name}", (Intent("giftAssets", args, (picture(),)),))


def _sizes(contract: Contract, count: int) -> Iterator[Trial]:
    """Give what has large files; they have the same content, so that each size is laid down and summed up once."""
    limit, smaller = contract.operation("giftAssets").asset_bytes, smaller_limit(contract)

    def large(size: int, name: str = "large") -> File:
        return File(f"{name}.gif", "image/gif", size)

    sizes = dict.fromkeys((smaller, limit - 1, limit))
    yield Trial("upload/size/limit", tuple(upload(large(size)) for size in sizes))
    yield Trial("upload/size/over", (upload(picture()), upload(large(limit + 1))))
    yield Trial(
        "upload/size/over-beside", (upload(picture()), upload(picture("one"), large(limit + 1), picture("two")))
    )
    yield Trial(f"upload/size/{count}-large", (upload(*(large(_TWENTY_MB, f"{n}") for n in range(count))),))
    yield Trial(f"upload/size/{count + 1}-largest", (upload(*(large(smaller, f"{n}") for n in range(count + 1))),))
