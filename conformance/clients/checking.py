"""Checks how an adapter speaks the protocol, and says in words what is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.clients.client import AdapterError, Order
from conformance.clients.json_lines import JsonLinesClient
from conformance.clients.protocol import HELLO_REPLY, REPLY, parsed, remarks
from conformance.model import Outcome
from contracts.operations import Contract


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the conversation, with what there is to remark on it; `>` went to the adapter, `<` came from it."""

    direction: str
    line: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that was said, and what ended it early; empty when nothing did. What is only remarked on is no fault."""

    said: tuple[Said, ...]
    fault: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the adapter keeps the protocol."""
        return not self.fault


def conversation(
    words: Sequence[str], contract: Contract, orders: Sequence[Order], hear: Callable[[Said], None] | None = None
) -> Conversation:
    """Talk to an adapter: hello, the calls that are given, drain, bye. `hear` is told of each line as it comes."""
    said: list[Said] = []

    def listen(direction: str, line: str) -> None:
        said.append(_remarked(direction, line))
        if hear:
            hear(said[-1])

    client = JsonLinesClient(words, contract, listen=listen)
    try:
        with client:
            calls = [order for order in orders if order.intent.operation in client.can.operations]
            replies = client.call(calls)
            if client.can.async_send:
                replies.append(client.drain(_deadline(orders)))
            went = client.close()
    except AdapterError as error:
        return Conversation(tuple(said), str(error))
    lost = next((reply for reply in replies if reply.outcome in {Outcome.HANG, Outcome.CRASH}), None)
    if lost is not None:
        return Conversation(tuple(said), "\n".join(filter(None, (lost.message, lost.noise))))
    return Conversation(tuple(said), "" if went else "it did not end within 3 s of bye, and was killed")


def _deadline(orders: Sequence[Order]) -> float:
    return max((order.deadline for order in orders), default=10.0)


def _remarked(direction: str, line: str) -> Said:
    if direction == ">":
        return Said(direction, line)
    if not line.lstrip().startswith("{"):
        return Said(direction, line, ("no message; what is none belongs on standard error",))
    try:
        message = parsed(line.encode(errors="backslashreplace"), "")
    except AdapterError:
        # What is wrong with it is told as the fault that ends the conversation.
        return Said(direction, line)
    return Said(direction, line, tuple(remarks(message, HELLO_REPLY if "protocol" in message else REPLY)))
