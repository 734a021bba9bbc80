"""What every request has to be, whatever it reports: the obligations O-01 to O-16."""

from conformance.chapters.asked import (
    honours_base_url,
    is_one_request,
    refuses_nothing_valid,
    tells_refusal,
)
from conformance.chapters.body import framing, names_are_unique, one_object
from conformance.chapters.covering import found, json_operations, level_of, rules_checked
from conformance.chapters.places import is_behind_prefix, nearest, path_of
from conformance.model import Attempts, Sent
from conformance.obligation import KEPT, Finding, Level, Obligation, OfAttempts, OfRequest, broken
from contracts.model import Source
from contracts.operations import Contract

_CAPTURE = "captureAnalytics"
_ENDPOINT = Source("user-analytics", "Endpoint")
_HEADERS = Source("user-analytics", "Request Headers")
_OURS = Source("ours", "")


def _method(sent: Sent) -> Finding | None:
    if found(sent, "method"):
        return broken("another method", got=sent.method, expected="POST", sent=sent, place="method")
    return KEPT if sent.operation else None


def _path(contract: Contract) -> OfRequest:
    def judge(sent: Sent) -> Finding | None:
        path = path_of(sent.target)
        if sent.operation:
            return KEPT if sent.target == path else _query(sent)
        meant = nearest(path, contract) if found(sent, "path") else None
        # The capture endpoint has an obligation of its own, and so has what resembles no path.
        if meant is None or meant.id == _CAPTURE or is_behind_prefix(path, contract):
            return None
        return broken("another path", got=path, expected=meant.path, sent=sent, place="target")

    return judge


def _query(sent: Sent) -> Finding:
    query = sent.target.partition("?")[2]
    return broken("a query", got=f"?{query}", expected="none", sent=sent, place="target", level=Level.ASSUMED)


def _key_sent(contract: Contract) -> OfRequest:
    header = contract.key_header

    def judge(sent: Sent) -> Finding | None:
        if not sent.operation:
            return None
        keys = [value for name, value in sent.headers if name == header]
        if len(keys) == 1 and keys[0]:
            return KEPT
        got = "an empty one" if keys == [""] else f"{len(keys)} of them" if keys else "none"
        return broken("not one API key", got=got, expected=f"one header {header}", sent=sent, place=header)

    return judge


def _key_as_configured(contract: Contract) -> OfAttempts:
    header = contract.key_header

    def judge(attempts: Attempts) -> Finding | None:
        with_key = [sent for sent in attempts.sent if sent.header(header)]
        unknown = next((sent for sent in with_key if not sent.key), None)
        if unknown is None:
            return KEPT if with_key else None
        breach = found(unknown, "api-key")
        return broken(
            "another key than the configured one",
            got=breach.got if breach else "an unknown key",
            expected="the key, byte for byte",
            sent=unknown,
            place=header,
        )

    return judge


def _key_nowhere_else(contract: Contract) -> OfRequest:
    def judge(sent: Sent) -> Finding | None:
        if not sent.key:
            return None
        places = {"target": sent.target, "body": sent.body.decode("utf-8", "replace")}
        places |= {name: value for name, value in sent.headers if name != contract.key_header}
        place = next((place for place, text in places.items() if sent.key in text), None)
        if place is None:
            return KEPT
        expected = f"the header {contract.key_header} alone"
        return broken("the key stands in another place, too", got=place, expected=expected, sent=sent, place=place)

    return judge


def _media_type(sent: Sent) -> Finding | None:
    if found(sent, "api-key") or found(sent, "address"):
        return None
    breach = found(sent, "media-type")
    if breach is None:
        return KEPT
    return broken("another Content-Type", got=breach.got, expected=breach.expected, sent=sent, place="content-type")


def _of_json(contract: Contract, judge: OfRequest) -> OfRequest:
    operations = json_operations(contract)
    return lambda sent: judge(sent) if sent.operation in operations else None


def _named_fields(sent: Sent) -> Finding | None:
    if sent.value is None and sent.parts is None:
        return None
    flag = found(sent, "named-fields")
    if flag is None:
        return KEPT
    return broken("a field that no document names", got=flag.field, expected=flag.expected, sent=sent, place=flag.field)


def _user_agent(sent: Sent) -> Finding | None:
    if not sent.operation:
        return None
    if sent.header("user-agent"):
        return KEPT
    return broken("no User-Agent", got="none", expected="the client's name", sent=sent, place="user-agent")


