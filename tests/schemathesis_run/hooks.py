"""Gives generated requests the ids of the built-in world: a schema cannot say which ids exist."""

import re
from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode, HookContext

KNOWN = {
    "userId": "user-john-doe",
    "eventId": "summer-gala",
    "email": "john.doe@example.com",
    "phone": "+14155552671",
    "feature": "registration_email",
    "action": "opened",
    "experienceId": "47Gop5",
    "eventValue": "opening-match",
    "registrationPageValue": "main-page",
}
IMAGE = "GIF89a"
PHONE = re.compile(r"\+[1-9][0-9]{1,14}")


def known(name: str, value: object) -> object:
    """Replace an id that the schema takes; what it refuses stays, so that a wrong body stays wrong for one reason."""
    if name not in KNOWN or not isinstance(value, str) or value == "":
        return value
    if name == "phone" and not PHONE.fullmatch(value):
        return value
    return KNOWN[name]


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001 - the hook's signature
    """Change the body last of all: map_case does not reach the phase of the examples."""
    if not isinstance(case.body, dict):
        return
    body: dict[str, Any] = {name: known(name, value) for name, value in case.body.items()}
    modes = {} if case.meta is None else {place.value: part.mode for place, part in case.meta.components.items()}
    if modes.get("body") is not GenerationMode.NEGATIVE and "assets" in body:
        # What is generated as a file may be a PDF.
        body["assets"] = [IMAGE for _ in body["assets"]]
    # Once, and with texts only: whatever is assigned is validated again, and bytes would not pass for a string.
    case.body = body


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:  # noqa: ARG001 - the hook's signature
    """Take the size limit out: no file of that size is generated, yet a small one would be called too large."""
    raw_schema["components"]["schemas"]["Gift"]["properties"]["assets"]["items"].pop("maxLength")
