"""Conversations with adapters, and what is remarked on them."""

import pytest

from conformance.clients.checking import Conversation, conversation
from contracts.operations import Contract
from tests.conformance.clients.asking import KEY, order, words


def talk(behaviour: str, contract: Contract) -> Conversation:
    return conversation(words(behaviour), contract, [order(deadline=1)])


def test_a_right_adapter_has_nothing_remarked(contract: Contract) -> None:
    found = talk("right", contract)

    assert found.is_right
    assert [one.direction for one in found.said] == [">", "<", ">", "<", ">"]
    assert ['"cmd":"hello"' in found.said[0].line, '"cmd":"bye"' in found.said[-1].line] == [True, True]
    assert KEY not in str(found)


def test_the_background_is_asked_for_where_it_is_declared(contract: Contract) -> None:
    found = talk("drains", contract)

    assert [one.line for one in found.said if '"drain"' in one.line]


REMARKS = [
    pytest.param("prints", ["no message; what is none belongs on standard error"] * 3, id="prints"),
    pytest.param(
        "more-members", ["'atempts' is no member of the protocol and was ignored; near it: 'attempts'"], id="misspelled"
    ),
    pytest.param(
        "other-capabilities",
        [
            "'client.vendor' is no member of the protocol and was ignored",
            "'capabilities.timeoutMs' is no member of the protocol and was ignored; near it: 'timeout_ms'",
            "'capabilities.retries.maxAttempts' is no member of the protocol and was ignored; near it: 'max_attempts'",
        ],
        id="misspelled-deep-inside",
    ),
]


@pytest.mark.parametrize(("behaviour", "remarks"), REMARKS)
def test_what_is_no_fault_is_remarked(behaviour: str, remarks: list[str], contract: Contract) -> None:
    found = talk(behaviour, contract)

    assert found.is_right
    assert [remark for one in found.said for remark in one.remarks] == remarks


FAULTS = [
    pytest.param("bad-json", "no JSON, at column 22", id="no-json"),
    pytest.param("wrong-id", "id: got 999, expected 2, which is not answered yet", id="wrong-id"),
    pytest.param("status-as-text", 'status: got "400", expected a whole number or null', id="status"),
    pytest.param("no-outcome", "outcome: got nothing", id="no-outcome"),
    pytest.param("other-version", "protocol: got 2, expected 1", id="version"),
    pytest.param("never-answers", "no reply in time", id="hangs"),
    pytest.param("dies", "it ended with status 3\nstderr: Traceback\nstderr: boom", id="dies"),
    pytest.param("stays", "it did not end within 3 s of bye", id="stays"),
]


@pytest.mark.parametrize(("behaviour", "fault"), FAULTS)
def test_what_is_a_fault_ends_the_conversation(behaviour: str, fault: str, contract: Contract) -> None:
    found = talk(behaviour, contract)

    assert not found.is_right
    assert fault in found.fault
    assert found.said
