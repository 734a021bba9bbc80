"""The spec is compiled as it stands, and every way to break it is said with its line and with what was expected."""

from pathlib import Path

import pytest

from contracts import spec
from contracts.faults import ConfigError
from contracts.model import Basis
from contracts.operations import Contract
from contracts.spec import compile_contract, load_contract, spec_text

TEXT = spec_text()


def edited(*changes: tuple[str, str]) -> str:
    """Replace the first occurrence of each text, which has to be there."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def line_with(text: str, piece: str) -> int:
    """Find the number of the first line that holds a piece of text."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if piece in line)


def rule(text: str, rule_id: str) -> str:
    """Cut one rule out of the text of the spec."""
    start = text.index(f"- id: {rule_id}\n")
    ends = [text.find(mark, start + 5) for mark in ("- id: ", "\n  /api", "\npaths:", "\ncomponents:")]
    return text[start : min(end for end in ends if end > 0)].rstrip()


def test_contract_has_three_operations(contract: Contract) -> None:
    assert [(operation.method, operation.path, operation.media_type) for operation in contract.operations.values()] == [
        ("POST", "/api/v1/vendor/user/assets", "multipart/form-data"),
        ("POST", "/api/v1/user/analytics", "application/json"),
        ("POST", "/api/v1/analytics/capture/fifa-cwc-2025", "application/json"),
    ]


def test_contract_knows_its_key_header_and_pairs(contract: Contract) -> None:
    assert contract.key_header == "x-distinct-api-key"
    assert contract.pairs == {
        "registration_email": ("sent", "opened", "delivered"),
        "registration_sms": ("sent", "delivered", "failed"),
        "user_collectible": ("viewed", "downloaded"),
        "page_visit": ("viewed",),
    }


def test_contract_knows_its_limits(contract: Contract) -> None:
    gift, limits = contract.operation("giftAssets"), contract.limits

    assert (gift.asset_field, gift.asset_count, gift.asset_bytes) == ("assets", 10, 50 * 1024 * 1024)
    assert (limits.json_bytes, limits.json_depth, limits.text_part_bytes) == (1 << 20, 500, 1 << 16)
    assert (limits.header_bytes, limits.parts) == (1 << 16, 1000)


ANSWERS = {
    "giftAssets": {200: {"Assets uploaded successfully."}},
    "addUserAnalytics": {
        200: {"User analytics added successfully."},
        400: {"User not found.", "Invalid feature/action.", "Invalid experience id."},
        401: {"Unauthorized."},
        500: {"Internal server error."},
    },
    "captureAnalytics": {200: {"Analytics captured successfully."}},
}


@pytest.mark.parametrize("operation_id", ANSWERS)
def test_documented_answers_stand_to_the_letter(contract: Contract, operation_id: str) -> None:
    answers = contract.operation(operation_id).answers.values()

    for status, messages in ANSWERS[operation_id].items():
        assert messages <= {answer.message for answer in answers if answer.status == status}
    assert all(answer.body.startswith(b'{"statusCode":%d,"message":' % answer.status) for answer in answers)
    assert all(answer.body.endswith(b',"data":null}') for answer in answers)


DOCUMENTED = {
    "analytics.key",
    "analytics.identifier-sent",
    "analytics.user-known",
    "analytics.pair-registered",
    "analytics.experience-known",
}


def test_only_user_analytics_has_rules_with_a_documented_answer(contract: Contract) -> None:
    assert {rule.id for rule in contract.rules.values() if rule.answer_basis is Basis.DOCUMENTED} == DOCUMENTED


def test_every_assumption_has_a_reason(contract: Contract) -> None:
    assert [rule.id for rule in contract.rules.values() if rule.assumed and not rule.because] == []


def test_rules_are_listed_in_order_with_their_operation(contract: Contract) -> None:
    listed = list(contract.rules_in_order())

    assert [rule.id for _, rule in listed] == list(contract.rules)
    assert (listed[0][0], listed[-1][0]) == ("", "captureAnalytics")
    assert contract.wire_rule["path"].refusal.message == "Not found."


def test_spec_is_loaded_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT.replace("maxItems: 10", "maxItems: 3"), encoding="utf-8")

    loaded = load_contract(str(file))

    assert (loaded.name, loaded.operation("giftAssets").asset_count) == (str(file), 3)


def test_spec_of_an_installed_package_stands_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openapi.yaml").write_text("packaged", encoding="utf-8")
    monkeypatch.setattr(spec, "files", lambda _: tmp_path)

    assert spec_text() == "packaged"


def test_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.yaml: the spec cannot be read: No such file or directory"):
        load_contract(str(tmp_path / "mine.yaml"))


def test_file_that_is_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(b"a: \xff")

    with pytest.raises(ConfigError, match=r"mine\.yaml: the spec is not UTF-8: invalid start byte at byte 3"):
        load_contract(str(file))


