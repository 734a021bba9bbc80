"""What arrived of an upload, beside the files that the caller gave."""

from collections.abc import Mapping
from functools import lru_cache

from conformance.files import sha256_of
from conformance.model import Call, Case, File, Sent
from contracts.model import Breach
from contracts.multipart_body import Part
from contracts.stages import STAGES

OPERATION = "giftAssets"

# The keywords of the schema that end the reading of a form at once.
_STOPPING = frozenset({"maxItems", "maxLength"})


def is_whole(sent: Sent) -> bool:
    """Whether a form was read to its end: it is well-formed, no limit ended the reading, and the client stayed."""
    is_stopped = any(
        breach.rule.check in STAGES or not _STOPPING.isdisjoint(breach.rule.keywords) for breach in sent.breaches
    )
    return sent.parts is not None and sent.status != 0 and not is_stopped


def exceeded(sent: Sent, keyword: str) -> Breach | None:
    """Give the breach of the limit that a keyword of the schema sets."""
    return next((breach for breach in sent.breaches if keyword in breach.rule.keywords), None)


def whole(call: Call) -> tuple[Sent, ...]:
    """Give the uploads of a call that were read to their end."""
    return tuple(sent for sent in call.mine if is_whole(sent)) if is_upload(call) else ()


def is_upload(call: Call) -> bool:
    """Whether a client was asked for an upload."""
    return call.intent.operation == OPERATION


def works(case: Case) -> bool:
    """Whether an upload was accepted in a case: that nothing was sent elsewhere in it is then no mere failure."""
    return any(sent.accepted for call in case.calls if is_upload(call) for sent in call.mine)


def is_refused(call: Call) -> bool:
    """Whether a client told its caller no without having sent anything."""
    return call.reply.failed and not call.sent


def given(call: Call) -> Mapping[str, tuple[File, ...]]:
    """Give the files of a call by their SHA-256; several may have the same content."""
    found: dict[str, tuple[File, ...]] = {}
    for file in call.intent.files:
        digest = _digest(file.head, file.filler, file.size)
        found[digest] = (*found.get(digest, ()), file)
    return found


def known_files(call: Call) -> tuple[tuple[Sent, Part, tuple[File, ...]], ...]:
    """Give each file part that holds a given file, with the upload that it stands in and the files that it may be."""
    files = given(call) if whole(call) else {}
    return tuple(
        (sent, part, files[part.sha256]) for sent in whole(call) for part in sent.files if part.sha256 in files
    )


# Several judges ask about the same files, and large ones take a while.
@lru_cache(maxsize=512)
def _digest(head: bytes, filler: bytes, size: int) -> str:
    return sha256_of(File("", "", size, head, filler))
