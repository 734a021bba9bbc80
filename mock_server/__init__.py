"""The fake: answers as Distinct would, over HTTP. For a Python test: `with mock_server.running() as fake:`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.client import ControlError
    from mock_server.handle import Handle, connect, running
    from mock_server.told import ArmedFault, FullRequest, Record, SentRequest

__all__ = ["ArmedFault", "ControlError", "FullRequest", "Handle", "Record", "SentRequest", "connect", "running"]

_MODULES = {"connect": "handle", "running": "handle", "Handle": "handle", "ControlError": "client"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what the name stands for
    # Every command and every plugin imports this package first, and pays for no more than it uses.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'told')}"), name)
