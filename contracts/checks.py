"""The checks that a schema cannot express, by the name that the spec binds them to a rule with.

Each takes the case and the fields of its rule, and gives what it found. A check passes over fields that the schema
refused already: what is wrong with those is said once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from contracts.case import Case, Finding
from contracts.hints import hint_for
from contracts.media import is_same_type, recognise
from contracts.model import shown
from contracts.world import Key, User, ascii_lower

Fields = tuple[str, ...]
Findings = Sequence[Finding]
Check = Callable[[Case, Fields], Findings]

NOTHING: Findings = ()
_BLANK = (None, "")
_MANY = 20


def identifier_sent(case: Case, fields: Fields) -> Findings:
    """Ask for one identifier that is neither left out nor blank; one that is malformed has a rule of its own."""
    for field in fields:
        if case.body.get(field) not in _BLANK:
            return NOTHING
    return [Finding(", ".join(fields), "no identifier", "at least one of " + ", ".join(fields))]


def known_user(case: Case, fields: Fields) -> Findings:
    """Ask that one of the identifiers belongs to a user."""
    sound, user = case.sound, case.key.user
    for field in fields:
        if field in sound and user(field, sound[field]):
            return NOTHING
    sent = [field for field in fields if field in sound]
    if not sent:
        return NOTHING
    got = ", ".join(shown(case.sound[field]) for field in sent)
    return [Finding(", ".join(sent), got, "a user of this world", hint_for(case.sound[sent[0]]))]


def one_user(case: Case, fields: Fields) -> Findings:
    """Report identifiers that do not belong to the user that counts: the first match in the order of the fields."""
    sound, user_of = case.sound, case.key.user
    users = [(field, user_of(field, sound[field])) for field in fields if field in sound]
    for _, user in users:
        if user is not users[0][1]:
            break
    else:
        # Most requests come with one identifier, or with several of one user.
        return NOTHING
    chosen = next(user for _, user in users if user is not None)
    return [
        Finding(field, f"{shown(case.sound[field])}, which is {_name(user)}", _name(chosen))
        for field, user in users
        if user is not chosen
    ]


def _name(user: User | None) -> str:
    return f"user {user.id}" if user else "nobody"


def registered_pair(case: Case, fields: Fields) -> Findings:
    """Ask for a pair that is registered for this key, without regard to ASCII case."""
    feature, action = case.sound.get(fields[0]), case.sound.get(fields[1])
    # That they are texts is the schema's to say, and a changed schema may not say it.
    if not isinstance(feature, str) or not isinstance(action, str) or (feature, action) in case.key.pairs:
        return NOTHING
    # ASCII only: "İ".lower() would turn a wrong letter into a right one.
    pair = (ascii_lower(feature), ascii_lower(action))
    if pair in case.key.pairs:
        return NOTHING
    expected = "a registered pair; near it: " + _near_pairs(pair, case.key.pairs)
    return [Finding(", ".join(fields), f"{shown(feature)}/{shown(action)}", expected, hint_for(feature))]


@lru_cache(maxsize=256)
def _near_pairs(pair: tuple[str, str], registered: frozenset[tuple[str, str]]) -> str:
    """Name a few pairs that come close; kept, because a client that is wrong is so again and again."""
    pairs = ["/".join(known) for known in sorted(registered)]
    wanted = f"{pair[0][:80]}/{pair[1][:80]}"
    return ", ".join(get_close_matches(wanted, pairs, n=3, cutoff=0.3) or pairs[:3])


def _known(kind: str, values: Callable[[Key], frozenset[str]]) -> Check:
    """Make the check that a field holds one of the values that the key's world has for it."""

    def check(case: Case, fields: Fields) -> Findings:
        value = case.sound.get(fields[0])
        known = values(case.key)
        if not isinstance(value, str) or value in known:
            return NOTHING
        return [Finding(fields[0], shown(value), f"one of the world's {kind}: {_some_of(known)}", hint_for(value))]

    return check


