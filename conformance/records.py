"""Gathers what all cases of a run say about each obligation."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.judging import Judged
from conformance.model import Case
from conformance.obligation import Finding, Level, Obligation
from conformance.report.masking import personal_of
from conformance.results import Counterexample
from conformance.trial import Trial

_MOST_NOTES = 5
# So many of each level; a case may hold a lot.
_MOST_EXAMPLES = 3
_MOST_FAILURES = 50
# What differs between two findings of one kind: values in quotes, and numbers.
_VARYING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\d+")


def kind_of(finding: Finding) -> tuple[str, str]:
    """Give what findings of one kind have in common: what happened, without its values, and where."""
    return _VARYING.sub("…", finding.what), _VARYING.sub("…", finding.place)


@dataclass(slots=True)
class Record:
    """What was said about one obligation so far.

    `failures` holds one finding of each kind and level, `examples` the first few cases of each level, `minimal` a
    shrunk one of each. `once` says what was seen once, and not again in the same trial, so that it counts for nothing.
    `personal` is somebody's in the cases that the notes and failures are of, with what is shown for it.
    """

    kept: int = 0
    failed: int = 0
    noted: int = 0
    blocked: int = 0
    notes: list[Finding] = field(default_factory=list)
    failures: dict[tuple[Level | None, tuple[str, str]], Finding] = field(default_factory=dict)
    examples: dict[Level | None, list[Counterexample]] = field(default_factory=dict)
    minimal: dict[Level | None, Counterexample] = field(default_factory=dict)
    once: str = ""
    personal: dict[str, str] = field(default_factory=dict)

    @property
    def exercised(self) -> int:
        """How many judgements there are; blocked ones are none."""
        return self.kept + self.failed + self.noted

    def add(self, judged: Judged, case: Case, trial: Trial | None = None) -> None:
        """Add what one case says. `trial` is None for what was only watched or recorded."""
        self.kept += judged.kept
        self.failed += len(judged.broken)
        self.noted += len(judged.noted)
        self.blocked += judged.blocked
        for finding in judged.noted:
            if len(self.notes) < _MOST_NOTES and all(kind_of(finding) != kind_of(note) for note in self.notes):
                self.notes.append(finding)
                self.personal |= personal_of(case)
        for finding in judged.broken:
            self._add_failure(finding, case, trial)

    def _add_failure(self, finding: Finding, case: Case, trial: Trial | None) -> None:
        kind = (finding.level, kind_of(finding))
        if kind not in self.failures and len(self.failures) < _MOST_FAILURES:
            self.failures[kind] = finding
            self.personal |= personal_of(case)
        examples = self.examples.setdefault(finding.level, [])
        if len(examples) < _MOST_EXAMPLES:
            examples.append(Counterexample(case, finding, trial))

    def shrunk(self, example: Counterexample) -> None:
        """Take the smallest case that was found; it is what is shown instead of the others of its level."""
        self.minimal[example.finding.level] = example

    def example(self, level: Level | None) -> Counterexample | None:
        """Give the case to show for findings of this level (None: the obligation's): the shrunk one, or the smallest.

        It is None when there is no such finding.
        """
        examples = self.examples.get(level, ())
        return self.minimal.get(level) or min(examples, key=_extent, default=None)


def _extent(example: Counterexample) -> int:
    return len(example.case.calls) + len(example.case.sent)


Records = dict[str, Record]
"""The records of a run, by the id of the obligation."""


def new_records(obligations: Sequence[Obligation]) -> Records:
    """Give an empty record for each obligation."""
    return {obligation.id: Record() for obligation in obligations}


def add_all(records: Records, found: Mapping[str, Judged], case: Case, trial: Trial | None = None) -> None:
    """Add what one case says about every obligation that it exercises."""
    for name, judged in found.items():
        records.setdefault(name, Record()).add(judged, case, trial)
