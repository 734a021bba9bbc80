"""The straight line from a request to its answer.

Pure: no clock, no network, no framework. The fake, the traffic check and the tests
all call these functions; whatever they decide, they decide the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contracts.case import Case, Circumstances, Form
from contracts.checks import CHECKS, on_needed
from contracts.hints import hint_for
from contracts.json_body import Document, Malformed
from contracts.model import Answer, Breach, Judgement, Limits, Rule, filled
from contracts.multipart_body import FormLimits, FormReader, Part, Stop
from contracts.operations import Operation
from contracts.schemas import SchemaFault
from contracts.stages import JSON
from contracts.world import Key

_NONE: frozenset[str] = frozenset()


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
    operation: Operation, form: FormReader, key: Key, circumstances: Circumstances, limits: Limits
) -> Judgement:
    """Judge a form that was read, or as much of it as was read when a limit broke.

    The limit that ended the reading decides the answer, since what comes behind it is not known; what was wrong up to
    there is listed all the same.
    """
    body, assets = _fields(form.parts, operation)
    partial = form.stop is not None
    faults = tuple(fault for fault in operation.schema.faults(body) if not (partial and fault.keyword == "required"))
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
    order = {rule.id: number for number, rule in enumerate(operation.rules)}
    breaches = sorted((breach, *judgement.breaches), key=lambda breach: order[breach.rule.id])
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


def _sound(body: Mapping[str, Any], faults: Sequence[SchemaFault]) -> Mapping[str, Any]:
    """Give the fields that the schema has nothing against."""
    faulty = {fault.field for fault in faults}
    return {name: value for name, value in body.items() if name not in faulty}


def _judge(operation: Operation, case: Case, faults: Sequence[SchemaFault]) -> Judgement:
    # Decide first, and list only when there is something to list: most requests are right.
    if not faults and case.ordinary:
        for check, fields in operation.checked:
            if check(case, fields):
                break
        else:
            return operation.nothing_broken
    return _listed(operation, case, faults)


def _listed(operation: Operation, case: Case, faults: Sequence[SchemaFault]) -> Judgement:
    """List every broken rule and every flag in the order of the spec; the first broken rule answers."""
    broken = _by_rule(operation, faults)
    breaches: list[Breach] = []
    flags: list[Breach] = []
    answer: Answer | None = None
    for rule in operation.content_rules:
        found = broken.get(rule.id)
        if found:
            breaches += [_schema_breach(rule, fault, case) for fault in found]
            answer = answer or _limited(rule.refusal, found[0].keyword, found[0].limit, case.limits)
        elif rule.check:
            check = on_needed(CHECKS[rule.check]) if rule.required_only else CHECKS[rule.check]
            findings = check(case, rule.fields)
            if findings:
                kept = flags if rule.answer is None else breaches
                kept += [Breach(rule, *finding) for finding in findings]
                answer = answer or rule.answer
    return Judgement(answer or operation.accepted, tuple(breaches), tuple(flags))


def _by_rule(operation: Operation, faults: Iterable[SchemaFault]) -> dict[str, list[SchemaFault]]:
    """Sort faults by the rule that answers for them; of one field, a rule tells only the first."""
    broken: dict[str, dict[str, SchemaFault]] = {}
    for fault in faults:
        rule = operation.rule_for(fault.field, fault.keyword)
        broken.setdefault(rule.id, {}).setdefault(fault.field, fault)
    return {rule_id: list(found.values()) for rule_id, found in broken.items()}


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
