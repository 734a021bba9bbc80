"""Draws intents, the same ones for the same seed everywhere, and shrinks one that breaks an obligation."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.strategies import SearchStrategy

from conformance.model import Intent

Breaks = Callable[[Intent], bool]


def canonical(intent: Intent) -> str:
    """Write an intent so that equal ones are written the same."""
    files = [(file.name, file.content_type, file.size, file.head.hex(), file.filler.hex()) for file in intent.files]
    return json.dumps([intent.operation, dict(intent.args), files], sort_keys=True)


def draw(strategy: SearchStrategy[Intent], *, examples: int, at: int) -> list[Intent]:
    """Draw at most so many intents, each once; `at` is the seed."""
    # All at once: in between two calls of a client, each would take twice as long.
    found: dict[str, Intent] = {}

    @seed(at)
    @_settings(examples, Phase.generate)
    @given(strategy)
    def drawn(intent: Intent) -> None:
        found.setdefault(canonical(intent), intent)

    with _whatever_was_drawn():
        drawn()
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Budget:
    """How much shrinking may cost; `now` gives seconds of any clock."""

    calls: int
    seconds: float
    now: Callable[[], float]


def shrunk(
    strategy: SearchStrategy[Intent], breaks: Breaks, *, examples: int, at: int, budget: Budget
) -> tuple[Intent, bool] | None:
    """Find the smallest intent that breaks something; says whether that is really the end of it.

    Drawn are the same intents as `draw` draws with this seed, so what it found is found again. None when it is not.
    """
    shrinking = _Shrinking(breaks, budget)

    @seed(at)
    @_settings(examples, Phase.generate, Phase.shrink)
    @given(strategy)
    def tried(intent: Intent) -> None:
        if shrinking.breaks(intent):
            raise _BrokenError

    with _whatever_was_drawn(), contextlib.suppress(_BrokenError):
        tried()
    return None if shrinking.last is None else (shrinking.last, not shrinking.is_over)


class _Provider(providers.HypothesisProvider):
    """Draws as Hypothesis does, but the same whatever modules are loaded.

    It looks for constants in the source of all that is not installed, such as a client, mixes them in, and keeps them
    in a folder where it runs. There is no setting for that.
    """

    _local_constants = Constants()


# A backend of its own also draws each intent anew. Hypothesis's mixes most of them from parts of those before, which
# takes twice as long, and breaks fewer rules.
_BACKEND = "distinct-conformance"
providers.AVAILABLE_PROVIDERS[_BACKEND] = _Provider


@contextlib.contextmanager
def _whatever_was_drawn() -> Iterator[None]:
    """Draw the same whatever was drawn before, and leave nothing of it to others: they share what constants fit."""
    providers.CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        providers.CONSTANTS_CACHE.cache.clear()


class _BrokenError(Exception):
    """Tells Hypothesis that an intent breaks the one obligation that is looked for."""


class _Shrinking:
    def __init__(self, breaks: Breaks, budget: Budget) -> None:
        self._breaks = breaks
        self._budget = budget
        self._known: dict[str, bool] = {}
        self._began: float | None = None
        self._calls = 0
        self.last: Intent | None = None
        self.is_over = False

    def breaks(self, intent: Intent) -> bool:
        """Say whether an intent breaks it; of what is not known when the budget is used up, that it does not."""
        text = canonical(intent)
        if text not in self._known:
            self.is_over = self.is_over or self._is_used_up()
            if self.is_over:
                return False
            self._known[text] = self._breaks(intent)
            # What comes before the first one is only looked for, and most of it was tried already.
            if self._known[text] and self._began is None:
                self._began = self._budget.now()
            self._calls += self._began is not None
        if self._known[text]:
            self.last = intent
        return self._known[text]

    def _is_used_up(self) -> bool:
        if self._began is None:
            return False
        return self._calls >= self._budget.calls or self._budget.now() - self._began >= self._budget.seconds


def _settings(examples: int, *phases: Phase) -> settings:
    return settings(
        max_examples=examples,
        phases=phases,
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        backend=_BACKEND,
        suppress_health_check=list(HealthCheck),
    )
