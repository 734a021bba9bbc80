"""When an armed fault fires, pure: the next so many requests, every so many, some by chance, or all."""

from dataclasses import dataclass
from random import Random

MODES = ("next", "every", "probability", "always")


@dataclass(frozen=True, slots=True)
class Order:
    """What to play, for whom, and when; None is any. One of MODES says when, and by default it is the next ones.

    `do` holds steps, of which each request that is met takes one in turn. `key` is a masked key.
    """

    do: tuple[str, ...]
    operation: str | None = None
    session: str | None = None
    key: str | None = None
    next: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int | None = None
    always: bool = False

    @property
    def mode(self) -> str:
        """Which of MODES it is."""
        return next((mode for mode in MODES[1:] if getattr(self, mode) not in (None, False)), "next")

    @property
    def most(self) -> int | None:
        """How often it fires at most, or None when there is no end to it."""
        return (self.next or len(self.do)) if self.mode == "next" else None


def problem(order: Order) -> str:
    """Say what is wrong with an order and where, or nothing."""
    given = [mode for mode in MODES if getattr(order, mode) not in (None, False)]
    steps, chance = len(order.do), order.probability
    wrong = {
        "do: nothing to play; expected at least one step": not steps,
        f"{given[-1] if given else ''}: beside {given[0] if given else ''}; expected one of {', '.join(MODES)}": len(
            given
        )
        > 1,
        f"do: {steps} steps with {order.mode}; a series is played to the next requests only": steps > 1
        and order.mode != "next",
        f"next: {order.next} for a series of {steps} steps; leave it out": steps > 1
        and order.next not in (None, steps),
        f"next: got {order.next}, expected 1 or more": order.next is not None and order.next < 1,
        f"every: got {order.every}, expected 1 or more": order.every is not None and order.every < 1,
        f"probability: got {chance}, expected more than 0 and at most 1": chance is not None and not 0 < chance <= 1,
        "seed: only a probability has one": order.seed is not None and chance is None,
    }
    return next((words for words, is_so in wrong.items() if is_so), "")


def due(order: Order, seen: int, number: int) -> str | None:
    """Give the step for a request when `seen` others were met before it, or None when it is not its turn.

    `number` tells apart orders that have no seed.
    """
    match order.mode:
        case "next":
            return order.do[seen % len(order.do)] if seen < (order.most or 0) else None
        case "every":
            return order.do[0] if (seen + 1) % (order.every or 1) == 0 else None
        case "probability":
            seed = order.seed if order.seed is not None else f"fault {number}"
            # A new generator for each request gives the same result in whichever worker it is drawn.
            return order.do[0] if Random(f"{seed}:{seen}").random() < (order.probability or 0) else None  # noqa: S311 - chance, no secret
    return order.do[0]
