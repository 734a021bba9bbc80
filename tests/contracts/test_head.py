"""What the head of a request decides: key, address, media type and encoding, in that order."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network

import pytest

from contracts.head import Head, admit, caller_address, is_allowed
from contracts.operations import Contract
from contracts.world import Key, Network, World

JSON = "application/json"
GOOD = Head(keys=["vendor-test-key"], address="127.0.0.1", content_types=[JSON])
ELSEWHERE = "vendor-elsewhere-key"


def networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


ALLOWED = [
    pytest.param("192.0.2.10", ["192.0.2.10"], id="ipv4"),
    pytest.param("192.0.2.10", ["10.0.0.0/8", "192.0.2.0/24"], id="ipv4-network"),
    pytest.param("192.0.2.10", ["0.0.0.0/0"], id="every-ipv4"),
    pytest.param("2001:db8::1", ["2001:db8::1"], id="ipv6"),
    pytest.param("2001:DB8:0::1", ["2001:db8::1"], id="ipv6-in-another-spelling"),
    pytest.param("2001:db8:ffff::1", ["2001:db8::/32"], id="ipv6-network"),
    pytest.param("::ffff:192.0.2.10", ["192.0.2.10"], id="mapped-caller"),
    pytest.param("::ffff:c000:20a", ["192.0.2.0/24"], id="mapped-caller-in-hexadecimal"),
    pytest.param("192.0.2.10", ["::ffff:192.0.2.10"], id="mapped-entry"),
    pytest.param("192.0.2.10", ["::ffff:192.0.2.0/120"], id="mapped-network"),
    pytest.param("192.0.2.10", ["::ffff:0:0/96"], id="every-mapped-address"),
    pytest.param("::ffff:192.0.2.10", ["::ffff:192.0.2.10"], id="mapped-both"),
    pytest.param("fe80::1%eth0", ["fe80::/10"], id="zone"),
    pytest.param("::1", ["::1"], id="loopback"),
]
NOT_ALLOWED = [
    pytest.param("192.0.2.11", ["192.0.2.10"], id="another-ipv4"),
    pytest.param("192.0.3.10", ["192.0.2.0/24"], id="another-ipv4-network"),
    pytest.param("2001:db9::1", ["2001:db8::/32"], id="another-ipv6-network"),
    pytest.param("127.0.0.1", ["::1"], id="other-loopback"),
    pytest.param("192.0.2.10", ["::/0"], id="ipv4-is-no-ipv6"),
    pytest.param("2001:db8::1", ["0.0.0.0/0"], id="ipv6-is-no-ipv4"),
    pytest.param("192.0.2.10", ["::192.0.2.10"], id="compatible-is-not-mapped"),
    pytest.param("192.0.2.10", [], id="empty-list"),
    pytest.param("", ["0.0.0.0/0", "::/0"], id="no-address"),
    pytest.param("unknown", ["0.0.0.0/0", "::/0"], id="no-address-but-a-word"),
    pytest.param("<script>", ["0.0.0.0/0", "::/0"], id="markup"),
    pytest.param("192.0.2.010", ["192.0.2.10", "192.0.2.8"], id="leading-zero"),
    pytest.param("192.0.2.10:80", ["0.0.0.0/0", "::/0"], id="with-a-port"),
    pytest.param(" 192.0.2.10", ["0.0.0.0/0"], id="with-a-blank"),
]


@pytest.mark.parametrize(("address", "allow"), ALLOWED)
def test_address_is_on_the_list(address: str, allow: list[str]) -> None:
    assert is_allowed(address, networks(*allow))


@pytest.mark.parametrize(("address", "allow"), NOT_ALLOWED)
def test_address_is_not_on_the_list(address: str, allow: list[str]) -> None:
    assert not is_allowed(address, networks(*allow))


KEYS = [
    pytest.param([], "no key", id="missing"),
    pytest.param([""], "an empty key", id="empty"),
    pytest.param(["vendor-test-key", "vendor-test-key"], "2 keys", id="twice"),
    pytest.param(["vendor-test-key", "other"], "2 keys", id="two"),
    pytest.param(["vendor-other-key"], "the unknown key vend…cab803", id="unknown"),
    pytest.param(["short"], "the unknown key …3b6e85", id="unknown-and-short"),
    pytest.param(["VENDOR-TEST-KEY"], "the unknown key VEND…63f670", id="in-capitals"),
    pytest.param(['"vendor-test-key"'], 'the unknown key "ven…70b54b', id="in-quotes"),
]


@pytest.mark.parametrize(("keys", "got"), KEYS)
@pytest.mark.parametrize("operation_id", ["giftAssets", "addUserAnalytics", "captureAnalytics"])
def test_key_is_refused(contract: Contract, world: World, operation_id: str, keys: list[str], got: str) -> None:
    admission = admit(contract.operation(operation_id), GOOD._replace(keys=keys), world)

    assert admission.key is None
    assert admission.breach is not None
    assert admission.breach.got == got
    assert admission.breach.rule.refusal.body == b'{"statusCode":401,"message":"Unauthorized.","data":null}'
    assert all(key not in repr(admission.breach) for key in keys if key)


def test_key_in_quotes_is_explained(contract: Contract, world: World) -> None:
    admission = admit(contract.operation("giftAssets"), GOOD._replace(keys=['"vendor-test-key"']), world)

    assert admission.breach is not None
    assert admission.breach.hint == "the quotes are part of the value; copied from a shell command, perhaps"


@pytest.mark.parametrize("operation_id", ["giftAssets", "addUserAnalytics", "captureAnalytics"])
def test_address_off_the_list_is_refused(contract: Contract, world: World, operation_id: str) -> None:
    admission = admit(contract.operation(operation_id), GOOD._replace(keys=[ELSEWHERE]), world)

    assert admission.key is world.keys[ELSEWHERE]
    assert admission.breach is not None
    assert (admission.breach.got, admission.breach.expected) == ("127.0.0.1", "192.0.2.10/32, 2001:db8::/32")
    assert admission.breach.rule.refusal.body == b'{"statusCode":403,"message":"Forbidden.","data":null}'


@pytest.mark.parametrize("address", ["192.0.2.10", "2001:db8::7"])
def test_address_on_the_list_is_admitted(contract: Contract, world: World, address: str) -> None:
    head = GOOD._replace(keys=[ELSEWHERE], address=address)

    assert admit(contract.operation("addUserAnalytics"), head, world) == (world.keys[ELSEWHERE], None)


@pytest.mark.parametrize(("address", "shown"), [("", "no address"), ("unknown", "unknown")])
def test_caller_without_an_address_is_on_no_list(contract: Contract, key: Key, address: str, shown: str) -> None:
    closed = replace(key, allow=())
    world = World("w", {key.secret: closed}, ())

    admission = admit(contract.operation("addUserAnalytics"), GOOD._replace(address=address), world)

    assert admission.breach is not None
    assert (admission.breach.got, admission.breach.expected) == (shown, "no address at all")


FORM = "multipart/form-data"
MEDIA_TYPES = [
    pytest.param("addUserAnalytics", [JSON], id="json"),
    pytest.param("addUserAnalytics", ["Application/JSON"], id="capitals"),
    pytest.param("addUserAnalytics", [f"{JSON};charset=utf-8"], id="charset"),
    pytest.param("addUserAnalytics", [f'{JSON} ; Charset="UTF-8"'], id="charset-in-quotes"),
    pytest.param("captureAnalytics", [f"{JSON}; charset=utf8"], id="charset-without-a-dash"),
    pytest.param("captureAnalytics", [f"{JSON}; version=1"], id="another-parameter"),
    pytest.param("captureAnalytics", [f"{JSON};"], id="nothing-behind-the-semicolon"),
    pytest.param("giftAssets", [f"{FORM}; boundary=b"], id="form"),
    pytest.param("giftAssets", ["Multipart/Form-Data;boundary=b"], id="form-in-capitals"),
    pytest.param("giftAssets", [FORM], id="form-without-boundary"),
]
OTHER_MEDIA_TYPES = [
    pytest.param("addUserAnalytics", [], "nothing", id="missing"),
    pytest.param("addUserAnalytics", [""], "''", id="empty"),
    pytest.param("addUserAnalytics", [JSON, JSON], f"'{JSON}', '{JSON}'", id="twice"),
    pytest.param("addUserAnalytics", ["text/plain"], "'text/plain'", id="text"),
    pytest.param("addUserAnalytics", ["text/json"], "'text/json'", id="json-of-another-name"),
    pytest.param("addUserAnalytics", [f"{JSON}; charset=latin-1"], f"'{JSON}; charset=latin-1'", id="charset"),
    pytest.param("addUserAnalytics", [f"{JSON}; charset=utf-16"], f"'{JSON}; charset=utf-16'", id="utf-16"),
    pytest.param("addUserAnalytics", ["application/merge-patch+json"], "'application/merge-patch+json'", id="suffix"),
    pytest.param("addUserAnalytics", [f"{JSON}, {JSON}"], f"'{JSON}, {JSON}'", id="twice-in-one"),
    pytest.param("captureAnalytics", [f"{FORM}; boundary=b"], f"'{FORM}; boundary=b'", id="form"),
    pytest.param("giftAssets", [JSON], f"'{JSON}'", id="json-for-a-form"),
    pytest.param(
        "giftAssets", ["application/x-www-form-urlencoded"], "'application/x-www-form-urlencoded'", id="urlencoded"
    ),
    pytest.param("giftAssets", ["multipart/mixed; boundary=b"], "'multipart/mixed; boundary=b'", id="mixed"),
]


@pytest.mark.parametrize(("operation_id", "content_types"), MEDIA_TYPES)
def test_media_type_is_admitted(contract: Contract, world: World, operation_id: str, content_types: list[str]) -> None:
    admission = admit(contract.operation(operation_id), GOOD._replace(content_types=content_types), world)

    assert admission.breach is None


@pytest.mark.parametrize(("operation_id", "content_types", "got"), OTHER_MEDIA_TYPES)
def test_other_media_type_is_refused(
    contract: Contract, world: World, operation_id: str, content_types: list[str], got: str
) -> None:
    admission = admit(contract.operation(operation_id), GOOD._replace(content_types=content_types), world)

    assert admission.breach is not None
    assert (admission.breach.field, admission.breach.got) == ("Content-Type", got)
    assert admission.breach.rule.refusal.body == b'{"statusCode":415,"message":"Unsupported media type.","data":null}'


@pytest.mark.parametrize("encodings", [[], ["identity"], ["Identity "], ["identity", "identity"]])
def test_body_that_is_not_encoded_is_admitted(contract: Contract, world: World, encodings: list[str]) -> None:
    admission = admit(contract.operation("addUserAnalytics"), GOOD._replace(content_encodings=encodings), world)

    assert admission.breach is None


@pytest.mark.parametrize("encodings", [["gzip"], ["identity", "br"], ["gzip, identity"]])
def test_body_that_is_encoded_is_refused(contract: Contract, world: World, encodings: list[str]) -> None:
    admission = admit(contract.operation("addUserAnalytics"), GOOD._replace(content_encodings=encodings), world)

    assert admission.breach is not None
    assert (admission.breach.field, admission.breach.rule.id) == ("Content-Encoding", "analytics.content-encoding")
    assert admission.breach.rule.refusal.status == 415


WRONG = Head(keys=["x"], address="127.0.0.1", content_types=["x"], content_encodings=["x"])
ORDER = [
    pytest.param(WRONG, "analytics.key", id="everything-wrong"),
    pytest.param(WRONG._replace(keys=[ELSEWHERE]), "analytics.address", id="right-key"),
    pytest.param(WRONG._replace(keys=GOOD.keys), "analytics.media-type", id="right-address"),
    pytest.param(GOOD._replace(content_encodings=["x"]), "analytics.content-encoding", id="right-media-type"),
]


@pytest.mark.parametrize(("head", "rule_id"), ORDER)
def test_first_fault_decides(contract: Contract, world: World, head: Head, rule_id: str) -> None:
    admission = admit(contract.operation("addUserAnalytics"), head, world)

    assert admission.breach is not None
    assert admission.breach.rule.id == rule_id


PROXIES = ("10.0.0.0/8", "::1")
CALLERS = [
    pytest.param("192.0.2.1", ["198.51.100.7"], (), "192.0.2.1", id="nobody-trusted"),
    pytest.param("192.0.2.1", ["198.51.100.7"], PROXIES, "192.0.2.1", id="peer-not-trusted"),
    pytest.param("10.0.0.1", ["198.51.100.7"], PROXIES, "198.51.100.7", id="one-proxy"),
    pytest.param("::ffff:10.0.0.1", ["198.51.100.7"], PROXIES, "198.51.100.7", id="mapped-proxy"),
    pytest.param("::1", ["2001:db8::7"], PROXIES, "2001:db8::7", id="ipv6"),
    pytest.param("10.0.0.1", ["198.51.100.7, 10.0.0.2"], PROXIES, "198.51.100.7", id="two-proxies"),
    pytest.param("10.0.0.1", ["198.51.100.7", "10.0.0.2"], PROXIES, "198.51.100.7", id="two-headers"),
    pytest.param("10.0.0.1", ["127.0.0.1, 198.51.100.7"], PROXIES, "198.51.100.7", id="spoofed-hop-before"),
    pytest.param("10.0.0.1", ["10.0.0.9, 198.51.100.7"], PROXIES, "198.51.100.7", id="spoofed-proxy-before"),
    pytest.param("10.0.0.1", ["10.0.0.3, 10.0.0.2"], PROXIES, "10.0.0.3", id="nothing-but-proxies"),
    pytest.param("10.0.0.1", [], PROXIES, "10.0.0.1", id="no-header"),
    pytest.param("10.0.0.1", ["", " , "], PROXIES, "10.0.0.1", id="empty-header"),
    pytest.param("10.0.0.1", ["unknown"], PROXIES, "unknown", id="no-address"),
    pytest.param("10.0.0.1", ["198.51.100.7, <script>"], PROXIES, "<script>", id="no-address-at-the-end"),
    pytest.param("", ["198.51.100.7"], PROXIES, "", id="no-peer"),
]


@pytest.mark.parametrize(("peer", "forwarded", "trusted", "caller"), CALLERS)
def test_caller_is_found(peer: str, forwarded: list[str], trusted: Sequence[str], caller: str) -> None:
    assert caller_address(peer, forwarded, networks(*trusted)) == caller
