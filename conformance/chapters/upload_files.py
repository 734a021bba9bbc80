"""The files of an upload: that they arrive as they are, each once, under a name and a type that fit."""

import re

from conformance.chapters.covering import rules_checked
from conformance.chapters.uploaded import OPERATION, given, is_upload, is_whole, known_files, whole
from conformance.model import Call, File, Outcome, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfRequest, broken, noted
from contracts.model import Source, shown
from contracts.multipart_body import Part
from contracts.operations import Contract, Operation

_MEDIA = ("image/", "video/")
_SAYS_NOTHING = frozenset({"", "application/octet-stream"})
# Where the name of a file ends for a reader, when a client writes it down without escaping it.
_ENDS_NAME = '"\r\n;'
_CONTROLS = re.compile("[\x00-\x1f\x7f]")
_NO_UTF8 = "\ufffd"
_ENCODED_WORD = re.compile(r"=\?[^?]+\?[bq]\?.*\?=", re.IGNORECASE)
# Below it, nothing can be told about how an upload is held in memory.
_LARGE_BYTES = 8_000_000


def _intact(call: Call) -> Finding | None:
    """U-12: each file part holds the bytes of a file that the caller gave."""
    files = given(call) if whole(call) else {}
    sizes = ", ".join(str(file.size) for file in call.intent.files)
    parts = [(sent, part) for sent in whole(call) for part in sent.files]
    for sent, part in parts:
        if part.sha256 not in files:
            return broken(
                "the bytes of a file are not those that the caller gave",
                got=f"{part.size} bytes with SHA-256 {part.sha256[:12]}…",
                expected=f"a given file: {sizes} bytes with SHA-256 {', '.join(one[:12] + '…' for one in files)}",
                sent=sent,
                place=part.name,
            )
    return KEPT if parts else None


def _each_once(call: Call) -> Finding | None:
    """U-06: files are neither lost nor doubled, however they are divided; when one is lost, the caller knows.

    Counted are the files of accepted uploads; what they hold is for U-12. Empty files are for U-18.
    """
    accepted = [sent for sent in whole(call) if sent.accepted]
    if not accepted:
        return None
    arrived = [part for sent in accepted for part in sent.files if part.size]
    expected = sum(1 for file in call.intent.files if file.size)
    got = f"{len(arrived)} files in {len(accepted)} uploads"
    if call.reply.outcome is Outcome.OK and len(arrived) < expected:
        what = "the caller was told that all is well, and files are missing"
        return broken(what, got=got, expected=f"{expected} files", sent=accepted[-1])
    # An upload that is armed may be sent again on purpose.
    if not call.plan and _doubled(call, arrived):
        return broken("a file was sent more than once", got=got, expected=f"{expected} files", sent=accepted[-1])
    return KEPT if call.reply.failed or call.reply.outcome is Outcome.OK else None


def _doubled(call: Call, arrived: list[Part]) -> bool:
    digests = [part.sha256 for part in arrived]
    return any(digests.count(digest) > len(files) for digest, files in given(call).items())


def _uninjected(call: Call) -> Finding | None:
    """U-13: a file name is nothing but a file name, whatever letters it has."""
    special = any(set(file.name) & set(_ENDS_NAME) or _CONTROLS.search(file.name) for file in call.intent.files)
    if not special or not whole(call):
        return None
    sent, part = next(((sent, part) for sent in whole(call) for part in sent.files if _injects(part)), (None, None))
    if sent is not None and part is not None:
        got = shown(part.filename)
        return broken("a control character stands in a file name", got=got, expected="none", sent=sent, place=part.name)
    for sent, part, files in known_files(call):
        if all(_is_cut(file.name, part.filename or "") for file in files):
            what, expected = "a file name ends at a character that was not escaped", shown(files[0].name)
            return broken(what, got=shown(part.filename), expected=expected, sent=sent, place=part.name)
    return KEPT


def _injects(part: Part) -> bool:
    return _CONTROLS.search(part.filename or "") is not None


def _is_cut(name: str, sent: str) -> bool:
    """Whether of a name only what stands before a special character was sent; its folders may be left out."""
    spellings = (name, re.split(r"[/\\]", name)[-1])
    return any(one.startswith(sent) and len(sent) < len(one) and one[len(sent)] in _ENDS_NAME for one in spellings)


def _name_fits(sent: Sent) -> Finding | None:
    """U-14: a file name is UTF-8, as it is, and says nothing about folders."""
    files = [part for part in sent.files if part.filename] if is_whole(sent) else []
    for part in files:
        name = part.filename or ""
        problem = (
            "is not in UTF-8" if _NO_UTF8 in name
            else "is an encoded word, which nobody decodes there" if _ENCODED_WORD.fullmatch(name)
            else "tells a path" if "/" in name
            else ""
        )  # fmt: skip
        if problem:
            expected = "a bare file name in UTF-8"
            return broken(f"a file name {problem}", got=shown(name), expected=expected, sent=sent, place=part.name)
    return KEPT if files else None