@lru_cache(maxsize=256)
def _some_of(known: frozenset[str]) -> str:
    """Name some values; kept, as `_near_pairs` are."""
    return ", ".join(sorted(known)[:_MANY])


def registered_for_event(case: Case, fields: Fields) -> Findings:
    """Ask that the user is registered for the event, when both are known."""
    user_field, event_field = fields
    user = case.key.user(user_field, case.sound.get(user_field, ""))
    event = case.sound.get(event_field)
    if user is None or event not in case.key.events or event in user.events:
        return NOTHING
    registered = ", ".join(sorted(user.events)) or "none"
    return [Finding(event_field, shown(event), f"an event that {user.id} is registered for: {registered}")]


def media_kind(case: Case, fields: Fields) -> Findings:
    """Ask that each file is of a kind that may be gifted: by its first bytes, or else by its declared type."""
    media = case.form.media
    expected = " or ".join(f"an {kind}" if kind[0] in "aeiou" else f"a {kind}" for kind in sorted(media.kinds))
    found = []
    for number, part in enumerate(case.form.assets, 1):
        recognised = recognise(part.head)
        if part.size and not media.take(recognised or part.content_type):
            got = recognised or f"content that is not recognised, declared as {part.content_type or 'nothing'}"
            found.append(Finding(f"{fields[0]}[{number}]", f"{shown(part.filename)} with {got}", expected))
    return found


def media_recognised(case: Case, fields: Fields) -> Findings:
    """Report a file whose kind is only declared."""
    return [
        Finding(
            f"{fields[0]}[{number}]",
            f"{shown(part.filename)}, declared as {part.content_type}",
            "content that begins as that type does",
        )
        for number, part in enumerate(case.form.assets, 1)
        if part.size and case.form.media.take(part.content_type) and not recognise(part.head)
    ]


def media_declared(case: Case, fields: Fields) -> Findings:
    """Report a file whose declared type is another than the one that its bytes show."""
    media = case.form.media
    recognised = [recognise(part.head) for part in case.form.assets]
    return [
        Finding(f"{fields[0]}[{number}]", f"{shown(part.filename)}, declared as {part.content_type}", kind)
        for number, (part, kind) in enumerate(zip(case.form.assets, recognised, strict=True), 1)
        if media.take(kind) and part.content_type not in media.undeclared and not is_same_type(part.content_type, kind)
    ]


def unambiguous_size(case: Case, fields: Fields) -> Findings:
    """Report a file that is within the limit only if a megabyte is the larger of its two readings."""
    surely = case.form.asset_bytes * case.limits.ambiguous_megabyte // case.limits.megabyte
    return [
        Finding(f"{fields[0]}[{number}]", f"{shown(part.filename)} with {part.size} bytes", f"at most {surely} bytes")
        for number, part in enumerate(case.form.assets, 1)
        if part.size > surely
    ]


def fields_of_type(case: Case, fields: Fields) -> Findings:
    """Report fields that belong to another form of the body."""
    if case.needed.isdisjoint(fields):
        # No form was chosen, so nothing says which of them belong to it.
        return NOTHING
    return [
        Finding(field, shown(case.sound[field]), "nothing, for this type")
        for field in fields
        if field in case.sound and field not in case.needed
    ]


def named_fields(case: Case, fields: Fields) -> Findings:  # noqa: ARG001 - one form for all checks
    """Report fields that the document does not name."""
    if case.body.keys() <= case.named:
        return NOTHING
    others = [field for field in case.body if field not in case.named]
    return [Finding(shown(field), shown(case.body[field]), "only named fields") for field in others[:_MANY]]


def not_empty(case: Case, fields: Fields) -> Findings:
    """Report an object that could have been left out."""
    return NOTHING if case.sound.get(fields[0], True) else [Finding(fields[0], "{}", "no field when it is empty")]


