"""Writes what shows that an obligation was broken: calls, requests as they arrived, what the caller was told."""

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from conformance.model import Call, Case, Intent, Reply, Sent
from conformance.obligation import Finding
from conformance.report.curl import curl_of
from conformance.report.masking import Cleaner, personal_of
from conformance.results import Counterexample
from conformance.trial import Trial
from contracts.model import Breach
from contracts.multipart_body import Part

_MOST_BYTES = 8192


def counterexample_object(example: Counterexample) -> dict[str, Any]:
    """Write a counterexample. Requests are numbered from 1 in the order in which they came about."""
    case = example.case
    writer = _Writer(case)
    calls = [writer.call(call) for call in case.calls]
    others = {
        name: [writer.request(sent) for sent in group]
        for name, group in (("together", case.together), ("late", case.late), ("strays", case.strays))
    }
    finding = writer.finding(example.finding)
    return {
        "case": writer.cleaner.text(case.trial),
        "trial": None if example.trial is None else writer.trial(example.trial),
        "minimal": example.minimal,
        "finding": finding,
        "calls": calls,
        **others,
        "curl": writer.curl(finding["request"]),
    }


def finding_object(finding: Finding, personal: Mapping[str, str]) -> dict[str, Any]:
    """Write a finding by itself, without a request that it could point to; `personal` as for Cleaner."""
    return _finding(finding, Cleaner(personal), None)


def timestamp(seconds: float) -> str:
    """Write seconds of the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _finding(finding: Finding, cleaner: Cleaner, request: int | None) -> dict[str, Any]:
    measured = {"measured": {"got": cleaner.text(finding.measured)}} if finding.measured else {}
    return {
        "what": cleaner.text(finding.what),
        "got": cleaner.text(finding.got),
        "expected": cleaner.text(finding.expected),
        "place": cleaner.text(finding.place),
        "request": request,
        "level": finding.level.value if finding.level else None,
        **measured,
    }


class _Writer:
    """Writes one case; the same key, and the same request, is called the same everywhere in it."""

    def __init__(self, case: Case) -> None:
        self.cleaner = Cleaner(personal_of(case))
        self._numbers: dict[str, int] = {}
        self._requests: list[dict[str, Any]] = []

    def call(self, call: Call) -> dict[str, Any]:
        return {
            "intent": self._intent(call.intent),
            "wrong": [self._breach(breach) for breach in call.wrong],
            "plan": [self.cleaner.text(step) for step in call.plan],
            "left": call.left,
            "requests": [self.request(sent) for sent in call.sent],
            "reply": self._reply(call.reply),
        }

    def _intent(self, intent: Intent) -> dict[str, Any]:
        return {
            "operation": intent.operation,
            "args": self.cleaner.value(intent.args),
            "files": [
                {"name": self.cleaner.text(file.name), "contentType": file.content_type, "size": file.size}
                for file in intent.files
            ],
            "label": self.cleaner.text(intent.label),
        }

    def _reply(self, reply: Reply) -> dict[str, Any]:
        return {
            "outcome": reply.outcome.value,
            "status": reply.status,
            "message": self.cleaner.text(reply.message),
            "attempts": reply.attempts,
            "detail": self.cleaner.value(reply.detail),
            "noise": self.cleaner.text(reply.noise),
            "leaks": list(reply.leaks),
            "measured": {"seconds": round(reply.seconds, 3)},
        }

    def trial(self, trial: Trial) -> dict[str, Any]:
        return {
            "plan": [self.cleaner.text(step) for step in trial.plan],
            "persistent": trial.persistent,
            "secondKey": trial.second_key,
            "prefix": self.cleaner.text(trial.prefix),
            "timeoutMs": trial.timeout_ms,
            "parallel": trial.parallel,
            "known": trial.known,
            "changes": self.cleaner.value(trial.changes),
        }

    def finding(self, finding: Finding) -> dict[str, Any]:
        return _finding(finding, self.cleaner, self._numbers.get(finding.request))

    def curl(self, number: int | None) -> str | None:
        """Write the request that a finding is about as a command; the only one, where it names none."""
        if number is None and len(self._requests) != 1:
            return None
        return curl_of(self._requests[(number or 1) - 1])

    def request(self, sent: Sent) -> dict[str, Any]:
        text = self.cleaner.text
        self._numbers.setdefault(sent.id, len(self._requests) + 1)
        written = {
            "number": len(self._requests) + 1,
            "method": text(sent.method),
            "target": text(sent.target),
            "operation": sent.operation,
            "headers": [[text(name), text(value)] for name, value in sent.headers],
            "body": self._body(sent),
            "parts": None if sent.parts is None else [self._part(part) for part in sent.parts],
            "key": text(sent.key),
            "mine": sent.mine,
            "status": sent.status,
            "answer": sent.answer,
            "accepted": sent.accepted,
            "stayed": sent.stayed,
            "armed": text(sent.armed),
            "breaches": [self._breach(breach) for breach in sent.breaches],
            "flags": [self._breach(breach) for breach in sent.flags],
            "measured": {
                "id": sent.id,
                "at": timestamp(sent.at),
                "seconds": None if sent.seconds is None else round(sent.seconds, 3),
            },
        }
        self._requests.append(written)
        return written

    def _body(self, sent: Sent) -> dict[str, Any]:
        """Write the body as text, or in base64 where it is none: its first bytes, with personal data masked."""
        is_cut = len(sent.body) > _MOST_BYTES or len(sent.body) < sent.size
        text = _text_of(sent.body)
        size = max(sent.size, len(sent.body))
        if text is not None:
            return {"size": size, "cut": is_cut, "text": self.cleaner.text(text, len(text))[:_MOST_BYTES]}
        # What stands for a byte that was masked has to be a byte itself.
        masked = self.cleaner.text(sent.body.decode("latin-1"), len(sent.body))
        shown = masked.replace("…", "...").replace("•", "*").encode("latin-1")[:_MOST_BYTES]
        return {"size": size, "cut": is_cut, "base64": base64.b64encode(shown).decode()}

    def _part(self, part: Part) -> dict[str, Any]:
        return {
            "name": self.cleaner.text(part.name),
            "filename": None if part.filename is None else self.cleaner.text(part.filename),
            "contentType": self.cleaner.text(part.content_type),
            "size": part.size,
            "sha256": part.sha256,
            "text": self.cleaner.text(part.text),
        }

    def _breach(self, breach: Breach) -> dict[str, Any]:
        text = self.cleaner.text
        return {
            "rule": breach.rule.id,
            "field": text(breach.field),
            "got": text(breach.got),
            "expected": text(breach.expected),
        }


def _text_of(body: bytes) -> str | None:
    """Read a body as text; what the journal cut off may have left the half of a character."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        half = len(body) - error.start < 4 and error.reason == "unexpected end of data"  # noqa: PLR2004 - UTF-8's longest
        return body[: error.start].decode() if half and error.start else None


def every_request(example: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Give all requests of a written counterexample in the order of their numbers."""
    for call in example["calls"]:
        yield from call["requests"]
    for name in ("together", "late", "strays"):
        yield from example[name]