PHONE = "pattern: '^\\+[1-9][0-9]{1,14}(?!\\n)$'"
UPLOADED = "assetsUploaded: {$ref: '#/components/examples/assetsUploaded'}"
NO_USER = "userNotFound: {$ref: '#/components/examples/userNotFound'}"
UNAUTHORIZED = "'401': {$ref: '#/components/responses/Unauthorized'}"
GIFT = "schema: {$ref: '#/components/schemas/Gift'}"
GIFT_FIELDS = "required: [userId, eventId, assets]"
TAKEN = "'202': {content: {application/json: {examples: {taken: {value: {statusCode: 202, message: T., data: null}}}}}}"

# Each with its edits, a piece of the line that is to be named, and what is to be said.
BROKEN_SHAPES = [
    pytest.param([("openapi: 3.1.0", "openapi: [")], "  title:", "expected", id="bad-yaml"),
    pytest.param([("maxItems: 10", "minItems: 2")], "minItems: 2", "the key 'minItems' stands twice", id="doubled-key"),
    pytest.param([("parts: 1000", "parts: !!binary aGk=")], "openapi:", "more than JSON can say", id="no-json"),
    pytest.param([("title: Distinct vendor API", "title: &a [*a]")], "requestBody:", "Recursion limit", id="endless"),
    pytest.param([("openapi: 3.1.0", "openapi: 3.0.3")], "openapi: 3.0.3", "does not match", id="other-openapi"),
    pytest.param([("x-limits:", "y-limits:")], "openapi:", '"x-limits" is a required property', id="no-limits"),
    pytest.param([("parts: 1000", "parts: many")], "parts: many", 'is not of type "integer"', id="limit-text"),
    pytest.param([("parts: 1000", "parts: 0")], "parts: 0", "less than the minimum", id="limit-zero"),
    pytest.param([("  parts: 1000\n", "")], "x-limits:", '"parts" is a required property', id="limit-missing"),
    pytest.param([("parts: 1000", "partz: 1000")], "x-limits:", "'partz' was unexpected", id="limit-unknown"),
    pytest.param([("type: apiKey", "type: http")], "type: http", '"apiKey" was expected', id="other-security"),
    pytest.param([("- id: gift.key", "- id: GiftKey")], "- id: GiftKey", "does not match", id="rule-id"),
    pytest.param([("check: known-user", "chekc: known-user")], "- id: gift.user-known", "'chekc'", id="rule-member"),
    pytest.param([("says: The method is POST.", "says: ''")], "says: ''", "shorter than 1", id="rule-says-nothing"),
    pytest.param([("{demand: documented,", "{demand: guessed,")], "demand: guessed", "is not one of", id="basis"),
    pytest.param([("operationId: giftAssets", "x-id: a")], "    post:", '"operationId" is a required', id="no-id"),
    pytest.param([("      multipart/form-data:", "      text/csv:")], "    content:", '"text/csv"', id="media-type"),
    pytest.param([("'401': {$ref", "default: {$ref")], "responses:", '"default"', id="default-response"),
    pytest.param(
        [("message: 'Invalid assets.', data: null", "message: 'Invalid assets.'")],
        "message: 'Invalid assets.'",
        '"data" is a required property',
        id="answer-without-data",
    ),
    pytest.param([("/api/v1/user/analytics:", "/api/v1/{id}:")], "paths:", "does not match", id="path-with-parameter"),
]
BROKEN_RULES = [
    pytest.param(
        [("fields: [feature, action]", "fields: [feature, action, email]")],
        "fields: [feature, action, email]",
        "the check registered-pair looks at two fields",
        id="check-with-too-many-fields",
    ),
    pytest.param(
        [("fields: [metadata]\n          check: not-empty", "check: not-empty")],
        "id: analytics.metadata-filled",
        "the check not-empty needs a field to look at",
        id="check-without-field",
    ),
    pytest.param(
        [("fields: [email]\n          check: known-user", "fields: [sessionId]\n          check: known-user")],
        "fields: [sessionId]",
        "the check known-user looks at email, phone, userId only",
        id="check-of-another-field",
    ),
    pytest.param([("check: known-event\n", "check: evnt\n")], "check: evnt", "no check 'evnt'; there are", id="check"),
    pytest.param([("answer: notMedia", "answer: no")], "answer: no", "no answer 'no' here; there are", id="answer"),
    pytest.param(
        [("answer: notMedia", "answer: invalidPhone")],
        "answer: invalidPhone",
        "no answer 'invalidPhone' here",
        id="answer-of-another-operation",
    ),
    pytest.param([("answer: methodNotAllowed\n", "answer: tea\n")], "answer: tea", "no answer 'tea'", id="wire-answer"),
    pytest.param(
        [("          check: unambiguous-size\n", "")],
        "- id: gift.asset-unambiguous-size",
        "a rule without a check needs fields and an answer",
        id="rule-without-check-and-answer",
    ),
    pytest.param(
        [("          answer: notMedia\n", "")],
        "basis: {demand: documented, answer: assumed}",
        "the basis of an answer stands exactly where there is an answer",
        id="basis-without-answer",
    ),
    pytest.param(
        [("- id: gift.user-once", "- id: gift.user-known")],
        "- id: gift.user-known",
        "the rule id 'gift.user-known' stands twice; ids are unique",
        id="rule-id-twice",
    ),
    pytest.param(
        [("- id: capture.type", "- id: http.path")],
        "- id: http.path",
        "the rule id 'http.path' stands twice; ids are unique",
        id="rule-id-twice-far-away",
    ),
    pytest.param(
        [("keywords: [maxItems]", "keywords: [maxItem]")],
        "keywords: [maxItem]",
        '"maxItem" is not one of "type"',
        id="keyword",
    ),
    pytest.param(
        [("fields: [eventId]\n", "fields: [eventid]\n")],
        "x-rules:",
        "rules name fields that the schema does not: eventid",
        id="field-of-a-rule",
    ),
    pytest.param(
        [("fields: [metadata]\n          answer", "fields: [phone]\n          answer")],
        "x-rules:",
        "no rule answers for the field 'metadata' (any other keyword, required, type)",
        id="field-without-rule",
    ),
    pytest.param(
        [("        action:\n          desc", "        channel: {type: string}\n        action:\n          desc")],
        "x-rules:",
        "no rule answers for the field 'channel' (any other keyword, required, type)",
        id="new-field-without-rule",
    ),
    pytest.param([(rule(TEXT, "gift.address"), "")], "x-rules:", "no rule with an answer for: address", id="stage"),
    pytest.param([(rule(TEXT, "capture.body-size"), "")], "x-rules:", "an answer for: body-size", id="json-stage"),
    pytest.param([(rule(TEXT, "http.path"), "")], "x-rules:", "no rule with an answer for: path", id="wire-stage"),
]
BROKEN_ANSWERS = [
    pytest.param(
        [("statusCode: 413, message: 'Request", "statusCode: 414, message: 'Request")],
        "'413':",
        "bodyTooLarge says 414 and stands under 413; expected the same number",
        id="other-status",
    ),
    pytest.param(
        [(UPLOADED, UPLOADED.replace("Uploaded'", "'"))], "'200':", "no named example of an answer:", id="dangling"
    ),
    pytest.param(
        [(UNAUTHORIZED, "'401': {$ref: 'other.yaml#/a'}")],
        "other.yaml",
        "leads to no named example of an answer: other.yaml#/a",
        id="in-another-file",
    ),
    pytest.param(
        [(UPLOADED, "a: {value: {message: b}}")], "'200':", "an answer: 'statusCode'", id="answer-without-status"
    ),
    pytest.param([(NO_USER, "a: {value: {statusCode: x, message: y}}")], "'400':", "invalid literal", id="odd-status"),
    pytest.param(
        [(UNAUTHORIZED, f"{UNAUTHORIZED}\n        {TAKEN}")],
        "responses:",
        "2 answers below 300; expected exactly one",
        id="two-2xx-answers",
    ),
    pytest.param(
        [("'200':\n", "'300':\n"), (UPLOADED, "a: {value: {statusCode: 300, message: M., data: null}}")],
        "responses:",
        "0 answers below 300; expected exactly one",
        id="no-2xx-answer",
    ),
]
BROKEN_SCHEMAS = [
    pytest.param([(GIFT, GIFT.replace("Gift", "Gifts"))], "requestBody:", "no usable schema", id="dangling"),
    pytest.param([(GIFT, "schema: {$ref: 5}")], "requestBody:", "no usable schema", id="ref-that-is-a-number"),
    pytest.param(
        [("    EventValue:\n", "    EventValue:\n      $ref: '#/components/schemas/EventValue'\n")],
        "requestBody:",
        "no usable schema: #/components/schemas/EventValue",
        id="that-refers-to-itself",
    ),
    pytest.param([(PHONE, "pattern: '^('")], "requestBody:", "no usable schema", id="bad-pattern"),
    pytest.param([("format: date-time", "format: e.164")], "requestBody:", "no usable schema", id="unknown-format"),
    pytest.param([("maxItems: 10", "maxItems: ten")], "requestBody:", "no usable schema", id="keyword-of-wrong-type"),
    pytest.param(
        [(GIFT_FIELDS, "required: [userId, eventId, assets, note]")],
        "requestBody:",
        "no usable schema: asked for, but not among the properties: note",
        id="required-without-property",
    ),
    pytest.param(
        [("then: {required: [userId]", "then: {required: [note]")],
        "requestBody:",
        "no usable schema: asked for, but not among the properties: note",
        id="required-on-condition-without-property",
    ),
    pytest.param(
        [("then: {required: [userId]", "then: {minProperties: 3, required: [userId]")],
        "requestBody:",
        "no rule can answer for minProperties, which is about no single field",
        id="keyword-of-the-whole-body-on-condition",
    ),
    pytest.param(
        [("PHOTO_ASSIGNED_TO_USER, PHOTO_DOWNLOADED", "REGISTRATION_PAGE_VISIT, PHOTO_DOWNLOADED")],
        "requestBody:",
        "no field that is required tells the forms of oneOf apart; expected an enum or a const",
        id="forms-that-are-not-told-apart",
    ),
    pytest.param(
        [(GIFT_FIELDS, f"{GIFT_FIELDS}\n      additionalProperties: false")],
        "requestBody:",
        "no usable schema: no rule can answer for additionalProperties, which is about no single field",
        id="other-fields-forbidden",
    ),
    pytest.param(
        [("required: [feature,", "minProperties: 2\n      required: [feature,")],
        "requestBody:",
        "no rule can answer for minProperties, which is about no single field",
        id="keyword-of-the-whole-body",
    ),
]


