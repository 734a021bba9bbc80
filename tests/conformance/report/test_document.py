"""The one document: what stands in it, that it fits its schema, and that it is the same for the same run."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conformance.chapters.titles import CHAPTERS, UNTESTABLE
from conformance.judging import Judged
from conformance.model import Call, Capabilities, Case, File, Intent, Outcome, Reply
from conformance.obligation import Mode, broken, noted
from conformance.report.document import document
from conformance.report.page import page
from conformance.report.reading import checked, schema
from conformance.report.wording import failure_rows
from conformance.results import Run
from conformance.verdicts import Options
from contracts.multipart_body import Part
from tests.conformance.made_runs import CAN, PASSES, case, fails, mixed, obligation, run, sent


def written(made: Run) -> dict[str, Any]:
    """Write a run, and read it back as any other program would."""
    return checked(json.loads(json.dumps(document(made))), "report")


def one(made: Run, name: str = "N-14") -> dict[str, Any]:
    (found,) = [each for each in written(made)["obligations"] if each["id"] == name]
    return dict(found)


def example(made: Run, name: str = "N-14") -> dict[str, Any]:
    return dict(one(made, name)["counterexample"])


def steady(value: object) -> object:
    """Take out what may differ from run to run."""
    if isinstance(value, dict):
        return {name: steady(item) for name, item in value.items() if name != "measured"}
    return [steady(item) for item in value] if isinstance(value, list) else value


def test_the_schema_is_one_and_closed() -> None:
    Draft202012Validator.check_schema(schema())

    def objects(part: object) -> list[dict[str, Any]]:
        inner = list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
        found = [each for item in inner for each in objects(item)]
        return [*found, part] if isinstance(part, dict) and "properties" in part else found

    assert len(objects(schema())) > 15
    assert all(each["additionalProperties"] is False for each in objects(schema()))


def test_a_run_is_written_whole() -> None:
    report = written(mixed(problems=("it hung",), known_faults=("known[1]: expired",)))

    assert (report["format"], report["mode"], report["profile"], report["seed"]) == (1, "active", "quick", 7)
    assert (report["exitCode"], report["problems"], report["knownFaults"]) == (3, ["it hung"], ["known[1]: expired"])
    assert report["client"]["name"] == "acme"
    assert report["unmet"] == [{"trial": "plan/500/giftAssets", "steps": 1}]
    assert len(report["untestable"]) == len(UNTESTABLE)
    assert [chapter["letter"] for chapter in report["chapters"]] == list(CHAPTERS)
    assert report["measured"] == {
        "started": "2023-11-14T22:13:20.500Z", "seconds": {"smoke": 0.25}, "calls": 3, "requests": 4,
    }  # fmt: skip


def test_both_numbers_stand_together() -> None:
    report = written(mixed())

    summary = {name: report["summary"][name] for name in ("obligations", "applicable", "exercised", "kept")}
    assert summary == {"obligations": 8, "applicable": 7, "exercised": 5, "kept": 2}
    assert {name: number for name, number in report["summary"]["verdicts"].items() if number} == {
        "pass": 1, "fail": 1, "warn": 1, "info": 2, "blocked": 1, "untested": 1, "not-applicable": 1,
    }  # fmt: skip
    assert sum(chapter["obligations"] for chapter in report["chapters"]) == 8


def test_an_obligation_says_all_about_itself() -> None:
    thin = obligation(validity=True, because="why", rules=("a.b",), depends=("O-07",), operation="addUserAnalytics")

    found = one(run([thin], {"N-14": [fails(), PASSES]}, options=Options(server_validated=True)))

    assert (found["level"], found["applied"], found["verdict"]) == ("MUST", "SHOULD", "warn")
    assert (found["exercised"], found["kept"], found["failed"], found["noted"]) == (2, 1, 1, 0)
    assert found["source"] == {"document": "user-analytics", "section": "Body Parameters"}
    assert (found["because"], found["rules"], found["depends"]) == ("why", ["a.b"], ["O-07"])
    assert found["modes"] == ["active", "traffic", "watch"]
    assert found["reproduce"].endswith("--profile quick --seed 7 --only N-14 --server-validated")
    assert [failure["level"] for failure in found["failures"]] == ["SHOULD"]


def test_a_counterexample_shows_what_was_asked_sent_and_told() -> None:
    shown = example(mixed())

    (call,) = shown["calls"]
    (request,) = call["requests"]
    assert call["intent"]["args"] == {"email": "a…@mail.de", "capturedAt": None}
    assert request["body"] == {"size": 51, "cut": False, "text": '{"email": "a…@mail.de", "capturedAt": null}'}
    assert (request["status"], request["answer"], request["number"]) == (400, "userNotFound", 1)
    assert (call["reply"]["outcome"], call["reply"]["message"]) == ("error", "no user")
    assert (shown["finding"]["request"], shown["finding"]["place"]) == (1, "capturedAt")
    assert shown["curl"].startswith('curl -X POST "$DISTINCT_BASE_URL"/api/v1/user/analytics -H')
    assert shown["minimal"] is False


def test_what_was_measured_stands_apart() -> None:
    at_once = Judged(broken=(broken("the next attempt follows at once", measured="0.3 ms", expected="at least 50 ms"),))

    found = one(run([obligation()], {"N-14": [at_once]}))

    (failure,) = found["failures"]
    assert (failure["got"], failure["measured"]) == ("", {"got": "0.3 ms"})
    assert ("got", "0.3 ms") in failure_rows(found)
    assert "0.3 ms" not in json.dumps(steady(found))


def test_requests_are_numbered_through_and_the_offending_one_is_the_command() -> None:
    first, second, late = sent(1), sent(2, {"b": 1}), sent(3, {"c": 1})
    at = replace(case(first, second), late=(late,), strays=(sent(4),))

    shown = example(run([obligation()], {"N-14": [fails(request=late)]}, at=at))

    assert [request["number"] for request in shown["calls"][0]["requests"]] == [1, 2]
    assert (shown["late"][0]["number"], shown["strays"][0]["number"]) == (3, 4)
    assert shown["finding"]["request"] == 3
    assert '{"c": 1}' in shown["curl"]


def test_without_an_offending_request_only_one_that_is_alone_is_the_command() -> None:
    alone = example(run([obligation()], {"N-14": [fails()]}, at=case(sent())))
    two = example(run([obligation()], {"N-14": [fails()]}, at=case(sent(1), sent(2))))
    none = example(run([obligation()], {"N-14": [fails()]}, at=case()))

    assert alone["curl"]
    assert (two["curl"], none["curl"]) == (None, None)


def test_an_upload_shows_its_parts() -> None:
    parts = (
        Part("userId", None, "", 5, text="u 0170 1234567"),
        Part("assets", "anna@mail.de.png", "image/png", 67, sha256="ab" * 32),
    )
    intent = Intent("giftAssets", {"userId": "u"}, (File("a.png", "image/png", 67),))
    call = Call(intent, (sent(parts=parts, value=None, body=b""),), Reply(Outcome.OK))
    at = replace(case(), calls=(call,))

    shown = example(run([obligation()], {"N-14": [fails()]}, at=at))["calls"][0]

    assert shown["intent"]["files"] == [{"name": "a.png", "contentType": "image/png", "size": 67}]
    assert [part["name"] for part in shown["requests"][0]["parts"]] == ["userId", "assets"]
    assert shown["requests"][0]["parts"][1]["filename"] == "a…@mail.de.png"


BODIES = [
    pytest.param(b"\xff\x00anna@mail.de", "base64", b"\xff\x00a...@mail.de", id="no-text"),
    pytest.param("jürgen@mail.de".encode("latin-1"), "base64", b"j...@mail.de", id="latin-1"),
    pytest.param("é".encode()[:1] * 1, "base64", b"\xc3", id="half-a-letter-alone"),
    pytest.param(b"x" * 9000, "text", "x" * 8192, id="long"),
    pytest.param("aé".encode()[:2], "text", "a", id="cut-in-a-letter"),
]


@pytest.mark.parametrize(("raw", "kind", "shown"), BODIES)
def test_bodies_of_all_kinds(raw: bytes, kind: str, shown: object) -> None:
    made = run([obligation()], {"N-14": [fails()]}, at=case(sent(body=raw)))

    body = example(made)["calls"][0]["requests"][0]["body"]

    found = base64.b64decode(body[kind]) if kind == "base64" else body[kind]
    assert (found, body["size"], body["cut"]) == (shown, len(raw), len(raw) > 8192)


def test_what_the_journal_did_not_keep_is_said_to_be_cut() -> None:
    made = run([obligation()], {"N-14": [fails()]}, at=case(sent(body=b"abc", size=10_000)))

    assert example(made)["calls"][0]["requests"][0]["body"] == {"size": 10_000, "cut": True, "text": "abc"}


def test_two_runs_with_one_seed_are_the_same() -> None:
    def made(number: int, key: str, port: int) -> Run:
        headers = (("host", f"127.0.0.1:{port}"), ("x-distinct-api-key", f"dmk_…{key}"))
        request = replace(sent(number), id=f"{key}-{number}", key=f"dmk_…{key}", headers=headers, seconds=number / 7)
        at = case(request, message=f"no answer from http://127.0.0.1:{port} for dmk_…{key}")
        more: dict[str, Any] = {"started": 1.0 * number, "timings": {"smoke": number / 3}, "requests": number}
        return run([obligation()], {"N-14": [fails(request=request)]}, at=at, **more)

    one_run, other = document(made(1, "aaaaaa", 4001)), document(made(9, "bbbbbb", 59999))

    assert one_run != other
    assert steady(one_run) == steady(other)


@pytest.mark.parametrize("profile", ["smoke", "replay", "per-call"])
def test_a_profile_that_nobody_can_ask_for_is_not_asked_for(profile: str) -> None:
    found = one(run([obligation()], {"N-14": [fails()]}, profile=profile))

    assert found["reproduce"] == "distinct-conformance client run --client CLIENT --seed 7 --only N-14"


def test_a_watched_client_is_not_tried_again() -> None:
    found = one(run([obligation()], {"N-14": [fails()]}, mode=Mode.WATCH, options=Options(require=True)))

    assert (found["verdict"], found["reproduce"]) == ("fail", "")


def test_what_had_to_be_exercised_is_marked() -> None:
    report = written(run([obligation("N-14"), obligation("O-01")], {"N-14": [PASSES]}))

    assert [(each["id"], each["missing"]) for each in report["obligations"]] == [("N-14", False), ("O-01", True)]
    assert report["exitCode"] == 4


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(args=st.dictionaries(st.text(), VALUES, max_size=4), text=st.text(), body=st.binary(max_size=40))
def test_whatever_a_client_does_fits_the_schema(args: dict[str, Any], text: str, body: bytes) -> None:
    request = replace(sent(body=body), target=text, headers=((text, text),), method=text or "POST")
    reply = Reply(Outcome.ERROR, message=text, detail=args, noise=text)
    at = replace(case(request, args=args), calls=(Call(Intent(text, args, label=text), (request,), reply),))
    client = Capabilities(frozenset({text}), name=text, version=text)

    made = run([obligation()], {"N-14": [fails(text, request=request)]}, at=at, client=client, problems=(text,))

    assert written(made)["obligations"][0]["verdict"] == "fail"


def test_what_a_recorded_request_has_for_an_email_stands_nowhere() -> None:
    request = sent(body={"email": "jane.roe@intranet"}, value={"email": "jane.roe@intranet"})
    at = Case(request.id, (), CAN, together=(request,))
    told = [fails(f"of {value}", request=request) for value in ("jane.roe@intranet", "another")]
    found = [replace(each, broken=(replace(each.broken[0], got="'jane.roe@intranet'"),)) for each in told]

    made = run([obligation()], {"N-14": [*found, Judged(noted=(noted("jane.roe@intranet"),))]}, at=at)

    text = json.dumps(document(made))
    assert len(one(made)["failures"]) == 2
    assert "jane" not in text
    assert "jane" not in page(document(made))


def test_what_a_client_was_asked_for_is_shown() -> None:
    request = sent(body={"email": "jane.roe@intranet"}, value={"email": "jane.roe@intranet"})

    made = run(
        [obligation()], {"N-14": [fails(request=request)]}, at=case(request, args={"email": "jane.roe@intranet"})
    )

    assert "jane.roe@intranet" in example(made)["calls"][0]["requests"][0]["body"]["text"]
