"""Writes a request that was sent as a curl command. No key stands in it, and no address of this machine."""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

KEY_VARIABLE = "DISTINCT_API_KEY"
URL_VARIABLE = "DISTINCT_BASE_URL"

# How a masked key looks: its first letters, if it is long, and a mark of its own.
_MASKED_KEY = re.compile(r"[!-~]{0,4}…(?:[0-9a-f]{6}|key\d+)")
# What means something to a shell between double quotes.
_SPECIAL = '"$`\\!'
# curl sends these by itself, and rightly.
_OWN_HEADERS = ("host", "content-length", "transfer-encoding", "connection", "accept", "accept-encoding", "expect")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def curl_of(request: dict[str, Any]) -> str:
    """Write one request of a report as a command; files stand in it as @FILE1 and so on, which lines before it tell."""
    notes: list[str] = []
    is_form = bool(request["parts"])
    words = ["curl", "-X", shlex.quote(request["method"]), *_target_words(request["target"])]
    for name, value in request["headers"]:
        if name not in _OWN_HEADERS and not (is_form and name == "content-type"):
            words += ["-H", quoted(f"{name}: {value}" if value.strip() else f"{name};")]
    if is_form:
        words += [word for part in request["parts"] for word in _part_words(part, notes)]
        source = ""
    else:
        source, body_words = _body_words(request, notes)
        words += body_words
    return "\n".join([*notes, source + " ".join(words)])


def quoted(text: str) -> str:
    """Quote a text for a shell; where a masked key stands, the variable with the key is put."""
    pieces = _MASKED_KEY.split(text)
    variable = f"${KEY_VARIABLE}"
    if len(pieces) > 1 and not any(char in piece for piece in pieces for char in _SPECIAL):
        return f'"{variable.join(pieces)}"'
    return f'"{variable}"'.join(shlex.quote(piece) if piece else "" for piece in pieces) or "''"


def _target_words(target: str) -> Iterator[str]:
    if re.search(r"[\[\]{}]", target):
        yield "--globoff"
    if "/." in target:
        yield "--path-as-is"
    yield f'"${URL_VARIABLE}"{quoted(target)}'


def _body_words(request: dict[str, Any], notes: list[str]) -> tuple[str, Sequence[str]]:
    body = request["body"]
    if not body["size"]:
        return "", []
    # curl names one of its own where there is none.
    typed = [] if any(name == "content-type" for name, _ in request["headers"]) else ["-H", "Content-Type:"]
    text = body.get("text")
    if body["cut"] or text is None or "\0" in text:
        notes.append(f"# BODY: the {body['size']} bytes that were sent")
        return "", [*typed, "--data-binary", "@BODY"]
    return "", [*typed, "--data-raw", quoted(text)]


def _part_words(part: dict[str, Any], notes: list[str]) -> Sequence[str]:
    if part["filename"] is None:
        return ["--form-string", quoted(f"{part['name']}={part['text']}")]
    number = len(notes) + 1
    notes.append(f"# FILE{number}: {part['size']} bytes, sha256 {part['sha256']}")
    name = part["filename"].replace("\\", "\\\\").replace('"', '\\"').replace("\0", "")
    words = [f"{part['name']}=@FILE{number}", f'filename="{name}"']
    if _MEDIA_TYPE.fullmatch(part["contentType"]):
        words.append(f"type={part['contentType']}")
    return ["-F", quoted(";".join(words))]
