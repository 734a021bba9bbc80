"""The protocol class that uvicorn serves the fake with: strict and bounded where uvicorn's own are not.

Beside uvicorn's protocol classes these refuse alike with both parsers, serve requests that offer an upgrade, bound
heads in size and time, tell the application of bodies that are cut short, and close so that the client sees the
answer. Websockets, `limit_concurrency` and `reset_contextvars` are not taken up.
"""

import asyncio

from mock_server.wire.connection import Connection
from mock_server.wire.edge import Edge
from mock_server.wire.outgoing import Round
from mock_server.wire.parsing import Parser

__all__ = ["Edge", "protocol_class"]


def protocol_class(edge: Edge, *, pure_python: bool = False) -> type[asyncio.Protocol]:
    """Give the protocol class for uvicorn's `http=`; on httptools when it is installed, else on h11."""
    parser_type = _pure_parser() if pure_python else _fastest_parser()
    return type("EdgedConnection", (Connection,), {"edge": edge, "parser_type": parser_type, "end_of_round": Round()})


def _fastest_parser() -> type[Parser]:
    try:
        from mock_server.wire.fast_parser import FastParser  # noqa: PLC0415 - there is no wheel for every interpreter
    except ImportError:
        return _pure_parser()
    return FastParser


def _pure_parser() -> type[Parser]:
    # h11 takes its time to load, and is seldom needed.
    from mock_server.wire.pure_parser import PureParser  # noqa: PLC0415

    return PureParser
