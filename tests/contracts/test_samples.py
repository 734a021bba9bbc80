"""Samples: accepted ones are accepted, and each of the others breaks its rule and no other."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.case import Circumstances
from contracts.head import Head, admit
from contracts.json_body import Malformed, read_json
from contracts.model import Judgement
from contracts.operations import Contract
from contracts.samples import Sample, SamplePart, accepted, breaking, encoded, judged
from contracts.world import Key, World
from contracts.world_file import read_world

NOW = datetime(2026, 4, 27, 14, tzinfo=UTC)
OPERATIONS = ["giftAssets", "addUserAnalytics", "captureAnalytics"]


def judgement_of(sample: Sample, contract: Contract, world: World) -> Judgement | None:
    """Judge a sample as a whole, head and body; None for one whose body is no content at all."""
    operation = sample.operation
    content_type = encoded(())[0] if sample.is_form else operation.media_type
    content_type = sample.headers.get("Content-Type", content_type)
    encodings = [value for name, value in sample.headers.items() if name == "Content-Encoding"]
    admission = admit(operation, Head([sample.key.secret], "", [content_type], encodings), world)
    if admission.breach:
        return Judgement(admission.breach.rule.refusal, (admission.breach,))
    if sample.filler or sample.text.startswith("--"):
        return None
    return judged(sample, Circumstances(NOW), contract.limits)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_accepted_samples_are_accepted(contract: Contract, key: Key, operation_id: str) -> None:
    operation = contract.operation(operation_id)

    samples = accepted(operation, key, contract.document)

    assert samples
    assert [judged(sample, Circumstances(NOW), contract.limits) for sample in samples] == [
        Judgement(operation.accepted)
    ] * len(samples)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_broken_samples_break_their_rule_alone(contract: Contract, world: World, key: Key, operation_id: str) -> None:
    samples = breaking(contract, contract.operation(operation_id), key, NOW)

    assert samples
    for rule_id, sample in samples.items():
        judgement = judgement_of(sample, contract, world)
        broken = {breach.rule.id for breach in judgement.breaches} if judgement else {rule_id}
        assert broken == {rule_id}


def test_sample_over_the_limit_of_the_body_is_larger_than_it(contract: Contract, key: Key) -> None:
    sample = breaking(contract, contract.operation("addUserAnalytics"), key, NOW)["analytics.body-size"]

    assert sample.filler + len(sample.text) > contract.limits.json_bytes
    assert not isinstance(read_json(sample.text.encode(), contract.limits), Malformed)


def test_sample_of_a_small_key_is_just_over_its_limit(contract: Contract, key: Key) -> None:
    small = replace(key, asset_bytes=100)

    sample = breaking(contract, contract.operation("giftAssets"), small, NOW)["gift.asset-size"]

    assert len(sample.parts[-1].content) + sample.parts[-1].filler == 106


POOR = [
    pytest.param("", "giftAssets", 0, id="no-user"),
    pytest.param("[[users]]\nid = 'a'\nevents = []\n", "giftAssets", 0, id="no-registration"),
    pytest.param("[[events]]\nid = 'e'\n[[users]]\nid = 'a'\nevents = ['e']\n", "giftAssets", 1, id="registration"),
    pytest.param("", "addUserAnalytics", 0, id="no-experience"),
    pytest.param("experiences = ['x']\n[[users]]\nid = 'a'\n", "addUserAnalytics", 1, id="user-without-email"),
    pytest.param("experiences = ['x']\n[[users]]\nid = 'a'\n", "addUserAnalytics", 1, id="no-email"),
    pytest.param("experiences = ['x']\n[[users]]\nid = 'a'\nemail = 'b'\n", "addUserAnalytics", 2, id="email"),
    pytest.param("event_values = ['v']\n[[users]]\nid = 'a'\nemail = 'b'\n", "captureAnalytics", 1, id="no-page"),
    pytest.param("event_values = ['v']\nregistration_pages = ['p']\n", "captureAnalytics", 1, id="no-user-to-capture"),
]


@pytest.mark.parametrize(("text", "operation_id", "count"), POOR)
def test_poor_world_has_fewer_samples(contract: Contract, text: str, operation_id: str, count: int) -> None:
    key = read_world(f"{text}\n[[keys]]\nkey = 'k'\n", "w", contract).keys["k"]
    operation = contract.operation(operation_id)

    samples = accepted(operation, key, contract.document)

    assert len(samples) == count
    assert all(judged(sample, Circumstances(NOW), contract.limits).breaches == () for sample in samples)


def test_sample_has_a_pair_of_the_key(contract: Contract, key: Key) -> None:
    other = replace(key, pairs=frozenset({("checkout", "started")}))

    samples = accepted(contract.operation("addUserAnalytics"), other, contract.document)

    assert {(body["feature"], body["action"]) for body in (json.loads(sample.text) for sample in samples)} == {
        ("checkout", "started")
    }


def test_form_is_written_as_clients_write_it() -> None:
    content_type, body = encoded((SamplePart("a", "é"), SamplePart("b", "x", "b.gif", "image/gif", filler=2)))

    assert content_type == "multipart/form-data; boundary=sample-boundary"
    assert body == (
        b'--sample-boundary\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\r\n'
        b'--sample-boundary\r\nContent-Disposition: form-data; name="b"; filename="b.gif"\r\nContent-Type: image/gif'
        b"\r\n\r\nx\0\0\r\n--sample-boundary--\r\n"
    )
