"""Other fakes, where they are installed: finds them, and says how each is started, with its logs off."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contestants import Command, Contestant, free_port
from benchmarks.messages import HOST
from benchmarks.stubs import mockoon_environment, mountebank_imposter, prism_document, wiremock_stubs

PRISM = "Prism"
WIREMOCK = "WireMock"
FORGETFUL_WIREMOCK = "WireMock, no journal"
MOUNTEBANK = "mountebank"
MOCKOON = "Mockoon"


@dataclass(frozen=True, slots=True)
class Peer:
    """A contestant that others wrote, and its version."""

    contestant: Contestant
    version: str


def find_peers(folder: Path | None) -> tuple[list[Peer], list[str]]:
    """Find the peers in a folder's node_modules or on PATH; give them, and the names of those that are not there."""
    found, missing = [], []
    for name, (program, command) in _PEERS.items():
        path = _find(program, folder)
        if path is None:
            missing.append(name)
        else:
            found.append(Peer(Contestant(name, command(path), peer=True), _version(path)))
    return found, missing


def _find(program: str, folder: Path | None) -> Path | None:
    if program == "wiremock" and shutil.which("java") is None:
        return None
    beside = shutil.which(program, path=str(folder.resolve() / "node_modules" / ".bin")) if folder else None
    found = beside or shutil.which(program)
    return Path(found).resolve() if found else None


def _package(program: Path) -> Path:
    return next((parent for parent in program.parents if (parent / "package.json").exists()), program.parent)


def _version(program: Path) -> str:
    try:
        return str(json.loads((_package(program) / "package.json").read_text())["version"])
    except (OSError, KeyError):
        return "of unknown version"


def _prism(program: Path) -> Command:
    """Let it read our document; it validates the requests."""

    def command(port: int, folder: Path) -> list[str]:
        file = folder / "openapi.json"
        file.write_text(prism_document())
        return ["node", str(program), "mock", str(file), "--port", str(port), "--host", HOST, "-v", "silent"]

    return command


def _wiremock(program: Path) -> Command:
    """Bound its journal: without a bound it fills the memory. A bound as high as ours takes most of its speed."""
    return _wiremock_with(program, "--max-request-journal-entries", "100")


def _wiremock_without_journal(program: Path) -> Command:
    return _wiremock_with(program, "--no-request-journal")


def _wiremock_with(program: Path, *options: str) -> Command:
    def command(port: int, folder: Path) -> list[str]:
        jar = next((_package(program) / "build").glob("*.jar"))
        mappings = folder / "mappings"
        mappings.mkdir()
        for number, stub in enumerate(wiremock_stubs()):
            (mappings / f"{number}.json").write_text(json.dumps(stub))
        serve = ["java", "-jar", str(jar), "--port", str(port), "--bind-address", HOST, "--root-dir", str(folder)]
        return [*serve, "--disable-banner", "--disable-request-logging", *options]

    return command


def _mountebank(program: Path) -> Command:
    """Let it record nothing, which is its default."""

    def command(port: int, folder: Path) -> list[str]:
        file = folder / "imposters.json"
        file.write_text(json.dumps({"imposters": [mountebank_imposter(port)]}))
        serve = ["node", str(program), "start", "--configfile", str(file), "--port", str(free_port()), "--host", HOST]
        return [*serve, "--localOnly", "--nologfile", "--loglevel", "error"]

    return command


def _mockoon(program: Path) -> Command:
    """Lift its limit for a body."""

    def command(port: int, folder: Path) -> list[str]:
        file = folder / "environment.json"
        file.write_text(json.dumps(mockoon_environment(port)))
        serve = ["node", str(program), "start", "--data", str(file), "--repair", "--port", str(port)]
        return [*serve, "--disable-log-to-file", "--disable-admin-api", "--max-request-body-size", "0"]

    return command


_PEERS: Mapping[str, tuple[str, Callable[[Path], Command]]] = {
    PRISM: ("prism", _prism),
    WIREMOCK: ("wiremock", _wiremock),
    FORGETFUL_WIREMOCK: ("wiremock", _wiremock_without_journal),
    MOUNTEBANK: ("mb", _mountebank),
    MOCKOON: ("mockoon-cli", _mockoon),
}
