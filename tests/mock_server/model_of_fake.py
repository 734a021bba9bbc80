"""A fake as plain lists and dictionaries: what it has to answer, to remember, and to have left of what was armed.

Only the judging is the contract's own, which has tests of its own.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.case import Circumstances
from contracts.head import Head, admit
from contracts.json_body import Document, read_json
from contracts.judge import form_limits, judge_form, judge_json, refuse
from contracts.model import Judgement
from contracts.multipart_body import FormReader
from contracts.operations import Contract, Operation
from contracts.subject import Subject, subject
from contracts.world import Key, World, masked
from contracts.world_file import key_of, load_world_data, world_of

REPEATED = "no-repeat"
JSON_TYPE = "application/json"

STEPS: Mapping[str, tuple[str, int] | None] = {
    "500": ("internalServerError", 500),
    "userNotFound": ("userNotFound", 400),
    "tooManyRequests:5": ("tooManyRequests", 429),
    "418": ("418", 418),
    "delay:1ms+invalidEmail": ("invalidEmail", 400),
    "200": ("the accepting one", 200),
    "delay:1ms": None,
    "pass": None,
}
"""What is armed, with the answer that it sends, or None for the judged one."""


@dataclass
class Fault:
    """One that was armed: its steps, for whom, and one of `next` and `every` (1 for always)."""

    id: str
    do: list[str]
    operation: str | None
    session: str | None
    next: int | None
    every: int | None
    seen: int = 0
    used: int = 0

    @property
    def remaining(self) -> int | None:
        return None if self.next is None else self.next - self.used

    @property
    def active(self) -> bool:
        return self.remaining != 0

    def is_for(self, operation: str, session: str | None) -> bool:
        return self.active and self.operation in {None, operation} and self.session in {None, session}

    def step(self) -> str | None:
        """Count a request, and give what is played to it, if anything."""
        self.seen += 1
        if self.every is not None and self.seen % self.every:
            return None
        self.used += 1
        return self.do[(self.used - 1) % len(self.do)]


@dataclass
class Session:
    id: str
    key: str
    data: dict[str, Any]
    ended: bool = False


@dataclass(frozen=True)
class Request:
    """What is sent: to which operation, with which key (None for no header), and the body with its type."""

    operation: Operation
    key: str | None
    body: bytes
    content_type: str = JSON_TYPE
    query: str = ""

    @property
    def path(self) -> str:
        return self.operation.path + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class Kept:
    """A request as the journal has to hold it; `message` is None for an answer that is not the contract's."""

    request: Request
    session: str | None
    key: str | None
    answer: str
    status: int
    message: str | None
    accepted: bool
    broken: list[str]
    flags: list[str]
    armed: tuple[str, str] | None
    subject: Subject
    id: str = ""

    def entry(self) -> dict[str, Any]:
        """Give what of it stands in a list, as far as a model can know it."""
        return {
            "id": self.id,
            "session": self.session,
            "key": self.key,
            "method": "POST",
            "path": self.request.path,
            "operation": self.request.operation.id,
            "status": self.status,
            "answer": self.answer,
            "accepted": self.accepted,
            "user": self.subject.user or None,
            "event": self.subject.event or None,
            "broken": self.broken,
            "flags": self.flags,
            "armed": self.armed,
        }


