"""Declares options, each of which is an environment variable as well, and reads the values that they are given."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import click

from contracts.world import Network
from contracts.world_file import network
from mock_server.client import parts_of

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Value = TypeVar("_Value")


class Number(click.FloatRange):
    """A finite number within bounds: to click, nan is within all of them, and inf within those that have no end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's
        """Read it, and refuse what is none."""
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return found


def option(*names: str, **settings: Any) -> Callable[[_Command], _Command]:  # noqa: ANN401 - click's own
    """Declare an option that can also be given as the environment variable DISTINCT_MOCK_NAME."""
    variable = names[0].removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=f"DISTINCT_MOCK_{variable}", show_envvar=True, show_default=True, **settings)


def spec_option(command: _Command) -> _Command:
    """Add the option that names another spec."""
    return option("--spec", metavar="FILE", help="Use this openapi.yaml instead of the one that comes along.")(command)


def world_option(command: _Command) -> _Command:
    """Add the option that names another world."""
    return option("--world", metavar="FILE", help="Use this world (TOML) instead of the built-in one.")(command)


def networks(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Network, ...]:
    """Read an option's networks, several of which may stand in one value."""
    try:
        return tuple(network(text) for value in values for text in value.replace(",", " ").split())
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def read_by(read: Callable[[str], _Value]) -> Callable[[click.Context, click.Parameter, str | None], _Value | None]:
    """Make an option's callback of a function that reads a text, or raises ValueError."""

    def callback(_: click.Context, __: click.Parameter, text: str | None) -> _Value | None:
        try:
            return None if text is None else read(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback


def some(read: Callable[[str], float]) -> Callable[[str], float]:
    """Make a function that reads an amount refuse nothing at all."""

    def amount(text: str) -> float:
        found = read(text)
        if not found:
            raise ValueError(f"got {text!r}, expected more than nothing")
        return found

    return amount


def fake_url(text: str) -> str:
    """Read the URL of a fake. Raises ValueError that says what was expected."""
    parts_of(text)
    return text.rstrip("/")
