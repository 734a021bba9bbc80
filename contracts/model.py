"""The values that the contract is made of, and what judging a request gives."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple


class Brief:
    """Something that is printed by its name alone, because its content is large, or secret."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Write the type and the name."""
        return f"<{type(self).__name__} {self.shown_name}>"

    def _repr_pretty_(self, printer: Any, _cycle: object) -> None:  # noqa: ANN401 - the printer is Hypothesis's
        # Hypothesis prints the fields of a dataclass unless it finds this.
        printer.text(repr(self))

    @property
    @abstractmethod
    def shown_name(self) -> str:
        """The name that tells it from others of its type."""


class Basis(StrEnum):
    """Whether Distinct's documents say a thing, or this project assumes it where they are silent."""

    DOCUMENTED = "documented"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: a document, and a section of it."""

    document: str
    section: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One named answer of the contract; `body` is the JSON that goes over the wire."""

    name: str
    status: int
    message: str
    body: bytes


def answer_of(name: str, value: Mapping[str, object]) -> Answer:
    """Build an answer from the value of a named example: an object with `statusCode`, `message` and `data`."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(name=name, status=int(str(value["statusCode"])), message=str(value["message"]), body=body)


def filled(answer: Answer, limit: str) -> Answer:
    """Put the limit that was broken into an answer whose message asks for it."""
    if "{limit}" not in answer.message:
        return answer
    return replace(
        answer,
        message=answer.message.replace("{limit}", limit),
        body=answer.body.replace(b"{limit}", limit.encode()),
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it demands, where that comes from, and what breaking it is answered.

    A rule without an answer is a flag: a request that breaks it is accepted, and the matter is reported.
    """

    id: str
    says: str
    demand: Basis
    answer_basis: Basis | None
    source: Source
    because: str = ""
    check: str = ""
    fields: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    required_only: bool = False
    answer: Answer | None = None

    @property
    def assumed(self) -> bool:
        """Whether anything about the rule is assumed."""
        return Basis.ASSUMED in (self.demand, self.answer_basis)

    @property
    def refusal(self) -> Answer:
        """The answer of a rule that is no flag; LookupError for a flag."""
        if self.answer is None:
            raise LookupError(self.id)
        return self.answer


class Breach(NamedTuple):
    """One rule that one request broke: at which field, what was got, what was expected."""

    rule: Rule
    field: str
    got: str
    expected: str
    hint: str = ""


class Judgement(NamedTuple):
    """What a request is answered, the rules that it broke in their order, and what is reported though accepted."""

    answer: Answer
    breaches: tuple[Breach, ...] = ()
    flags: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that the spec sets in `x-limits`; sizes in bytes, spans in the unit of their name."""

    header_bytes: int
    json_bytes: int
    json_depth: int
    text_part_bytes: int
    parts: int
    megabyte: int
    ambiguous_megabyte: int
    past_days: int
    future_days: int
    repeat_seconds: int


def shown(value: object, longest: int = 80) -> str:
    """Write a value for a message: its repr, cut in the middle when it is long."""
    # A huge text is cut before repr looks at it: printing must not cost what the value cost.
    if isinstance(value, str) and len(value) > 2 * longest:
        value = value[:longest] + value[-longest:]
    if isinstance(value, (dict, list)):
        text, most = json.dumps(value, default=repr), 4 * longest
        # Nobody wants the end of a large object; that there was more has to be seen.
        text = text if len(text) <= most else f"{text[:most]}…"
    else:
        text = repr(value)
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
