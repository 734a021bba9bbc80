"""Armed answers and faults: placed by somebody who wants to see them, played to the requests that they are for."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from random import Random
from typing import Any, NamedTuple

from contracts.faults import ConfigError, Fault
from contracts.model import Answer
from contracts.operations import Contract, Operation
from contracts.world import Key
from mock_server.steps import Step, read_step
from mock_server.storage.database import Database
from mock_server.storage.revisions import Revisions
from mock_server.storage.schedule import Order, due, problem

_COLUMNS = "id, placed, seen, used, active, created"


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """One order and how far it is: the requests that it has met, those that it was played to, those that are left."""

    id: str
    order: Order
    seen: int
    used: int
    remaining: int | None
    active: bool
    documented: bool
    created: float


class Turn(NamedTuple):
    """What one request gets: the step of which fault, with chance for what varies."""

    fault: str
    step: Step
    chance: Random


class ArmedFaults:
    """The armed faults of one fake. All workers see a new one with the first request that begins after it was armed."""

    def __init__(
        self, database: Database, revisions: Revisions, contract: Contract, now: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._revisions = revisions
        self._now = now
        self.adopt(contract)

    def adopt(self, contract: Contract) -> None:
        """Go on with another contract."""
        self._contract = contract
        # The same few steps are read again and again, for each request that they may be for.
        self._read = lru_cache(maxsize=256)(partial(_read, contract))
        self._seen = b""
        self._active: list[tuple[int, Order]] = []

    def misfits(self, contract: Contract) -> list[Fault]:
        """Give what is armed and could not stay with another contract."""
        operations = {operation.id for operation in contract.operations.values()}
        return [
            Fault(fault.id, problem)
            for fault in self.all()
            for problem in _misfits(fault.order, contract.answers, operations)
        ]

    # What every request does

    def turn(self, operation: Operation, key: Key | None) -> Turn | None:
        """Give what is to be played to a request, and count it. Raises StorageError."""
        if self._seen != self._revisions.faults.now:
            self._load()
        if not self._active:
            return None
        mine = [number for number, order in self._active if _is_for(order, operation, key)]
        return self._take(mine, operation) if mine else None

    def _load(self) -> None:
        seen = self._revisions.faults.now
        rows = self._database.rows("SELECT id, placed FROM faults WHERE active ORDER BY id")
        self._active = [(number, _order(placed)) for number, placed in rows]
        self._seen = seen

    def _take(self, numbers: list[int], operation: Operation) -> Turn | None:
        """Ask each in turn, in one transaction: another worker may be asking, too."""
        marks = ", ".join("?" * len(numbers))
        with self._database.transaction() as connection:
            sql = f"SELECT id, placed, seen, used FROM faults WHERE active AND id IN ({marks}) ORDER BY id"  # noqa: S608 - only marks
            found = connection.execute(sql, numbers).fetchall()
            if len(found) < len(numbers):
                self._seen = b""
            for number, placed, seen, used in found:
                order = _order(placed)
                step = self._read_if_due(order, seen, number, operation)
                fired = step is not None
                active = order.most is None or used + fired < order.most
                sql = "UPDATE faults SET seen = ?, used = ?, active = ? WHERE id = ?"
                connection.execute(sql, (seen + 1, used + fired, active, number))
                if not active:
                    self._seen = b""
                if step is not None:
                    return Turn(f"f-{number}", step, _chance(order, seen, number))
        return None

    def _read_if_due(self, order: Order, seen: int, number: int, operation: Operation) -> Step | None:
        """Give the step when it is its turn; none that this contract has not, as that of an earlier start may be."""
        step = due(order, seen, number)
        try:
            return None if step is None else self._read(step, operation.id)
        except ValueError:
            return None

    # What the control API asks for

    def arm(self, order: Order) -> ArmedFault:
        """Place an order. Raises ConfigError for a step or an operation that there is not, or an impossible time."""
        faults = [Fault("do", str(error)) for error in self._unreadable(order)]
        operations = {operation.id: operation for operation in self._contract.operations.values()}
        if order.operation is not None and order.operation not in operations:
            faults.append(Fault("operation", f"got {order.operation!r}, expected one of {', '.join(operations)}"))
        wrong = problem(order)
        if wrong:
            place, _, words = wrong.partition(": ")
            faults.append(Fault(place, words))
        if faults:
            raise ConfigError(faults)
        with self._database.transaction() as connection:
            sql = "INSERT INTO faults (placed, session, seen, used, active, created) VALUES (?, ?, 0, 0, 1, ?)"
            row = (json.dumps(asdict(order)), order.session or "", self._now())
            number = connection.execute(sql, row).lastrowid
        self._revisions.faults.change()
        return self._fault((number, *row[:1], 0, 0, 1, row[2]))

    def _unreadable(self, order: Order) -> list[ValueError]:
        found = []
        for step in order.do:
            try:
                self._read(step)
            except ValueError as error:
                found.append(error)
        return found

    def _is_documented(self, order: Order) -> bool:
        try:
            return all(self._read(step).documented for step in order.do)
        except ValueError:
            return False

    def all(self) -> list[ArmedFault]:
        """Give all that were armed since the last reset, also such as are used up."""
        return [self._fault(row) for row in self._database.rows(f"SELECT {_COLUMNS} FROM faults ORDER BY id")]  # noqa: S608 - a constant

    def get(self, fault_id: str) -> ArmedFault | None:
        """Give one of them."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM faults WHERE id = ?", [_number(fault_id)])  # noqa: S608 - the same
        return self._fault(rows[0]) if rows else None

    def disarm(self, fault_id: str) -> bool:
        """Remove one of them; says whether there was one."""
        return self._remove("id = ?", _number(fault_id)) > 0

    def clear(self, session: str | None = None) -> int:
        """Remove those of one session, or all; gives how many."""
        return self._remove("session = ?", session) if session is not None else self._remove("id > ?", 0)

    def _remove(self, condition: str, value: object) -> int:
        with self._database.transaction() as connection:
            removed = connection.execute(f"DELETE FROM faults WHERE {condition}", (value,)).rowcount  # noqa: S608 - from here
        self._revisions.faults.change()
        return removed

    def _fault(self, row: Any) -> ArmedFault:  # noqa: ANN401 - a row
        number, placed, seen, used, active, created = row
        order = _order(placed)
        most = order.most
        return ArmedFault(
            id=f"f-{number}",
            order=order,
            seen=seen,
            used=used,
            remaining=None if most is None else most - used,
            active=bool(active),
            documented=self._is_documented(order),
            created=created,
        )


