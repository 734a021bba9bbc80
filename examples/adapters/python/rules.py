"""What may be sent: everything else is refused before it leaves. Knows nothing of HTTP."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

PAIRS = {
    "registration_email": {"sent", "opened", "delivered"},
    "registration_sms": {"sent", "delivered", "failed"},
    "user_collectible": {"viewed", "downloaded"},
    "page_visit": {"viewed"},
}
VISIT = "REGISTRATION_PAGE_VISIT"
TYPES = {VISIT, "PHOTO_ASSIGNED_TO_USER", "PHOTO_DOWNLOADED_BY_USER", "PHOTO_VIEWED_BY_USER"}
MOST_FILES = 10
MOST_BYTES = 50 * 1024 * 1024
E164 = re.compile(r"\+[1-9][0-9]{1,14}")
TIME = re.compile(
    r"(?P<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}):(?P<second>[0-9]{2})(?:\.[0-9]+)?"
    r"(?:Z|(?P<sign>[+-])(?P<hours>[01][0-9]|2[0-3]):(?P<minutes>[0-5][0-9]))"
)

Fields = dict[str, Any]


class Refused(Exception):
    """What the caller asked for cannot be sent: it is the caller's fault, not the API's."""


def analytics(given: Mapping[str, Any]) -> Fields:
    """Give the fields of a user analytics event as they are sent."""
    fields = filled(given)
    identifiers = [name for name in ("userId", "email", "phone") if name in fields]
    if not identifiers:
        raise Refused("one of userId, email and phone is needed")
    texts(fields, *identifiers, "feature", "action", "experienceId", "capturedAt")
    if not E164.fullmatch(fields.get("phone", "+12")):
        raise Refused("phone: expected E.164, such as +14155552671")
    pair = fields["feature"], fields["action"]
    # ASCII only: "İ".lower() would make a registered name of one that is none.
    if not "".join(pair).isascii() or pair[1].lower() not in PAIRS.get(pair[0].lower(), ()):
        raise Refused(f"{pair[0]}/{pair[1]} is not registered")
    time("capturedAt", fields["capturedAt"])
    if "metadata" in fields:
        plain(fields["metadata"])
    return fields


def capture(given: Mapping[str, Any]) -> Fields:
    """Give the fields of a captured event as they are sent: only those of its type."""
    fields = filled(given)
    if fields.get("type") not in TYPES:
        raise Refused(f"type: expected one of {', '.join(sorted(TYPES))}")
    needed, others = {"sessionId", "registrationPageValue"}, {"email"}
    if fields["type"] != VISIT:
        needed, others = others, needed
    texts(fields, "eventValue", "recordCapturedAt", *sorted(needed))
    time("recordCapturedAt", fields["recordCapturedAt"])
    return {name: value for name, value in fields.items() if name not in others}


def gift(given: Mapping[str, Any], files: Sequence[Any]) -> Fields:
    """Give the text fields of an upload as they are sent."""
    fields = filled(given)
    texts(fields, "userId", "eventId")
    if not 0 < len(files) <= MOST_FILES:
        raise Refused(f"{len(files)} files, expected 1 to {MOST_FILES}")
    for file in files:
        if not 0 < file.size <= MOST_BYTES:
            raise Refused(f"{file.name!r}: {file.size} bytes, expected 1 to {MOST_BYTES}")
        if not file.content_type.startswith(("image/", "video/")):
            raise Refused(f"{file.name!r}: {file.content_type}, expected an image or a video")
    return fields


def file_name(name: str) -> str:
    """Give the name of a file without folders, and without what no name has."""
    name = name.encode(errors="replace").decode()
    return re.sub(r"[\x00-\x1f\x7f]", "_", name.replace("\\", "/").rpartition("/")[2]) or "file"


def filled(given: Mapping[str, Any]) -> Fields:
    """Leave out what is empty: the API wants it left out."""
    return {name: value for name, value in given.items() if value is not None and value not in ("", {})}


def texts(fields: Fields, *names: str) -> None:
    """Refuse fields that are missing, or no text that UTF-8 can write."""
    for name in names:
        value = fields.get(name)
        if not isinstance(value, str):
            raise Refused(f"{name}: got {type(value).__name__}, expected text")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused(f"{name}: no Unicode text") from None


def plain(metadata: object) -> None:
    """Refuse metadata that is no JSON object, or that JSON cannot write."""
    if not isinstance(metadata, dict):
        raise Refused(f"metadata: got {type(metadata).__name__}, expected an object")
    try:
        json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Refused(f"metadata: {error}") from None


def time(name: str, text: str) -> None:
    """Refuse what is no date and time with an offset, in the form that every reader of ISO 8601 takes."""
    found = TIME.fullmatch(text)
    if not found or text.endswith("-00:00"):
        raise Refused(f"{name}: expected a date and time such as 2026-04-27T13:35:00Z")
    leaps = found["second"] == "60"
    try:
        exact = datetime.fromisoformat(f"{found['minute']}:{'59' if leaps else found['second']}")
    except ValueError as error:
        raise Refused(f"{name}: {error}") from None
    offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    utc = exact + offset if found["sign"] == "-" else exact - offset
    if leaps and (utc.hour, utc.minute) != (23, 59):
        raise Refused(f"{name}: no leap second can be there")
