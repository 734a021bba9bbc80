"""Uploads as they may have arrived, made by hand for judges to look at."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.files import sha256_of
from conformance.model import Call, Capabilities, Case, File, Intent, Outcome, Reply, Sent
from conformance.obligation import Finding, Obligation
from contracts.model import Breach
from contracts.multipart_body import Part
from contracts.operations import Contract
from contracts.spec import load_contract

CONTRACT: Contract = load_contract()
CAN = Capabilities(frozenset({"giftAssets"}))
OK = Reply(Outcome.OK)
REFUSED = Reply(Outcome.REFUSED, message="no")
ERROR = Reply(Outcome.ERROR, status=400)
TYPE = "multipart/form-data; boundary=b0"

ONE = File("one.gif", "image/gif", 20)
TWO = File("two.png", "image/png", 30, b"\x89PNG\r\n\x1a\n")
EMPTY = File("empty.gif", "image/gif", 0)
USER = Part("userId", None, "", 4, text="user")
EVENT = Part("eventId", None, "", 5, text="event")


def part(file: File, name: str = "assets", **changes: Any) -> Part:  # noqa: ANN401 - the fields of Part
    """Make the part that a file arrives as."""
    return replace(Part(name, file.name, file.content_type, file.size, sha256_of(file)), **changes)


def breach(rule: str, got: str = "", expected: str = "", field: str = "") -> Breach:
    return Breach(CONTRACT.rules[rule], field, got, expected)


def upload(*parts: Part, **changes: Any) -> Sent:  # noqa: ANN401 - the fields of Sent
    """Make an accepted upload of these parts, with userId and eventId unless they are among them."""
    named = {one.name for one in parts}
    texts = [text for text in (USER, EVENT) if text.name not in named]
    sent = Sent(
        id="r-1", at=0, method="POST", target="/api/v1/vendor/user/assets", operation="giftAssets",
        headers=(("content-type", TYPE),), size=500, parts=(*texts, *parts), status=200, accepted=True,
    )  # fmt: skip
    return replace(sent, **changes)


def refused(rule: str, *parts: Part, got: str = "", expected: str = "", **changes: Any) -> Sent:  # noqa: ANN401 - see above
    """Make an upload that breaks a rule."""
    broken = (breach(rule, got, expected, "assets"),)
    return upload(*parts, status=400, accepted=False, breaches=broken, **changes)


def call(
    files: Sequence[File],
    *sent: Sent,
    reply: Reply = OK,
    plan: tuple[str, ...] = (),
    wrong: str = "",
    **args: Any,  # noqa: ANN401 - whatever a caller gives
) -> Call:
    """Make a call for these files, and what was sent for it."""
    intent = Intent("giftAssets", {"userId": "user", "eventId": "event", **args}, tuple(files))
    return Call(intent, sent, reply, plan, wrong=(breach(wrong),) if wrong else ())


def judged(obligation: Obligation, found: Sent | Call | Case) -> Finding | None:
    """Let an obligation judge what it is about; a request or a call stands in a case of its own when it has to."""
    if isinstance(found, Sent):
        assert obligation.request is not None
        return obligation.request(found)
    if isinstance(found, Call) and obligation.call is not None:
        return obligation.call(found)
    assert obligation.case is not None
    return obligation.case(found if isinstance(found, Case) else Case("made", (found,), CAN))


def word(finding: Finding | None) -> str:
    """Say in a word what was found."""
    if finding is None:
        return "not exercised"
    return {True: "kept", False: "broken", None: "noted"}[finding.kept]


def case(*calls: Call, late: tuple[Sent, ...] = ()) -> Case:
    return Case("made", calls, CAN, late)
