"""What a client keeps to itself: the obligations S-07 and S-08."""

from conformance.model import Call
from conformance.obligation import KEPT, Finding, Level, Obligation, broken
from contracts.model import Source
from contracts.operations import Contract

_PERSONAL = ("email", "phone")
# A shorter one may stand in any line by chance: "s" is an email of a generated intent, and in "using" too.
_TELLING_LENGTH = 6


def key_stays_secret(call: Call) -> Finding | None:
    """Ask that the caller is not shown the key."""
    if call.reply.leaks:
        got = ", ".join(call.reply.leaks)
        return broken("the API key is shown", got=f"in {got}", expected="nowhere", place=call.reply.leaks[0])
    return KEPT if call.reply.failed else None


def personal_data_stays_out(call: Call) -> Finding | None:
    """Ask that nothing of a person is written to where programs write what they do."""
    values = ((name, call.intent.args.get(name)) for name in _PERSONAL)
    given = {name: value for name, value in values if isinstance(value, str) and len(value) >= _TELLING_LENGTH}
    if not given or not call.reply.noise:
        return None
    shown = [name for name, value in given.items() if value in call.reply.noise]
    if not shown:
        return KEPT
    return broken("personal data is written to the log", got=", ".join(shown), expected="neither", place=shown[0])


def obligations(_contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations about privacy."""
    return _ROWS


_ROWS = (
    Obligation(
        "S-07", Level.SHOULD, "The API key stands in no message, exception or log.",
        Source("user-analytics", "Request Headers"), because="Logs are read by many, and kept for long.",
        call=key_stays_secret,
    ),
    Obligation(
        "S-08", Level.ASSUMED, "Email and phone of a user are not written to the log.",
        Source("ours", ""), because="Logs are read by many, and kept for long.",
        call=personal_data_stays_out,
    ),
)  # fmt: skip
