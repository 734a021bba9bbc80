"""Mends the fields of a body until the judge accepts it, and keeps those that were right."""

import json
from collections.abc import Callable, Iterable, Sequence

from contracts.checks import IDENTIFIERS
from contracts.model import Breach, Judgement, shown
from contracts.operations import Operation
from contracts.proposals import LEFT_OUT, Body, Change, Patient, proposed
from contracts.world import Key

Judge = Callable[[Body], Judgement]

# Mending one rule may show that another is broken, which was not looked at before.
_ROUNDS = 30


def mended(operation: Operation, key: Key, body: Body, examples: Sequence[Body], judge: Judge) -> Body | None:
    """Mend one breach after the other; at last take all fields of an example. None when not even that is accepted.

    `examples` are accepted bodies; of several forms, the one that the body selects is kept.
    """
    current = body
    for _ in range(_ROUNDS):
        breaches, example = judge(current).breaches, _closest(operation, current, examples)
        if not breaches:
            return current
        if example is None:
            return None
        better = _better(Patient(operation, key, current, example), breaches, judge)
        if better is None:
            break
        current = better
    last = _replaced(operation, body, _closest(operation, body, examples) or {})
    return None if judge(last).breaches else last


def changes(sent: Body, corrected: Body) -> Iterable[str]:
    """Say field by field what is different."""
    for name, value in corrected.items():
        whose = ", a user of this world" if name in IDENTIFIERS else ""
        if name not in sent:
            yield f"{name}: {shown(value)} added{whose}"
        # As text, because to Python 1 equals true.
        elif json.dumps(sent[name]) != json.dumps(value):
            yield f"{name}: {shown(sent[name])} -> {shown(value)}{whose}"
    yield from (f"{name}: {shown(value)} left out" for name, value in sent.items() if name not in corrected)


def _closest(operation: Operation, body: Body, examples: Sequence[Body]) -> Body | None:
    """Choose the example that has most in common with a body, of the form that the body selects."""
    forms = [form for form in operation.schema.alternatives if form.selectors and form.selected_by(body)]
    fitting = [example for example in examples if not forms or forms[0].selected_by(example)]
    return max(fitting, key=lambda example: _in_common(body, example), default=None)


def _in_common(body: Body, example: Body) -> tuple[int, int]:
    equal = sum(name in body and body[name] == value for name, value in example.items())
    return equal, len(body.keys() & example.keys())


def _better(patient: Patient, breaches: Sequence[Breach], judge: Judge) -> Body | None:
    """Find the change that mends the first breach and breaks least; the mildest of those that are equally good."""
    before = {(breach.rule.id, breach.field) for breach in breaches}
    first = (breaches[0].rule.id, breaches[0].field)
    best: tuple[tuple[bool, int], Body] | None = None
    for change in proposed(patient, breaches[0]):
        candidate = _changed(patient.body, change)
        after = {(breach.rule.id, breach.field) for breach in judge(candidate).breaches}
        score = (first in after, len(after - before))
        if best is None or score < best[0]:
            best = (score, candidate)
    return best[1] if best and not best[0][0] else None


def _changed(body: Body, change: Change) -> Body:
    merged = {**body, **change}
    return {name: value for name, value in merged.items() if value is not LEFT_OUT}


def _replaced(operation: Operation, body: Body, example: Body) -> Body:
    """Take every field of an example, but for what selects the form; what the document does not name stays."""
    schema = operation.schema
    kept = {name for form in schema.alternatives if form.selected_by(body) for name in form.selectors}
    return {**example, **{name: value for name, value in body.items() if name in kept or name not in schema.named}}