def plausible_time(case: Case, fields: Fields) -> Findings:
    """Report a time that lies far from now, to the day."""
    value = case.sound.get(fields[0])
    ago = _days_between(value[:10], case.circumstances.now.date()) if isinstance(value, str) else None
    limits = case.limits
    if ago is None or -limits.future_days <= ago <= limits.past_days:
        return NOTHING
    distance = f"{ago} days ago" if ago > 0 else f"{-ago} days ahead"
    expected = f"at most {limits.past_days} days ago and {limits.future_days} ahead"
    return [Finding(fields[0], f"{value}, {distance}", expected)]


@lru_cache(maxsize=1024)
def _days_between(day: str, today: date) -> int | None:
    """Count the days from a date to today; None for what is no date, which is the schema's to refuse."""
    try:
        return (today - date.fromisoformat(day)).days
    except ValueError:
        return None


def plain_json(case: Case, fields: Fields) -> Findings:  # noqa: ARG001 - one form for all checks
    """Report what RFC 8259 allows but advises against."""
    if not case.oddities:
        return NOTHING
    return [Finding("body", note, "what every reader of JSON takes alike") for note in case.oddities]


def no_query(case: Case, fields: Fields) -> Findings:  # noqa: ARG001 - one form for all checks
    """Report a query string."""
    if not case.circumstances.query:
        return NOTHING
    return [Finding("query", shown(case.circumstances.query), "no query string")]


def no_repeat(case: Case, fields: Fields) -> Findings:  # noqa: ARG001 - one form for all checks
    """Report a request that came just before, to the letter."""
    if not case.circumstances.repeated:
        return NOTHING
    return [Finding("request", f"the same within {case.limits.repeat_seconds} s", "each event and gift once")]


def on_needed(check: Check) -> Check:
    """Make the check that looks only at those of its fields that the schema requires of the body at hand."""

    def narrowed(case: Case, fields: Fields) -> Findings:
        needed = tuple(field for field in fields if field in case.needed)
        return check(case, needed) if needed else NOTHING

    return narrowed


CHECKS: Mapping[str, Check] = {
    "identifier-sent": identifier_sent,
    "known-user": known_user,
    "one-user": one_user,
    "registered-pair": registered_pair,
    "known-experience": _known("experiences", lambda key: key.experiences),
    "known-event": _known("events", lambda key: key.events),
    "known-event-value": _known("event values", lambda key: key.event_values),
    "known-registration-page": _known("registration pages", lambda key: key.registration_pages),
    "registered-for-event": registered_for_event,
    "media-kind": media_kind,
    "media-recognised": media_recognised,
    "media-declared": media_declared,
    "unambiguous-size": unambiguous_size,
    "fields-of-type": fields_of_type,
    "named-fields": named_fields,
    "not-empty": not_empty,
    "plausible-time": plausible_time,
    "plain-json": plain_json,
    "no-query": no_query,
    "no-repeat": no_repeat,
}

CIRCUMSTANTIAL = frozenset({"plain-json", "no-query", "no-repeat"})
"""The checks that find nothing in a case that is `ordinary`, whatever its body holds."""

IDENTIFIERS = frozenset({"userId", "email", "phone"})
_ON_USERS = frozenset({"known-user", "one-user", "identifier-sent"})
_ON_NO_FIELD = CIRCUMSTANTIAL | {"named-fields"}
_ON_TWO_FIELDS = frozenset({"registered-pair", "registered-for-event"})


def misfit(check: str, fields: Fields) -> str:
    """Say what a check needs of its rule's fields, when it is not given that."""
    if check in _ON_USERS and not IDENTIFIERS.issuperset(fields):
        return f"the check {check} looks at {', '.join(sorted(IDENTIFIERS))} only"
    if check in _ON_TWO_FIELDS and len(fields) != 2:  # noqa: PLR2004 - a pair
        return f"the check {check} looks at two fields"
    if check in CHECKS and check not in _ON_NO_FIELD and not fields:
        return f"the check {check} needs a field to look at"
    return ""
