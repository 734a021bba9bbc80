"""What a wrong client is: the right one with one step changed, and the obligations that this breaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.conformance.reference import Reference


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
