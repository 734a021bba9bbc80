"""The HTML documents of the page, and what a browser may do with them."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from mock_server.page.files import digest

if TYPE_CHECKING:
    from jinja2 import Environment

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# Swagger UI writes style attributes; what is shown there comes from the spec, not from a client.
_SWAGGER_POLICY = {**_POLICY, "style-src": "'self' 'unsafe-inline'"}


@cache
def _templates() -> "Environment":
    # Serving needs Jinja2 only once somebody looks at the page.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=PackageLoader("mock_server.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _document(template: str, policy: Mapping[str, str], status: int = 200, **values: object) -> HTMLResponse:
    content = _templates().get_template(template).render(static=f"/_mock/static/{digest()}", **values)
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return HTMLResponse(content, status, headers)


def page(title: str, version: str) -> HTMLResponse:
    """Give the one document of the page. `title` names the API that is faked, `version` this program's."""
    return _document("page.html", _POLICY, title=title, version=version)


def reference(title: str, version: str, *, installed: bool) -> HTMLResponse:
    """Give the API reference, or what to install for it."""
    if not installed:
        return _document("swagger_missing.html", _POLICY, 501, title=title, version=version)
    return _document("swagger.html", _SWAGGER_POLICY, title=title, version=version)
