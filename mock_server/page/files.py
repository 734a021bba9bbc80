"""The files that the page is made of: read once, served from memory, named by what is in them."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_HERE = Path(__file__).parent
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_SWAGGER_FILES = ("swagger-ui-bundle.js", "swagger-ui.css")
# A name that changes with the content may be kept for ever; the others are asked for again, which costs a 304.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served. `tag` is its ETag, in quotes."""

    content: bytes = field(repr=False)
    media_type: str
    tag: str


def asset(content: bytes, suffix: str) -> Asset:
    """Make an asset; `suffix` is that of its file name."""
    return Asset(content, _TYPES[suffix], f'"{sha256(content).hexdigest()[:16]}"')


@cache
def own_files() -> Mapping[str, Asset]:
    """Give the page's own scripts and styles by their names."""
    return {path.name: asset(path.read_bytes(), path.suffix) for path in sorted((_HERE / "static").iterdir())}


@cache
def digest() -> str:
    """Name all own files together. It stands in their paths, so that scripts reach each other by plain names."""
    return sha256("".join(f"{name}{file.tag}" for name, file in own_files().items()).encode()).hexdigest()[:12]


@cache
def swagger_files() -> Mapping[str, Asset]:
    """Give Swagger UI's files by their names, or none where the package swagger-ui-py is not installed."""
    # Only looked up: importing the package would bring its code, and all that it imports, into the fake.
    found = importlib.util.find_spec("swagger_ui")
    if found is None or found.origin is None:
        return {}
    folder = Path(found.origin).parent / "static"
    if not all((folder / name).is_file() for name in _SWAGGER_FILES):
        return {}
    return {name: asset((folder / name).read_bytes(), Path(name).suffix) for name in _SWAGGER_FILES}


def answer_with(file: Asset, request: Request, *, for_ever: bool) -> Response:
    """Answer with a file, or with 304 when the browser has it already."""
    headers = {
        "ETag": file.tag,
        "Cache-Control": _FOR_EVER if for_ever else _ASK_AGAIN,
        "X-Content-Type-Options": "nosniff",
    }
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)