def rest(contract: Contract, covered: frozenset[str]) -> tuple[Obligation, ...]:
    """Give O-14, about every rule of the contract that no other obligation covers and that a client can keep."""
    others = {
        rule.id for rule in contract.rules.values() if rule.id not in covered and rule.check not in _NOT_THE_CLIENTS
    }

    def judge(sent: Sent) -> Finding | None:
        breach = next((one for one in (*sent.breaches, *sent.flags) if one.rule.id in others), None)
        if breach is None:
            return KEPT if sent.accepted else None
        return broken(
            f"it breaks the rule {breach.rule.id}: {breach.rule.says}",
            got=breach.got,
            expected=breach.expected,
            sent=sent,
            place=breach.field,
            level=level_of(breach.rule),
        )

    says = "Nothing is sent that breaks any other rule of the contract; what cannot be sent right is refused."
    because = "A rule without an obligation of its own is still a rule."
    return (
        Obligation("O-14", Level.MUST, says, _OURS, because, request=judge, rules=tuple(sorted(others)), validity=True),
    )


_NOT_THE_CLIENTS = frozenset(
    {
        # Whether what a caller names exists, and whose it is, only Distinct knows.
        "known-user", "one-user", "known-event", "registered-for-event", "known-experience", "known-event-value",
        "known-registration-page",
        # What a caller reports, and how often, is the caller's to know.
        "plausible-time", "no-repeat", "media-recognised",
        # From where it is called, a client cannot choose.
        "address",
    }
)  # fmt: skip


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give all of the chapter but O-14, which `rest` gives."""
    must, should, assumed = Level.MUST, Level.SHOULD, Level.ASSUMED
    of_json = json_operations(contract)

    def rules(*checks: str) -> tuple[str, ...]:
        return rules_checked(contract, *checks)

    return (
        Obligation("O-01", must, "Each request is a POST.", _ENDPOINT, request=_method, rules=rules("method")),
        Obligation(
            "O-02", must, "The path is a documented one, to the letter and without a query.", _ENDPOINT,
            request=_path(contract), rules=rules("path", "no-query"),
        ),
        Obligation(
            "O-03", must, "Each request carries one API key, in the header for it.", _HEADERS,
            request=_key_sent(contract), rules=rules("api-key"),
        ),
        Obligation(
            "O-04", must, "The API key is sent as it was configured, byte for byte.", _HEADERS,
            attempts=_key_as_configured(contract), rules=rules("api-key"), depends=("O-03",),
        ),
        Obligation(
            "O-05", should, "The API key stands nowhere but in its header.", _OURS,
            "Addresses and bodies are logged by servers and gateways on the way; headers for secrets are not.",
            request=_key_nowhere_else(contract),
        ),
        Obligation(
            "O-06", must, "JSON is declared as application/json.", _HEADERS,
            request=_of_json(contract, _media_type),
            rules=tuple(rule for one in of_json for rule in rules_checked(contract, "media-type", operation=one)),
            shown_by=of_json,
        ),
        Obligation(
            "O-07", must, "The body is exactly one well-formed JSON object, in UTF-8 and without a byte order mark.",
            _HEADERS, request=one_object, rules=rules("json"), shown_by=of_json,
        ),
        Obligation(
            "O-08", should, "No member of the JSON object stands twice.", Source("RFC 8259", "section 4"),
            request=names_are_unique, rules=rules("plain-json"), shown_by=of_json,
        ),
        Obligation(
            "O-09", should, "A request has one length, and that is the number of its bytes.",
            Source("RFC 9112", "section 6"), request=framing, rules=rules("http"),
        ),
        Obligation(
            "O-10", assumed, "Only fields that the documents name are sent.", Source("user-analytics", "Request Body"),
            request=_named_fields, rules=rules("named-fields"),
        ),
        Obligation(
            "O-11", should, "A call that works sends what it has to send once.", _OURS,
            "Nothing says that Distinct merges what arrives twice.", call=is_one_request, rules=rules("no-repeat"),
        ),
        Obligation(
            "O-12", assumed, "Requests say in User-Agent which client sends them.",
            Source("RFC 9110", "section 10.1.5"), request=_user_agent,
        ),
        Obligation(
            "O-13", assumed, "A path in the base URL is kept in front of the documented one.", _OURS,
            "A gateway in front of the API has one.", case=honours_base_url,
        ),
        Obligation(
            "O-15", must, "When nothing is sent, the caller is told that it did not work.", _OURS,
            "A caller who is told that all went well never learns that the data is lost.", call=tells_refusal,
            needs=("refusals",),
        ),
        Obligation(
            "O-16", should, "What the documents allow is not refused.", _OURS,
            "Data that Distinct would take is lost otherwise.", call=refuses_nothing_valid(contract), depends=("P-02",),
        ),
    )  # fmt: skip