@dataclass
class Model:
    """The fake."""

    contract: Contract
    file: Mapping[str, Any] = field(init=False)
    everybody: dict[str, Any] = field(init=False)
    sessions: dict[str, Session] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    journal: list[Kept] = field(default_factory=list)

    def __post_init__(self) -> None:
        pairs = {feature: list(actions) for feature, actions in self.contract.pairs.items()}
        self.file = {"pairs": pairs, **load_world_data(None, self.contract)[0]}
        self.everybody = deepcopy(dict(self.file))

    # Whom it knows

    def world(self) -> World:
        found = world_of(self.everybody, "the model", self.contract)
        living = [
            key_of({"key": one.key}, one.data, self.contract, session=one.id)
            for one in self.sessions.values()
            if not one.ended
        ]
        return World(found.name, {**found.keys, **{key.secret: key for key in living}}, found.users)

    def data(self, session: str | None) -> dict[str, Any]:
        return self.everybody if session is None else self.sessions[session].data

    def begin_session(self, session: str, key: str) -> None:
        self.sessions[session] = Session(session, key, deepcopy(self.everybody))

    def end_session(self, session: str) -> None:
        self.sessions[session].ended = True
        self.disarm_all(session)

    def forget_sessions(self) -> int:
        """Forget all sessions with what was armed for them; gives how many there were."""
        count = len(self.sessions)
        for session in self.sessions:
            self.disarm_all(session)
        self.sessions.clear()
        return count

    def add_user(self, row: Mapping[str, Any], session: str | None) -> None:
        users = self.data(session)["users"]
        users[:] = [user for user in users if user["id"] != row["id"]] + [dict(row)]

    def add_pair(self, feature: str, action: str, session: str | None) -> None:
        actions = self.data(session)["pairs"].setdefault(feature, [])
        actions += [] if action in actions else [action]

    def reset_world(self, session: str | None) -> None:
        if session is None:
            self.everybody = deepcopy(dict(self.file))
        else:
            self.sessions[session].data = deepcopy(self.everybody)

    # What is armed

    def disarm(self, fault: Fault) -> None:
        self.faults.remove(fault)

    def disarm_all(self, session: str | None) -> int:
        gone = [fault for fault in self.faults if session in {None, fault.session}]
        self.faults = [fault for fault in self.faults if fault not in gone]
        return len(gone)

    def played(self, operation: str, session: str | None) -> tuple[str, str] | None:
        """Ask each in the order of arming until one fires."""
        for fault in self.faults:
            if fault.is_for(operation, session) and (step := fault.step()) is not None:
                return fault.id, step
        return None

    # What is sent

    def send(self, request: Request, request_id: str) -> Kept:
        """Answer a request, and keep it; gives it as the journal has to hold it."""
        operation = request.operation
        keys = () if request.key is None else (request.key,)
        admission = admit(operation, Head(keys, "127.0.0.1", (request.content_type,)), self.world())
        key = admission.key
        armed = self.played(operation.id, (key.session or None) if key else None)
        judgement = refuse(admission.breach) if admission.breach else self._judged(request, key)
        name, status, message = self._answer(operation, key, judgement, armed)
        if armed is None and key is not None and key.answer:
            armed = ("key", key.answer)
        accepted = not judgement.breaches and status < 300
        kept = Kept(
            request=request,
            session=(key.session or None) if key else None,
            key=masked(key.secret) if key else None,
            answer=name,
            status=status,
            message=message,
            accepted=accepted,
            broken=list(dict.fromkeys(breach.rule.id for breach in judgement.breaches)),
            # Whether it comes again within some seconds is not for a model without a clock.
            flags=[flag for flag in dict.fromkeys(one.rule.id for one in judgement.flags) if REPEATED not in flag],
            armed=armed,
            subject=self._subject(request, key) if accepted and key else Subject(),
            id=request_id,
        )
        self.journal.append(kept)
        return kept

    def _answer(
        self, operation: Operation, key: Key | None, judgement: Judgement, armed: tuple[str, str] | None
    ) -> tuple[str, int, str | None]:
        sent = STEPS[armed[1]] if armed else None
        if armed is None and key is not None and key.answer:
            sent = (key.answer, self.contract.answers[key.answer].status)
        if sent is None:
            return judgement.answer.name, judgement.answer.status, judgement.answer.message
        name, status = sent
        if status == 200:
            return operation.accepted.name, status, operation.accepted.message
        known = self.contract.answers.get(name)
        return name, status, known.message if known else None

    def _judged(self, request: Request, key: Key | None) -> Judgement:
        assert key is not None
        operation, limits = request.operation, self.contract.limits
        around = Circumstances(datetime.now(UTC), request.query)
        if operation.media_type == JSON_TYPE:
            return judge_json(operation, read_json(request.body, limits), key, around, limits)
        form = FormReader(request.content_type, form_limits(operation, key, limits))
        form.feed(request.body)
        if form.stop is None:
            form.finish()
        return judge_form(operation, form, key, around, limits)

    def _subject(self, request: Request, key: Key) -> Subject:
        operation, limits = request.operation, self.contract.limits
        if operation.media_type == JSON_TYPE:
            found = read_json(request.body, limits)
            assert isinstance(found, Document)
            return subject(operation, found.value, key)
        form = FormReader(request.content_type, form_limits(operation, key, limits))
        form.feed(request.body)
        return subject(operation, {part.name: part.text for part in form.parts if not part.is_file}, key)

    # What is remembered

    def of(self, session: str | None) -> Iterator[Kept]:
        return (kept for kept in self.journal if session in {None, kept.session})

    def forget(self, session: str | None) -> int:
        gone = {kept.id for kept in self.of(session)}
        self.journal = [kept for kept in self.journal if kept.id not in gone]
        return len(gone)


def fits(kept: Kept, filters: Mapping[str, Any]) -> bool:
    """Say whether a request is one of those that filters of the control API ask for."""
    entry = kept.entry()
    others: Mapping[str, Callable[[Any], bool]] = {
        "rule": lambda rule: rule in {*kept.broken, *kept.flags},
        "unattributed": lambda wanted: not wanted or kept.key is None,
        "path": lambda path: path in {kept.request.path, kept.request.operation.path},
    }
    return all(others[name](value) if name in others else entry[name] == value for name, value in filters.items())


def bodies_of(kept: Iterable[Kept]) -> list[Any]:
    """Give what a server would have stored of accepted JSON bodies."""
    return [json.loads(one.request.body) for one in kept if one.request.operation.media_type == JSON_TYPE]
