"""What a wrong client is: the right one with one step changed, and the obligations that this breaks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conformance.results import Result, Run
from tests.conformance.reference import Reference

# What is told from how long something took, a machine that stands still in it shows wrongly: then there is another run.
_TIMED, _MOST_RUNS = {"P-01", "R-13", "R-23"}, 3


@dataclass(frozen=True)
class Wrong:
    """A wrong client; `trips` says for each obligation that it breaks why, and there is no other.

    `slow` says why profile quick does not find it, and is empty when it does. What a client gets wrong `everywhere` is
    tried with every operation and all of the profile, anything else with one and the beginning.
    """

    make: type[Reference]
    trips: Mapping[str, str] = field(default_factory=dict)
    slow: str = ""
    everywhere: bool = False

    @property
    def name(self) -> str:
        """The name of its class."""
        return self.make.__name__


def broken(run: Run) -> dict[str, Result]:
    """Give what a run found broken, by the id of the obligation."""
    return {result.obligation.id: result for result in run.results if result.failed}


def examined_in_time(examine: Callable[[], Run], trips: Mapping[str, str]) -> Run:
    """Examine a client, and again as long as it differs from what it `trips` by what is measured."""
    for _ in range(_MOST_RUNS):
        run = examine()
        if not (trips.keys() ^ broken(run).keys()) & _TIMED:
            break
    return run
