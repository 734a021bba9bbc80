"""A trial: what is done to a client in one go, with a key of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.model import Intent


@dataclass(frozen=True, slots=True)
class Trial:
    """Calls that a client is asked for one after the other, or all at once.

    `plan` are the steps (as `distinct-mock arm` takes them) for the requests as they come; what comes behind is
    answered as usual, or with the last step for ever when `persistent`. {elsewhere} in a step stands for another
    origin. `key` spells the API key, one is made when it is empty; with `second_key`, every other call has another.
    `prefix` stands behind the base URL's port. `timeout_ms` is what the client is told. `known` says whether users,
    events and so on of the intents exist in the fake's world, as far as they are text; `changes` are made to it too.
    `time_scale` is what waits are multiplied with, None for what the run has. With `allow`, the key may be used from
    these addresses only, so that from here it is forbidden before the body is read. `needs` names what a client has to
    declare for it, as an obligation does.
    """

    name: str
    intents: tuple[Intent, ...]
    plan: tuple[str, ...] = ()
    persistent: bool = False
    key: str = ""
    second_key: bool = False
    prefix: str = ""
    timeout_ms: int | None = None
    parallel: bool = False
    known: bool = True
    changes: Mapping[str, Any] = field(default_factory=dict)
    time_scale: float | None = None
    allow: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
