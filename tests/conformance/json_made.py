"""Makes, by hand, what a judge looks at: JSON requests as the fake would have judged them, and calls."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from conformance.judging import judge_case
from conformance.model import Call, Capabilities, Case, Intent, Outcome, Reply, Sent
from conformance.obligation import Level, Obligation
from conformance.surroundings import surroundings
from contracts.case import Circumstances
from contracts.json_body import Document, read_json
from contracts.judge import judge_json
from contracts.model import Breach
from contracts.operations import Contract
from contracts.world_file import key_of

KEY = "dmk_…a1b2c3"
HEADERS = (
    ("content-type", "application/json"),
    ("x-distinct-api-key", KEY),
    ("user-agent", "acme/1.0"),
    ("transfer-encoding", "chunked"),
)
REPORT: Mapping[str, Any] = {
    "userId": "user-1",
    "feature": "page_visit",
    "action": "viewed",
    "experienceId": "47Gop5",
    "capturedAt": "2026-04-27T13:35:00Z",
}
VISIT: Mapping[str, Any] = {
    "type": "REGISTRATION_PAGE_VISIT",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "sessionId": "session-1",
    "registrationPageValue": "main-page",
}
VIEW: Mapping[str, Any] = {
    "type": "PHOTO_VIEWED_BY_USER",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "email": "john.doe@example.com",
}
CAN = Capabilities(frozenset({"giftAssets", "addUserAnalytics", "captureAnalytics"}))
REFUSED = Reply(Outcome.REFUSED, message="it is wrong")


def without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Leave fields out."""
    return {name: item for name, item in value.items() if name not in names}


def sent_json(contract: Contract, value: Mapping[str, Any] | bytes, /, **more: Any) -> Sent:  # noqa: ANN401 - fields of Sent
    """Make a request with a body, judged in a world where what it names exists."""
    body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    document = read_json(body, contract.limits)
    read = document.value if isinstance(document, Document) else None
    is_capture = more.get("operation") == "captureAnalytics" or (read is not None and "type" in read)
    name = "captureAnalytics" if is_capture else "addUserAnalytics"
    operation = contract.operation(name)
    key = key_of({"key": "none"}, surroundings([Intent(name, read or {})]), contract)
    judgement = judge_json(operation, document, key, Circumstances(datetime(2026, 11, 1, tzinfo=UTC)), contract.limits)
    made = Sent(
        id="r-1",
        at=0.0,
        method="POST",
        target=operation.path,
        operation=operation.id,
        headers=HEADERS,
        key=KEY,
        body=body,
        size=len(body),
        value=read,
        breaches=judgement.breaches,
        flags=judgement.flags,
        status=judgement.answer.status,
        answer=judgement.answer.name,
        accepted=not judgement.breaches,
    )
    return replace(made, **more)


def sent_wrongly(contract: Contract, rule: str, **more: Any) -> Sent:  # noqa: ANN401 - fields of Sent
    """Make a request that a stage before its body refused, by one rule."""
    breach = Breach(contract.rules[rule], "head", "something", "something else")
    fields = {"breaches": (breach,), "value": None, "size": 0, "body": b"", "status": 400, "accepted": False}
    return sent_json(contract, REPORT, **{**fields, **more})


def called(intent: Intent, *sent: Sent, reply: Reply | None = None, wrong: bool = False, **more: Any) -> Call:  # noqa: ANN401
    """Make a call; without a request it was refused."""
    said = reply or (Reply(Outcome.OK) if sent else REFUSED)
    breaches = tuple(breach for one in sent for breach in one.breaches)
    return Call(intent, sent, said, key=KEY, wrong=breaches or (_BREACH if wrong else ()), **more)


def case_of(*calls: Call, trial: str = "trial", **more: Any) -> Case:  # noqa: ANN401 - fields of Case
    """Make a case."""
    return Case(trial, calls, CAN, **more)


def verdict(case: Case, obligations: Sequence[Obligation], name: str) -> str:
    """Say what a case is by one obligation: kept, broken (with its level if that is another), noted or nothing."""
    judged = judge_case(case, [one for one in obligations if one.id == name]).get(name)
    if judged is None:
        return "nothing"
    if judged.broken:
        levels = {finding.level for finding in judged.broken}
        return "broken" if levels <= {None} else f"broken {Level.ASSUMED}"
    return "noted" if judged.noted else "kept"


_BREACH: tuple[Any, ...] = (object(),)
