"""How a fake is to run: every option of `serve`, as one value that can be handed to another process."""

from dataclasses import dataclass, replace
from ipaddress import ip_address
from secrets import token_hex

from contracts.world import Network

BODIES = ("none", "head", "full")
"""How much of a body the journal keeps: nothing, the first 64 KiB, or all that is judged."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address always means this machine, for this machine alone."""
    name = host.strip("[]").lower().removesuffix(".")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of one fake; None for spec and world means those that come with the package.

    `tls_ca` is the file that clients have to trust, where it is known.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    spec: str | None = None
    world: str | None = None
    watch: bool = False
    workers: int = 1
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_ca: str | None = None
    plain: bool = False
    log_json: bool = False
    log_level: str = "info"
    trusted: tuple[Network, ...] = ()
    header_seconds: float = 10.0
    body_seconds: float = 120.0
    journal: str | None = None
    journal_entries: int = 10_000
    journal_bytes: int = 32 * 1024 * 1024
    journal_bodies: str = "head"
    journal_seconds: float | None = None
    control: bool = True
    control_token: str = ""
    pure_python: bool = False


def with_token(settings: Settings) -> Settings:
    """Make up a token for the control API where others than this machine come in and none is given."""
    if not settings.control or settings.control_token or is_loopback(settings.host):
        return settings
    return replace(settings, control_token=token_hex(16))
