"""Writes a report for JUnit's readers: a test case for each obligation."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from conformance.report.wording import Report, client_name, failure_text, headline, source_of

# All that XML 1.0 cannot hold, whichever way it is written.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = {
    "known": "known failure",
    "not-applicable": "not applicable",
    "blocked": "blocked",
    "untested": "not exercised",
}
_HARNESS = "distinct.run"


def junit(report: Report) -> str:
    """Write a report as XML. What fails the run is a failure, what kept it from a verdict is an error."""
    suite = ET.Element("testsuite")
    _add_properties(suite, _run_properties(report))
    for obligation in report["obligations"]:
        _add_case(suite, obligation)
    for number, problem in enumerate(report["problems"], 1):
        _said(_case(suite, _HARNESS, f"problem {number}"), "error", problem, problem)
    for number, fault in enumerate(report["knownFaults"], 1):
        _said(_case(suite, "distinct.known", f"entry {number}"), "failure", fault, fault)
    if report["exitCode"] and not suite.findall("testcase/failure") and not suite.findall("testcase/error"):
        _said(_case(suite, _HARNESS, "verdict"), "error", headline(report), headline(report))
    numbers = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    suite.set("name", _xml(f"distinct-conformance {client_name(report)}"))
    suite.set("timestamp", report["measured"]["started"][:19])
    suite.set("time", f"{sum(report['measured']['seconds'].values()):.3f}")
    for name, number in numbers.items():
        suite.set(name, str(number))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _run_properties(report: Report) -> Mapping[str, object]:
    return {
        "mode": report["mode"],
        "profile": report["profile"],
        "seed": report["seed"],
        "options": " ".join(report["options"]),
        "contract": f"{report['contract']['name']} {report['contract']['digest']}",
        "limitations": "; ".join(report["limitations"]),
        "exercised": f"{report['summary']['exercised']}/{report['summary']['applicable']}",
        "kept": f"{report['summary']['kept']}/{report['summary']['exercised']}",
    }


def _add_case(suite: ET.Element, obligation: Mapping[str, Any]) -> None:
    case = _case(suite, f"distinct.{obligation['id'][0]}", f"{obligation['id']} {obligation['says']}")
    _add_properties(
        case,
        {
            "level": obligation["applied"],
            "source": source_of(obligation),
            "verdict": obligation["verdict"],
            "exercised": obligation["exercised"],
            "kept": obligation["kept"],
        },
    )
    verdict, text = obligation["verdict"], failure_text(obligation)
    if verdict in {"fail", "stale"}:
        _said(case, "failure", _message(obligation), text)
    elif obligation["missing"]:
        _said(case, "error", f"had to be exercised and was not: {obligation['reason']}", text)
    elif verdict in _SKIPPED:
        ET.SubElement(case, "skipped", message=_xml(f"{_SKIPPED[verdict]}: {obligation['reason']}"))
    elif verdict in {"warn", "info"}:
        notes = "\n".join(note["what"] for note in obligation["notes"])
        ET.SubElement(case, "system-out").text = _xml(f"{verdict}\n{text}\n{notes}")


def _message(obligation: Mapping[str, Any]) -> str:
    if obligation["counterexample"] is None:
        return str(obligation["reason"])
    return str(obligation["counterexample"]["finding"]["what"])


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=group, name=_xml(name), time="0")


def _said(case: ET.Element, kind: str, message: str, text: str) -> None:
    ET.SubElement(case, kind, message=_xml(message)).text = _xml(text)


def _add_properties(element: ET.Element, properties: Mapping[str, object]) -> None:
    held = ET.SubElement(element, "properties")
    for name, value in properties.items():
        ET.SubElement(held, "property", name=name, value=_xml(str(value)))


def _xml(text: str) -> str:
    """Escape what XML cannot hold, so that it can be read what it was."""
    return _NO_XML.sub(lambda found: repr(found[0])[1:-1], text)
