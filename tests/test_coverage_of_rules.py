"""Every rule is broken by some request, every flag is raised by one, and every answer is given.

Requests that break a rule come from the samples; what no body can break is listed here by the name of its check. A new
rule fails these tests until it has a sample, a check that is listed, or, when it is a flag, a row.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from contracts import stages
from contracts.case import Circumstances
from contracts.checks import CHECKS
from contracts.model import Rule
from contracts.operations import Contract, Operation
from contracts.samples import Sample, SamplePart, accepted, breaking, judged
from contracts.world import Key

NOW = datetime(2026, 4, 27, 14, tzinfo=UTC)
# The head of a request, the connection and the clock decide these; the tests of the server break each of them.
BROKEN_WITHOUT_A_BODY = {
    stages.HTTP,
    stages.HEADER_SIZE,
    stages.HEADERS_IN_TIME,
    stages.PATH,
    stages.METHOD,
    stages.API_KEY,
    stages.ADDRESS,
    stages.BODY_IN_TIME,
}
# Given to every request of a key that the world says so of, and for a fault of the server's own.
GIVEN_WITHOUT_A_RULE = {"internalServerError"}


class Flagged(NamedTuple):
    """What to change of an accepted request so that one flag is raised, and nothing else."""

    fields: Mapping[str, Any] = {}
    json: str = ""
    parts: tuple[SamplePart, ...] = ()
    asset: tuple[tuple[str, Any], ...] = ()
    asset_bytes: int | None = None
    query: str = ""
    repeated: bool = False


FLAGS = {
    "gift.asset-unambiguous-size": Flagged(asset=(("filler", 1_000_000),), asset_bytes=1_048_576),
    "gift.asset-recognised": Flagged(asset=(("content", "<svg/>"), ("content_type", "image/svg+xml"))),
    "gift.asset-declared": Flagged(asset=(("content_type", "image/png"),)),
    "gift.only-named-fields": Flagged(parts=(SamplePart("note", "hello"),)),
    "gift.no-query": Flagged(query="a=1"),
    "gift.no-repeat": Flagged(repeated=True),
    "analytics.one-user": Flagged(fields={"userId": "nobody"}),
    "analytics.metadata-filled": Flagged(fields={"metadata": {}}),
    "analytics.only-named-fields": Flagged(fields={"note": 1}),
    "analytics.plausible-time": Flagged(fields={"capturedAt": "1999-01-01T00:00:00Z"}),
    "analytics.plain-json": Flagged(json='"experienceId": 1, '),
    "analytics.no-query": Flagged(query="a=1"),
    "analytics.no-repeat": Flagged(repeated=True),
    "capture.only-fields-of-type": Flagged(fields={"email": "a"}),
    "capture.only-named-fields": Flagged(fields={"note": 1}),
    "capture.plausible-time": Flagged(fields={"recordCapturedAt": "2027-01-01T00:00:00Z"}),
    "capture.plain-json": Flagged(json='"type": 1, '),
    "capture.no-query": Flagged(query="a=1"),
    "capture.no-repeat": Flagged(repeated=True),
}


def operation_of(contract: Contract, rule_id: str) -> Operation:
    return next(found for found in contract.operations.values() if rule_id in {rule.id for rule in found.rules})


def changed(sample: Sample, change: Flagged) -> Sample:
    if not sample.is_form:
        text = json.dumps(json.loads(sample.text) | change.fields)
        return replace(sample, text=f"{{{change.json}{text[1:]}")
    *texts, asset = sample.parts
    key = replace(sample.key, asset_bytes=change.asset_bytes)
    return replace(sample, key=key, parts=(*texts, *change.parts, replace(asset, **dict(change.asset))))


def with_answer(contract: Contract) -> list[Rule]:
    return [rule for rule in contract.rules.values() if rule.answer]


@pytest.fixture(scope="module")
def samples(contract: Contract, key: Key) -> Mapping[str, Sample]:
    """Give all samples that break a rule, by its id."""
    found: dict[str, Sample] = {}
    for operation in contract.operations.values():
        found |= breaking(contract, operation, key, NOW)
    return found


def test_every_rule_is_broken_by_a_sample_or_without_a_body(contract: Contract, samples: Mapping[str, Sample]) -> None:
    without_sample = {rule.id for rule in with_answer(contract) if rule.id not in samples}

    assert without_sample == {rule.id for rule in with_answer(contract) if rule.check in BROKEN_WITHOUT_A_BODY}


def test_every_flag_has_a_row(contract: Contract) -> None:
    assert set(FLAGS) == {rule.id for rule in contract.rules.values() if rule.answer is None}


@pytest.mark.parametrize("rule_id", FLAGS)
def test_flag_is_raised_alone(contract: Contract, key: Key, rule_id: str) -> None:
    operation, change = operation_of(contract, rule_id), FLAGS[rule_id]
    sample = changed(accepted(operation, key, contract.document)[0], change)

    judgement = judged(sample, Circumstances(NOW, change.query, change.repeated), contract.limits)

    assert (judgement.answer, judgement.breaches) == (operation.accepted, ())
    assert [flag.rule.id for flag in judgement.flags] == [rule_id]


def test_every_answer_is_given(contract: Contract, samples: Mapping[str, Sample]) -> None:
    given = {contract.rules[rule_id].refusal.name for rule_id in samples}
    given |= {rule.refusal.name for rule in with_answer(contract) if rule.check in BROKEN_WITHOUT_A_BODY}
    given |= {operation.accepted.name for operation in contract.operations.values()}

    assert set(contract.answers) - given == GIVEN_WITHOUT_A_RULE


def test_every_answer_of_an_operation_is_given_there(contract: Contract) -> None:
    common = {rule.refusal.name for rule in contract.wire_rules} | GIVEN_WITHOUT_A_RULE

    for operation in contract.operations.values():
        named = {rule.answer.name for rule in operation.rules if rule.answer}
        assert set(operation.answers) == named | common | {operation.accepted.name}


def test_every_check_is_bound_to_a_rule(contract: Contract) -> None:
    assert {rule.check for rule in contract.rules.values() if rule.check} == {*CHECKS, *stages.STAGES}


def test_every_sample_is_answered_by_its_rule(contract: Contract, samples: Mapping[str, Sample]) -> None:
    judgements = {
        rule_id: judged(sample, Circumstances(NOW), contract.limits)
        for rule_id, sample in samples.items()
        if not contract.rules[rule_id].check or contract.rules[rule_id].check in CHECKS
    }

    for rule_id, judgement in judgements.items():
        assert [breach.rule.id for breach in judgement.breaches] == [rule_id] * len(judgement.breaches)
        assert (judgement.answer.name, judgement.answer.status) == (
            contract.rules[rule_id].refusal.name,
            contract.rules[rule_id].refusal.status,
        )
