"""Judges a request by its head alone: the key, the caller's address, the media type, the encoding."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from contracts.hints import hint_for
from contracts.model import Breach, Rule, shown
from contracts.operations import Operation
from contracts.stages import ADDRESS, API_KEY, CONTENT_ENCODING, MEDIA_TYPE
from contracts.world import Address, Key, Network, World, masked

_MAPPED_PREFIX = 96


class Head(NamedTuple):
    """What the head of a request says; every header that may stand twice is a sequence."""

    keys: Sequence[str]
    address: str
    content_types: Sequence[str] = ()
    content_encodings: Sequence[str] = ()


class Admission(NamedTuple):
    """The key that a request came with, when it is known, and the rule that its head broke, if any."""

    key: Key | None
    breach: Breach | None = None


def admit(operation: Operation, head: Head, world: World) -> Admission:
    """Judge the head of a request in the order of the contract: key, address, media type, encoding."""
    key = known_key(head.keys, world)
    rules = operation.by_check
    if key is None:
        return Admission(None, _wrong_key(rules[API_KEY], head.keys))
    if key.allow is not None and not is_allowed(head.address, key.allow):
        listed = ", ".join(map(str, key.allow)) or "no address at all"
        return Admission(key, Breach(rules[ADDRESS], "address", head.address or "no address", listed))
    if not _is_media_type(head.content_types, operation.media_type):
        got = ", ".join(map(shown, head.content_types)) or "nothing"
        return Admission(key, Breach(rules[MEDIA_TYPE], "Content-Type", got, operation.media_type))
    if head.content_encodings and any(value.strip().lower() != "identity" for value in head.content_encodings):
        got = ", ".join(map(shown, head.content_encodings))
        return Admission(key, Breach(rules[CONTENT_ENCODING], "Content-Encoding", got, "no Content-Encoding"))
    return Admission(key)


def known_key(keys: Sequence[str], world: World) -> Key | None:
    """Give the key that a request came with, when it came with just one, and that is known."""
    try:
        return world.keys[keys[0]] if len(keys) == 1 else None
    except KeyError:
        return None


def _wrong_key(rule: Rule, keys: Sequence[str]) -> Breach:
    if not keys:
        return Breach(rule, "key", "no key", "one key of this world")
    if len(keys) > 1:
        return Breach(rule, "key", f"{len(keys)} keys", "one key of this world")
    if not keys[0]:
        return Breach(rule, "key", "an empty key", "one key of this world")
    return Breach(rule, "key", f"the unknown key {masked(keys[0])}", "one key of this world", hint_for(keys[0]))


def _is_media_type(values: Sequence[str], expected: str) -> bool:
    if len(values) != 1:
        return False
    # By far the most requests spell it as the spec does.
    if values[0] == expected:
        return True
    media_type, _, parameters = values[0].partition(";")
    charsets = [
        value.strip(" \t\"'").lower()
        for name, _, value in (item.partition("=") for item in parameters.split(";"))
        if name.strip().lower() == "charset"
    ]
    return media_type.strip().lower() == expected and all(charset in {"utf-8", "utf8"} for charset in charsets)


@lru_cache(maxsize=1024)
def is_allowed(address: str, allow: tuple[Network, ...]) -> bool:
    """Whether an address is on an allowlist; an IPv4 address mapped into IPv6 is that IPv4 address."""
    caller = read_address(address)
    return caller is not None and any(caller in network for network in _unmapped(allow))


def read_address(text: str) -> Address | None:
    """Read an address, or give None for what is none; a zone such as %eth0 is not part of it."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _unmapped(allow: tuple[Network, ...]) -> list[Network]:
    """Let a mapped address on the list mean its IPv4 one, as it does for callers."""
    networks: list[Network] = []
    for network in allow:
        mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
        # The first 96 bits of a mapped address say that it is one; a shorter network holds others too.
        whole = mapped is None or network.prefixlen < _MAPPED_PREFIX
        networks.append(network if whole else IPv4Network((mapped, network.prefixlen - _MAPPED_PREFIX)))
    return networks


def caller_address(peer: str, forwarded: Sequence[str], trusted: tuple[Network, ...]) -> str:
    """Find the caller's address: the peer's, or behind proxies that the user trusts, the last hop that is none of them.

    `forwarded` holds the values of X-Forwarded-For; what is no address in them is given as it is, and is on no list.
    """
    if not trusted or not is_allowed(peer, trusted):
        return peer
    hops = [hop.strip() for value in forwarded for hop in value.split(",") if hop.strip()]
    outside = [hop for hop in hops if not is_allowed(hop, trusted)]
    return outside[-1] if outside else (hops[0] if hops else peer)
