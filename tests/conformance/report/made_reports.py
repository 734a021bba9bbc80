"""Reports that are made by hand, read back as any other program would."""

import json
from dataclasses import replace
from typing import Any

from conformance.model import Call, Case, Intent, Outcome, Reply
from conformance.obligation import Level
from conformance.report.document import document
from conformance.report.reading import checked
from conformance.results import Run
from tests.conformance.made_runs import CAN, PASSES, case, fails, mixed, obligation, run, sent


def report(made: Run | None = None) -> dict[str, Any]:
    return checked(json.loads(json.dumps(document(made or mixed()))), "report")


def right() -> dict[str, Any]:
    """Give the report of a client with nothing to say about."""
    return report(run([obligation("N-14"), obligation("R-04", Level.SHOULD)], {"N-14": [PASSES], "R-04": [PASSES]}))


def filled(text: str) -> dict[str, Any]:
    """Give a report that holds a text wherever a client or a user may put one."""
    request = replace(
        sent(body=json.dumps({text: text}, ensure_ascii=False).encode("utf-8", "replace")),
        target=f"/{text}",
        method=text or "POST",
        headers=((text or "x", text),),
    )
    call = Call(
        Intent("addUserAnalytics", {text: text}, label=text),
        (request,),
        Reply(Outcome.ERROR, 400, text, detail={text: text}, noise=text),
        plan=(text,),
    )
    at: Case = replace(case(), calls=(call,), trial=text, late=(sent(2),), strays=(sent(3),), together=(sent(4),))
    finding = fails(text, request=request)
    broken = replace(finding.broken[0], got=text, expected=text, place=text)
    made = run(
        [obligation(because=text), obligation("N-11", Level.ASSUMED)],
        {"N-14": [replace(finding, broken=(broken,)), fails("another way")], "N-11": [fails(text)]},
        at=at,
        client=replace(CAN, name=text, version=text),
        known_faults=(text,),
        unmet={text: 1},
    )
    return report(made)
