"""Explains a request of the journal: the rules behind its remarks, and what a right request would have been.

Pure: the contract and the time are handed in.
"""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from contracts.corrections import Broken, Correction, Sent, corrected
from contracts.json_body import Document, read_json
from contracts.model import Limits, Rule
from contracts.multipart_body import Part
from contracts.operations import Contract
from contracts.world import Key
from mock_server.storage.entry import Detail, Entry, Remark


class Explained(NamedTuple):
    """A remark with its rule, which is None when the contract has none of that id any more.

    `answered` says whether it is the one that decided the answer, `message` what it is answered.
    """

    remark: Remark
    rule: Rule | None
    answered: bool
    message: str


def explained(entry: Entry, contract: Contract) -> list[Explained]:
    """Explain every remark of a request, breaches and flags, in the order of the rules."""
    remarks = entry.detail.remarks if entry.detail else ()
    deciding = _deciding(entry, remarks, contract)
    sent = sent_message(entry)
    found = []
    for number, remark in enumerate(remarks):
        rule = contract.rules.get(remark.rule)
        message = rule.answer.message if rule is not None and rule.answer is not None else ""
        is_it = number == deciding
        # Only what was sent has the limit filled in.
        found.append(Explained(remark, rule, is_it, sent if is_it and sent else message))
    return found


def _deciding(entry: Entry, remarks: tuple[Remark, ...], contract: Contract) -> int | None:
    """Find the remark that decided the answer; what was armed decided itself."""
    if entry.armed is not None:
        return None
    for number, remark in enumerate(remarks):
        rule = contract.rules.get(remark.rule)
        if rule is not None and rule.answer is not None and rule.answer.name == entry.answer:
            return number
    return None


def sent_message(entry: Entry) -> str:
    """Give the message of the answer that was sent, or nothing when it has none."""
    try:
        value = json.loads(entry.detail.sent_body) if entry.detail else None
    except ValueError:
        return ""
    return str(value.get("message", "")) if isinstance(value, dict) else ""


def sent_value(detail: Detail, size: int, limits: Limits) -> dict[str, Any] | None:
    """Read what was sent as the object that it says: a JSON body, or the texts of a form by name.

    None when it is no such thing, or not all of its `size` bytes were kept.
    """
    if detail.parts:
        return {part.name: part.text for part in detail.parts if part.filename is None}
    if detail.parts is not None or len(detail.body) < size:
        return None
    document = read_json(detail.body, limits)
    return document.value if isinstance(document, Document) else None


def correction(entry: Entry, contract: Contract, key: Key, now: datetime) -> Correction:
    """Correct a request that broke rules, with a key that may be used; nothing is changed in one that broke none."""
    detail = entry.detail
    if detail is None or not entry.broken:
        return Correction(None, reason="nothing in it has to be corrected")
    broken = [
        Broken(remark.rule, remark.field, remark.got, remark.expected)
        for remark in detail.remarks
        if not remark.is_flag
    ]
    parts = (
        None if detail.parts is None else [Part(*part[:4], sha256=part.sha256, text=part.text) for part in detail.parts]
    )
    body = None if parts is not None else sent_value(detail, entry.size, contract.limits)
    found = corrected(contract, key, Sent(entry.method, entry.target, body, parts), broken, now)
    if found.request is None or not key.answer:
        return found
    return replace(found, changes=(*found.changes, f"key: this one always gets {key.answer}, whatever is sent"))
