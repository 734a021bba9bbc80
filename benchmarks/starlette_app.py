"""What one would write first with Starlette: a Route that validates nothing, and one that reads a form."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.messages import ANALYTICS, ASSETS


async def take_body(request: Request) -> JSONResponse:
    """Read the body, whatever it is."""
    await request.body()
    return JSONResponse({"statusCode": 200, "message": "Taken.", "data": None})


async def take_form(request: Request) -> JSONResponse:
    """Read a form, whose files Starlette keeps in temporary ones."""
    async with request.form():
        return JSONResponse({"statusCode": 200, "message": "Taken.", "data": None})


app = Starlette(
    routes=[
        Route(ANALYTICS, take_body, methods=["POST"]),
        Route(ASSETS, take_form, methods=["POST"]),
    ]
)
