"""The type of options that take a number."""

import math
from typing import Any

import click


class Number(click.FloatRange):
    """A finite number within bounds: to click, nan is within all of them, and inf within those that have no end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's
        """Read it, and refuse what is none."""
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return found