@pytest.mark.parametrize(
    ("changes", "piece", "problem"), [*BROKEN_SHAPES, *BROKEN_RULES, *BROKEN_ANSWERS, *BROKEN_SCHEMAS]
)
def test_broken_spec_is_refused_with_line_and_expectation(
    changes: list[tuple[str, str]], piece: str, problem: str
) -> None:
    text = edited(*changes)

    with pytest.raises(ConfigError) as raised:
        compile_contract(text, "mine.yaml")

    said = [fault for fault in raised.value.faults if problem in str(fault)]
    assert said, str(raised.value)
    line = int(said[0].place.split(":")[1])
    assert said[0].place.startswith("mine.yaml:")
    assert piece in text.splitlines()[line - 1]


def test_every_fault_is_said_in_the_order_of_the_lines() -> None:
    text = edited(
        ("check: known-event\n", "check: x\n"), ("answer: notMedia", "answer: y"), ("maxItems: 10", "maxItems: -1")
    )

    with pytest.raises(ConfigError) as raised:
        compile_contract(text, "mine.yaml")

    lines = [int(fault.place.split(":")[1]) for fault in raised.value.faults]
    assert len(lines) > 2
    assert lines == sorted(lines)


def test_fault_names_its_place_in_the_document() -> None:
    text = edited(("answer: notMedia", "answer: y"))

    with pytest.raises(ConfigError) as raised:
        compile_contract(text, "mine.yaml")

    (fault,) = raised.value.faults
    assert fault.place == f"mine.yaml:{line_with(text, 'answer: y')}"
    assert fault.problem.startswith("paths / /api/v1/vendor/user/assets / post / x-rules / 14 / answer: no answer 'y'")


