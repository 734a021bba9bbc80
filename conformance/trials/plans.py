"""Trials with planned answers: documented ones, those of gateways, retry series, and faults of the network."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.chapters.giving_up import ENDLESS
from conformance.depth import Depth
from conformance.model import File, Intent
from conformance.trial import Trial
from conformance.trials.smoke import valid_intents
from contracts.operations import Contract, Operation

_GIFT, _ANALYTICS, _CAPTURE = "giftAssets", "addUserAnalytics", "captureAnalytics"
_ALL = (_GIFT, _ANALYTICS, _CAPTURE)
_REFUSED = 400
# Larger than what lies on the way between a client and a server, so that an upload takes its time.
_CUT_FILE = File("film.mp4", "video/mp4", 1 << 19, b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", b"film")
_LARGE_FILE = File("long-film.mp4", "video/mp4", 8 << 20, b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", b"film")
# Nobody's address, by RFC 5737.
_NOBODY = ("192.0.2.1",)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Steps for so many calls of one kind: of the core operations always, of these all when thorough.

    `file` takes the place of the picture that is uploaded otherwise. A `calls` of 0 is one for each step.
    """

    name: str
    steps: tuple[str, ...]
    calls: int = 1
    core: tuple[str, ...] = (_ANALYTICS,)
    of: tuple[str, ...] = _ALL
    persistent: bool = False
    file: File | None = None
    timeout_ms: int | None = None
    time_scale: float | None = None
    needs: tuple[str, ...] = ()


def _once_each(name: str, *steps: str, core: tuple[str, ...] = (_ANALYTICS,)) -> _Plan:
    return _Plan(name, steps, calls=0, core=core)


# With their real waits, these would take long.
_SCALED = ("time_scale",)

_PLANS: Sequence[_Plan] = (
    # Answers
    _once_each("successes", "moreFields", "emptyBody", "created", "204", "202"),
    _once_each("malformed-success", "malformedJson"),
    _once_each("refusals", "400", "401", "403"),
    _Plan("400-for-ever", ("400",), persistent=True, core=_ALL),
    _Plan("401-for-ever", ("401",), persistent=True, core=_ALL),
    _Plan("403-for-ever", ("403",), persistent=True, core=_ALL),
    _once_each("other-refusals", "404", "405", "409", "413", "415", "422"),
    _once_each("odd-refusals", "htmlRefusal", "emptyRefusal", "malformedRefusal", "listRefusal"),
    _Plan("html-500-for-ever", ("htmlError",) * ENDLESS, core=(), of=(_ANALYTICS,), needs=_SCALED),
    _Plan("empty-500-for-ever", ("emptyError",) * ENDLESS, core=(), of=(_ANALYTICS,), needs=_SCALED),
    _Plan("502-page-for-ever", ("badGateway",) * ENDLESS, core=(), of=(_ANALYTICS,), needs=_SCALED),
    # Attempts
    # At a scale at which a wait can be told from none.
    _Plan("500-for-ever", ("500",) * ENDLESS, of=(_ANALYTICS,), time_scale=0.5),
    _Plan("500-for-ever", ("500",) * ENDLESS, core=(_GIFT,), of=(_GIFT, _CAPTURE)),
    _Plan("500-200", ("500", "200"), core=_ALL),
    _Plan("500-500-200", ("500", "500", "200"), core=()),
    _Plan("500-400", ("500", "400", "400")),
    _Plan("500-500-400", ("500", "500", "400", "400"), core=()),
    _Plan("500-401", ("500", "401", "401")),
    _Plan("429", ("tooManyRequests:2",)),
    _Plan("503", ("serviceUnavailable:2",), core=(), of=(_ANALYTICS, _GIFT)),
    # Elsewhere
    _Plan("302", ("found:{elsewhere}{path}",)),
    _Plan("307", ("redirect:{elsewhere}{path}",)),
    _Plan("302-same-origin", ("found:/moved",), core=()),
    # On the wire
    _Plan("reset-before", ("reset:before",), core=(_ANALYTICS, _GIFT)),
    _Plan("resets-for-ever", ("reset:before",) * ENDLESS, of=(_ANALYTICS,)),
    _Plan("close", ("close",)),
    _Plan("garbage", ("garbage",), core=()),
    _Plan("reset-during", ("reset:during",), core=()),
    _Plan("truncated", ("truncate",), core=()),
    _Plan("cut-upload", ("cut:256KiB",), core=(_GIFT,), of=(_GIFT,), file=_CUT_FILE),
    _Plan("503-after-upload", ("serviceUnavailable:0", "200"), core=(), of=(_GIFT,), file=_CUT_FILE),
    _Plan("stalled", ("hang",), timeout_ms=100, of=(_ANALYTICS, _GIFT), needs=("timeout",)),
    _Plan("slow-answer", ("400", "drip:4000+400", "drip:4000+200"), calls=3, of=(_ANALYTICS,)),
    _Plan("chunked-answer", ("400", "chunked:40+400", "chunked:40+200"), calls=3, of=(_ANALYTICS,)),
)  # fmt: skip


def trials(contract: Contract, depth: Depth, can: Collection[str] = _ALL) -> Iterator[Trial]:
    """Give the trials with planned answers, for a client that has the operations of these ids."""
    intents = {intent.operation: intent for intent in valid_intents(contract)}
    operations = {operation.id: operation for operation in contract.operations.values()}
    for operation in operations.values():
        yield _messages(operation, intents[operation.id])
    for plan in _PLANS:
        for name in plan.of if depth.thorough else _core(plan, can):
            yield _trial(plan, operations[name], intents[name])
    yield _early(intents[_GIFT])


def _core(plan: _Plan, can: Collection[str]) -> Sequence[str]:
    """Give the core operations of a plan, and another in place of those when a client has none of them."""
    others = [name for name in plan.of if name in can]
    return plan.core if not plan.core or set(plan.core) & set(can) else others[:1]


def _messages(operation: Operation, intent: Intent) -> Trial:
    """Have each message that comes with a 400 answered once."""
    names = [answer.name for answer in operation.answers.values() if answer.status == _REFUSED]
    return Trial(f"plan/messages/{operation.id}", (intent,) * len(names), tuple(names))


def _trial(plan: _Plan, operation: Operation, intent: Intent) -> Trial:
    asked = replace(intent, files=(plan.file,)) if plan.file else intent
    return Trial(
        f"plan/{plan.name}/{operation.id}",
        (asked,) * (plan.calls or len(plan.steps)),
        tuple(step.replace("{path}", operation.path) for step in plan.steps),
        persistent=plan.persistent,
        timeout_ms=plan.timeout_ms,
        time_scale=plan.time_scale,
        needs=plan.needs,
    )


def _early(intent: Intent) -> Trial:
    """Forbid an upload by its headers alone, so that the answer comes while the client still sends."""
    return Trial("plan/early-403/giftAssets", (replace(intent, files=(_LARGE_FILE,)),), allow=_NOBODY)
