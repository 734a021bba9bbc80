"""Puts the control API together, and stands before all of it: guard, routing, validation, problems."""

import logging
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Message, Receive, Scope, Send

from contracts.faults import ConfigError
from mock_server.addresses import CONTROL_HEADER, CONTROL_ROOT, is_control
from mock_server.control import (
    checks,
    documents,
    faults,
    health,
    metrics,
    records,
    requests,
    reset,
    sessions,
    stream,
    world,
)
from mock_server.control.document import control_document
from mock_server.control.guard import Guard
from mock_server.control.problems import ProblemError, misfit, problem_response
from mock_server.control.validation import read_request
from mock_server.fake import Fake
from mock_server.page.routes import routes as page_routes
from mock_server.printing import near
from mock_server.storage.database import StorageError

_RESOURCES = (
    health, documents, world, sessions, requests, records, stream, metrics, checks, faults, reset,
)  # fmt: skip

_log = logging.getLogger(__name__)


def resource_routes(fake: Fake) -> list[Route]:
    """Give the routes of every resource: what the document describes."""
    return [route for resource in _RESOURCES for route in resource.routes(fake)]


def control_routes(fake: Fake) -> list[BaseRoute]:
    """Give what takes every path under `/_mock` of a fake: the control API, and the page that uses it."""
    # The page has links for browsers at paths that give programs JSON.
    return [Control(fake, [*page_routes(fake), *resource_routes(fake)])]


class Control(BaseRoute):
    """Takes `/_mock` and everything under it; whatever goes wrong there is answered with a problem."""

    def __init__(self, fake: Fake, routes: Iterable[BaseRoute]) -> None:
        self._guard = Guard(fake.settings)
        self._worlds = fake.worlds
        self._routes = tuple(routes)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take the root and what is under it."""
        ours = scope["type"] == "http" and is_control(scope["path"])
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        outgoing = _Outgoing(send)
        try:
            await self._serve(scope, receive, outgoing)
        except ClientDisconnect:
            return
        except Exception as error:
            if outgoing.started:
                raise
            problem = self._without_keys(_problem_of(error), scope)
            if Headers(scope=scope).get("expect"):
                # Told no before it sent its body, the client may now send that or another request: nobody could tell.
                problem.headers["connection"] = "close"
            await problem_response(problem)(scope, receive, outgoing)

    def _without_keys(self, problem: ProblemError, scope: Scope) -> ProblemError:
        """Take the keys out of what a problem repeats of its request."""
        try:
            secrets = self._worlds.secrets_beside(scope["headers"], scope["query_string"].decode("latin-1"))
        except StorageError as error:
            # Nothing is known of keys then, so nothing is repeated.
            return _problem_of(error)
        errors, members = secrets.hidden_in(problem.errors), secrets.hidden_in(problem.members)
        detail = secrets.hidden(problem.detail)
        return ProblemError(problem.status, detail, errors, members=members, headers=problem.headers)

    async def _serve(self, scope: Scope, receive: Receive, send: "_Outgoing") -> None:
        request = Request(scope, receive)
        self._guard.check_site(request.headers)
        answer = self._signed_in(request)
        if answer is not None:
            await answer(scope, receive, send)
            return
        self._guard.check_token(scope["path"], request.headers)
        route = self._route(scope)
        # Read with the first request, not at the start of the fake, which most often has none of these.
        document = control_document()
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        operation = document.operations.get((method, getattr(route, "path", "")))
        if operation is not None:
            await read_request(request, operation, document)
        await route.handle(scope, receive, send)

    def _signed_in(self, request: Request) -> Response | None:
        """Set the cookie of who opens the page with the token; whoever has no right one goes on to the guard."""
        token = request.query_params.get("token")
        opened = request.scope["method"] == "GET" and request.scope["path"].rstrip("/") == CONTROL_ROOT
        if token is None or not opened:
            return None
        cookie = self._guard.cookie_for(token, request.scope["scheme"])
        # The address is left without the token, so that it stays in no history and no screenshot.
        return RedirectResponse(f"{CONTROL_ROOT}/", 303, {"set-cookie": cookie}) if cookie else None

    def _route(self, scope: Scope) -> BaseRoute:
        """Find the route of a request, and complete its scope. Raises the problem when there is none."""
        allowed: set[str] = set()
        for route in self._routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                return route
            if match is Match.PARTIAL and isinstance(route, Route):
                allowed |= route.methods or set()
        if allowed:
            listed = ", ".join(sorted(allowed))
            raise ProblemError(
                405, f"{scope['method']} is not for this path; there are {listed}", headers={"allow": listed}
            )
        paths = {path for _, path in control_document().operations}
        raise ProblemError(404, f"nothing at {scope['path']!r}; near it: {near(scope['path'], paths)}")


def _problem_of(error: Exception) -> ProblemError:
    match error:
        case ProblemError():
            return error
        case ConfigError():
            return misfit(error)
        case StorageError():
            return ProblemError(503, f"the journal cannot be used: {error}")
        case _:
            _log.error("the control API failed", exc_info=error)
            return ProblemError(500, "the control API failed; the log of the fake says how")


class _Outgoing:
    """An answer on its way: it gets the headers that every answer has, and is known to have begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers[CONTROL_HEADER] = "yes"
            headers.setdefault("cache-control", "no-store")
            headers.setdefault("x-content-type-options", "nosniff")
        await self._send(message)
