"""Where the page is found: its document, its files, the API reference, and links to one request."""

from importlib.metadata import version
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from mock_server.fake import Fake
from mock_server.page import documents
from mock_server.page.files import answer_with, digest, own_files, swagger_files


def routes(fake: Fake) -> list[Route]:
    """Give the routes of the page. They come before those of the control API, which has the same path for a request."""
    title = str(fake.contract.document["info"]["title"])

    async def page(_request: Request) -> Response:
        return documents.page(title, version("distinct-mock"))

    async def reference(_request: Request) -> Response:
        return documents.reference(title, version("distinct-mock"), installed=bool(swagger_files()))

    return [
        Route("/_mock", _to_the_page),
        Route("/_mock/", page),
        BrowserRoute("/_mock/requests/{id}", _to_the_request),
        Route("/_mock/static/{digest}/{name}", _own_file),
        Route("/_mock/swagger", _to_the_reference),
        Route("/_mock/swagger/", reference),
        Route("/_mock/swagger/{name}", _swagger_file),
    ]


# What the control API has where a request's id would stand.
_NO_REQUESTS = frozenset({"/_mock/requests/count"})


class BrowserRoute(Route):
    """A route that only browsers take, when somebody follows a link; programs get what the same path has for them."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what asks for HTML."""
        accepted = next((value for name, value in scope.get("headers", ()) if name == b"accept"), b"")
        found, child = super().matches(scope)
        # Another method of the path is none of ours either.
        ours = found is Match.FULL and b"text/html" in accepted and scope["path"] not in _NO_REQUESTS
        return (found, child) if ours else (Match.NONE, {})


async def _to_the_page(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/_mock/{query}", 307)


async def _to_the_request(request: Request) -> Response:
    # No slash may stay in the id: the page reads its address as a path.
    to = f"/_mock/#/requests/{quote(request.path_params['id'], safe='')}"
    return RedirectResponse(to, 303, headers={"Cache-Control": "no-store", "Vary": "Accept"})


async def _to_the_reference(_request: Request) -> Response:
    return RedirectResponse("/_mock/swagger/", 307)


async def _own_file(request: Request) -> Response:
    file = own_files().get(request.path_params["name"])
    if file is None or request.path_params["digest"] != digest():
        return PlainTextResponse("the page has no such file, or it is of another version: load the page again", 404)
    return answer_with(file, request, for_ever=True)


async def _swagger_file(request: Request) -> Response:
    file = swagger_files().get(request.path_params["name"])
    if file is None:
        return PlainTextResponse("swagger-ui-py is not installed, or has no such file", 404)
    return answer_with(file, request, for_ever=False)
