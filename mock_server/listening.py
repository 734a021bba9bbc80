"""What has to be in order before a fake serves: its address, its certificate, the file of its journal."""

import socket
import ssl

from contracts.faults import ConfigError, Fault
from mock_server.building import build_fake
from mock_server.settings import Settings

_BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """Bind and listen, so that no client is refused from here on.

    Raises ConfigError for an address that can't be had.
    """
    place = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off on each connection.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([Fault(place, f"cannot listen there: {reason[0].lower()}{reason[1:]}")]) from None
    listener.setblocking(False)  # noqa: FBT003 - socket's signature
    return listener


def check_tls(settings: Settings) -> None:
    """Try the certificate and its key. Raises ConfigError that says which file is wrong."""
    if settings.tls_cert is None:
        return
    for file in filter(None, (settings.tls_cert, settings.tls_key)):
        try:
            with open(file, "rb"):  # noqa: PTH123 - only whether it can be
                pass
        except OSError as error:
            raise ConfigError([Fault(file, f"cannot be read: {(error.strerror or '').lower()}")]) from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (ssl.SSLError, OSError) as error:
        files = " with ".join(filter(None, (settings.tls_cert, settings.tls_key)))
        # For text that is no PEM at all, the library has no reason but itself.
        reason = getattr(error, "reason", None)
        why = f": {reason.lower().replace('_', ' ')}" if reason else ""
        raise ConfigError([Fault(files, f"no usable certificate and key in PEM form{why}")]) from None


def check_journal(settings: Settings) -> None:
    """Try the file of the journal, and what stands in it. Raises ConfigError that says what is wrong with it."""
    if settings.journal is not None:
        build_fake(settings).close()


def url_of(settings: Settings, listener: socket.socket) -> str:
    """Give the base URL under which a listening fake is reached."""
    host, port = listener.getsockname()[:2]
    if settings.host in {"", "0.0.0.0", "::"}:  # noqa: S104 - only compared
        host = "localhost"
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
