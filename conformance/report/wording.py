"""The words in which every form of a report says the same."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.depth import SMOKE
from conformance.report.evidence import every_request
from conformance.results import ExitCode

Report = Mapping[str, Any]

VERDICTS: Mapping[str, str] = {
    "fail": "broken",
    "stale": "known to fail, and passes",
    "warn": "broken, though no document demands it",
    "known": "fails as is known",
    "info": "worth knowing",
    "blocked": "explained by another",
    "untested": "not exercised",
    "not-applicable": "not applicable",
    "pass": "kept",
}
"""What each verdict means, the heaviest first."""

TELLING = ("fail", "stale", "warn")
"""The verdicts that somebody has to do something about."""

_HEADLINES: Mapping[int, str] = {
    ExitCode.CONFORMS: "conforms",
    ExitCode.DEVIATES: "deviates",
    ExitCode.NO_VERDICT: "no verdict: the adapter or the harness is at fault",
    ExitCode.TOO_LITTLE: "no verdict: too little was exercised",
    ExitCode.INTERRUPTED: "interrupted: this is what was found until then",
}
_SERVER_VALIDATED = "--server-validated"
_MOST_TEXT = 400
_MOST_CALLS = 4
_MOST_REQUESTS = 6
_MOST_MISSING = 3


def headline(report: Report) -> str:
    """Say in one line how it went."""
    if report["profile"] == SMOKE.name and report["exitCode"] == ExitCode.CONFORMS:
        return "works, as far as a few calls show"
    return _HEADLINES.get(report["exitCode"], f"ended with {report['exitCode']}")


def both_numbers(counted: Mapping[str, Any]) -> str:
    """Say how much was exercised, and how much of that was kept: the one means nothing without the other."""
    return (
        f"{counted['exercised']} of {counted['applicable']} obligations exercised, "
        f"{counted['kept']} of {counted['exercised']} kept"
    )


def client_name(report: Report) -> str:
    """Give the name of the client with its version."""
    client = report["client"]
    return " ".join(filter(None, [client["name"] or "client", client["version"]]))


def source_of(obligation: Mapping[str, Any]) -> str:
    """Say where an obligation comes from."""
    source = obligation["source"]
    named = ", ".join(filter(None, [source["document"], source["section"]]))
    return f"{named}: {obligation['because']}" if obligation["because"] else named


def remarks(report: Report) -> Iterator[str]:
    """Give what a reader has to know before the verdicts."""
    told = list(_remarks(report))
    yield from told
    # The reason why something was not exercised may say so already.
    if _leaves_it_to_the_api(report) and not any(_SERVER_VALIDATED in remark for remark in told):
        yield (
            "what cannot be sent right has to be refused, with nothing sent; "
            f"a client that leaves that to the API is judged with {_SERVER_VALIDATED}"
        )
    yield from report["limitations"]


def _remarks(report: Report) -> Iterator[str]:
    yield from report["problems"]
    if "server-validated" in report["options"]:
        yield "server-validated: the client may leave it to the API to refuse what is not valid"
    yield from report["knownFaults"]
    missing = [one for one in report["obligations"] if one["missing"]]
    if len(missing) > _MOST_MISSING:
        yield f"had to be exercised and was not: {', '.join(one['id'] for one in missing)}"
    else:
        for one in missing:
            yield f"had to be exercised and was not: {one['id']}: {told_about(one, one['reason'])}"


def _leaves_it_to_the_api(report: Report) -> bool:
    return "server-validated" not in report["options"] and any(map(_sends_what_is_wrong, by_verdict(report, "fail")))


def _sends_what_is_wrong(obligation: Mapping[str, Any]) -> bool:
    """Whether a failure is that a client sent what it was asked for, though that cannot be sent right."""
    example = obligation["counterexample"]
    return example is not None and any(call["wrong"] and call["requests"] for call in example["calls"])


def unmet_line(report: Report) -> str:
    """Say which planned answers no request met, or nothing: a client that stops early leaves some of them."""
    if not report["unmet"]:
        return ""
    steps = sum(one["steps"] for one in report["unmet"])
    trials = ", ".join(one["trial"] for one in report["unmet"])
    return f"no request met {steps} planned answers of {trials}"


def told_about(obligation: Mapping[str, Any], what: str) -> str:
    """Say what an obligation demands, and behind that what there is to say about it."""
    says = obligation["says"]
    return f"{says}{' ' if says.endswith('.') else ': '}{what}" if what else says


def failure_rows(obligation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Tell one failure in rows of a name and a text, so that it fits a screen."""
    rows = [("says", obligation["says"]), ("source", source_of(obligation)), ("note", obligation["reason"])]
    example = obligation["counterexample"]
    if example is None:
        return [row for row in rows if row[1]]
    finding = example["finding"]
    rows += [
        ("what", finding["what"]),
        ("where", _where(finding)),
        ("expected", short(finding["expected"])),
        ("got", short(got_of(finding))),
        *_trial_rows(example),
        ("besides", "; ".join(one["what"] for one in besides(obligation) if one["what"] != finding["what"])),
        ("curl", example["curl"] or ""),
        ("again", obligation["reproduce"]),
    ]
    return [row for row in rows if row[1]]


