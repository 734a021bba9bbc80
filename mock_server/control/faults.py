"""Answers and network faults that are armed for requests to come."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.faults import ConfigError, Fault
from contracts.world import masked
from mock_server.control.problems import Wrong, misfit, missing, refusal
from mock_server.control.sessions import known_session
from mock_server.control.times import written
from mock_server.control.validation import body_of, query_of
from mock_server.fake import Fake
from mock_server.storage.armed import ArmedFault
from mock_server.storage.schedule import MODES, Order

_MASK = "…"


class Faults:
    """The armed faults of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def all(self, _: Request) -> Response:
        """List what was armed."""
        return JSONResponse({"faults": [fault_object(fault) for fault in self._fake.faults.all()]})

    async def arm(self, request: Request) -> Response:
        """Arm one."""
        body = body_of(request)
        # A step is listed as it was armed. With a masked key in it, it is none, and refused.
        order = order_of({**body, "do": self._fake.worlds.secrets().hidden_in(body["do"])})
        if order.session is not None and self._fake.sessions.get(order.session) is None:
            raise refusal([Wrong("/session", repr(order.session), "the id of a session")])
        try:
            fault = self._fake.faults.arm(order)
        except ConfigError as error:
            # Its places are members of the order, which are those of the body.
            raise misfit(ConfigError(Fault(f"/{each.place}", each.problem) for each in error.faults)) from None
        return JSONResponse(fault_object(fault), 201, {"location": f"/_mock/faults/{fault.id}"})

    async def one(self, request: Request) -> Response:
        """Show one."""
        fault = self._fake.faults.get(request.path_params["id"])
        if fault is None:
            raise self._missing(request)
        return JSONResponse(fault_object(fault))

    async def disarm(self, request: Request) -> Response:
        """Disarm one."""
        if not self._fake.faults.disarm(request.path_params["id"]):
            raise self._missing(request)
        return Response(status_code=204)

    async def clear(self, request: Request) -> Response:
        """Disarm all, or those of a session."""
        session = known_session(self._fake, query_of(request).get("session"))
        return JSONResponse({"deleted": self._fake.faults.clear(session)})

    @staticmethod
    def _missing(request: Request) -> Exception:
        return missing("armed fault", request.path_params["id"], "GET /_mock/faults lists them")


def order_of(body: dict[str, Any]) -> Order:
    """Read an order from the body that arms it. Without a schedule each of its steps is played once."""
    steps = (body["do"],) if isinstance(body["do"], str) else tuple(body["do"])
    given = {name: body[name] for name in (*MODES, "seed") if name in body}
    # `always: false` asks for nothing, and is no schedule.
    if not any(given.get(name) for name in MODES):
        given["next"] = len(steps)
    key = body.get("key")
    return Order(
        do=steps,
        operation=body.get("operation"),
        session=body.get("session"),
        key=key if key is None or _MASK in key else masked(key),
        **given,
    )


def fault_object(fault: ArmedFault) -> dict[str, Any]:
    """Give an armed fault as a JSON object."""
    order = fault.order
    return {
        "id": fault.id,
        "do": list(order.do),
        "operation": order.operation,
        "session": order.session,
        "key": order.key,
        "mode": order.mode,
        "next": order.next,
        "every": order.every,
        "probability": order.probability,
        "seed": order.seed,
        "seen": fault.seen,
        "used": fault.used,
        "remaining": fault.remaining,
        "documented": fault.documented,
        "active": fault.active,
        "created": written(fault.created),
    }


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    own = Faults(fake)
    return [
        Route("/_mock/faults", own.all, methods=["GET"]),
        Route("/_mock/faults", own.arm, methods=["POST"]),
        Route("/_mock/faults", own.clear, methods=["DELETE"]),
        Route("/_mock/faults/{id}", own.one, methods=["GET"]),
        Route("/_mock/faults/{id}", own.disarm, methods=["DELETE"]),
    ]
