"""The straight line from a request to its answer.

Pure: no clock, no network, no framework. The fake, the traffic check and the tests
all call these functions; whatever they decide, they decide the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from contracts.case import Case, Circumstances, Form
from contracts.checks import Findings
from contracts.hints import hint_for
from contracts.json_body import Document, Malformed
from contracts.model import Answer, Breach, Judgement, Limits, Rule, filled
from contracts.multipart_body import FormLimits, Part, Stop
from contracts.operations import Contract, Operation
from contracts.schema_faults import SchemaFault
from contracts.stages import JSON
from contracts.world import Key

Faults = tuple[Rule, dict[str, SchemaFault]]
"""A rule with what the schema has against a body under it, by field."""


class ReadForm(Protocol):
    """A form that was read: its parts, and why reading ended early, if it did."""

    @property
    def parts(self) -> Sequence[Part]:
        """The parts that were complete."""
        ...

    @property
    def stop(self) -> Stop | None:
        """The limit that broke."""
        ...


_NONE: frozenset[str] = frozenset()
_NOTHING_BROKEN: Mapping[str, Faults] = {}


def refuse(breach: Breach) -> Judgement:
    """Judge a request that a stage before the content ended: its one breach decides."""
    return Judgement(breach.rule.refusal, (breach,))


def judge_json(
    operation: Operation, body: Document | Malformed, key: Key, circumstances: Circumstances, limits: Limits
) -> Judgement:
    """Judge a JSON body: the answer, and every broken rule in the order of the spec."""
    if isinstance(body, Malformed):
        return refuse(Breach(operation.by_check[JSON], "body", body.got, "one JSON object"))
    schema, value = operation.schema, body.value
    faults = () if schema.is_valid(value) else schema.faults(value)
    sound = _sound(value, faults) if faults else value
    needed = schema.required(value) if operation.looks_at_needed else _NONE
    # By position: this is made for every request.
    case = Case(value, sound, key, circumstances, limits, schema.named, needed, body.oddities)
    return _judge(operation, case, faults)


def form_limits(operation: Operation, key: Key, limits: Limits) -> FormLimits:
    """Give the bounds of a form: the spec's, but for a key that has its own."""
    return FormLimits(
        asset_field=operation.asset_field,
        asset_count=operation.asset_count,
        asset_bytes=key.asset_bytes or operation.asset_bytes,
        text_bytes=limits.text_part_bytes,
        parts=limits.parts,
    )


def judge_form(
    operation: Operation, form: ReadForm, key: Key, circumstances: Circumstances, limits: Limits
) -> Judgement:
    """Judge a form that was read, or as much of it as was read when a limit broke.

    The limit that ended the reading decides the answer, since what comes behind it is not known; what was wrong up to
    there is listed all the same.
    """
    body, assets = _fields(form.parts, operation)
    partial = form.stop is not None
    wrong = [] if operation.schema.is_valid(body) else operation.schema.faults(body)
    faults = [fault for fault in wrong if not (partial and fault.keyword == "required")]
    case = Case(
        body=body,
        sound=_sound(body, faults),
        key=key,
        circumstances=circumstances,
        limits=limits,
        named=operation.schema.named,
        needed=operation.schema.required(body),
        form=Form(assets, form_limits(operation, key, limits).asset_bytes, operation.media),
    )
    judgement = _judge(operation, case, faults)
    return judgement if form.stop is None else _stopped(operation, form.stop, judgement, limits)


def _stopped(operation: Operation, stop: Stop, judgement: Judgement, limits: Limits) -> Judgement:
    # A keyword of the schema, or a stage; the compiler saw to it that each has a rule.
    rule = operation.by_check.get(stop.check) or operation.rule_for(operation.asset_field, stop.check)
    breach = Breach(rule, operation.asset_field if rule.fields else "body", stop.got, stop.expected)
    breaches = sorted((breach, *judgement.breaches), key=lambda breach: operation.position[breach.rule.id])
    return Judgement(_limited(rule.refusal, stop.check, stop.limit, limits), tuple(breaches), judgement.flags)


