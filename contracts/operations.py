"""The contract, compiled: its operations, and everything that holds for all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contracts.checks import CHECKS, CIRCUMSTANTIAL, Check, on_needed
from contracts.media import MediaKinds
from contracts.model import Answer, Brief, Judgement, Limits, Rule
from contracts.schemas import ANY_OTHER, BodySchema
from contracts.stages import STAGES

Step = tuple[Check, tuple[str, ...], Rule]
"""A check, the fields that it looks at, and the rule that it is for."""

_NAMES_EVENT = ("known-event", "known-event-value")

SERVER_ERROR = 500
"""The first status that says that the fault is the server's."""


@dataclass(frozen=True, repr=False)
class Operation(Brief):
    """One endpoint: where it is, what it takes, its rules in order, and the answers that they name."""

    id: str
    method: str
    prefix: str
    path: str
    media_type: str
    schema: BodySchema
    rules: tuple[Rule, ...]
    accepted: Answer
    answers: Mapping[str, Answer]
    media: MediaKinds
    asset_field: str
    asset_count: int
    asset_bytes: int

    @property
    def shown_name(self) -> str:
        """Its id."""
        return self.id

    @cached_property
    def by_check(self) -> Mapping[str, Rule]:
        """The rules that name a check, by its name."""
        return {rule.check: rule for rule in self.rules if rule.check}

    @cached_property
    def content_rules(self) -> tuple[Rule, ...]:
        """The rules about the content of the body: those that no stage before it decides."""
        return tuple(rule for rule in self.rules if rule.check not in STAGES)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every check of the content rules, in their order."""
        return tuple(
            (on_needed(CHECKS[rule.check]) if rule.required_only else CHECKS[rule.check], rule.fields, rule)
            for rule in self.content_rules
            if rule.check
        )

    @cached_property
    def ordinary_steps(self) -> tuple[Step, ...]:
        """The checks that may find something in a case that is ordinary: those that look at the body."""
        return tuple(step for step in self.steps if step[2].check not in CIRCUMSTANTIAL)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Where each rule stands in the order of the spec, by its id."""
        return {rule.id: number for number, rule in enumerate(self.rules)}

    @cached_property
    def looks_at_needed(self) -> bool:
        """Whether any check asks which fields this body needs."""
        return any(rule.required_only or rule.check == "fields-of-type" for rule in self.content_rules)

    @cached_property
    def event_fields(self) -> tuple[str, ...]:
        """The fields that name an event."""
        return tuple(field for check in _NAMES_EVENT if check in self.by_check for field in self.by_check[check].fields)

    @cached_property
    def nothing_broken(self) -> Judgement:
        """The judgement of a request that nothing is to be said about."""
        return Judgement(self.accepted)

    @cached_property
    def answering(self) -> Mapping[tuple[str, str], Rule]:
        """The rule that answers when a field breaks a keyword of the schema, by field and keyword."""
        places = ((field, word) for field, words in self.schema.keywords.items() for word in words)
        found = {place: self._answering(*place) for place in places}
        return {place: rule for place, rule in found.items() if rule}

    def rule_for(self, field: str, keyword: str) -> Rule:
        """Give the rule that answers when a field breaks a keyword; the compiler saw to it that there is one."""
        return self.answering.get((field, keyword)) or self.answering[field, ANY_OTHER]

    def _answering(self, field: str, keyword: str) -> Rule | None:
        """Find the rule that answers for a field and a keyword.

        A rule that lists the keyword comes first, then one without a check, then any that names the field.
        """
        about = [rule for rule in self.content_rules if rule.answer and field in rule.fields]
        ranked = sorted(
            (rule for rule in about if not rule.keywords or keyword in rule.keywords),
            key=lambda rule: (not rule.keywords, bool(rule.check)),
        )
        return ranked[0] if ranked else None


@dataclass(frozen=True, repr=False)
class Contract(Brief):
    """The whole contract, compiled. `operations` is by path, `rules` by id, both in the order of the spec."""

    name: str
    operations: Mapping[str, Operation]
    wire_rules: tuple[Rule, ...]
    rules: Mapping[str, Rule]
    answers: Mapping[str, Answer]
    key_header: str
    pairs: Mapping[str, tuple[str, ...]]
    limits: Limits
    document: dict[str, Any]

    @property
    def shown_name(self) -> str:
        """The name of its spec."""
        return self.name

    @cached_property
    def wire_rule(self) -> Mapping[str, Rule]:
        """The rules that stand before any operation, by the name of their check."""
        return {rule.check: rule for rule in self.wire_rules}

    @cached_property
    def failure(self) -> Answer:
        """The answer when the server itself fails: the first of the spec from 500 on; the compiler asks for one."""
        return next(answer for answer in self.answers.values() if answer.status >= SERVER_ERROR)

    def operation(self, operation_id: str) -> Operation:
        """Give the operation of that id; KeyError when there is none."""
        return {found.id: found for found in self.operations.values()}[operation_id]

    def rules_in_order(self) -> Iterable[tuple[str, Rule]]:
        """Give every rule with the id of its operation, which is empty for what stands before any."""
        yield from (("", rule) for rule in self.wire_rules)
        for operation in self.operations.values():
            yield from ((operation.id, rule) for rule in operation.rules)
