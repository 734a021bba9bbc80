"""What holds for every request: a right one is accepted, breaking one rule breaks that rule, and schemas are portable.

Strategies are built from parts that are right by construction. A strategy that breaks a rule breaks no other, and
shrinks to a near miss. Settings are the same everywhere, so that a failure on one machine is one on all.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import jsonschema
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from referencing import Registry
from referencing.jsonschema import DRAFT202012, Schema

from contracts.case import Circumstances
from contracts.checks import CHECKS
from contracts.json_body import read_json
from contracts.judge import judge_json
from contracts.model import Judgement
from contracts.operations import Contract
from contracts.samples import Sample, SamplePart, judged
from contracts.world import Key

Body = dict[str, Any]
Bodies = st.SearchStrategy[Body]
Forms = st.SearchStrategy[tuple[SamplePart, ...]]

NOW = Circumstances(datetime(2026, 4, 27, 14, tzinfo=UTC))
SAME_EVERYWHERE = settings(derandomize=True, database=None, max_examples=60)
LIMIT = 1000
PAIRS = [("registration_email", "sent"), ("registration_sms", "failed"), ("page_visit", "viewed")]
PHOTO_TYPES = ["PHOTO_ASSIGNED_TO_USER", "PHOTO_DOWNLOADED_BY_USER", "PHOTO_VIEWED_BY_USER"]
VISIT_TYPE = "REGISTRATION_PAGE_VISIT"


class Person(NamedTuple):
    """A user of the built-in world."""

    user_id: str
    email: str
    phone: str
    events: Sequence[str]


PEOPLE = [
    Person("user-john-doe", "john.doe@example.com", "+14155552671", ["summer-gala"]),
    Person("user-jane-roe", "jane.roe@example.com", "+442071838750", ["summer-gala", "autumn-expo"]),
]


# Values


def any_case(text: str) -> st.SearchStrategy[str]:
    """Spell a text in any mixture of capitals and small letters."""
    flips = st.lists(st.booleans(), min_size=len(text), max_size=len(text))
    return flips.map(lambda up: "".join(c.upper() if flip else c for c, flip in zip(text, up, strict=True)))


def without(known: Iterable[str]) -> st.SearchStrategy[str]:
    """Give texts that are none of the known ones, and often nearly one of them."""
    texts = [*known, "x"]
    return st.one_of(
        st.sampled_from(texts).map(lambda text: text + "-"),
        st.sampled_from(texts).map(lambda text: f" {text}"),
        st.sampled_from(texts).map(lambda text: f'"{text}"'),
        st.text().map(lambda text: f"unknown-{text}"),
    )


unicode_texts = st.text(min_size=1)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
no_text: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.lists(st.text(), max_size=2), st.just({})
)
no_value = st.just("") | no_text
offsets = (
    st.just("Z")
    | st.builds("{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 23), st.integers(1, 59))
    | st.builds("+{:02}:00".format, st.integers(0, 23))
)
fractions = st.just("") | st.text("0123456789", min_size=1, max_size=30).map(lambda digits: f".{digits}")
times_of_day = st.builds("{:02}:{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
times = st.builds("{}T{}{}{}".format, st.dates(), times_of_day, fractions, offsets)
phones = st.builds("+{}{}".format, st.integers(1, 9), st.text("0123456789", min_size=1, max_size=14))
unknown_phones = st.text("0123456789", min_size=1, max_size=12).map(lambda digits: f"+99{digits}")
wrong_times = st.one_of(
    st.dates().map(date.isoformat),
    st.builds("{}T{}".format, st.dates(), times_of_day),
    times.map(lambda time: time.replace("T", " ")),
    times.map(str.lower),
    times.map(lambda time: f"{time} "),
    st.builds("{}T{}{}".format, st.dates(), st.sampled_from(["24:00:00", "12:60:00", "12:00:61", "12:00"]), offsets),
    st.builds("{:04}-02-30T00:00:00Z".format, st.integers(1, 9999)),
    st.integers(0, 10**13).map(str),
    st.text(),
)
wrong_phones = st.one_of(
    phones.map(lambda phone: phone[1:]),
    phones.map(lambda phone: f"{phone[:2]} {phone[2:]}"),
    phones.map(lambda phone: f"{phone[:2]}-{phone[2:]}"),
    phones.map(lambda phone: f"+0{phone[1:]}"),
    st.text("0123456789", min_size=16).map(lambda digits: f"+1{digits}"),
    phones.map(lambda phone: f"{phone}\u0661"),
    st.text("+-0123456789", max_size=1),
)
# A name of no document, so that nothing else is about it.
other_fields: Bodies = st.dictionaries(st.text().map(lambda name: f"x-{name}"), json_values, max_size=3)


# JSON bodies


@st.composite
def bodies(draw: st.DrawFn, needed: Bodies, *optional: Bodies) -> Body:
    """Put needed and optional fields together, with others, in any order."""
    body = draw(needed) | draw(other_fields)
    for fields in optional:
        if draw(st.booleans()):
            body |= draw(fields)
    return dict(draw(st.permutations(list(body.items()))))


def fields(**strategies: st.SearchStrategy[Any]) -> Bodies:
    return st.fixed_dictionaries(strategies)


@st.composite
def identifiers(draw: st.DrawFn, *names: str) -> Body:
    """Give one or more of the named identifiers, of one user."""
    person = draw(st.sampled_from(PEOPLE))
    all_of_them = {"userId": person.user_id, "email": draw(any_case(person.email)), "phone": person.phone}
    chosen = draw(st.lists(st.sampled_from(names or tuple(all_of_them)), min_size=1, unique=True))
    return {name: all_of_them[name] for name in chosen}


pairs: Bodies = st.sampled_from(PAIRS).flatmap(lambda pair: fields(feature=any_case(pair[0]), action=any_case(pair[1])))
reports = bodies(
    st.builds(dict[str, Any].__or__, fields(experienceId=st.just("47Gop5"), capturedAt=times), pairs),
    fields(metadata=st.dictionaries(st.text(), json_values, max_size=3)),
)
analytics = st.builds(dict[str, Any].__or__, reports, identifiers())
emails = st.sampled_from(PEOPLE).flatmap(lambda person: any_case(person.email))
captured = fields(eventValue=st.just("opening-match"), recordCapturedAt=times)
visit_fields = fields(type=st.just(VISIT_TYPE), sessionId=unicode_texts, registrationPageValue=st.just("main-page"))
visits = bodies(st.builds(dict[str, Any].__or__, captured, visit_fields), fields(email=unicode_texts))
photo_fields = fields(type=st.sampled_from(PHOTO_TYPES), email=emails)
photos = bodies(
    st.builds(dict[str, Any].__or__, captured, photo_fields),
    fields(sessionId=unicode_texts),
    fields(registrationPageValue=unicode_texts),
)
captures = visits | photos


def lacking(good: Bodies, name: str) -> Bodies:
    return good.map(lambda body: {field: value for field, value in body.items() if field != name})


def having(good: Bodies, name: str, values: st.SearchStrategy[Any]) -> Bodies:
    return st.builds(lambda body, value: body | {name: value}, good, values)


def misusing(good: Bodies, name: str, values: st.SearchStrategy[Any]) -> Bodies:
    """Leave a field out, or give it no value, one of another type, or one of those values."""
    return lacking(good, name) | having(good, name, no_value) | having(good, name, values)


by_user_id = st.builds(dict[str, Any].__or__, reports, identifiers("userId"))
by_email = st.builds(dict[str, Any].__or__, reports, identifiers("email"))
unknown_users = st.one_of(
    fields(userId=without(person.user_id for person in PEOPLE)),
    fields(email=without(person.email for person in PEOPLE)),
    fields(phone=unknown_phones),
    fields(userId=without([]), email=without([]), phone=unknown_phones),
)
features = [pair[0] for pair in PAIRS]
no_object = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.none(), max_size=2)
BREAKING: dict[str, Bodies] = {
    "analytics.identifier-sent": reports,
    "analytics.user-known": st.builds(dict[str, Any].__or__, reports, unknown_users),
    "analytics.pair-registered": misusing(analytics, "feature", without(features))
    | misusing(analytics, "action", without(["sent"])),
    "analytics.experience-known": misusing(analytics, "experienceId", without(["47Gop5", "47gop5"])),
    "analytics.user-id": having(by_email, "userId", no_value),
    "analytics.email": having(by_user_id, "email", no_value),
    "analytics.phone": having(by_email, "phone", no_value | wrong_phones),
    "analytics.captured-at": misusing(analytics, "capturedAt", wrong_times),
    "analytics.metadata": having(analytics, "metadata", no_object),
    "capture.type": misusing(captures, "type", without([*PHOTO_TYPES, VISIT_TYPE])),
    "capture.event-value": misusing(captures, "eventValue", without(["opening-match"])),
    "capture.email": misusing(photos, "email", st.just("")) | having(visits, "email", no_value),
    "capture.user-known": having(photos, "email", without(person.email for person in PEOPLE)),
    "capture.record-captured-at": misusing(captures, "recordCapturedAt", wrong_times),
    "capture.session-id": misusing(visits, "sessionId", st.just("")) | having(photos, "sessionId", no_value),
    "capture.registration-page": misusing(visits, "registrationPageValue", without(["main-page"]))
    | having(photos, "registrationPageValue", no_value),
}


# Forms


HEADS = ["GIF89a", "GIF87a", "\0\0\0\x18ftypisom"]
OTHER_HEADS = ["%PDF-1.7", "PK\3\4", "hello", "<html>", "ID3\4"]
names = st.text(st.characters(exclude_categories=["C"], exclude_characters='"\\'), max_size=20)
assets = st.builds(
    SamplePart,
    st.just("assets"),
    st.sampled_from(HEADS),
    names,
    st.sampled_from(["", "application/octet-stream", "image/gif", "video/mp4"]),
    st.integers(0, LIMIT - 12),
)
other_names = names.map(lambda name: f"x-{name}")
other_texts = st.builds(SamplePart, other_names, st.text(max_size=20))
other_files = st.builds(SamplePart, other_names, st.text(max_size=20), names)
other_parts = st.lists(other_texts | other_files, max_size=3)
some_assets = st.lists(assets, min_size=1, max_size=10)
registrations = st.sampled_from([(person.user_id, event) for person in PEOPLE for event in person.events])


@st.composite
def forms(
    draw: st.DrawFn,
    registered: st.SearchStrategy[tuple[str, str]] = registrations,
    users: st.SearchStrategy[Sequence[str]] | None = None,
    events: st.SearchStrategy[Sequence[str]] | None = None,
    files: st.SearchStrategy[list[SamplePart]] = some_assets,
) -> tuple[SamplePart, ...]:
    """Put a form together, in any order of its parts: right but for what is given."""
    user, event = draw(registered)
    parts = [SamplePart("userId", text) for text in ([user] if users is None else draw(users))]
    parts += [SamplePart("eventId", text) for text in ([event] if events is None else draw(events))]
    return tuple(draw(st.permutations([*parts, *draw(files), *draw(other_parts)])))


def beside_good_ones(bad: st.SearchStrategy[SamplePart]) -> st.SearchStrategy[list[SamplePart]]:
    """Put one bad file among up to nine good ones."""
    return st.builds(lambda good, one: [*good, one], st.lists(assets, max_size=9), bad)


user_ids = [person.user_id for person in PEOPLE]
not_registered = st.just(("user-john-doe", "autumn-expo"))
empty_assets = assets.map(lambda asset: replace(asset, content="", filler=0))
large_assets = st.integers(LIMIT - 5, LIMIT + 90).flatmap(
    lambda filler: assets.map(lambda asset: replace(asset, content="GIF89a", filler=filler))
)
texts_for_assets = assets.map(lambda asset: replace(asset, filename=None, filler=0))
other_media = st.sampled_from(OTHER_HEADS).flatmap(
    lambda head: assets.map(lambda asset: replace(asset, content=head, filler=0))
)
large_texts = st.integers(1, 10).map(lambda more: SamplePart("x-text", "", filler=65536 + more))
BREAKING_FORMS: dict[str, Forms] = {
    "gift.user-known": forms(users=st.just([]) | st.just([""]) | without(user_ids).map(lambda text: [text])),
    "gift.user-once": forms(users=st.integers(2, 4).map(lambda times: ["user-john-doe"] * times)),
    "gift.event-known": forms(
        events=st.lists(st.just("summer-gala"), min_size=2, max_size=3)
        | st.just([])
        | st.just([""])
        | without(["summer-gala"]).map(lambda text: [text])
    ),
    "gift.user-registered": forms(registered=not_registered),
    "gift.assets-present": forms(files=st.just([]) | beside_good_ones(empty_assets | texts_for_assets)),
    "gift.asset-count": forms(files=st.lists(assets, min_size=11, max_size=13)),
    "gift.asset-size": forms(files=beside_good_ones(large_assets)),
    "gift.asset-media": forms(files=beside_good_ones(other_media)),
    "gift.text-part-size": forms().flatmap(lambda parts: large_texts.map(lambda text: (*parts, text))),
}


@pytest.fixture(scope="session")
def judge(contract: Contract, key: Key) -> Callable[[str, Body], Judgement]:
    def judge_body(operation_id: str, body: Body) -> Judgement:
        read = read_json(json.dumps(body).encode(), contract.limits)
        return judge_json(contract.operation(operation_id), read, key, NOW, contract.limits)

    return judge_body


@pytest.fixture(scope="session")
def judge_form(contract: Contract, key: Key) -> Callable[[Sequence[SamplePart]], Judgement]:
    small = replace(key, asset_bytes=LIMIT)

    def judge_parts(parts: Sequence[SamplePart]) -> Judgement:
        return judged(Sample(contract.operation("giftAssets"), small, parts=tuple(parts)), NOW, contract.limits)

    return judge_parts


@settings(SAME_EVERYWHERE, max_examples=200)
@given(body=analytics)
def test_right_user_analytics_are_accepted(judge: Callable[[str, Body], Judgement], body: Body) -> None:
    judgement = judge("addUserAnalytics", body)

    assert (judgement.answer.message, judgement.breaches) == ("User analytics added successfully.", ())


@settings(SAME_EVERYWHERE, max_examples=200)
@given(body=captures)
def test_right_capture_is_accepted(judge: Callable[[str, Body], Judgement], body: Body) -> None:
    judgement = judge("captureAnalytics", body)

    assert (judgement.answer.message, judgement.breaches) == ("Analytics captured successfully.", ())


@settings(SAME_EVERYWHERE, max_examples=200)
@given(parts=forms())
def test_right_gift_is_accepted(
    judge_form: Callable[[Sequence[SamplePart]], Judgement], parts: tuple[SamplePart, ...]
) -> None:
    judgement = judge_form(parts)

    assert (judgement.answer.message, judgement.breaches) == ("Assets uploaded successfully.", ())


@pytest.mark.parametrize("rule_id", BREAKING)
@SAME_EVERYWHERE
@given(data=st.data())
def test_breaking_one_rule_breaks_that_rule(
    contract: Contract, judge: Callable[[str, Body], Judgement], rule_id: str, data: st.DataObject
) -> None:
    operation_id = "addUserAnalytics" if rule_id.startswith("analytics.") else "captureAnalytics"
    body = data.draw(BREAKING[rule_id])

    judgement = judge(operation_id, body)

    assert {breach.rule.id for breach in judgement.breaches} == {rule_id}
    assert judgement.answer == contract.rules[rule_id].answer


@pytest.mark.parametrize("rule_id", BREAKING_FORMS)
@SAME_EVERYWHERE
@given(data=st.data())
def test_breaking_one_rule_of_a_form_breaks_that_rule(
    contract: Contract, judge_form: Callable[[Sequence[SamplePart]], Judgement], rule_id: str, data: st.DataObject
) -> None:
    parts = data.draw(BREAKING_FORMS[rule_id])

    judgement = judge_form(parts)

    assert {breach.rule.id for breach in judgement.breaches} == {rule_id}
    assert judgement.answer.name == contract.rules[rule_id].refusal.name


def test_every_rule_about_the_content_has_a_strategy(contract: Contract) -> None:
    about_the_content = {
        rule.id
        for operation in contract.operations.values()
        for rule in operation.content_rules
        if rule.answer and (not rule.check or rule.check in CHECKS)
    }

    assert {*BREAKING, *BREAKING_FORMS} - {"gift.text-part-size"} == about_the_content


# Two libraries, one schema
#
# The other library's format check knows no leap second, and takes a line feed at the end; neither is generated.


class Portable(NamedTuple):
    """A schema, and bodies that break nothing but it: every value either exists or has no right form."""

    operation_id: str
    schema: str
    bodies: Bodies


def some_of(**strategies: st.SearchStrategy[Any]) -> Bodies:
    return st.fixed_dictionaries({}, optional=strategies)


def sometimes(*good: str) -> st.SearchStrategy[Any]:
    """Give a value that exists in three cases of four, so that whole bodies are often right."""
    return st.sampled_from([*good] * 3) | no_value if len(good) > 1 else st.one_of(*[st.just(good[0])] * 3, no_value)


near_times = times | wrong_times.filter(lambda text: not text.endswith("\n") and ":60" not in text)
near_phones = wrong_phones | st.sampled_from(PEOPLE).map(lambda person: person.phone)
PORTABLE = [
    Portable(
        "addUserAnalytics",
        "UserAnalytics",
        some_of(
            userId=sometimes("user-john-doe"),
            email=sometimes("john.doe@example.com"),
            phone=near_phones | no_value,
            feature=sometimes("page_visit"),
            action=sometimes("viewed"),
            experienceId=sometimes("47Gop5"),
            capturedAt=near_times | no_value,
            metadata=st.dictionaries(st.text(), json_values, max_size=2) | no_object,
            other=json_values,
        ),
    ),
    Portable(
        "captureAnalytics",
        "Capture",
        some_of(
            type=sometimes(VISIT_TYPE, *PHOTO_TYPES) | without([VISIT_TYPE]),
            eventValue=sometimes("opening-match"),
            email=sometimes("john.doe@example.com"),
            recordCapturedAt=near_times | no_value,
            sessionId=sometimes("session"),
            registrationPageValue=sometimes("main-page"),
            other=json_values,
        ),
    ),
]


def other_judge(contract: Contract, schema: str) -> Callable[[object], bool]:
    resource = DRAFT202012.create_resource(contract.document)
    registry: Registry[Schema] = Registry().with_resource("urn:spec", resource)
    checker = jsonschema.FormatChecker(["date-time"])
    reference = {"$ref": f"urn:spec#/components/schemas/{schema}"}
    return jsonschema.Draft202012Validator(reference, registry=registry, format_checker=checker).is_valid


def test_other_library_checks_times(contract: Contract) -> None:
    is_valid = other_judge(contract, "Timestamp")

    assert is_valid("2026-02-28T00:00:00Z")
    assert not is_valid("2026-02-29T00:00:00Z")


@pytest.mark.parametrize("portable", PORTABLE, ids=lambda portable: portable.schema)
@settings(SAME_EVERYWHERE, max_examples=200)
@given(data=st.data())
def test_two_libraries_agree_about_a_body(
    contract: Contract, judge: Callable[[str, Body], Judgement], portable: Portable, data: st.DataObject
) -> None:
    body = data.draw(portable.bodies)

    judgement = judge(portable.operation_id, body)

    note(str([breach.rule.id for breach in judgement.breaches]))
    assert (not judgement.breaches) == other_judge(contract, portable.schema)(body)


@settings(SAME_EVERYWHERE, max_examples=200)
@given(
    users=st.lists(st.sampled_from(["user-john-doe"] * 3 + [""]), max_size=2),
    events=st.lists(st.sampled_from(["summer-gala"] * 3 + [""]), max_size=2),
    contents=st.lists(st.sampled_from(["GIF89a"] * 5 + [""]), max_size=12),
)
def test_two_libraries_agree_about_a_form(
    contract: Contract,
    judge_form: Callable[[Sequence[SamplePart]], Judgement],
    users: list[str],
    events: list[str],
    contents: list[str],
) -> None:
    texts: Mapping[str, list[str]] = {"userId": users, "eventId": events}
    parts = [SamplePart(name, text) for name, values in texts.items() for text in values]
    files = [SamplePart("assets", content, "a.gif", "image/gif") for content in contents]
    # A field that is sent twice is a list, as in any form; files are their contents.
    body = {name: values[0] if len(values) == 1 else values for name, values in texts.items() if values}

    judgement = judge_form([*parts, *files, SamplePart("x-note", "")])

    assert (not judgement.breaches) == other_judge(contract, "Gift")(body | ({"assets": contents} if contents else {}))
