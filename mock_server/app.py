"""Puts the fake together: the only place that knows all of its parts."""

import asyncio
from importlib import import_module

from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.head import known_key
from contracts.stages import METHOD, PATH
from mock_server.addresses import is_control
from mock_server.endpoint import Endpoint
from mock_server.exchange import Headers
from mock_server.fake import Fake
from mock_server.keeping import Keeper
from mock_server.request import Request
from mock_server.sending import answer, fail
from mock_server.storage.database import StorageError

_CONTROL_MODULE = "mock_server.control.app"


class Application:
    """The ASGI application of a fake.

    A request that the contract has an operation for goes to its endpoint at once: a router costs as much as judging.
    What is for the control API or the page goes through Starlette's, which is loaded when the fake serves already.
    """

    def __init__(self, fake: Fake) -> None:
        self._fake = fake
        self._keeper = Keeper(fake, self.renew, self._prepare)
        self.renew()

    def renew(self) -> None:
        """Serve by the contract that the fake has now; requests that have begun go on as they began."""
        fake = self._fake
        self._endpoints = {
            (operation.method, path.encode()): Endpoint(fake, operation)
            for path, operation in fake.contract.operations.items()
        }
        self._refusals = Refusals(fake)
        self._control: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the time from the server's start to its end."""
        if scope["type"] == "lifespan":
            await self._keeper(scope, receive, send)
            return
        endpoint = self._endpoints.get((scope["method"], scope["raw_path"]))
        await (endpoint or self._other(scope))(scope, receive, send)

    def _other(self, scope: Scope) -> ASGIApp:
        """Find what answers a request that names no operation to the letter."""
        path: str = scope["path"]
        endpoint = self._endpoints.get((scope["method"], path.encode()))
        if endpoint is not None and not _has_encoded_slash(scope):
            return endpoint
        if self._fake.settings.control and is_control(path):
            return self._control or self._load_control()
        return self._refusals.of(scope)

    def _load_control(self) -> ASGIApp:
        # It takes a while to load, and none of it is needed to answer as Distinct does.
        from starlette.routing import Router  # noqa: PLC0415

        from mock_server.control.app import control_routes  # noqa: PLC0415

        self._control = Router(routes=control_routes(self._fake))
        return self._control

    async def _prepare(self) -> None:
        """Load the control API beside the requests, before anybody asks for it."""
        if self._fake.settings.control and self._control is None:
            await asyncio.to_thread(import_module, _CONTROL_MODULE)
            self._load_control()


def _has_encoded_slash(scope: Scope) -> bool:
    """Whether a path only looks right: an encoded letter is that letter, but an encoded slash separates nothing."""
    raw: bytes = scope["raw_path"]
    return b"%" in raw and b"%2f" in raw.lower()


class Refusals:
    """Refuses as the contract does: an unknown path, or a method that the path does not take."""

    def __init__(self, fake: Fake) -> None:
        paths = fake.contract.operations
        self._nowhere = Refusal(fake, PATH, f"another path than {', '.join(paths)}", [])
        self._by_path = {
            path: Refusal(
                fake, METHOD, f"another method than {operation.method}", [(b"allow", operation.method.encode())]
            )
            for path, operation in paths.items()
        }

    def of(self, scope: Scope) -> ASGIApp:
        """Give what refuses a request."""
        known = None if _has_encoded_slash(scope) else self._by_path.get(scope["path"])
        return known or self._nowhere


class Refusal:
    """What answers a request that is for no operation, as an ASGI application."""

    def __init__(self, fake: Fake, check: str, got: str, headers: Headers) -> None:
        self._fake = fake
        self._judgement = fake.wire_breach(check, got)
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        fake = self._fake
        request = Request(scope, receive, fake.contract.key_header.encode())
        exchange = fake.begin(request)
        try:
            exchange.key = known_key(request.said.keys, fake.world)
            await answer(fake, exchange, self._judgement, request, send, extra=self._headers)
        except StorageError as error:
            await fail(fake, exchange, str(error), send)
        finally:
            fake.end(exchange)
