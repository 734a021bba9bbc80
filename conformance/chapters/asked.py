"""What a call sends and tells, held against what the caller asked for."""

import json
from collections import Counter

from conformance.chapters.places import PREFIX
from conformance.chapters.uploaded import given
from conformance.model import Call, Case, Outcome, Sent
from conformance.obligation import KEPT, Finding, OfCall, broken
from conformance.ordinary import is_ordinary
from contracts.operations import Contract

PREFIXED = "common/prefix"
"""What the names of the trials begin with whose base URL has a path."""


def is_one_request(call: Call) -> Finding | None:
    """Ask for one request, or for some that are all different where files are sent in batches."""
    if call.reply.outcome is not Outcome.OK or call.plan or not call.mine:
        return None
    is_doubled = _is_doubled(call)
    if len(call.mine) == 1 or (call.intent.files and not is_doubled):
        return KEPT
    what = "the same was sent again" if is_doubled else "more than one request"
    return broken(what, got=f"{len(call.mine)} requests", expected="one", sent=call.mine[-1])


def _is_doubled(call: Call) -> bool:
    """Whether the same was sent more often than the caller gave it: files with the same content may be several."""
    if len({_content(sent) for sent in call.mine}) == len(call.mine):
        return False
    files, arrived = given(call), Counter(part.sha256 for sent in call.mine for part in sent.files)
    return not arrived or any(count > len(files.get(digest, ())) for digest, count in arrived.items())


def _content(sent: Sent) -> str:
    if sent.parts is None:
        return json.dumps(sent.value, sort_keys=True)
    return json.dumps([(part.name, part.text, part.filename, part.sha256) for part in sent.parts])


def honours_base_url(case: Case) -> Finding | None:
    """Ask that requests go below the path of the base URL."""
    if not case.trial.startswith(PREFIXED) or not case.sent:
        return None
    lost = next((sent for sent in case.sent if not sent.target.startswith(PREFIX)), None)
    if lost is None:
        return KEPT
    expected = f"{PREFIX} in front of the documented path"
    return broken("the path of the base URL is lost", got=lost.target, expected=expected, sent=lost, place="target")


def tells_refusal(call: Call) -> Finding | None:
    """Ask that a caller whose data was not sent is told so."""
    if call.sent or call.plan:
        return None
    if call.reply.failed:
        return KEPT
    # To gift no files at all is nothing that could have been lost.
    if call.reply.outcome is not Outcome.OK or (call.wrong and _is_about_no_files(call)):
        return None
    return broken("the caller is told that it worked", got="nothing was sent", expected="a failure")


def _is_about_no_files(call: Call) -> bool:
    return not call.intent.files and any(breach.rule.fields == ("assets",) for breach in call.wrong)


def refuses_nothing_valid(contract: Contract) -> OfCall:
    """Make the judge that what nobody could object to is sent; whether in any case of letters is judged elsewhere."""
    pairs = {(feature, action) for feature, actions in contract.pairs.items() for action in actions}

    def judge(call: Call) -> Finding | None:
        pair = (call.intent.args.get("feature"), call.intent.args.get("action"))
        if call.plan or not call.valid or not is_ordinary(call.intent) or pair not in {*pairs, (None, None)}:
            return None
        if call.sent:
            return KEPT
        if not call.reply.failed:
            return None
        return broken("a valid call is refused", got=call.reply.message, expected="a request")

    return judge