def _read(contract: Contract, step: str, operation: str = "") -> Step:
    """Read a step with all answers, those of an operation first: a status means the first that has it."""
    return read_step(step, {**(contract.operation(operation).answers if operation else {}), **contract.answers})


def _misfits(order: Order, answers: Mapping[str, Answer], operations: Iterable[str]) -> Iterator[str]:
    if order.operation is not None and order.operation not in operations:
        yield f"is armed for the operation {order.operation!r}, expected one of {', '.join(operations)}"
    for step in order.do:
        try:
            read_step(step, answers)
        except ValueError as error:
            yield str(error)


def _is_for(order: Order, operation: Operation, key: Key | None) -> bool:
    return (
        (order.operation is None or order.operation == operation.id)
        and (order.session is None or (key is not None and order.session == key.session))
        and (order.key is None or (key is not None and order.key == key.masked))
    )


def _chance(order: Order, seen: int, number: int) -> Random:
    """Give what varies within a step; with a seed it is the same whenever the same is armed."""
    seed = order.seed if order.seed is not None else f"fault {number}"
    # Other numbers than those that decide whether it fires, or the two would depend on each other.
    return Random(f"{seed}:{seen}:within")  # noqa: S311 - chance, no secret


@lru_cache(maxsize=256)
def _order(placed: str) -> Order:
    members = json.loads(placed)
    return Order(**{**members, "do": tuple(members["do"])})


def _number(fault_id: str) -> int:
    digits = fault_id.removeprefix("f-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0  # noqa: PLR2004 - SQLite's integers end there
