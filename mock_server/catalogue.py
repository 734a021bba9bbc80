"""The error catalogue: for every answer of every operation, how to provoke it in this world."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts import stages
from contracts.head import is_allowed
from contracts.model import Answer, Rule
from contracts.operations import Contract, Operation
from contracts.samples import Sample, accepted, breaking
from contracts.world import Key, World
from mock_server.curl import KEY_VARIABLE, curl_command
from mock_server.settings import Settings

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to get one answer: the rule that is broken, if it is one, and a command, or a word why there is none.

    `key` is the key that the command needs.
    """

    operation: str
    answer: Answer
    rule: Rule | None
    key: Key | None
    command: str
    note: str = ""


def catalogue(contract: Contract, world: World, url: str, settings: Settings, now: datetime) -> Iterator[Entry]:
    """List every answer, operation by operation, with a command for a fake of these settings at `url`."""
    for operation in contract.operations.values():
        yield from _Maker(contract, world, url, settings, operation).entries(now)


def plain_key(world: World) -> Key | None:
    """Choose the first key that this machine may use and that gets no fixed answer."""
    return next((key for key in world.keys.values() if _usable(key) and not key.answer), None)


def _usable(key: Key) -> bool:
    return key.allow is None or is_allowed(_LOOPBACK, key.allow)


@dataclass(frozen=True, slots=True)
class _Maker:
    contract: Contract
    world: World
    url: str
    settings: Settings
    operation: Operation

    def entries(self, now: datetime) -> Iterator[Entry]:
        operation, key = self.operation, plain_key(self.world)
        samples = accepted(operation, key, self.contract.document) if key else []
        if key is None or not samples:
            note = "this world has no key, user or event that such a request needs"
            yield Entry(operation.id, operation.accepted, None, key, "", note)
            return
        valid = samples[0]
        yield Entry(operation.id, operation.accepted, None, key, self.curl(valid))
        broken = breaking(self.contract, operation, key, now)
        for rule in (*self.contract.wire_rules, *operation.rules):
            if rule.answer is None:
                continue
            if rule.id in broken:
                yield Entry(operation.id, rule.answer, rule, key, self.curl(broken[rule.id]))
            else:
                yield self.by_hand(rule, rule.answer, valid)
        yield from self.fixed(valid)

    def curl(self, sample: Sample) -> str:
        return curl_command(sample, self.url, self.contract.key_header)

    def by_hand(self, rule: Rule, answer: Answer, valid: Sample) -> Entry:
        """Make the entry of a rule that no body breaks."""
        command = self.curl(valid)
        key = valid.key
        target = f"{self.url}{self.operation.path}"
        address = self.url.partition("://")[2]
        seconds = self.settings
        note = ""
        match rule.check:
            case stages.API_KEY:
                command = command.replace(f"${KEY_VARIABLE}", "no-such-key")
            case stages.ADDRESS:
                elsewhere = next((key for key in self.world.keys.values() if not _usable(key)), None)
                key, command = (elsewhere, command) if elsewhere else (key, "")
                note = "" if elsewhere else "no key of this world has an allowlist that leaves this machine out"
            case stages.PATH:
                command = command.replace(target, f"{target}/")
            case stages.METHOD:
                command = f"curl {target}"
            case stages.HTTP:
                command += " -H Host:"
            case stages.HEADER_SIZE:
                size = self.contract.limits.header_bytes
                command += f" -H \"x-filler: $(head -c {size} /dev/zero | tr '\\0' x)\""
            case stages.HEADERS_IN_TIME:
                wait = seconds.header_seconds + 1
                command = (
                    f"(printf 'POST {self.operation.path} HTTP/1.1\\r\\n'; sleep {wait:g}) | curl telnet://{address}"
                )
            case stages.BODY_IN_TIME:
                wait = seconds.body_seconds + 1
                kind = self.operation.media_type + ("; boundary=x" if valid.is_form else "")
                command = (
                    f"sleep {wait:g} | curl -X POST -T - {target} -H 'Content-Type: {kind}' "
                    f'-H "{self.contract.key_header}: ${KEY_VARIABLE}"'
                )
            case _:
                command, note = "", "this world cannot break the rule alone"
        return Entry(self.operation.id, answer, rule, key, command, note)

    def fixed(self, valid: Sample) -> Iterator[Entry]:
        """Make the entries of answers that no rule gives: by a key that always gets them."""
        given = {rule.answer.name for rule in self.operation.rules if rule.answer} | {self.operation.accepted.name}
        wire = {rule.answer.name for rule in self.contract.wire_rules if rule.answer}
        for name, answer in self.operation.answers.items():
            if name in given | wire:
                continue
            key = next((key for key in self.world.keys.values() if key.answer == name and _usable(key)), None)
            note = "" if key else f'give a key of the world the option answer = "{name}"'
            yield Entry(self.operation.id, answer, None, key, self.curl(valid) if key else "", note)
