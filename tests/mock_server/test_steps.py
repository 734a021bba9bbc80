"""The grammar of what can be armed."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.model import Answer
from contracts.operations import Contract
from mock_server.network_faults import Delay, Ending, EndingKind, Reading, ReadingKind
from mock_server.steps import Step, fault_forms, read_step, undocumented_answers
from mock_server.undocumented import ArmedAnswer

Answers = Mapping[str, Answer]


@pytest.fixture(scope="module")
def answers(contract: Contract) -> Answers:
    return contract.operation("addUserAnalytics").answers


# As it is written, its normal form, and whether the contract says that a client has to expect it.
RIGHT = [
    ("pass", "pass", True),
    (" pass ", "pass", True),
    ("userNotFound", "userNotFound", True),
    ("500", "500", True),
    ("418", "418", False),
    ("204", "204", False),
    ("tooManyRequests", "tooManyRequests", False),
    ("tooManyRequests:30", "tooManyRequests:30", False),
    ("serviceUnavailable:0", "serviceUnavailable:0", False),
    ("429", "429", False),
    ("badGateway", "badGateway", False),
    ("gatewayTimeout", "gatewayTimeout", False),
    ("created", "created", False),
    ("moreFields", "moreFields", False),
    ("emptyBody", "emptyBody", False),
    ("malformedJson", "malformedJson", False),
    ("htmlRefusal", "htmlRefusal", False),
    ("emptyRefusal", "emptyRefusal", False),
    ("malformedRefusal", "malformedRefusal", False),
    ("listRefusal", "listRefusal", False),
    ("htmlError", "htmlError", False),
    ("emptyError", "emptyError", False),
    ("found:/moved", "found:/moved", False),
    ("redirect", "redirect", False),
    ("redirect:/a?b=c%2B1", "redirect:/a?b=c%2B1", False),
    ("redirect:http://localhost:8080/x", "redirect:http://localhost:8080/x", False),
    ("delay:200ms", "delay:200ms", False),
    ("delay:0.5s", "delay:500ms", False),
    ("delay:2000ms", "delay:2s", False),
    ("delay:0s", "delay:0s", False),
    ("delay:600s", "delay:600s", False),
    ("delay:10m", "delay:600s", False),
    ("delay:100ms-1.5s", "delay:100ms-1500ms", False),
    ("delay:1s-1000ms", "delay:1s", False),
    ("reset:before", "reset:before", False),
    ("reset:during", "reset:during", False),
    ("reset:after", "reset:after", False),
    ("close", "close", False),
    ("garbage", "garbage", False),
    ("truncate", "truncate", False),
    ("truncate:5", "truncate:5", False),
    ("drip", "drip", False),
    ("drip:20", "drip:20", False),
    ("chunked", "chunked", False),
    ("chunked:1000", "chunked:1kB", False),
    ("hang", "hang", False),
    ("cut:0", "cut:0", False),
    ("cut:1000000", "cut:1MB", False),
    ("cut:1048576", "cut:1MiB", False),
    ("cut:10mb", "cut:10MB", False),
    ("cut:1025", "cut:1025", False),
    ("read:64KiB", "read:64KiB", False),
    ("read:65536B", "read:64KiB", False),
    ("expect", "expect", False),
    ("delay:1s+500", "delay:1s+500", False),
    ("500+delay:1s", "delay:1s+500", False),
    ("drip:5+userNotFound+delay:1s+read:1kB", "read:1kB+delay:1s+userNotFound+drip:5", False),
    ("delay:1s+pass", "delay:1s", False),
    ("pass+close", "close", False),
    ("reset:after + 500", "500+reset:after", False),
]


@pytest.mark.parametrize(("text", "normal", "documented"), [pytest.param(*row, id=row[0].strip()) for row in RIGHT])
def test_a_step_has_a_normal_form(text: str, normal: str, *, documented: bool, answers: Answers) -> None:
    step = read_step(text, answers)

    assert (step.text, step.documented) == (normal, documented)
    assert read_step(normal, answers) == step


PARTS = [
    pytest.param("pass", Step("pass"), id="pass"),
    pytest.param("delay:100ms-400ms", Step("delay:100ms-400ms", delay=Delay(100, 400)), id="delay"),
    pytest.param("cut:64KiB", Step("cut:64KiB", reading=Reading(ReadingKind.CUT, 65536)), id="cut"),
    pytest.param("read:1kB", Step("read:1kB", reading=Reading(ReadingKind.SLOW, 1000)), id="read"),
    pytest.param("expect", Step("expect", reading=Reading(ReadingKind.EXPECT)), id="expect"),
    pytest.param("truncate", Step("truncate", ending=Ending(EndingKind.TRUNCATE)), id="half"),
    pytest.param("truncate:0", Step("truncate:0", ending=Ending(EndingKind.TRUNCATE, 0)), id="truncate"),
    pytest.param("drip", Step("drip", ending=Ending(EndingKind.DRIP, 10)), id="drip"),
    pytest.param("chunked", Step("chunked", ending=Ending(EndingKind.CHUNKED, 8)), id="chunked"),
]


@pytest.mark.parametrize(("text", "step"), PARTS)
def test_a_step_has_typed_parts(text: str, step: Step) -> None:
    assert read_step(text, {}) == step


ANSWERS = [
    pytest.param("userNotFound", "userNotFound", 400, "application/json", True, id="name"),
    # The first of the operation, of which there are several.
    pytest.param("400", "userNotFound", 400, "application/json", True, id="status"),
    pytest.param("500", "internalServerError", 500, "application/json", True, id="other-status"),
    pytest.param("503", "serviceUnavailable", 503, "text/plain; charset=utf-8", False, id="undocumented-status"),
    pytest.param("599", "599", 599, "text/plain; charset=utf-8", False, id="status-of-nobody"),
    pytest.param("304", "304", 304, None, False, id="without-a-body"),
    pytest.param("badGateway", "badGateway", 502, "text/html", False, id="page"),
    pytest.param("tooManyRequests:5", "tooManyRequests", 429, "application/json", False, id="gateway"),
    pytest.param("redirect", "redirect", 307, None, False, id="redirect"),
    pytest.param("found", "found", 302, None, False, id="found"),
    pytest.param("302", "found", 302, None, False, id="status-of-found"),
    pytest.param("201", "created", 201, "application/json", False, id="status-of-created"),
    pytest.param("malformedJson", "malformedJson", 200, "application/json", False, id="malformed"),
    pytest.param("htmlRefusal", "htmlRefusal", 400, "text/html", False, id="page-for-a-refusal"),
]


@pytest.mark.parametrize(("text", "name", "status", "content_type", "documented"), ANSWERS)
def test_a_step_has_an_answer(
    text: str, name: str, status: int, content_type: str | None, *, documented: bool, answers: Answers
) -> None:
    answer = read_step(text, answers).answer

    assert answer is not None
    assert (answer.name, answer.status, answer.documented) == (name, status, documented)
    assert dict(answer.headers).get(b"content-type", b"").decode() == (content_type or "")
    assert bool(answer.body) == (content_type is not None)


def test_an_answer_of_the_contract_comes_before_others(answers: Answers) -> None:
    busy = ArmedAnswer("tooManyRequests", 429, "Busy.", b"{}", (), documented=True)

    step = read_step("tooManyRequests", {**answers, "tooManyRequests": busy})

    assert (step.documented, step.answer and step.answer.body) == (True, b"{}")


HEADERS = [
    ("tooManyRequests", b"retry-after", b"1"),
    ("tooManyRequests:30", b"retry-after", b"30"),
    ("serviceUnavailable:5", b"retry-after", b"5"),
    ("found:/elsewhere", b"location", b"/elsewhere"),
    ("redirect", b"location", b"/moved"),
    ("redirect:https://localhost/x?a=b", b"location", b"https://localhost/x?a=b"),
]


@pytest.mark.parametrize(("text", "header", "value"), HEADERS)
def test_what_follows_a_name_goes_into_a_header(text: str, header: bytes, value: bytes) -> None:
    answer = read_step(text, {}).answer

    assert answer is not None
    assert dict(answer.headers)[header] == value


ENDS = ["reset:before", "close", "garbage", "hang"]


@pytest.mark.parametrize("kind", EndingKind)
def test_some_endings_send_no_answer(kind: EndingKind) -> None:
    assert read_step(kind, {}).sends_answer == (kind not in ENDS)


# What is written, and a piece of the message.
WRONG = [
    ("", "got '', expected a status from 200 to 599, pass, an answer"),
    ("500+", "got '', expected a status"),
    ("userNotfound", "got 'userNotfound' (near it: userNotFound, notFound), expected a status"),
    ("toManyRequests:5", "near it: tooManyRequests)"),
    ("Hang", "got 'Hang' (near it: hang"),
    ("xyzzy", "got 'xyzzy', expected a status"),
    ("userNotFound:5", "userNotFound: got '5' after it, expected nothing"),
    ("pass:1", "pass: got '1' after it, expected nothing"),
    ("500:", "500: got '' after it, expected nothing"),
    ("199", "got '199', expected a status from 200 to 599"),
    ("600", "got '600', expected a status"),
    ("\u0665\u0660\u0660", "expected a status"),
    ("tooManyRequests:soon", "tooManyRequests: got 'soon', expected a whole number of seconds"),
    ("tooManyRequests:-1", "tooManyRequests: got '-1', expected a whole number of seconds"),
    ("tooManyRequests:", "tooManyRequests: got '', expected a whole number"),
    ("badGateway:5", "badGateway: got '5' after it, expected nothing"),
    ("redirect:javascript:1", "redirect: got 'javascript:1', expected a path"),
    ("redirect:/a\r\nx: y", "redirect: got '/a\\r\\nx: y', expected a path"),
    ("delay", "delay: got nothing after it, expected delay: and a time such as 200ms, or a range"),
    ("delay:soon", "delay: got 'soon', expected a time such as 250ms"),
    ("delay:601s", "delay: got '601s', expected at most 600s"),
    ("delay:2s-1s", "delay: got '2s-1s', expected the shorter time first"),
    ("delay:1s-", "delay: got '', expected a time"),
    ("delay:" + "9" * 400 + "s", "expected at most 24 characters"),
    ("reset", "reset: got nothing after it, expected reset: and before, during or after"),
    ("reset:now", "reset: got 'now', expected before, during or after"),
    ("close:1", "close: got '1' after it, expected nothing"),
    ("truncate:half", "truncate: got 'half', expected a size such as 1000, 64KiB or 10MB"),
    ("drip:0", "drip: got '0', expected a size from 1 to 1024GiB"),
    ("read", "read: got nothing after it, expected read: and bytes a second"),
    ("read:0", "read: got '0', expected a size from 1 to"),
    ("cut", "cut: got nothing after it, expected cut: and a size"),
    ("cut:-1", "cut: got '-1', expected a size"),
    ("cut:9999GiB", "cut: got '9999GiB', expected a size from 0 to 1024GiB"),
    ("500+400", "got 500 and 400, expected at most one answer in a step"),
    ("pass+500", "got pass and 500, expected at most one answer in a step"),
    ("delay:1s+delay:2s", "got delay:1s and delay:2s, expected at most one delay in a step"),
    ("close+hang", "got close and hang, expected at most one fault of the answer in a step"),
    ("read:1kB+cut:5", "got read:1kB and cut:5, expected at most one fault of reading in a step"),
    ("cut:5+500", "got cut:5+500, expected cut alone: it ends the connection before there is an answer"),
    ("delay:1s+expect", "got expect+delay:1s, expected expect alone: it answers by itself, or does nothing"),
    ("close+500", "got 500+close, expected no answer beside close: none would be sent"),
    ("reset:before+badGateway", "expected no answer beside reset:before"),
    ("delay:1s+hang", "got delay:1s+hang, expected no delay beside hang: it waits for ever anyway"),
    ("redirect+truncate", "got redirect+truncate, expected an answer that has a body, for truncate"),
    ("204+drip", "expected an answer that has a body, for drip"),
]


@pytest.mark.parametrize(("text", "message"), [pytest.param(*row, id=row[0][:30] or "empty") for row in WRONG])
def test_what_does_not_fit_is_told(text: str, message: str, answers: Answers) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read_step(text, answers)


def test_an_unknown_name_is_told_what_there_is(answers: Answers) -> None:
    with pytest.raises(ValueError, match="xyzzy") as wrong:
        read_step("xyzzy", answers)

    known = [*answers, *(answer.form for answer in undocumented_answers()), *(fault.form for fault in fault_forms())]
    assert [name for name in known if name not in str(wrong.value)] == []


EXAMPLES = {
    "delay": "200ms", "reset": "before", "close": None, "garbage": None, "truncate": "5", "drip": "20", "chunked": "8",
    "hang": None, "cut": "1MB", "read": "64KiB", "expect": None,
}  # fmt: skip


@pytest.mark.parametrize("fault", fault_forms(), ids=lambda fault: str(fault.name))
def test_every_fault_is_listed_as_it_is_read(fault: object) -> None:
    name = getattr(fault, "name", "")
    argument = EXAMPLES[name]

    step = read_step(f"{name}:{argument}" if argument else name, {})

    assert (step.documented, step.text.partition(":")[0]) == (False, name)


@pytest.mark.parametrize("name", [answer.name for answer in undocumented_answers()])
def test_every_undocumented_answer_is_listed_as_it_is_read(name: str) -> None:
    answer = read_step(name, {}).answer

    assert answer is not None
    assert (answer.name, answer.documented) == (name, False)


# Steps by their parts: one of each phase, where they go together.

spans = st.integers(0, 600_000).map("{}ms".format)
sizes = st.integers(1, 1 << 40).map(str)
readings = sizes.map("read:{}".format)
delays = spans.map("delay:{}".format) | st.tuples(spans, spans).map(
    lambda pair: "delay:{}-{}".format(*sorted(pair, key=lambda span: int(span[:-2])))
)
bodied = st.sampled_from(["userNotFound", "500", "tooManyRequests:9", "badGateway", "pass"])
bodiless = st.sampled_from(["204", "redirect", "redirect:/x"])
cuts = (
    sizes.map("truncate:{}".format)
    | sizes.map("drip:{}".format)
    | st.sampled_from(["reset:during", "reset:after", "chunked"])
)
silent = st.sampled_from(["close", "garbage", "reset:before"])


def _steps() -> st.SearchStrategy[str]:
    def some(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
        return st.tuples(*(st.none() | part for part in parts)).map(lambda found: [part for part in found if part])

    groups = st.one_of(
        some(readings, delays, bodied, cuts),
        some(readings, delays, bodiless),
        some(readings, delays, silent),
        sizes.map(lambda size: [f"cut:{size}"]),
    )
    return groups.filter(bool).flatmap(st.permutations).map("+".join)


@given(text=_steps())
def test_the_normal_form_is_its_own(text: str, contract: Contract) -> None:
    step = read_step(text, contract.answers)

    again = read_step(step.text, contract.answers)

    assert again == step
    assert again.text == step.text


@given(text=st.text(alphabet="pasthcu50:+-mKiB.", max_size=20) | st.text(max_size=20))
def test_any_text_is_a_step_or_told_why_not(text: str, contract: Contract) -> None:
    try:
        found = read_step(text, contract.answers).text
    except ValueError as wrong:
        found = str(wrong)

    told = re.search("got .*, expected ", found, re.DOTALL) is not None
    assert told or read_step(found, contract.answers).text == found
