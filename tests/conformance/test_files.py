"""Files for clients: the right bytes, made once, sparse, and never in memory."""

import hashlib
import tracemalloc
from pathlib import Path

import pytest

from conformance.files import FileStore, sha256_of
from conformance.model import File

_LONG = (1 << 20) + 5
FILES = [
    pytest.param(File("a.gif", "image/gif", 0), b"", id="empty"),
    pytest.param(File("a.gif", "image/gif", 3), b"GIF", id="shorter-than-its-head"),
    pytest.param(File("a.gif", "image/gif", 10), b"GIF89a\0\0\0\0", id="zeros"),
    pytest.param(File("a.gif", "image/gif", 11, b"GIF89a", b"\r\n"), b"GIF89a\r\n\r\n\r", id="cut-filler"),
    pytest.param(File("a.gif", "image/gif", 4, b"", b"ab"), b"abab", id="no-head"),
    pytest.param(File("a", "", _LONG, b"x", b"ab"), (b"x" + b"ab" * _LONG)[:_LONG], id="long"),
]


@pytest.mark.parametrize(("file", "content"), FILES)
def test_a_file_holds_what_it_says(tmp_path: Path, file: File, content: bytes) -> None:
    given = FileStore(tmp_path).given(file)

    digest = hashlib.sha256(content).hexdigest()
    assert (given.path.read_bytes(), given.sha256, given.size) == (content, digest, file.size)
    assert sha256_of(file) == digest


def test_the_same_content_is_laid_out_once_whatever_its_name(tmp_path: Path) -> None:
    store = FileStore(tmp_path)

    given = [store.given(File(name, "image/gif", 100)) for name in ("a.gif", "../b.gif", "c")]

    assert len({one.path for one in given}) == 1
    assert [one.name for one in given] == ["a.gif", "../b.gif", "c"]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["../../x.gif", "x./../y", "a.\0", "a.gïf", ""])
def test_a_name_is_data_and_no_path(tmp_path: Path, name: str) -> None:
    assert FileStore(tmp_path).given(File(name, "", 1)).path.parent == tmp_path


def test_a_large_file_is_sparse_and_not_in_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    given = FileStore(tmp_path).given(File("large.mp4", "video/mp4", 50 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert given.path.stat().st_size == 50 << 20
    assert given.path.stat().st_blocks * 512 < 1 << 20
    assert peak < 8 << 20
