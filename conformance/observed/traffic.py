"""Judges requests that were recorded, or that a watched command sent: nobody tells what its calls were."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from conformance.chapters.answered import content, is_lost, is_ok
from conformance.judging import Judged, judge_attempts, judge_requests
from conformance.model import Attempts, Capabilities, Case, Sent
from conformance.obligation import Finding, Mode, Obligation
from conformance.observed.recorded import Recorded, counted
from conformance.records import Records, add_all, new_records
from conformance.results import Run
from conformance.verdicts import Options, results
from contracts.operations import Contract

# Clients that wait longer before they try again are rare, and callers that say the same again within it are not.
_AGAIN_SECONDS = 30.0


def run_of(
    recorded: Recorded,
    contract: Contract,
    obligations: Sequence[Obligation],
    options: Options,
    *,
    mode: Mode = Mode.TRAFFIC,
    calls_differ: bool = False,
) -> Run:
    """Judge requests. `calls_differ` says that no two calls meant the same, so that what came again is a retry.

    Each request is judged by itself; with `Mode.WATCH` also those together that may be the attempts of one call.
    """
    records = new_records(obligations)
    for sent in recorded.sent:
        case = Case(sent.id, (), _nobody(contract), together=(sent,))
        add_all(records, judge_requests([sent], recorded.judged_by(sent, obligations)), case)
    limitations = [*recorded.limitations]
    if mode is Mode.TRAFFIC and not recorded.sent:
        limitations.append("there is no request of a client in it")
    if mode is Mode.WATCH:
        doubted = _judge_attempts(records, recorded.sent, contract, obligations, calls_differ=calls_differ)
        limitations += _remarks_about_repeats(recorded.sent, doubted)
    client = _nobody(contract)
    return Run(
        mode=mode,
        profile="",
        seed=0,
        client=client,
        contract=contract.name,
        contract_digest=sha256(repr(contract.document).encode()).hexdigest()[:12],
        results=results(records, obligations, client, mode, options),
        started=min((sent.at for sent in recorded.sent), default=0.0),
        requests=len(recorded.sent),
        options=options.names,
        limitations=tuple(limitations),
    )


def _nobody(contract: Contract) -> Capabilities:
    """Give what is known of a client that nobody asked: nothing."""
    return Capabilities(frozenset(one.id for one in contract.operations.values()))


def _judge_attempts(
    records: Records,
    sent: Sequence[Sent],
    contract: Contract,
    obligations: Sequence[Obligation],
    *,
    calls_differ: bool,
) -> int:
    """Judge requests together, and give how many groups there are of which it is not sure that each is one call."""
    doubtful = 0
    for attempts in attempts_in(sent):
        found = judge_attempts(attempts, obligations)
        if not calls_differ and _may_be_calls(attempts):
            doubtful += 1
            found = {name: _doubted(judged) for name, judged in found.items()}
        name = ", ".join(one.id for one in attempts.sent)
        add_all(records, found, Case(name, (), _nobody(contract), together=attempts.sent))
    return doubtful


def _may_be_calls(attempts: Attempts) -> bool:
    """Whether requests may be calls of their own: all of them say the same, and so may several calls."""
    return len(attempts.sent) > 1 and len({content(one) for one in attempts.sent}) == 1


def attempts_in(sent: Iterable[Sent]) -> Iterator[Attempts]:
    """Put requests together that may be the attempts of one call: they say the same, and none before the last worked.

    An upload whose files are empty, right after a failed one that was the same otherwise, is meant to be the same, too.
    What was refused before its content was read says nothing, and stands alone.
    """
    groups: list[list[Sent]] = []
    latest: dict[tuple[str, ...], list[Sent]] = {}
    for one in sent:
        if not one.operation:
            continue
        alike = (one.operation, one.key, _outline(one))
        group = latest.get(alike) if one.parts or one.body else None
        if group is None or not _goes_on(group[-1], one):
            group = latest[alike] = []
            groups.append(group)
        group.append(one)
    return (Attempts(group[0].operation, tuple(group)) for group in groups)


def _outline(sent: Sent) -> str:
    """Write what the attempts of one call have in common: all they say, but of files only the names."""
    if sent.parts is None:
        return content(sent)
    return repr([(part.name, part.filename, "" if part.is_file else part.text) for part in sent.parts])


def _goes_on(earlier: Sent, later: Sent) -> bool:
    if is_ok(earlier) or later.at - earlier.at - (earlier.seconds or 0.0) > _AGAIN_SECONDS:
        return False
    pairs = zip(earlier.files, later.files, strict=True)
    return all(was.sha256 == now.sha256 or (is_lost(earlier) and not now.size) for was, now in pairs)


def _doubted(judged: Judged) -> Judged:
    """Take what was broken for something to know: a caller may have meant the same twice."""
    return Judged(judged.kept, (), (*judged.noted, *map(_doubtful, judged.broken)), judged.blocked)


def _doubtful(finding: Finding) -> Finding:
    return replace(finding, kept=None, what=f"{finding.what}, unless these were calls of their own (--calls-differ)")


def _remarks_about_repeats(sent: Sequence[Sent], doubtful: int) -> Iterator[str]:
    """Say whether the command itself says the same twice: then a retry looks no different from another call."""
    accepted: set[tuple[str, str]] = set()
    again = 0
    for one in sent:
        said = (one.operation, content(one))
        again += one.accepted and said in accepted
        if one.accepted:
            accepted.add(said)
    if again:
        yield f"{counted(again, 'request')} said the same as an accepted one before: calls of their own, it seems"
    if doubtful:
        yield (
            f"{counted(doubtful, 'time')} the same was sent again after it had failed, be it a retry or another call: "
            "what is said of that is only noted; with --calls-differ it counts"
        )
