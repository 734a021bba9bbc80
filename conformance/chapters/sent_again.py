"""What is sent again after a failure: the obligations R-15 to R-17."""

import json
from collections.abc import Callable

from conformance.chapters.answered import content, first_finding, is_cut, retries
from conformance.chapters.covering import json_operations
from conformance.model import Attempts, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfAttempts, broken, noted
from contracts.model import Source
from contracts.operations import Contract

# Answered from the headers alone.
_UNREAD = frozenset({401, 403})


def _is_unread(sent: Sent) -> bool:
    return not sent.size and sent.status in _UNREAD


def retried_body(attempts: Attempts) -> Finding | None:
    """Ask that JSON that is sent again is the same."""
    return _of_retries(attempts, _same_json)


def _of_retries(attempts: Attempts, judge: Callable[[Sent, Sent], Finding | None]) -> Finding | None:
    return first_finding(judge(earlier, later) for earlier, later in retries(attempts))


def _same_json(earlier: Sent, later: Sent) -> Finding | None:
    if earlier.parts is not None or later.parts is not None or not earlier.body or _is_unread(later):
        return None
    if content(earlier) == content(later):
        return KEPT
    first, second = earlier.value or {}, later.value or {}
    names = [name for name in {**first, **second} if _json_of(first, name) != _json_of(second, name)]
    got = ", ".join(f"{name}: {second.get(name)!r}" for name in names) or "another body"
    expected = ", ".join(f"{name}: {first.get(name)!r}" for name in names) or "the same body"
    place = names[0] if names else "body"
    return broken("what is sent again is not the same", got=got, expected=expected, sent=later, place=place)


def _json_of(value: object, name: str) -> str:
    return json.dumps(value.get(name), sort_keys=True) if isinstance(value, dict) and name in value else ""


def retried_headers(contract: Contract) -> OfAttempts:
    """Ask that a request that is sent again has the same key and type."""

    def same(earlier: Sent, later: Sent) -> Finding | None:
        for name in (contract.key_header, "content-type"):
            first, second = _main(earlier.header(name)), _main(later.header(name))
            if first and first != second:
                what = f"sent again without its {name}" if not second else f"sent again with another {name}"
                return broken(what, got=second, expected=first, sent=later, place=name)
        return KEPT

    return lambda attempts: _of_retries(attempts, same)


def _main(value: str | None) -> str:
    # A form has another boundary each time.
    return (value or "").partition(";")[0].strip()


def retried_files(contract: Contract) -> OfAttempts:
    """Ask that an upload that is sent again has all the bytes of its files again."""
    uploads = {operation.id for operation in contract.operations.values() if operation.asset_field}

    def judge(attempts: Attempts) -> Finding | None:
        if attempts.operation not in uploads:
            return None
        (first, *others), can = attempts.sent, attempts.can
        if can is not None and attempts.left and not others and first.status in (can.retries_on or ()):
            return noted("an upload that fails is not sent again", sent=first)
        return _of_retries(attempts, _same_files)

    return judge


def _same_files(earlier: Sent, later: Sent) -> Finding | None:
    if _is_unread(later) or is_cut(later):
        return None
    if not earlier.parts or not later.parts or not earlier.delivered:
        # Of what was cut off, only its size so far is known.
        return _no_less(earlier, later) if earlier.size else None
    lost = [
        part for part in earlier.files if (part.sha256, part.size) not in {(it.sha256, it.size) for it in later.files}
    ]
    if not lost:
        return KEPT
    got = ", ".join(f"{part.filename} {part.size} bytes" for part in later.files) or "no file"
    expected = f"{lost[0].filename} {lost[0].size} bytes"
    return broken(
        "files are lost when an upload is sent again", got=got, expected=expected, sent=later, place=lost[0].name
    )


def _no_less(earlier: Sent, later: Sent) -> Finding:
    if later.size >= earlier.size and not (later.parts is not None and not all(part.size for part in later.files)):
        return KEPT
    got, expected = f"{later.size} bytes", f"at least the {earlier.size} bytes that arrived before"
    return broken("files are lost when an upload is sent again", got=got, expected=expected, sent=later, place="body")


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about what is sent again."""
    return (
        Obligation(
            "R-15", Level.MUST, "JSON that is sent again says the same as before.",
            Source("user-analytics", "Request Body"), because="An event does not change by being reported again.",
            attempts=retried_body, needs=("retries",), depends=("O-07",), shown_by=json_operations(contract),
        ),
        Obligation(
            "R-16", Level.MUST, "A request that is sent again has its API key and its Content-Type again.",
            Source("user-analytics", "Request Headers"), because="The documents ask for them on every request.",
            attempts=retried_headers(contract), needs=("retries",),
        ),
        Obligation(
            "R-17", Level.MUST, "An upload that is sent again has all bytes of its files again.",
            Source("gift-assets", "Request Body"), because="What was read once is easily sent empty the next time.",
            attempts=retried_files(contract), needs=("retries",), operation="giftAssets",
        ),
    )  # fmt: skip
