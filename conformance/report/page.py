"""Writes one or several reports as one HTML page that needs nothing else: no file, no network, no script."""

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.report.merging import matrix
from conformance.report.wire import wire
from conformance.report.wording import (
    VERDICTS,
    Report,
    besides,
    both_numbers,
    headline,
    printable,
    remarks,
    unmet_line,
)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"printable": printable, "indented": _indented}
    environment.globals |= {
        "wire": wire,
        "besides": besides,
        "headline": headline,
        "both_numbers": both_numbers,
        "remarks": remarks,
        "unmet_line": unmet_line,
        "verdicts": VERDICTS,
    }
    return environment


@cache
def _style() -> str:
    return (files("conformance.report") / "templates" / "report.css").read_text(encoding="utf-8")


def page(*reports: Report) -> str:
    """Write one report, or several side by side. All that came from a client is shown as text."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    template = _templates().get_template("report.html")
    # The style is ours, and its digest is of what stands between the tags.
    return template.render(matrix=matrix(reports), style=Markup(style), policy=policy)  # noqa: S704


def _indented(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
