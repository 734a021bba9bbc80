"""The catalogue: every obligation, chapter by chapter, and what the contract's rules have to do with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.chapters import (
    analytics,
    capture,
    common,
    process,
    responses,
    sequences,
    upload,
)
from conformance.chapters.titles import CHAPTERS
from conformance.obligation import Obligation
from contracts.operations import Contract


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All obligations in their order."""

    obligations: tuple[Obligation, ...]

    def __iter__(self) -> Iterator[Obligation]:
        """Go through them."""
        return iter(self.obligations)

    def find(self, obligation_id: str) -> Obligation | None:
        """Find one by its id, whatever the case of its letters."""
        wanted = obligation_id.lower()
        return next((one for one in self.obligations if one.id.lower() == wanted), None)


def catalogue(contract: Contract) -> Catalogue:
    """Make the catalogue for a contract."""
    chapters = (process, upload, analytics, capture, responses, sequences)
    told = [obligation for chapter in chapters for obligation in chapter.obligations(contract)]
    told += common.obligations(contract)
    covered = frozenset(rule for obligation in told for rule in obligation.rules)
    told += common.rest(contract, covered)
    order = {letter: number for number, letter in enumerate(CHAPTERS)}
    return Catalogue(tuple(sorted(told, key=lambda one: (order[one.id[0]], _number(one.id)))))


def _number(obligation_id: str) -> tuple[int, str]:
    digits, _, rest = obligation_id[2:].partition(".")
    return int(digits), rest