@pytest.mark.parametrize("text", ["", "[]", "a", "1"])
def test_document_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r'mine\.yaml:1: the document: .* is not of type "object"'):
        compile_contract(text, "mine.yaml")


def test_second_operation_of_a_path_is_refused() -> None:
    start, end = TEXT.index("    post:\n      operationId: addUser"), TEXT.index("  /api/v1/analytics/capture")
    second = TEXT[start:end].replace("post:", "put:", 1).replace("id: analytics.", "id: others.")
    text = TEXT[:end] + second + TEXT[end:]

    with pytest.raises(ConfigError) as raised:
        compile_contract(text, "mine.yaml")

    assert [fault.place for fault in raised.value.faults] == [f"mine.yaml:{line_with(text, '    put:')}"]
    assert str(raised.value).endswith("put: a second operation; expected one for a path")


def test_path_may_say_more_than_its_operations() -> None:
    text = edited(("    post:\n", "    summary: Gifts\n    parameters: []\n    post:\n"))

    assert len(compile_contract(text, "mine.yaml").operations) == 3


PREFIXES = [
    pytest.param("servers:\n  - url: https://api.distinct.so/v9/\n", "/v9", id="with-a-path"),
    pytest.param("servers: []\n", "", id="none"),
    pytest.param("", "", id="not-named"),
]


@pytest.mark.parametrize(("servers", "prefix"), PREFIXES)
def test_path_of_the_server_stands_before_each_path(servers: str, prefix: str) -> None:
    start, end = TEXT.index("servers:\n"), TEXT.index("security:\n")

    compiled = compile_contract(TEXT[:start] + servers + TEXT[end:], "mine.yaml")

    assert {operation.prefix for operation in compiled.operations.values()} == {prefix}
    assert f"{prefix}/api/v1/user/analytics" in compiled.operations
