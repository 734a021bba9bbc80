"""The form of an upload: that it can be read, and that its texts and files have the names that they must have."""

import re
from typing import Final

from conformance.chapters.uploaded import OPERATION, is_upload, is_whole, whole
from conformance.model import Call, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfCall, OfRequest, broken
from contracts.model import Breach, Source, shown
from contracts.operations import Contract, Operation
from contracts.stages import MEDIA_TYPE, MULTIPART

USER: Final = "userId"
EVENT: Final = "eventId"

_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)
_FIRST_LINE = re.compile(rb"--([^\r\n]+)\r?\n")


def _readable(sent: Sent) -> Finding | None:
    """U-01: a form that can be read from its first boundary to its closing one."""
    breach = _of(sent, MEDIA_TYPE) or _of(sent, MULTIPART)
    # A connection that ended too early is for the obligation about framing.
    if breach is not None and not sent.given_up:
        return broken("the body is no form that can be read", got=breach.got, expected=breach.expected, sent=sent)
    return KEPT if is_whole(sent) else None


def _of(sent: Sent, check: str) -> Breach | None:
    return next((breach for breach in sent.breaches if breach.rule.check == check), None)


def _one_boundary(sent: Sent) -> Finding | None:
    """U-16: the boundary of the header is the one that the body is written with."""
    if is_whole(sent):
        return KEPT
    announced, used = _boundary(sent), _FIRST_LINE.match(sent.body)
    if _of(sent, MULTIPART) is None or announced is None or used is None:
        return None
    found = used[1].rstrip().decode("latin-1")
    if found == announced:
        return None
    what = "the Content-Type header announces another boundary than the body has"
    return broken(what, got=f"{shown(found)} in the body", expected=shown(announced), sent=sent, place="content-type")


def _boundary(sent: Sent) -> str | None:
    found = _BOUNDARY.search(sent.header("content-type") or "")
    return (found[1] or found[2]) if found else None


def _boundary_outside(call: Call) -> Finding | None:
    """U-16.inside: no file holds the boundary of the form that it stands in."""
    lined = [file for file in call.intent.files if b"\r\n--" in file.head + file.filler * 2]
    uploads = [sent for sent in call.mine if sent.size and _boundary(sent)] if is_upload(call) and lined else []
    for sent in uploads:
        mark = b"\r\n--" + str(_boundary(sent)).encode("latin-1", "replace")
        for file in lined:
            # What is repeated shows within two rounds and the length of what is looked for.
            content = file.head + file.filler * (2 + len(mark) // len(file.filler))
            if mark in content[: file.size]:
                what = "the boundary stands inside a file, which ends there for whoever reads the form"
                return broken(what, got=shown(_boundary(sent)), expected="one that no file holds", sent=sent)
    return KEPT if uploads else None


def _once(field: str) -> OfRequest:
    """U-02, U-03: one text part of a name, and not an empty one."""

    def judge(sent: Sent) -> Finding | None:
        if not is_whole(sent):
            return None
        parts = [part for part in sent.parts or () if part.name == field]
        if len(parts) == 1 and not parts[0].is_file and parts[0].size:
            return KEPT
        got = f"{len(parts)} parts" if len(parts) != 1 else "a file" if parts[0].is_file else "an empty part"
        return broken(f"{field} is not sent once, as text", got=got, expected="one text part", sent=sent, place=field)

    return judge


def _as_given(field: str) -> OfCall:
    """U-02.given, U-03.given: what the caller gave for a field stands in every upload, to the letter."""

    def judge(call: Call) -> Finding | None:
        expected = _text(call.intent.args.get(field))
        if not expected or not whole(call):
            return None
        for sent in whole(call):
            texts = [part.text for part in sent.texts if part.name == field]
            if texts != [expected]:
                got = ", ".join(map(shown, texts)) or "nothing"
                what = f"{field} is not what the caller gave"
                return broken(what, got=got, expected=shown(expected), sent=sent, place=field)
        return KEPT

    return judge


def _text(value: object) -> str:
    """Write an argument as a form has to; nothing for what can be written in more than one way, or in none."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = str(value)
    return text if text.isprintable() else ""


def _named(operation: Operation) -> OfRequest:
    """U-10: every file part has the documented name."""
    texts = frozenset({USER, EVENT})

    def judge(sent: Sent) -> Finding | None:
        files = [part for part in sent.files if part.name not in texts] if is_whole(sent) else []
        wrong = next((part for part in files if part.name != operation.asset_field), None)
        if wrong is None:
            return KEPT if files else None
        what = f"a file is sent under another name than {operation.asset_field}"
        return broken(what, got=shown(wrong.name), expected=shown(operation.asset_field), sent=sent, place=wrong.name)

    return judge


def _with_filename(operation: Operation) -> OfRequest:
    """U-11: every asset is sent as a file, with a file name."""

    def judge(sent: Sent) -> Finding | None:
        assets = [part for part in sent.parts or () if part.name == operation.asset_field] if is_whole(sent) else []
        bare = next((part for part in assets if not part.filename), None)
        if bare is None:
            return KEPT if assets else None
        got = "no filename" if bare.filename is None else "an empty filename"
        return broken("an asset has no file name", got=got, expected="a filename", sent=sent, place=bare.name)

    return judge


def rows(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about the form of an upload."""
    operation = contract.operation(OPERATION)
    body, notes = Source("gift-assets", "Request Body"), Source("gift-assets", "Notes")

    def rules(field: str) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(operation.rule_for(field, keyword).id for keyword in ("required", "minLength", "type"))
        )

    return (
        Obligation(
            "U-01", Level.MUST, "An upload is multipart/form-data that can be read up to its closing boundary.", notes,
            request=_readable, operation=OPERATION,
            rules=tuple(operation.by_check[check].id for check in (MEDIA_TYPE, MULTIPART)),
        ),
        Obligation(
            "U-02", Level.MUST, "An upload has one text part userId that is not empty.", body,
            request=_once(USER), operation=OPERATION, depends=("U-01",), rules=rules(USER), validity=True,
        ),
        Obligation(
            "U-02.given", Level.MUST, "userId is sent as the caller gave it.", Source("ours", ""),
            because="With another id, the gift goes to somebody else or to nobody.",
            call=_as_given(USER), operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-03", Level.MUST, "An upload has one text part eventId that is not empty.", body,
            request=_once(EVENT), operation=OPERATION, depends=("U-01",), rules=rules(EVENT), validity=True,
        ),
        Obligation(
            "U-03.given", Level.MUST, "eventId is sent as the caller gave it.", Source("ours", ""),
            because="With another id, the gift belongs to another event or is refused.",
            call=_as_given(EVENT), operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-10", Level.MUST, "Each file is a part with the documented name, which is repeated.", body,
            request=_named(operation), operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-11", Level.MUST, "Each file is sent with a file name.", body,
            because="Without one, a server reads the part as text, and no file arrives.",
            request=_with_filename(operation), operation=OPERATION, depends=("U-01",),
        ),
        Obligation(
            "U-16", Level.SHOULD, "The boundary that the header announces is the one of the body, on a retry as well.",
            Source("RFC 2046", "section 5.1.1"), request=_one_boundary, operation=OPERATION,
        ),
        Obligation(
            "U-16.inside", Level.SHOULD, "The boundary does not occur inside a file.",
            Source("RFC 2046", "section 5.1.1"), call=_boundary_outside, operation=OPERATION,
        ),
    )  # fmt: skip
