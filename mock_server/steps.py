"""What can be armed, as text: an answer, a network fault, or some of them joined with `+`."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.model import Answer, shown
from mock_server.network_faults import Delay, Ending, EndingKind, Reading, ReadingKind, fault_forms, read_fault
from mock_server.undocumented import (
    ArmedAnswer,
    documented,
    undocumented,
    undocumented_answers,
    undocumented_status,
)

__all__ = ["ArmedAnswer", "Delay", "Ending", "Reading", "Step", "fault_forms", "read_step", "undocumented_answers"]

_PASS = "pass"  # noqa: S105 - a word of the grammar
_STATUSES = range(200, 600)
_STATUS = re.compile(r"[2-5][0-9]{2}")

# What a step may have at most one of, in the order of its normal form, which is the order in which they happen.
_PHASES: Mapping[str, str] = {
    "reading": "fault of reading", "delay": "delay", "answer": "answer", "ending": "fault of the answer",
}  # fmt: skip

_ALONE: Mapping[ReadingKind, str] = {
    ReadingKind.CUT: "it ends the connection before there is an answer",
    ReadingKind.EXPECT: "it answers by itself, or does nothing",
}
_SILENT = frozenset({EndingKind.RESET_BEFORE, EndingKind.CLOSE, EndingKind.GARBAGE, EndingKind.HANG})
_OF_THE_BODY = frozenset({EndingKind.RESET_DURING, EndingKind.TRUNCATE, EndingKind.DRIP, EndingKind.CHUNKED})


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with one request. `text` is its normal form; without an `answer`, the judged one is sent."""

    text: str
    reading: Reading | None = None
    delay: Delay | None = None
    answer: ArmedAnswer | None = None
    ending: Ending | None = None

    @property
    def documented(self) -> bool:
        """Whether there is nothing in it but what the contract says."""
        calm = self.reading is None and self.delay is None and self.ending is None
        return calm and (self.answer is None or self.answer.documented)

    @property
    def sends_answer(self) -> bool:
        """Whether an answer goes out, be it a part of one, when the request is read to its end."""
        return self.ending is None or self.ending.kind not in _SILENT


_NOTHING = Step("")


def read_step(text: str, answers: Mapping[str, Answer]) -> Step:
    """Read a step. `answers` are those of the contract by name; a status finds the first of them that has it.

    ValueError says what was got and what was expected.
    """
    found: dict[str, Step] = {}
    for word in text.split("+"):
        part = _read_part(word.strip(), answers)
        phase = next((name for name in _PHASES if getattr(part, name) is not None), "answer")
        if phase in found:
            raise ValueError(
                f"got {found[phase].text} and {part.text}, expected at most one {_PHASES[phase]} in a step"
            )
        found[phase] = part
    parts = [found[phase] for phase in _PHASES if phase in found]
    # Beside anything else, to judge as usual is what happens anyway.
    said = [part.text for part in parts if part.text != _PASS] or [_PASS]
    reading, delay, answer, ending = (found.get(phase, _NOTHING) for phase in _PHASES)
    step = Step("+".join(said), reading.reading, delay.delay, answer.answer, ending.ending)
    _refuse_nonsense(step)
    return step


def answer_names(answers: Mapping[str, Answer]) -> list[str]:
    """Name every answer that can be given: those of the contract, the others, and any status."""
    return [*answers, *(answer.name for answer in undocumented_answers()), *map(str, _STATUSES)]


def _read_part(word: str, answers: Mapping[str, Answer]) -> Step:
    """Read what stands between two `+`. The words of the grammar come first, then the contract's, then others."""
    name, colon, after = word.partition(":")
    fault = read_fault(name, after if colon else None)
    if fault is not None:
        return Step(fault.text, fault.reading, fault.delay, None, fault.ending)
    if word == _PASS:
        return Step(_PASS)
    answer = _read_answer(word, answers)
    if answer is None:
        raise _unknown(word, answers)
    return Step(word, answer=answer)


def _read_answer(word: str, answers: Mapping[str, Answer]) -> ArmedAnswer | None:
    name, colon, after = word.partition(":")
    if word in answers:
        return documented(answers[word])
    if _STATUS.fullmatch(word):
        status = int(word)
        first = next((answer for answer in answers.values() if answer.status == status), None)
        return documented(first) if first else undocumented_status(status)
    if any(known.name == name for known in undocumented_answers()):
        return undocumented(name, after if colon else None)
    if colon and (name in answers or name == _PASS or _STATUS.fullmatch(name)):
        raise ValueError(f"{name}: got {shown(after)} after it, expected nothing")
    return None


def _unknown(word: str, answers: Mapping[str, Answer]) -> ValueError:
    others = {answer.name: answer.form for answer in undocumented_answers()}
    faults = {fault.name: fault.form for fault in fault_forms()}
    names = {name.lower(): name for name in (*answers, *others, *faults, _PASS)}
    near = [names[name] for name in difflib.get_close_matches(word.partition(":")[0].lower(), names, cutoff=0.7)]
    hint = f" (near it: {', '.join(near)})" if near else ""
    return ValueError(
        f"got {shown(word)}{hint}, expected a status from 200 to 599, {_PASS}, an answer of the contract"
        f" ({', '.join(answers)}), another answer ({', '.join(others.values())})"
        f" or a network fault ({', '.join(faults.values())})"
    )


def _refuse_nonsense(step: Step) -> None:
    reading, delay, answer, ending = step.reading, step.delay, step.answer, step.ending
    if reading is not None and reading.kind in _ALONE and (delay or answer or ending):
        raise ValueError(f"got {step.text}, expected {reading.kind} alone: {_ALONE[reading.kind]}")
    if ending is None:
        return
    if answer is not None and not step.sends_answer:
        raise ValueError(f"got {step.text}, expected no answer beside {ending.kind}: none would be sent")
    if delay is not None and ending.kind is EndingKind.HANG:
        raise ValueError(f"got {step.text}, expected no delay beside {ending.kind}: it waits for ever anyway")
    if answer is not None and not answer.body and ending.kind in _OF_THE_BODY:
        raise ValueError(f"got {step.text}, expected an answer that has a body, for {ending.kind}")
