"""Says in lines that a person reads why requests are not what a test expected."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.world import masked_once
from mock_server.storage.secrecy import Secrets, is_secret
from mock_server.told import sent_request

_LONGEST = 300


def unmet(verdict: Mapping[str, Any], matches: Sequence[Mapping[str, Any]], key: str | None) -> str:
    """Write what was expected and got, and the request that came closest with what differs; no key stands in it."""
    secrets = [key] if key else []
    return Secrets(secrets).hidden("\n".join(_lines(verdict, matches)))


def _lines(verdict: Mapping[str, Any], matches: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"expected {_expected(verdict['expected'])}"
    for number, match in enumerate(matches, 1):
        members = ", ".join(f"{name}={_shown(name, value)}" for name, value in match.items()) or "any request"
        yield f"   {f'{number}.' if len(matches) > 1 else 'with'} {members}"
    yield f"     got {verdict['reason']}"
    if verdict["nearest"] is not None:
        yield f" nearest {sent_request(verdict['nearest']['request'])}"
        for one in verdict["nearest"]["differs"]:
            yield f"         {one['field']}: got {one['got']}, expected {one['expected']}"


def _expected(bounds: str) -> str:
    if "request" in bounds:
        return bounds
    return "no request" if bounds == "none" else f"{bounds} request{'' if bounds.endswith(' 1') else 's'}"


def _shown(name: str, value: object) -> str:
    if name == "headers" and isinstance(value, Mapping):
        value = {header: masked_once(text) if is_secret(header) else text for header, text in value.items()}
    text = repr(masked_once(str(value)) if name == "key" else value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
