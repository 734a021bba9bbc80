"""Makes the certificate of a fake that serves https, and the authority that its clients have to trust.

The authority stays from one start to the next, so that trust is set up once; the certificate is new with every start.
Needs trustme, which comes with the extra `tls`.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from socket import gethostname
from urllib.parse import urlsplit

import trustme

from contracts.faults import ConfigError, Fault
from contracts.operations import Contract

# Some clients take no certificate of a server that is valid for longer.
_VALID = timedelta(days=397)
_CLOCKS_DIFFER = timedelta(days=1)
_ALWAYS = ("localhost", "127.0.0.1", "::1")
# A machine may be called what no certificate can say; that is no reason not to serve.
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_OWNER, _PURPOSE = "distinct-mock", "for tests on one machine"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Two PEM files: what a client has to trust, and the server's certificate together with its private key."""

    authority: Path
    server: Path


def default_folder() -> Path:
    """Give the folder that is this user's for such things. Raises ConfigError when there is none."""
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_STATE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".local" / "state") / "distinct-mock" / "tls"
    except RuntimeError:
        raise ConfigError([Fault("--tls-dir", "this user has no home; name a folder for the certificates")]) from None


def names_of(contract: Contract, host: str) -> tuple[str, ...]:
    """Give the names that a fake may be called by: loopback's, those of the contract's servers, its address.

    Bound to every address of a machine, it is called by the name of that.
    """
    servers = (urlsplit(server["url"]).hostname for server in contract.document.get("servers") or ())
    bound = host.strip("[]")
    if bound in {"", "0.0.0.0", "::"}:  # noqa: S104 - only compared
        machine = gethostname()
        bound = machine if _HOST_NAME.fullmatch(machine) else ""
    return tuple(dict.fromkeys(filter(None, [*_ALWAYS, *servers, bound])))


def self_signed(names: Iterable[str], folder: Path, now: datetime) -> Certificate:
    """Make a certificate for these names, by the authority that is in the folder; a folder without one gets one.

    Raises ConfigError when the folder, what is in it, or a name cannot be used.
    """
    listed = tuple(names)
    trusted = folder / "ca.pem"
    # Fakes that are called by other names have other files, so that none takes that of another.
    server = folder / f"server-{sha256(' '.join(listed).encode()).hexdigest()[:12]}.pem"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = _authority(folder / "ca-with-key.pem")
        issued = _issued(authority, listed, now)
        _write(trusted, authority.cert_pem.bytes(), 0o644)
        _write(server, issued, 0o600)
    except OSError as error:
        reason = f"cannot be used for certificates: {(error.strerror or str(error)).lower()}"
        raise ConfigError([Fault(str(folder), reason)]) from None
    return Certificate(trusted, server)


def _authority(file: Path) -> trustme.CA:
    """Read the authority, or make it. Key and certificate are one file: no start ever sees one without the other."""
    if not file.exists():
        made = trustme.CA(organization_name=_OWNER, organization_unit_name=_PURPOSE)
        _write(file, made.private_key_pem.bytes() + made.cert_pem.bytes(), 0o600, replace=False)
    content = file.read_bytes()
    try:
        return trustme.CA.from_pem(content, content)
    except ValueError:
        problem = "holds no certificate with its private key (PEM); remove it, and another is made"
        raise ConfigError([Fault(str(file), problem)]) from None


def _issued(authority: trustme.CA, names: tuple[str, ...], now: datetime) -> bytes:
    try:
        leaf = authority.issue_cert(
            *names,
            organization_name=_OWNER,
            organization_unit_name=_PURPOSE,
            not_before=now - _CLOCKS_DIFFER,
            not_after=now + _VALID,
        )
    except ValueError as error:
        raise ConfigError([Fault("--tls self-signed", f"no certificate for {', '.join(names)}: {error}")]) from None
    return leaf.private_key_and_cert_chain_pem.bytes()


def _write(file: Path, content: bytes, mode: int, *, replace: bool = True) -> None:
    """Write a file whole or not at all: another fake may read it, or write it, at the same time."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.stem}-")
    try:
        with open(handle, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(content)
        Path(name).chmod(mode)
        if replace:
            Path(name).replace(file)
        else:
            with suppress(FileExistsError):
                file.hardlink_to(name)
    finally:
        Path(name).unlink(missing_ok=True)