def _declared_right(operation: Operation) -> OfRequest:
    """U-15: no file is declared as another kind of media than its bytes show."""

    def judge(sent: Sent) -> Finding | None:
        assets = [part for part in sent.files if part.name == operation.asset_field] if is_whole(sent) else []
        for flag in sent.flags:
            # The flag names the file by its number, and expects the type that the bytes show.
            number = re.search(r"\[(\d+)\]$", flag.field)
            if flag.rule.check != "media-declared" or number is None or int(number[1]) > len(assets):
                continue
            declared = assets[int(number[1]) - 1].content_type
            if _kind(declared) != _kind(flag.expected):
                what = "a file is declared as what it is not"
                return broken(what, got=shown(declared), expected=flag.expected, sent=sent, place=flag.field)
        return KEPT if any(part.content_type.startswith(_MEDIA) for part in assets) else None

    return judge


def _kind(media_type: str) -> str:
    return media_type.partition("/")[0]


def _declared_at_all(call: Call) -> Finding | None:
    """U-15.given: the type of a file that the caller names is passed on."""
    typed = [(sent, part, files) for sent, part, files in known_files(call) if all(map(_has_type, files))]
    for sent, part, files in typed:
        if part.content_type in _SAYS_NOTHING:
            got = shown(part.content_type) if part.content_type else "no type"
            what = f"the type of {shown(part.filename)} is not said"
            return broken(what, got=got, expected=files[0].content_type, sent=sent, place=part.name)
    return KEPT if typed else None


def _has_type(file: File) -> bool:
    return file.content_type.startswith(_MEDIA)


def _in_order(call: Call) -> Finding | None:
    """U-17: the files of each upload stand in the order in which the caller gave them."""
    digests = list(given(call)) if len(call.intent.files) > 1 and whole(call) else []
    if len(digests) != len(call.intent.files):
        # Files with the same content cannot be told apart.
        return None
    uploads = [(sent, [part.sha256 for part in sent.files if part.sha256 in digests]) for sent in whole(call)]
    for sent, found in uploads:
        order = [digests.index(digest) + 1 for digest in found]
        if order != sorted(order):
            got = ", ".join(map(str, order))
            return broken("the files are in another order", got=got, expected="as they were given", sent=sent)
    return KEPT if any(len(found) > 1 for _, found in uploads) else None


def _empty_file(call: Call) -> Finding | None:
    """U-18: what is done with an empty file."""
    if not is_upload(call) or all(file.size for file in call.intent.files):
        return None
    uploads = whole(call)
    if any(not part.size for sent in uploads for part in sent.files):
        return noted("sends an empty file as it is", sent=uploads[0])
    if any(sent.accepted for sent in uploads):
        return noted("leaves an empty file out and sends the others", sent=uploads[0])
    return noted("refuses an empty file") if call.reply.failed and not call.sent else None


def _memory(call: Call) -> Finding | None:
    """U-20: whether files are streamed, as far as the adapter tells how much the memory grew."""
    grown = call.reply.detail.get("rss_growth_bytes")
    size = sum(file.size for file in call.intent.files)
    if not whole(call) or isinstance(grown, bool) or not isinstance(grown, int) or size < _LARGE_BYTES:
        return None
    way = "streams" if grown < 2 * max(file.size for file in call.intent.files) else "does not stream"
    return noted(f"{way}: its memory grew by {grown} bytes for {size} bytes of files")


def rows(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about the files of an upload."""
    ours = Source("ours", "")
    declared = rules_checked(contract, "media-declared", operation=OPERATION)
    return (
        Obligation(
            "U-06", Level.MUST, "Files are neither lost nor sent twice, be it in one upload or in several.", ours,
            because="A caller who is told that all is well relies on every file having arrived, once.",
            call=_each_once, operation=OPERATION, depends=("U-01", "U-11", "O-11"),
        ),
        Obligation(
            "U-12", Level.MUST, "Files arrive byte for byte.", ours,
            because="An image or a video with other bytes is a broken one.",
            call=_intact, operation=OPERATION, depends=("U-01", "R-17"),
        ),
        Obligation(
            "U-13", Level.MUST, "Whatever letters a file name has, it stays one value of one part.",
            Source("RFC 7578", "section 4.2"),
            because="A name that is written down as it is can end its header and begin another.",
            call=_uninjected, operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-14", Level.SHOULD, "A file name is sent in UTF-8, and without its folders.",
            Source("RFC 7578", "section 4.2"), request=_name_fits, operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-15", Level.SHOULD, "No file is declared as another kind of media than it is.",
            Source("RFC 7578", "section 4.4"), request=_declared_right(contract.operation(OPERATION)),
            operation=OPERATION, depends=("U-01",), rules=declared,
        ),
        Obligation(
            "U-15.given", Level.SHOULD, "The type of a file is sent when the caller names it.",
            Source("RFC 7578", "section 4.4"), call=_declared_at_all, operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-17", Level.ASSUMED, "The files keep their order.", ours,
            because="No document says that the order counts; whoever shows the gifts may go by it.",
            call=_in_order, operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-18", Level.ASSUMED, "An empty file is refused, or sent; the API refuses it.", ours,
            because="No document speaks of empty files, so either is fine.",
            call=_empty_file, operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-20", Level.ASSUMED, "Files are streamed rather than held in memory.", ours,
            because="Ten files of the largest size are more than many machines have room for.",
            call=_memory, operation=OPERATION, needs=("large_files",),
        ),
    )  # fmt: skip
