"""Who may use the control API: this machine when the fake is bound to loopback, and who has the token elsewhere.

On loopback a page of some other site, open in a browser here, is the one to keep out. It cannot forge `Host` or
`Origin`, so these have to be ours: that stops a name that was rebound to 127.0.0.1, and requests across sites.
"""

import hmac
import re
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from mock_server.control.problems import ProblemError
from mock_server.settings import Settings, is_loopback

COOKIE = "distinct-mock"
"""The cookie that stands for the token in a browser."""

OPEN = frozenset({"/_mock/health", "/_mock/ready"})
"""What is answered without a token: who watches over a server rarely has one."""

_PORTS = {"http": "80", "https": "443"}
_AUTHORITY = re.compile(
    r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::(?P<port>[0-9]{1,5}))?", re.ASCII | re.IGNORECASE
)


class Guard:
    """Decides from the head of a request whether it is let in."""

    def __init__(self, settings: Settings) -> None:
        self._bound = settings.host.strip("[]").lower()
        self._token = settings.control_token
        self._on_loopback = is_loopback(self._bound)

    @property
    def needs_token(self) -> bool:
        """Whether a token is asked for: where others than this machine come in, or where one was set."""
        return bool(self._token) or not self._on_loopback

    def check_site(self, headers: Headers) -> None:
        """Keep out what another site had a browser send here. Raises the problem that says so."""
        host = headers.get("host", "")
        if self._on_loopback and not self._names_us(host):
            raise ProblemError(403, f"the Host {host!r} is not this machine; expected localhost or {self._bound}")
        origin = headers.get("origin")
        if origin is not None and not same_origin(origin, host):
            raise ProblemError(403, f"the Origin {origin!r} is another one than {host!r}; other sites are kept out")
        if headers.get("sec-fetch-site") == "cross-site" and not _follows_link(headers):
            raise ProblemError(403, "the request comes from another site; other sites are kept out")

    def check_token(self, path: str, headers: Headers) -> None:
        """Keep out who has no token where one is needed. Raises the problem that says so."""
        if self.needs_token and path not in OPEN and not self._has_token(headers):
            raise ProblemError(
                401, self._token_wanted(headers), headers={"www-authenticate": 'Bearer realm="distinct-mock"'}
            )

    def cookie_for(self, token: str, scheme: str) -> str | None:
        """Give the Set-Cookie header for who has the token, or None for a wrong one."""
        if not (self._token and _same(token, self._token)):
            return None
        secure = "; Secure" if scheme == "https" else ""
        return f"{COOKIE}={cookie_value(self._token)}; Path=/_mock; HttpOnly; SameSite=Strict{secure}"

    def _names_us(self, host: str) -> bool:
        name = split_authority(host)[0]
        return is_loopback(name) or name == self._bound

    def _has_token(self, headers: Headers) -> bool:
        if not self._token:
            return False
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(given.strip(), self._token):
            return True
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        return _same(cookie, cookie_value(self._token))

    def _token_wanted(self, headers: Headers) -> str:
        if not self._token:
            return "this fake is bound to more than loopback and has no control token; start it with one"
        which = "another" if "authorization" in headers else "a"
        return f"{which} token is needed: send 'Authorization: Bearer TOKEN', or open /_mock/?token=TOKEN in a browser"


def cookie_value(token: str) -> str:
    """Give what stands in the cookie: a digest, so that no answer ever holds the token itself."""
    return sha256(b"distinct-mock cookie " + token.encode()).hexdigest()


def _follows_link(headers: Headers) -> bool:
    """Whether somebody goes to a whole page here: what the other site linked to, it can neither read nor change."""
    navigates = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    # A form that is sent across sites is a navigation as well, and names the site that it comes from.
    return navigates and "origin" not in headers


def split_authority(text: str) -> tuple[str, str]:
    """Give name and port of a Host header, both empty when it is none; an IPv6 address without its brackets."""
    found = _AUTHORITY.fullmatch(text)
    return (found["name"].strip("[]").lower().removesuffix("."), found["port"] or "") if found else ("", "")


def same_origin(origin: str, host: str) -> bool:
    """Whether an Origin is the one that a request with this Host goes to; a default port may be left out."""
    scheme, _, authority = origin.partition("://")
    standard = _PORTS.get(scheme, "")
    theirs, ours = split_authority(authority), split_authority(host)
    return bool(standard and theirs[0]) and (theirs[0], theirs[1] or standard) == (ours[0], ours[1] or standard)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogateescape"), wanted.encode())
