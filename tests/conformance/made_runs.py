"""Runs that are made by hand, without a client and without a fake."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.judging import Judged
from conformance.model import Call, Capabilities, Case, Intent, Outcome, Reply, Sent
from conformance.obligation import KEPT, Finding, Level, Mode, Obligation, broken, noted
from conformance.records import Records, add_all
from conformance.results import Run
from conformance.trial import Trial
from conformance.verdicts import Options, results
from contracts.model import Source

OPERATIONS = frozenset({"giftAssets", "addUserAnalytics", "captureAnalytics"})
CAN = Capabilities(OPERATIONS, name="acme", version="3.2", language="php")
BODY = {"email": "anna.smith@mail.de", "capturedAt": None}


def obligation(name: str = "N-14", level: Level = Level.MUST, **more: Any) -> Obligation:  # noqa: ANN401 - its fields
    judges: dict[str, Any] = {} if {"request", "attempts", "call", "case"} & set(more) else {"request": lambda _: KEPT}
    return Obligation(name, level, f"{name} says so", Source("user-analytics", "Body Parameters"), **{**judges, **more})


def sent(number: int = 1, body: Mapping[str, Any] | bytes = BODY, **more: Any) -> Sent:  # noqa: ANN401 - its fields
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    values: dict[str, Any] = {
        "id": f"a1b2c3-{number}",
        "at": 1_700_000_000.0 + number,
        "method": "POST",
        "target": "/api/v1/user/analytics",
        "operation": "addUserAnalytics",
        "headers": (
            ("host", "127.0.0.1:41233"),
            ("x-distinct-api-key", "dmk_…ab12cd"),
            ("content-type", "application/json"),
        ),
        "key": "dmk_…ab12cd",
        "body": raw,
        "size": len(raw),
        "status": 400,
        "answer": "userNotFound",
    }
    return Sent(**{**values, **more})


def case(*requests: Sent, args: Mapping[str, Any] = BODY, name: str = "edge", message: str = "no user") -> Case:
    intent = Intent("addUserAnalytics", args)
    return Case(name, (Call(intent, requests, Reply(Outcome.ERROR, 400, message), key="dmk_…ab12cd"),), CAN)


def fails(what: str = "null was sent", level: Level | None = None, request: Sent | None = None) -> Judged:
    finding = broken(what, got="null", expected="nothing", sent=request, place="capturedAt", level=level)
    return Judged(broken=(finding,))


PASSES = Judged(kept=1)
BLOCKS = Judged(blocked=1)
NOTES = Judged(noted=(noted("the time has no offset"),))


def records(found: Mapping[str, Sequence[Judged]], at: Case | None = None) -> Records:
    """Gather judgements by the id of their obligation, all of one case."""
    where = at or case(sent())
    gathered: Records = {}
    for name, judgements in found.items():
        for judged in judgements:
            add_all(gathered, {name: judged}, where, Trial(where.trial, tuple(call.intent for call in where.calls)))
    return gathered


def run(
    obligations: Sequence[Obligation],
    found: Mapping[str, Sequence[Judged]],
    *,
    mode: Mode = Mode.ACTIVE,
    options: Options | None = None,
    at: Case | None = None,
    **more: Any,  # noqa: ANN401 - the fields of Run
) -> Run:
    """Make a run of what cases said."""
    chosen = options or Options()
    made = Run(
        mode=mode,
        profile="quick",
        seed=7,
        client=CAN,
        contract="openapi.yaml",
        contract_digest="0123456789ab",
        results=results(records(found, at), obligations, CAN, mode, chosen),
        started=1_700_000_000.5,
        timings={"smoke": 0.25},
        calls=3,
        requests=4,
        options=chosen.names,
    )
    return replace(made, **more)


def mixed(**more: Any) -> Run:  # noqa: ANN401 - the fields of Run
    """Make a run with one obligation of every verdict that the cases alone can give."""
    request = sent()
    return run(
        [
            obligation("P-01"),
            obligation("N-14"),
            obligation("N-12", Level.SHOULD),
            obligation("N-11", Level.ASSUMED),
            obligation("N-16", Level.ASSUMED),
            obligation("N-19", Level.SHOULD),
            obligation("C-04.visit.sessionId", depends=("N-14",)),
            obligation("R-14", Level.SHOULD, needs=("retries",)),
        ],
        {
            "P-01": [PASSES, PASSES],
            "N-14": [PASSES, fails(request=request)],
            "N-12": [fails("the instant is another")],
            "N-11": [fails("a time without offset")],
            "N-16": [NOTES],
            "C-04.visit.sessionId": [BLOCKS],
        },
        at=case(request),
        unmet={"plan/500/giftAssets": 1},
        **more,
    )


def finding(what: str = "null was sent", place: str = "capturedAt", level: Level | None = None) -> Finding:
    return broken(what, got="null", expected="nothing", place=place, level=level)
