"""The options that change verdicts, for the commands that judge without an adapter."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import click

from conformance.verdicts import Options

_Command = Callable[..., Any]

_SAYS: Mapping[str, str] = {
    "strict": "A SHOULD that is broken fails as well.",
    "assume_strict": "What is only assumed counts as SHOULD.",
    "server_validated": "The client may leave it to the API to refuse what is not valid.",
    "require": "A MUST that was not exercised fails.",
}


def verdict_options(command: _Command) -> _Command:
    """Add these options, and hand them to the command as one `options`."""

    @functools.wraps(command)
    def with_options(*args: Any, **given: Any) -> Any:  # noqa: ANN401 - whatever the command takes
        chosen = Options(**{one.name: given.pop(one.name) for one in fields(Options)})
        return command(*args, options=chosen, **given)

    decorated: _Command = with_options
    for name, says in reversed(list(_SAYS.items())):
        decorated = click.option(f"--{name.replace('_', '-')}", name, is_flag=True, help=says)(decorated)
    return decorated
