"""The network faults that a step may have: what they are called, and what may follow their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from contracts.model import shown
from mock_server.fault_amounts import read_size, read_span, show_size, show_span

_DRIP_RATE = 10
_CHUNK_BYTES = 8


class ReadingKind(StrEnum):
    """What may go wrong while a request is read."""

    CUT = "cut"
    SLOW = "read"
    EXPECT = "expect"


class EndingKind(StrEnum):
    """What may go wrong with an answer."""

    RESET_BEFORE = "reset:before"
    RESET_DURING = "reset:during"
    RESET_AFTER = "reset:after"
    CLOSE = "close"
    GARBAGE = "garbage"
    TRUNCATE = "truncate"
    DRIP = "drip"
    CHUNKED = "chunked"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Reading:
    """A fault while the request is read; `amount` is in bytes (cut) or bytes a second (read)."""

    kind: ReadingKind
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Delay:
    """A time before the answer, between two numbers of milliseconds."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Ending:
    """A fault of the answer.

    `amount` is in bytes (chunked; truncate, where None is half of the body) or bytes a second (drip).
    """

    kind: EndingKind
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as it is written, in its normal form; one of the others is set."""

    text: str
    reading: Reading | None = None
    delay: Delay | None = None
    ending: Ending | None = None


class FaultForm(NamedTuple):
    """A network fault: its name, how it is written, what it does, and what reads the text behind its name."""

    name: str
    form: str
    says: str
    read: Callable[[str | None], Fault]


def fault_forms() -> tuple[FaultForm, ...]:
    """Give the network faults, in the order in which they are listed."""
    return _FORMS


def read_fault(name: str, argument: str | None) -> Fault | None:
    """Read a fault by its name and what follows the colon; None when there is none of that name.

    ValueError for an argument that does not fit.
    """
    form = _BY_NAME.get(name)
    return form.read(argument) if form else None


def _read_delay(argument: str | None) -> Fault:
    span = _needed("delay", argument, "a time such as 200ms, or a range such as 100ms-400ms")
    first, dash, second = span.partition("-")
    least, most = _in("delay", read_span, first), _in("delay", read_span, second if dash else first)
    if most < least:
        raise ValueError(f"delay: got {shown(argument)}, expected the shorter time first")
    text = show_span(least) if least == most else f"{show_span(least)}-{show_span(most)}"
    return Fault(f"delay:{text}", delay=Delay(least, most))


def _read_reset(argument: str | None) -> Fault:
    kinds = {kind.partition(":")[2]: kind for kind in EndingKind if kind.startswith("reset:")}
    kind = kinds.get(_needed("reset", argument, "before, during or after"))
    if kind is None:
        raise ValueError(f"reset: got {shown(argument)}, expected before, during or after")
    return Fault(kind, ending=Ending(kind))


def _read_cut(argument: str | None) -> Fault:
    size = _in("cut", read_size, _needed("cut", argument, "a size such as 1000000 or 1MB"))
    return Fault(f"cut:{show_size(size)}", reading=Reading(ReadingKind.CUT, size))


def _read_slow(argument: str | None) -> Fault:
    rate = _in("read", _read_rate, _needed("read", argument, "bytes a second, such as 64KiB"))
    return Fault(f"read:{show_size(rate)}", reading=Reading(ReadingKind.SLOW, rate))


def _read_truncate(argument: str | None) -> Fault:
    if argument is None:
        return Fault("truncate", ending=Ending(EndingKind.TRUNCATE))
    size = _in("truncate", read_size, argument)
    return Fault(f"truncate:{show_size(size)}", ending=Ending(EndingKind.TRUNCATE, size))


def _read_drip(argument: str | None) -> Fault:
    rate = _DRIP_RATE if argument is None else _in("drip", _read_rate, argument)
    text = "drip" if argument is None else f"drip:{show_size(rate)}"
    return Fault(text, ending=Ending(EndingKind.DRIP, rate))


def _read_chunked(argument: str | None) -> Fault:
    size = _CHUNK_BYTES if argument is None else _in("chunked", _read_rate, argument)
    text = "chunked" if argument is None else f"chunked:{show_size(size)}"
    return Fault(text, ending=Ending(EndingKind.CHUNKED, size))


def _bare(fault: Fault) -> Callable[[str | None], Fault]:
    """Read a fault that nothing may follow."""

    def read(argument: str | None) -> Fault:
        if argument is not None:
            raise ValueError(f"{fault.text}: got {shown(argument)} after it, expected nothing")
        return fault

    return read


def _read_rate(text: str) -> int:
    return read_size(text, least=1)


def _in(name: str, read: Callable[[str], int], text: str) -> int:
    try:
        return read(text)
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from wrong


def _needed(name: str, argument: str | None, expected: str) -> str:
    if argument is None:
        raise ValueError(f"{name}: got nothing after it, expected {name}: and {expected}")
    return argument


_FORMS = (
    FaultForm(
        "delay", "delay:200ms or delay:100ms-400ms", "Waits before the answer; a range is drawn from.", _read_delay
    ),
    FaultForm(
        "reset", "reset:before|during|after",
        "Resets the connection: before any byte of the answer, in the middle of its body, or after all of it.",
        _read_reset,
    ),
    FaultForm(
        "close", "close", "Closes the connection without an answer.",
        _bare(Fault("close", ending=Ending(EndingKind.CLOSE))),
    ),
    FaultForm(
        "garbage", "garbage", "Sends bytes that are no HTTP, and closes the connection.",
        _bare(Fault("garbage", ending=Ending(EndingKind.GARBAGE))),
    ),
    FaultForm(
        "truncate", "truncate[:bytes]",
        "Announces the whole body, sends so many bytes of it (half without a number), and closes the connection.",
        _read_truncate,
    ),
    FaultForm(
        "drip", "drip[:bytes]", f"Sends the body at so many bytes a second ({_DRIP_RATE} without a number).", _read_drip
    ),
    FaultForm(
        "chunked", "chunked[:bytes]",
        f"Sends the body in chunks of so many bytes ({_CHUNK_BYTES} without a number), and no length beforehand.",
        _read_chunked,
    ),
    FaultForm(
        "hang", "hang", "Never answers; ends when the client leaves or the server stops.",
        _bare(Fault("hang", ending=Ending(EndingKind.HANG))),
    ),
    FaultForm(
        "cut", "cut:bytes",
        "Resets the connection when so many bytes of the body were read; does nothing when the body is smaller.",
        _read_cut,
    ),
    FaultForm(
        "read", "read:bytes", "Reads the body at so many bytes a second, so that a large upload stalls.", _read_slow
    ),
    FaultForm(
        "expect", "expect",
        "Refuses Expect: 100-continue with 417 before the body; does nothing when a request does not ask.",
        _bare(Fault("expect", reading=Reading(ReadingKind.EXPECT))),
    ),
)  # fmt: skip

_BY_NAME: Mapping[str, FaultForm] = {form.name: form for form in _FORMS}
