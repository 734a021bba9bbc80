"""Requests as they may have been answered, and calls that made them, made by hand for judges to look at."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.judging import judge_case
from conformance.model import Attempts, Call, Capabilities, Case, Intent, Outcome, Reply, Sent
from conformance.obligation import Finding, Obligation
from contracts.multipart_body import Part
from contracts.operations import Contract
from contracts.spec import load_contract

CONTRACT: Contract = load_contract()
CAN = Capabilities(
    frozenset({"giftAssets", "addUserAnalytics"}), retries_on=frozenset({500}), max_attempts=3, timeout_ms=2000
)
OK = Reply(Outcome.OK)
REFUSED = Reply(Outcome.REFUSED, message="no")
HANG = Reply(Outcome.HANG, message="no reply in time")
VALUE: Mapping[str, Any] = {"userId": "u", "feature": "page_visit"}
EVENT = Intent("addUserAnalytics", VALUE)
KEY = "dmk_…0a0a0a"
PICTURE = Part("assets", "a.gif", "image/gif", 20, "11")


def sent(status: int, answer: str = "", at: float = 0.0, **changes: Any) -> Sent:  # noqa: ANN401 - the fields of Sent
    """Make a request that was answered; `answer` is the name of its answer."""
    made = Sent(
        id=f"r-{at:g}", at=at, method="POST", target="/api/v1/user/analytics", operation="addUserAnalytics",
        headers=(("x-distinct-api-key", KEY), ("content-type", "application/json")), key=KEY, body=b"{}", size=2,
        value=VALUE, status=status, answer=answer, accepted=status < 300,
    )  # fmt: skip
    return replace(made, **changes)


def upload(status: int, *files: Part, **changes: Any) -> Sent:  # noqa: ANN401 - the fields of Sent
    """Make an upload that was answered."""
    user = Part("userId", None, "", 1, text="u")
    headers = (("x-distinct-api-key", KEY), ("content-type", "multipart/form-data; boundary=b"))
    made = sent(
        status,
        value=None,
        body=b"",
        size=100,
        operation="giftAssets",
        headers=headers,
        parts=(user, *(files or (PICTURE,))),
    )
    return replace(made, **changes)


def error(status: int | None, message: str = "", kind: str = "", **changes: Any) -> Reply:  # noqa: ANN401 - of Reply
    """Make a reply that says that it failed."""
    return Reply(Outcome.ERROR, status, message, detail={"type": kind} if kind else {}, **changes)


def call(reply: Reply, *requests: Sent, intent: Intent = EVENT, **changes: Any) -> Call:  # noqa: ANN401 - of Call
    """Make a call that sent these requests."""
    return Call(intent, requests, reply, key=KEY, **changes)


def case(*calls: Call, can: Capabilities = CAN, **changes: Any) -> Case:  # noqa: ANN401 - the fields of Case
    """Make a case of these calls."""
    return Case("made", calls, can, **changes)


def judged(obligation: Obligation, found: Case | Call | Attempts) -> str:
    """Say in a word what an obligation says of a case, of a call alone, or of attempts."""
    if isinstance(found, Attempts):
        assert obligation.attempts is not None
        return _word(obligation.attempts(found))
    whole = found if isinstance(found, Case) else case(found)
    judgement = judge_case(whole, [obligation]).get(obligation.id)
    if judgement is None:
        return "not exercised"
    if judgement.broken:
        return "broken"
    return "kept" if judgement.kept else "noted"


def _word(finding: Finding | None) -> str:
    if finding is None:
        return "not exercised"
    return {True: "kept", False: "broken", None: "noted"}[finding.kept]
