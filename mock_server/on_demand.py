"""What a request asks for itself, in its `Prefer` header: `code=500`, `example=userNotFound`. Pure."""

import re
from collections.abc import Mapping, Sequence

from contracts.operations import Operation
from mock_server.steps import Step, read_step

# RFC 7240, section 2: names with values, which may be quoted; what stands behind a semicolon is a parameter.
_PREFERENCE = re.compile(r'([!#$%&\'*+.^_`|~\w-]+)\s*(?:=\s*("[^"]*"|[^,;\s]*))?[^,]*(?:,|$)')


class PreferenceError(Exception):
    """The header asks for an answer that there is not; says which there are."""


def preferred(headers: Sequence[str], operation: Operation) -> Step | None:
    """Read what `Prefer` headers ask for, or give None when they ask for nothing of this kind.

    An example may be any step, so network faults can be asked for as well. Raises PreferenceError.
    """
    asked = preferences(headers)
    code, example = asked.get("code"), asked.get("example")
    if code is None and example is None:
        return None
    try:
        step = read_step(example or code or "", operation.answers)
    except ValueError as error:
        raise PreferenceError(f"Prefer: {error}") from None
    if code and example and (step.answer is None or str(step.answer.status) != code):
        status = step.answer.status if step.answer else "none of its own"
        raise PreferenceError(f"Prefer: code={code} beside example={example}, whose status is {status}")
    return step


def preferences(headers: Sequence[str]) -> Mapping[str, str]:
    """Read the preferences of `Prefer` headers by name, in lower case; the first of a name counts."""
    found: dict[str, str] = {}
    for header in headers:
        for name, value in _PREFERENCE.findall(header):
            found.setdefault(name.lower(), value.strip('"'))
    return found
