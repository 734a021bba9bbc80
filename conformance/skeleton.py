"""Writes a small working adapter, to begin with, in one of several languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from contracts.faults import ConfigError, Fault


@dataclass(frozen=True, slots=True)
class Skeleton:
    """An adapter in one language: its `files`, of which the first speaks the protocol and the second is the client.

    `client` is how the judge is told of it, after `before` was run in its folder.
    """

    files: tuple[str, ...]
    client: str
    before: str = ""


SKELETONS: Mapping[str, Skeleton] = {
    "python": Skeleton(("adapter.py", "client.py"), "jsonl:python3 adapter.py"),
    "node": Skeleton(("adapter.mjs", "client.mjs"), "jsonl:node adapter.mjs"),
    "java": Skeleton(
        ("Adapter.java", "Client.java", "Json.java"), "jsonl:java -cp classes Adapter", "javac -d classes *.java"
    ),
    "php": Skeleton(("adapter.php", "client.php"), "jsonl:php adapter.php"),
    "sh": Skeleton(("send.sh", "client.sh"), "exec:./send.sh"),
}


def write_skeleton(lang: str, folder: Path) -> list[Path]:
    """Write the files of a skeleton into a folder, which is made when it is not there; gives their paths.

    Raises ConfigError for a language that there is none for, and for files that are there already: none is written
    then.
    """
    skeleton = SKELETONS.get(lang)
    if skeleton is None:
        raise ConfigError([Fault("lang", f"got {lang!r}, expected one of {', '.join(SKELETONS)}")])
    paths = [folder / name for name in skeleton.files]
    there = [Fault(str(path), "is there already, and is not overwritten") for path in paths if path.exists()]
    if there:
        raise ConfigError(there)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            _write(path, (files("conformance") / "skeletons" / lang / path.name).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([Fault(error.filename or str(folder), f"cannot be written: {error.strerror}")]) from None
    return paths


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as opened:
        opened.write(text)
    if text.startswith("#!"):
        path.chmod(0o755)
