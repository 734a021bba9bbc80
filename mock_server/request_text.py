"""Writes requests of a fake for people: as a table, and one in full with why it was answered so."""

import textwrap
from collections.abc import Iterator, Sequence

from mock_server.printable import printable
from mock_server.told import BrokenRule, FullRequest, SentPart, SentRequest, columns

_WIDTH = 100
_LONGEST_BODY = 2000


def table(requests: Sequence[SentRequest]) -> str:
    """List requests, a line each, as the log has them but in columns."""
    rows = [columns(request) for request in requests]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def in_full(request: FullRequest) -> str:
    """Explain one request: what was sent and answered, every rule it broke, and a command that is right."""
    return "\n".join(_lines(request))


def _lines(request: FullRequest) -> Iterator[str]:
    rows = {
        "request": f"{request.id}, {request.at.isoformat(timespec='milliseconds')}, from {request.address}",
        "key": f"{request.key or 'none that is known'}" + (f", session {request.session}" if request.session else ""),
        "sent": f"{request.method} {request.path}, {request.size} bytes",
        "about": ", ".join(filter(None, (request.operation, request.user, request.event))),
        "answered": _answer(request),
        "armed": f"{request.armed.id} {request.armed.step}" if request.armed else "",
    }
    yield from (_row(name, text) for name, text in rows.items() if text)
    for word, remarks in (("broke", request.breaches), ("flag", request.flagged)):
        for remark in remarks:
            yield from ("", *_remark(word, remark))
    yield from _body(request)
    yield from ("", "as it was sent:", request.sent)
    if request.corrected:
        yield from ("", "corrected:", request.corrected)
    yield from (printable(f"  changed {change}") for change in request.changes)


def _answer(request: FullRequest) -> str:
    if request.status is None:
        return "nothing"
    took = "" if request.milliseconds is None else f", after {request.milliseconds:.1f} ms"
    left = "" if request.stayed else "; the client left before its end"
    return f"{request.status} {request.answer_body[:_LONGEST_BODY]}{took}{left}"


def _remark(word: str, remark: BrokenRule) -> Iterator[str]:
    yield _row(word, remark.rule + (", which was answered" if remark.answered else ""))
    source = f"{remark.demand}: {remark.source['document']}, section {remark.source['section']}"
    rows = {"says": remark.says, "field": remark.field, "got": remark.got, "expected": remark.expected}
    yield from (
        _row(f"  {name}", text) for name, text in {**rows, "hint": remark.hint, "source": source}.items() if text
    )


def _body(request: FullRequest) -> Iterator[str]:
    if request.parts:
        yield from ("", *(_row("part", _part(part)) for part in request.parts))
    elif request.body.text:
        kept = request.body.text[:_LONGEST_BODY]
        more = "" if len(kept) == len(request.body.text) == request.body.size else " …"
        yield from ("", "body:", *map(printable, f"{kept}{more}".splitlines()))


def _part(part: SentPart) -> str:
    if part.filename is None:
        return f"{part.name} = {part.text}"
    return f"{part.name}: file {part.filename!r}, {part.content_type or 'no type'}, {part.size} bytes"


def _row(name: str, text: str) -> str:
    return textwrap.fill(f"{name:<11} {printable(text)}", _WIDTH, subsequent_indent=" " * 12, break_long_words=False)
