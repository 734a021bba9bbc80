"""Reads what a journal holds into what the judges look at."""

from conformance.model import Sent
from conformance.observed.recorded import path_of
from contracts.json_body import Document, read_json
from contracts.model import Breach
from contracts.multipart_body import Part
from contracts.operations import Contract
from mock_server.storage.entry import Detail, Entry, Remark, SentPart


def sent(entry: Entry, contract: Contract, *, mine: bool = True) -> Sent:
    """Read one entry, which has to be a full one; LookupError for one that breaks rules that this contract has not."""
    detail = entry.detail
    if detail is None:
        raise ValueError(f"{entry.id} is no full entry")
    return Sent(
        id=entry.id,
        at=entry.at,
        method=entry.method,
        target=_target(entry),
        operation=entry.operation,
        headers=detail.headers,
        key=entry.key,
        mine=mine,
        body=detail.body,
        size=entry.size,
        value=_value(detail, contract),
        parts=None if detail.parts is None else tuple(_part(part) for part in detail.parts),
        breaches=_breaches(detail, contract, flags=False),
        flags=_breaches(detail, contract, flags=True),
        status=entry.status,
        answer=entry.answer,
        accepted=entry.accepted,
        seconds=entry.seconds,
        stayed=entry.stayed,
        armed=entry.armed.step if entry.armed else "",
    )


def _target(entry: Entry) -> str:
    """Give where a request went, as it is read: who escapes letters that need it not sends the same."""
    path, mark, query = entry.target.partition("?")
    return path_of(path) + mark + query


def has_other_words(entry: Entry, contract: Contract) -> bool:
    """Whether the body that was sent is not the one that the contract gives for the answer of that name."""
    own = contract.operation(entry.operation).answers if entry.operation else {}
    answer = own.get(entry.answer) or contract.answers.get(entry.answer)
    if answer is None or entry.detail is None:
        return False
    return not all(piece in entry.detail.sent_body for piece in answer.body.split(b"{limit}"))


def _value(detail: Detail, contract: Contract) -> dict[str, object] | None:
    if detail.parts is not None or detail.sha256 or not detail.body:
        return None
    document = read_json(detail.body, contract.limits)
    return document.value if isinstance(document, Document) else None


def _part(part: SentPart) -> Part:
    return Part(part.name, part.filename, part.content_type, part.size, part.sha256, part.text)


def _breaches(detail: Detail, contract: Contract, *, flags: bool) -> tuple[Breach, ...]:
    return tuple(_breach(remark, contract) for remark in detail.remarks if remark.is_flag is flags)


def _breach(remark: Remark, contract: Contract) -> Breach:
    return Breach(contract.rules[remark.rule], remark.field, remark.got, remark.expected, remark.hint)
