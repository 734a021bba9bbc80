"""Puts the fake together: the only place that knows all of its parts."""

from starlette.routing import BaseRoute, Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.stages import METHOD, PATH
from mock_server.endpoint import Endpoint
from mock_server.fake import Fake, Headers
from mock_server.request import Request
from mock_server.sending import answer


class ContractRoute(BaseRoute):
    """Serves every path: those of the contract by their endpoint, any other with the contract's own refusal."""

    def __init__(self, fake: Fake) -> None:
        self._endpoints = {
            path: (operation.method, Endpoint(fake, operation)) for path, operation in fake.contract.operations.items()
        }
        self._nowhere = Refusal(fake, PATH, f"another path than {', '.join(self._endpoints)}", [])
        self._not_this_way = {
            method: Refusal(fake, METHOD, f"another method than {method}", [(b"allow", method.encode())])
            for method in {method for method, _ in self._endpoints.values()}
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take all of HTTP."""
        return (Match.FULL, {}) if scope["type"] == "http" else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, by its path and method."""
        found = self._endpoints.get(scope["path"])
        # A percent-encoded letter is that letter, but an encoded slash separates nothing.
        if found is None or b"%2f" in scope["raw_path"].lower():
            await self._nowhere(scope, receive, send)
        elif scope["method"] != found[0]:
            await self._not_this_way[found[0]](scope, receive, send)
        else:
            await found[1](scope, receive, send)


class Refusal:
    """What answers a request that is for no operation, as an ASGI application."""

    def __init__(self, fake: Fake, check: str, got: str, headers: Headers) -> None:
        self._fake = fake
        self._judgement = fake.wire_breach(check, got)
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive, self._fake.contract.key_header.encode())
        exchange = self._fake.begin(scope["method"], scope["path"], request.peer, request.forwarded)
        try:
            await answer(self._fake, exchange, self._judgement, request, send, extra=self._headers)
        finally:
            self._fake.end(exchange)


def application(fake: Fake) -> ASGIApp:
    """Give the ASGI application of a fake."""
    return Router(routes=[ContractRoute(fake)])