def _fields(parts: Iterable[Part], operation: Operation) -> tuple[dict[str, Any], tuple[Part, ...]]:
    """Turn parts into the value that the schema describes; a letter stands for a file, no text for an empty one."""
    body: dict[str, Any] = {}
    assets = []
    for part in parts:
        if part.name == operation.asset_field:
            body.setdefault(part.name, []).append(None if not part.is_file else "f" if part.size else "")
            assets.append(part)
            continue
        value = {"file": part.filename} if part.is_file else part.text
        # Sent twice, a text becomes a list, which the schema refuses.
        body[part.name] = [body[part.name], value] if part.name in body else value
    return body, tuple(part for part in assets if part.is_file)


def _sound(body: Mapping[str, Any], faults: Iterable[SchemaFault]) -> Mapping[str, Any]:
    """Give the fields that the schema has nothing against."""
    sound = dict(body)
    for fault in faults:
        sound.pop(fault.field, None)
    return sound


def _judge(operation: Operation, case: Case, faults: Sequence[SchemaFault]) -> Judgement:
    broken = _by_rule(operation, faults) if faults else _NOTHING_BROKEN
    found = [
        (rule, findings)
        for check, fields, rule in (operation.ordinary_steps if case.ordinary else operation.steps)
        if (findings := check(case, fields)) and rule.id not in broken
    ]
    # Most requests are right, and there is nothing to list.
    return _listed(operation, case, broken, found) if found or broken else operation.nothing_broken


def _by_rule(operation: Operation, faults: Iterable[SchemaFault]) -> dict[str, Faults]:
    """Sort faults by the rule that answers for them; of one field, a rule tells only the first."""
    broken: dict[str, Faults] = {}
    for fault in faults:
        rule = operation.rule_for(fault.field, fault.keyword)
        _, told = broken.setdefault(rule.id, (rule, {}))
        told.setdefault(fault.field, fault)
    return broken


def _listed(
    operation: Operation, case: Case, broken: Mapping[str, Faults], found: Sequence[tuple[Rule, Findings]]
) -> Judgement:
    """List every broken rule and every flag in the order of the spec; the first broken rule answers."""
    said = [_schema_breach(rule, fault, case) for rule, faults in broken.values() for fault in faults.values()]
    said += [Breach(rule, *finding) for rule, findings in found for finding in findings]
    position = operation.position
    said.sort(key=lambda breach: position[breach.rule.id])
    breaches = [breach for breach in said if breach.rule.answer is not None]
    flags = () if len(breaches) == len(said) else tuple(breach for breach in said if breach.rule.answer is None)
    if not breaches:
        return Judgement(operation.accepted, (), flags)
    first = breaches[0].rule
    answer = first.refusal
    if first.id in broken:
        fault = next(iter(broken[first.id][1].values()))
        answer = _limited(answer, fault.keyword, fault.limit, case.limits)
    return Judgement(answer, tuple(breaches), flags)


def _schema_breach(rule: Rule, fault: SchemaFault, case: Case) -> Breach:
    # "userId is required" is how a schema says that one identifier is; the rule knows all of them.
    one_of = fault.keyword == "required" and len(rule.keywords) == 1 and len(rule.fields) > 1
    return Breach(
        rule=rule,
        field=", ".join(rule.fields) if one_of else fault.field,
        got=fault.got,
        expected="at least one of " + ", ".join(rule.fields) if one_of else fault.expected,
        hint=hint_for(case.body.get(fault.field), is_time=fault.is_time),
    )


def _limited(answer: Answer, keyword: str, limit: int, limits: Limits) -> Answer:
    """Fill in the limit that was broken: bytes as megabytes, anything else as it is."""
    if keyword == "maxLength":
        return filled(answer, f"{limit / limits.megabyte:.4g}")
    return filled(answer, str(limit))


def with_limit(answer: Answer, contract: Contract, key: Key | None) -> Answer:
    """Fill in the limit that an answer speaks of, for one that is given although nothing broke it."""
    if "{limit}" not in answer.message:
        return answer
    for operation in contract.operations.values():
        asset_bytes = key.asset_bytes if key and key.asset_bytes else operation.asset_bytes
        limits = {"maxItems": operation.asset_count, "maxLength": asset_bytes}
        for rule in operation.rules:
            keyword = next((word for word in rule.keywords if word in limits), "")
            if keyword and rule.answer and rule.answer.name == answer.name:
                return _limited(answer, keyword, limits[keyword], contract.limits)
    return answer
