"""Whether the body of a request is JSON, and arrived as long as its head says."""

import json

from conformance.chapters.covering import found
from conformance.model import Sent
from conformance.obligation import KEPT, Finding, broken

_TWICE = "members that stand twice"
# What a fault of ours keeps from arriving is not the client's.
_OURS = ("cut", "expect")


def one_object(sent: Sent) -> Finding | None:
    """Ask for one JSON object."""
    breach = found(sent, "json")
    if breach is None:
        return KEPT if sent.value is not None else None
    if sent.armed.startswith(_OURS):
        return None
    return broken("the body is no JSON object", got=breach.got, expected=breach.expected, sent=sent, place="body")


def names_are_unique(sent: Sent) -> Finding | None:
    """Ask that no member stands twice, at whichever depth."""
    if sent.value is None:
        return None
    odd = next((flag for flag in sent.flags if flag.rule.check == "plain-json" and flag.got.startswith(_TWICE)), None)
    if odd is None:
        return KEPT
    return broken("a member stands twice", got=odd.got, expected="each name once", sent=sent, place="body")


def framing(sent: Sent) -> Finding | None:
    """Ask that a request is HTTP, and its body as long as it says."""
    breach = found(sent, "http")
    if breach is not None:
        return broken("no HTTP request", got=breach.got, expected="one unambiguous length", sent=sent, place="head")
    if not sent.size or sent.armed.startswith(_OURS):
        return None
    if not is_cut(sent):
        return KEPT
    said = sent.header("content-length") or "chunked"
    got = f"Content-Length {said}, and a body of {sent.size} bytes that ends in the middle"
    return broken(
        "the length is not that of the body", got=got, expected="its bytes", sent=sent, place="content-length"
    )


def is_cut(sent: Sent) -> bool:
    """Whether less of the JSON of a request arrived than was meant to."""
    if found(sent, "json") is None or not sent.size:
        return False
    length = sent.header("content-length") or ""
    if length.isdecimal() and sent.size < int(length):
        return True
    # Characters were counted in place of bytes, perhaps; where each is one byte, that does not matter.
    return not sent.body.isascii() and _ends_in_the_middle(sent.body)


def _ends_in_the_middle(body: bytes) -> bool:
    text = body.decode("utf-8", "replace").rstrip("\ufffd")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return text.lstrip().startswith("{") and (error.pos >= len(text.rstrip()) or "Unterminated" in error.msg)
    except RecursionError:
        return False
    return False
