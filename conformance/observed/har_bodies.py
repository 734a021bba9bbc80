"""Reads the bodies of an HTTP archive, as far as it shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.observed.har import Content, Entry
from conformance.observed.recorded import Gap
from contracts.json_body import Document, read_json
from contracts.judge import form_limits
from contracts.multipart_body import FormReader, Part, Stop
from contracts.operations import Contract, Operation
from contracts.stages import MULTIPART
from contracts.world_file import key_of

SOME_KEY = "a-key-that-was-taken-out"
"""Stands for the key of a request, whatever that is."""

# Of a file that only its name is known of: enough for nothing to be said about its content.
_UNSEEN = b"GIF89a"
_SHOWN_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Body:
    """A body as far as it is known: `form` is the form that was read of it, or put together from what it names."""

    content: bytes = b""
    size: int = 0
    value: Mapping[str, Any] | None = None
    form: "Form | None" = None
    gaps: frozenset[Gap] = frozenset()


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was read, or put together."""

    parts: Sequence[Part]
    stop: Stop | None


def body_of(entry: Entry, operation: Operation, contract: Contract) -> Body:
    """Read the body of a request for an operation."""
    content = entry.content
    if operation.asset_field:
        return _form_body(entry, content, operation, contract)
    if content is None:
        return Body()
    if content.likely is None:
        return Body(gaps=frozenset({Gap.BODY}))
    raw = content.likely
    read = read_json(raw, contract.limits)
    is_sure = content.exact is not None or "\ufffd" not in (content.text or "")
    gaps = frozenset() if is_sure else frozenset({Gap.BYTES})
    return Body(raw, len(raw), read.value if isinstance(read, Document) else None, gaps=gaps)


def _form_body(entry: Entry, content: Content | None, operation: Operation, contract: Contract) -> Body:
    types = entry.values("content-type") or ([content.mime_type] if content else [])
    if content is None or not types:
        return Body(gaps=frozenset({Gap.BODY}) if content else frozenset())
    size = max(0, content.size)
    if content.exact is not None:
        form = _read_form(content.exact, types[0], operation, contract)
        # As a fake keeps it: the beginning of what is no form.
        shown = content.exact[:_SHOWN_BYTES] if form.stop is not None and form.stop.check == MULTIPART else b""
        return Body(shown, len(content.exact), form=form)
    if content.params:
        return Body(b"", size, form=_named_form(content, operation), gaps=frozenset({Gap.BYTES}))
    likely = _read_form(content.likely, types[0], operation, contract) if content.likely else None
    if likely is None or (likely.stop is not None and not likely.parts):
        return Body(b"", size, gaps=frozenset({Gap.BODY}))
    return Body(b"", size, form=_unseen(likely.parts, operation), gaps=frozenset({Gap.BYTES}))


def _read_form(raw: bytes, content_type: str, operation: Operation, contract: Contract) -> Form:
    reader = FormReader(content_type, form_limits(operation, key_of({"key": SOME_KEY}, {}, contract), contract.limits))
    reader.feed(raw)
    if reader.stop is None:
        reader.finish()
    return Form(reader.parts, reader.stop)


def _named_form(content: Content, operation: Operation) -> Form:
    """Put a form together from the fields that an archive lists."""
    parts = [
        Part(
            str(one["name"]),
            one.get("fileName"),
            str(one.get("contentType") or ""),
            0,
            text=str(one.get("value") or ""),
        )
        for one in content.params
    ]
    return _unseen(parts, operation)


def _unseen(parts: Iterable[Part], operation: Operation) -> Form:
    """Give files something for content, so that nothing is said about what nobody saw."""
    known = [
        Part(part.name, part.filename, part.content_type, len(_UNSEEN), head=_UNSEEN)
        if part.is_file
        else Part(part.name, None, part.content_type, len(part.text.encode(errors="replace")), text=part.text)
        for part in parts
    ]
    count = sum(part.is_file and part.name == operation.asset_field for part in known)
    limit = operation.asset_count
    too_many = Stop("maxItems", f"{count} files", f"at most {limit}", limit) if count > limit else None
    return Form(known, too_many)
