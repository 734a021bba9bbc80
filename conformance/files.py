"""Lays files on disk for clients: never held in memory, and sparse where they are zeros."""

import hashlib
import os
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path

from conformance.clients.client import GivenFile
from conformance.model import File

_CHUNK = 1 << 20


class FileStore:
    """Files in a folder, made once for each content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[bytes, bytes, int], tuple[Path, str]] = {}

    def given(self, file: File) -> GivenFile:
        """Lay a file on disk, unless one with its content lies there."""
        content = (file.head, file.filler, file.size)
        if content not in self._made:
            path = self._folder / f"{len(self._made)}{_suffix(file.name)}"
            self._made[content] = (path, _written(path, file))
        path, sha256 = self._made[content]
        return GivenFile(path, file.name, file.content_type, file.size, sha256)


def sha256_of(file: File) -> str:
    """Sum up the content of a file."""
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _written(path: Path, file: File) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as opened:
        for chunk in _chunks(file):
            digest.update(chunk)
            if chunk.count(0) == len(chunk):
                opened.seek(len(chunk), os.SEEK_CUR)
            else:
                opened.write(chunk)
        opened.truncate(file.size)
    return digest.hexdigest()


def _chunks(file: File) -> Iterator[bytes]:
    """Give the content in pieces."""
    head = file.head[: file.size]
    if head:
        yield head
    left = file.size - len(head)
    # No longer than is needed: most files are small.
    block = file.filler * max(1, min(_CHUNK, left) // len(file.filler))
    yield from islice(repeat(block), left // len(block))
    if left % len(block):
        yield block[: left % len(block)]


def _suffix(name: str) -> str:
    suffix = Path(name).suffix
    return suffix if suffix.isascii() and suffix[1:].isalnum() else ""
