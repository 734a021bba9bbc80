"""Trials of several calls: what one leaves behind for the next, two keys, calls at once, and what comes too late."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.depth import Depth
from conformance.model import File, Intent
from conformance.trial import Trial
from conformance.trials.smoke import valid_intents
from contracts.operations import Contract

_GIFT, _ANALYTICS, _CAPTURE = "giftAssets", "addUserAnalytics", "captureAnalytics"
_AT_ONCE = 20
_PICTURES = tuple(File(f"{name}.gif", "image/gif", 64 + at) for at, name in enumerate(("one", "two", "three")))

# More than every call needs: what is left of it in the next one shows.
_RICH: Mapping[str, Mapping[str, Any]] = {
    _GIFT: {},
    _ANALYTICS: {
        "userId": "first-user", "email": "first@example.com", "phone": "+14155550101", "metadata": {"screen": "first"},
    },
    _CAPTURE: {
        "type": "REGISTRATION_PAGE_VISIT", "sessionId": "first-session", "registrationPageValue": "first-page",
        "email": None,
    },
}  # fmt: skip
_PLAIN: Mapping[str, Mapping[str, Any]] = {
    _GIFT: {"userId": "second-user"},
    _ANALYTICS: {"userId": "second-user", "email": None, "phone": None, "metadata": None},
    _CAPTURE: {
        "type": "PHOTO_VIEWED_BY_USER", "email": "second@example.com", "sessionId": None, "registrationPageValue": None,
    },
}  # fmt: skip


def trials(contract: Contract, depth: Depth) -> Iterator[Trial]:
    """Give the trials of several calls."""
    yield _across(list(valid_intents(contract)))
    for intent in valid_intents(contract):
        is_core = intent.operation == _ANALYTICS
        yield _left_over(intent)
        yield _two_keys(intent)
        if is_core or depth.thorough:
            yield from _after_failures(intent, depth)
            yield from _at_once(intent)
        if is_core:
            # What a client sends behind its caller's back, for what failed before, arrives while this one waits.
            yield Trial(f"sequence/afterwards/{intent.operation}", (intent,), ("delay:60ms+pass",))


def _left_over(intent: Intent) -> Trial:
    """Hand over much, then little."""
    rich = replace(_with(intent, _RICH[intent.operation]), files=_PICTURES if intent.files else ())
    plain = replace(_with(intent, _PLAIN[intent.operation]), files=_PICTURES[:1] if intent.files else ())
    return Trial(f"sequence/much-then-little/{intent.operation}", (rich, plain, rich))


def _across(intents: list[Intent]) -> Trial:
    """Call all operations in turn, and back: what one of them sets, such as a header, is of no use to another."""
    return Trial("sequence/across", (*intents, *reversed(intents)))


def _two_keys(intent: Intent) -> Trial:
    """Call with one key, the other, and each once more."""
    return Trial(f"sequence/two-keys/{intent.operation}", (intent,) * 4, second_key=True)


def _after_failures(intent: Intent, depth: Depth) -> Iterator[Trial]:
    """Fail between two calls that are fine."""
    steps = ("400", "emptyRefusal", "reset:before", "garbage", "reset:during")
    for step in steps if depth.thorough else steps[:3]:
        name = f"sequence/after-{step.replace(':', '-')}/{intent.operation}"
        yield Trial(name, (intent,) * 4, ("pass", step))
    yield Trial(f"sequence/ended-connection/{intent.operation}", (intent,) * 2, ("reset:after",))


def _at_once(intent: Intent) -> Iterator[Trial]:
    """Call many times at once, each time for another user; of a queue also when the API refuses some or all of it."""
    intents = tuple(_numbered(intent, number) for number in range(_AT_ONCE))
    yield Trial(f"sequence/at-once/{intent.operation}", intents, parallel=True, needs=("concurrency",))
    queue = Trial(f"sequence/queue/{intent.operation}", intents, parallel=True, needs=("async_send",))
    yield queue
    yield replace(queue, name=f"sequence/queue-400/{intent.operation}", plan=("pass", "400"))
    yield replace(queue, name=f"sequence/queue-401/{intent.operation}", plan=("401",), persistent=True)


def _numbered(intent: Intent, number: int) -> Intent:
    names = {"userId": f"user-{number}", "email": f"user-{number}@example.com", "sessionId": f"session-{number}"}
    own = {name: value for name, value in names.items() if intent.args.get(name)}
    files = tuple(replace(file, name=f"{number}.gif", size=64 + number) for file in intent.files)
    return replace(_with(intent, own), files=files)


def _with(intent: Intent, changes: Mapping[str, Any]) -> Intent:
    return replace(intent, args={**intent.args, **changes})
