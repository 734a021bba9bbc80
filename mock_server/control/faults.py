"""Answers and network faults that are armed for requests to come."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.faults import ConfigError, Fault
from contracts.world import masked_once
from mock_server.control.known import known_session, unknown_key, unknown_session
from mock_server.control.problems import misfit, missing, refusal
from mock_server.control.times import written
from mock_server.control.validation import body_of, query_of
from mock_server.fake import Fake
from mock_server.storage.armed import ArmedFault
from mock_server.storage.schedule import MODES, Order


class Faults:
    """The armed faults of one fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def all(self, request: Request) -> Response:
        """List what was armed, for everybody or for one session."""
        session = known_session(self._fake, query_of(request).get("session"))
        armed = [fault for fault in self._fake.faults.all() if session in {None, fault.order.session}]
        return JSONResponse({"faults": [fault_object(fault) for fault in armed]})

    async def arm(self, request: Request) -> Response:
        """Arm one."""
        body = body_of(request)
        fake = self._fake
        if unknown := [*unknown_session(fake, body.get("session")), *unknown_key(fake, body.get("key"))]:
            raise refusal(unknown)
        # A step is listed as it was armed. With a masked key in it, it is none, and refused.
        order = order_of({**body, "do": fake.worlds.secrets().hidden_in(body["do"])})
        try:
            fault = fake.faults.arm(order)
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
    # As they are read, which is without blanks around them.
    steps = tuple(step.strip() for step in ([body["do"]] if isinstance(body["do"], str) else body["do"]))
    given = {name: body[name] for name in (*MODES, "seed") if name in body}
    # `always: false` asks for nothing, and is no schedule.
    if not any(given.get(name) for name in MODES):
        given["next"] = len(steps)
    key = body.get("key")
    return Order(
        do=steps,
        operation=body.get("operation"),
        session=body.get("session"),
        key=None if key is None else masked_once(key),
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