def besides(obligation: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Give the ways in which an obligation was broken but for the one that its counterexample shows."""
    example = obligation["counterexample"]
    if example is None:
        return list(obligation["failures"])
    shown = (example["finding"]["what"], example["finding"]["place"])
    return [one for one in obligation["failures"] if (one["what"], one["place"]) != shown]


def failure_text(obligation: Mapping[str, Any]) -> str:
    """Tell one failure in a text; what a client said begins no line of it."""
    return "\n".join(f"{name}: {_inner(name, text)}" for name, text in failure_rows(obligation))


def _inner(name: str, text: str) -> str:
    # A command has to stay as it is, but may begin with a line of its own.
    return f"\n{text}" if name == "curl" else text.replace("\n", "\n   ")


def got_of(finding: Mapping[str, Any]) -> str:
    """Say what was got, or what was measured."""
    measured: Mapping[str, str] = finding.get("measured", {})
    return str(finding["got"] or measured.get("got", ""))


def _where(finding: Mapping[str, Any]) -> str:
    request = f"request {finding['request']}" if finding["request"] else ""
    return ", ".join(filter(None, [request, finding["place"]]))


def _trial_rows(example: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    calls = example["calls"]
    size = "the smallest case" if example["minimal"] else "a case"
    yield "case", f"{example['case']} ({size})" if example["case"] else ""
    for call in calls[:_MOST_CALLS]:
        yield "asked", intent_line(call["intent"])
        if call["wrong"] and call["requests"]:
            rules = ", ".join(dict.fromkeys(breach["rule"] for breach in call["wrong"]))
            yield "hint", f"this breaks {rules} as it stands: to be mended, or refused with nothing sent"
        if call["plan"]:
            yield "planned", ", ".join(call["plan"])
        for request in call["requests"][:_MOST_REQUESTS]:
            yield "sent", request_line(request)
        yield "told", reply_line(call["reply"])
    if len(calls) > _MOST_CALLS:
        yield "asked", f"… and {len(calls) - _MOST_CALLS} more"
    others = {request["number"] for call in calls for request in call["requests"]}
    loose = [request for request in every_request(example) if request["number"] not in others]
    for request in loose[:_MOST_REQUESTS]:
        yield "sent", request_line(request)


def intent_line(intent: Mapping[str, Any]) -> str:
    """Write what a client was asked for."""
    files = "".join(f" {file['name']!r} ({file['contentType']}, {file['size']} bytes)" for file in intent["files"])
    return short(f"{intent['operation']} {json.dumps(intent['args'], ensure_ascii=False)}{files}")


def request_line(request: Mapping[str, Any]) -> str:
    """Write a request in one line: what was sent, and what it was answered."""
    answer = " ".join(filter(None, [str(request["status"] or "no answer"), request["answer"]]))
    return f"{request['number']}. {request['method']} {request['target']} → {answer}{_content(request)}"


def _content(request: Mapping[str, Any]) -> str:
    if request["parts"] is not None:
        names = (f"{part['name']} ({part['size']} bytes)" for part in request["parts"])
        return short(f"\n   {', '.join(names)}")
    body = request["body"]
    if not body["size"]:
        return ""
    return f"\n   {short(body['text'])}" if "text" in body else f"\n   {body['size']} bytes that are no text"


def reply_line(reply: Mapping[str, Any]) -> str:
    """Write what the caller was told."""
    status = f" {reply['status']}" if reply["status"] else ""
    noise = f"\n   {short(reply['noise'])}" if reply["noise"] else ""
    return f"{reply['outcome']}{status}{': ' if reply['message'] else ''}{short(reply['message'])}{noise}"


def short(text: str, longest: int = _MOST_TEXT) -> str:
    """Cut a text in the middle when it is long."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def printable(text: str) -> str:
    """Escape what would move a cursor, change a colour or forge a line; lines of our own stay."""
    return "\n".join(
        line if line.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
        for line in text.split("\n")
    )


def by_verdict(report: Report, *verdicts: str) -> Sequence[Mapping[str, Any]]:
    """Give the obligations with one of these verdicts, those first whose verdict is named first."""
    return [one for verdict in verdicts for one in report["obligations"] if one["verdict"] == verdict]
