"""What a client was answered, how sure it is that the answer reached it, and what its caller was told."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from conformance.model import Attempts, Call, Capabilities, Case, Outcome, Reply, Sent
from conformance.obligation import Finding

# Steps after which no client can know the answer, and those with which an answer comes in an unusual way.
_SILENT = frozenset({"reset:before", "close", "garbage", "hang"})
_LOSING = _SILENT | {"reset:during", "truncate"}
_UNUSUAL = _LOSING | {"reset:after", "delay", "drip", "chunked", "read", "expect", "cut"}

OK_BELOW = 300
REFUSED_FROM = 400
FAILED_FROM = 500

_MOST_ATTEMPTS = 5

Outline = tuple[tuple[str, str | None, str], ...]

_TOLD = frozenset({Outcome.OK, Outcome.REFUSED, Outcome.ERROR})


def words(sent: Sent) -> frozenset[str]:
    """Give what was played to a request: each word as it was armed, and without what stands behind its colon."""
    return _words(sent.armed)


@lru_cache(maxsize=256)
def _words(armed: str) -> frozenset[str]:
    each = armed.split("+") if armed else []
    return frozenset(each) | {word.partition(":")[0] for word in each}


def is_answered(sent: Sent) -> bool:
    """Whether its whole answer went out, to a client that was there."""
    return sent.delivered and not words(sent) & _LOSING


def is_silent(sent: Sent) -> bool:
    """Whether no part of an answer went out because a fault was played."""
    return bool(words(sent) & _SILENT) or is_cut(sent)


def is_cut(sent: Sent) -> bool:
    """Whether it was cut off; one that is smaller than where it was to be is answered as ever."""
    return "cut" in words(sent) and not sent.delivered


def is_calm(sent: Sent) -> bool:
    """Whether it was answered with nothing unusual on the wire."""
    return sent.delivered and not words(sent) & _UNUSUAL


def is_ok(sent: Sent) -> bool:
    """Whether it was answered with a status that says that it worked."""
    return is_answered(sent) and sent.status < OK_BELOW


def is_lost(sent: Sent) -> bool:
    """Whether it failed in a way that a client may try again after: by the server, or on the way."""
    return not is_answered(sent) or sent.status >= FAILED_FROM


def is_told(reply: Reply) -> bool:
    """Whether the client came to an end and said so."""
    return reply.outcome in _TOLD


def final(call: Call) -> Sent | None:
    """Give the last request of a call, when its answer reached the client in full, and the client came to an end."""
    mine = call.mine
    return mine[-1] if mine and is_answered(mine[-1]) and is_told(call.reply) else None


def first_final(call: Call) -> Sent | None:
    """Give the last request of a call in which nothing was lost before it."""
    last = final(call)
    return last if last is not None and not any(map(is_lost, call.mine[:-1])) else None


def content(sent: Sent) -> str:
    """Write what a request says, so that requests that say the same are written the same."""
    if sent.parts is not None:
        return json.dumps([(part.name, part.filename, part.size, part.sha256, part.text) for part in sent.parts])
    if sent.value is not None:
        return json.dumps(sent.value, sort_keys=True)
    return sent.body.hex()


def is_in_batches(attempts: Attempts) -> bool:
    """Whether the requests may be uploads of several batches of files, and not attempts at one thing."""
    batches = attempts.can is not None and attempts.can.batches_files
    return batches and any(sent.parts is not None for sent in attempts.sent)


def rounds(attempts: Attempts) -> Iterator[tuple[Sent, ...]]:
    """Give the requests that are attempts at one thing: all of them, or those of each batch of files."""
    if not is_in_batches(attempts):
        yield attempts.sent
        return
    found: dict[Outline, list[Sent]] = {}
    for sent in attempts.sent:
        found.setdefault(_outline(sent), []).append(sent)
    yield from map(tuple, found.values())


def _outline(sent: Sent) -> Outline:
    """Give what a batch is known by: not the bytes of its files, which a second attempt may have lost."""
    return tuple((part.name, part.filename, part.text) for part in sent.parts or ())


def retries(attempts: Attempts) -> Iterator[tuple[Sent, Sent]]:
    """Give each request that followed a failed one, with the one that it followed."""
    for tried in rounds(attempts):
        for earlier, later in pairwise(tried):
            if not is_answered(earlier) or earlier.status >= REFUSED_FROM:
                yield earlier, later


def told(reply: Reply) -> str:
    """Give all text that a caller is told."""
    return "\n".join([reply.message, *_texts(reply.detail)])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def says(reply: Reply, text: str) -> bool:
    """Whether a caller is told a text to the letter; {limit} in it stands for anything."""
    shown = told(reply)
    return all(piece in shown for piece in text.split("{limit}"))


def says_status(reply: Reply, status: int) -> bool:
    """Whether a caller can read a status from what it is told, be it from the text, where it is a number by itself."""
    # A port, a time or a count may happen to hold the same digits.
    alone = rf"(?<!\d)(?<!\d[.,:]){status}(?![.,]?\d)"
    return reply.status == status or (reply.status is None and re.search(alone, told(reply)) is not None)


def finals(case: Case) -> Iterator[tuple[Call, Sent]]:
    """Give each call of a case with its last request, where nothing was lost before that."""
    for call in case.calls:
        last = first_final(call)
        if last is not None:
            yield call, last


def first_finding(findings: Iterable[Finding | None]) -> Finding | None:
    """Give what is broken, if anything is, or else what is kept."""
    found = [finding for finding in findings if finding is not None]
    return next((finding for finding in found if not finding.kept), found[0] if found else None)


def most_attempts(can: Capabilities | None) -> int:
    """Give how often a client may try one thing: as often as it says, or a few times."""
    return (can.max_attempts if can else None) or _MOST_ATTEMPTS
