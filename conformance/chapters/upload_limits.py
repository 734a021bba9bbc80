"""The limits of an upload: how many files, how large, and what a client does beyond them."""

from conformance.chapters.covering import rules_checked
from conformance.chapters.uploaded import OPERATION, exceeded, is_refused, is_upload, is_whole, works
from conformance.model import Call, Case, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfCase, OfRequest, broken, noted
from contracts.model import Basis, Source
from contracts.operations import Contract, Operation


def smaller_limit(contract: Contract) -> int:
    """Give the size limit of a file in bytes when a megabyte is the smaller of its two readings."""
    limits = contract.limits
    return contract.operation(OPERATION).asset_bytes * limits.ambiguous_megabyte // limits.megabyte


def _not_without_files(operation: Operation) -> OfCase:
    """U-04: nothing is uploaded when there is no file."""

    def judge(case: Case) -> Finding | None:
        calls = [call for call in case.calls if is_upload(call) and not call.intent.files]
        for sent in (sent for call in calls for sent in call.mine if is_whole(sent)):
            if not any(part.size for part in sent.parts or () if part.name == operation.asset_field):
                what = "an upload without a file was sent"
                return broken(what, got="no file", expected="no request", sent=sent, place=operation.asset_field)
        return KEPT if works(case) and any(not call.sent for call in calls) else None

    return judge


def _within(keyword: str, operation: Operation) -> OfRequest:
    """U-05, U-07: an upload stays within the limit that a keyword of the schema sets."""

    def judge(sent: Sent) -> Finding | None:
        breach = exceeded(sent, keyword)
        if breach is not None:
            return broken(
                "an upload goes beyond a limit",
                got=breach.got,
                expected=breach.expected,
                sent=sent,
                place=breach.field,
                level=Level.ASSUMED if breach.rule.demand is Basis.ASSUMED else None,
            )
        has_files = is_whole(sent) and any(part.name == operation.asset_field for part in sent.files)
        return KEPT if has_files else None

    return judge


def _refused_beforehand(operation: Operation) -> OfCase:
    """U-08: a file that is too large is refused before anything is transmitted."""

    def judge(case: Case) -> Finding | None:
        uploads = [call for call in case.calls if is_upload(call)]
        calls = [call for call in uploads if any(file.size > operation.asset_bytes for file in call.intent.files)]
        # What a client has given up is over only when the server notices, which may be later.
        late = [sent for sent in case.late if sent.operation == operation.id] if calls else []
        for sent in (*(sent for call in calls for sent in call.mine), *late):
            # Files that stand in another, accepted upload are not meant.
            if sent.size and not sent.accepted:
                what = "a file that is too large was transmitted, if only in part"
                return broken(what, got=f"{sent.size} bytes", expected="nothing", sent=sent)
        return KEPT if works(case) and any(call.reply.failed for call in calls) else None

    return judge


def _takes_the_limit(contract: Contract) -> OfCase:
    """U-09: a file that is exactly as large as it may be is sent."""
    operation, smaller = contract.operation(OPERATION), smaller_limit(contract)

    def judge(case: Case) -> Finding | None:
        at = _by_size(case)
        refused = at.get(smaller)
        if refused is not None and is_refused(refused):
            return broken(
                "a file of the largest size is refused", got=refused.reply.message, expected=f"{smaller} bytes"
            )
        below, exactly = at.get(operation.asset_bytes - 1), at.get(operation.asset_bytes)
        if below is not None and exactly is not None and _is_sent(below) and is_refused(exactly):
            what = "a file of exactly the limit that the client has is refused"
            return broken(what, got=exactly.reply.message, expected=f"{operation.asset_bytes} bytes")
        return KEPT if refused is not None and _is_sent(refused) else None

    return judge


def _reading(contract: Contract) -> OfCase:
    """U-09.reading: how many bytes the client takes for a megabyte."""
    operation = contract.operation(OPERATION)

    def judge(case: Case) -> Finding | None:
        exactly = _by_size(case).get(operation.asset_bytes)
        if exactly is None:
            return None
        if _is_sent(exactly):
            return noted(f"takes a megabyte for {contract.limits.megabyte} bytes: it sends {operation.asset_bytes}")
        if is_refused(exactly):
            return noted(
                f"takes a megabyte for less than {contract.limits.megabyte} bytes: it refuses {operation.asset_bytes}"
            )
        return None

    return judge


def _by_size(case: Case) -> dict[int, Call]:
    """Give the calls with a single, good file by its size."""
    return {
        call.intent.files[0].size: call
        for call in case.calls
        if is_upload(call) and len(call.intent.files) == 1 and call.valid and not call.plan
    }


def _is_sent(call: Call) -> bool:
    return any(sent.accepted for sent in call.mine)


def rows(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about the limits of an upload."""
    operation = contract.operation(OPERATION)
    limits = Source("gift-assets", "Limits")

    def rules(keyword: str) -> tuple[str, ...]:
        return (operation.rule_for(operation.asset_field, keyword).id,)

    return (
        Obligation(
            "U-04", Level.MUST, "Without a file, nothing is uploaded.", Source("gift-assets", "Request Body"),
            case=_not_without_files(operation), operation=OPERATION, depends=("U-01",), rules=rules("minItems"),
            validity=True,
        ),
        Obligation(
            "U-05", Level.MUST, f"An upload has at most {operation.asset_count} files.", limits,
            request=_within("maxItems", operation), operation=OPERATION, depends=("U-01",), rules=rules("maxItems"),
            validity=True,
        ),
        Obligation(
            "U-07", Level.MUST, f"No file of an upload is larger than {operation.asset_bytes} bytes.", limits,
            request=_within("maxLength", operation), operation=OPERATION, depends=("U-01",), rules=rules("maxLength"),
            needs=("large_files",), validity=True,
        ),
        Obligation(
            "U-08", Level.SHOULD, "A file that is too large is refused before anything is transmitted.",
            Source("ours", ""), because="The API can only refuse it, after all of it has been sent.",
            case=_refused_beforehand(operation), operation=OPERATION, needs=("large_files",), validity=True,
        ),
        Obligation(
            "U-09", Level.MUST, "A file of exactly the largest size is sent.", limits,
            case=_takes_the_limit(contract), operation=OPERATION, needs=("large_files",),
        ),
        Obligation(
            "U-09.reading", Level.ASSUMED, "The client says by what it sends how large a megabyte is.", limits,
            because="A megabyte may be 1,000,000 or 1,048,576 bytes; either is fine.",
            case=_reading(contract), operation=OPERATION, needs=("large_files",),
            rules=rules_checked(contract, "unambiguous-size", operation=OPERATION),
        ),
    )  # fmt: skip
