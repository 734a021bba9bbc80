"""How a fake is to run: every option of `serve`, as one value that can be handed to another process."""

from dataclasses import dataclass

from contracts.world import Network


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of one fake; None for spec and world means those that come with the package."""

    host: str = "127.0.0.1"
    port: int = 8080
    spec: str | None = None
    world: str | None = None
    workers: int = 1
    tls_cert: str | None = None
    tls_key: str | None = None
    plain: bool = False
    log_json: bool = False
    log_level: str = "info"
    trusted: tuple[Network, ...] = ()
    header_seconds: float = 10.0
    body_seconds: float = 120.0
    journal_entries: int = 10_000
    pure_python: bool = False
