"""HTTP archives, as browsers and proxies write them: what they show is judged, what they do not show is said."""

import base64
import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.catalogue import catalogue
from conformance.commands.traffic import traffic_command
from conformance.fake.watched import WatchedFake, watched_fake
from conformance.observed.har import read_har
from conformance.observed.har_requests import har_requests
from conformance.observed.recorded import Gap, Recorded
from conformance.observed.traffic import run_of
from conformance.verdicts import Options
from contracts.faults import ConfigError
from contracts.operations import Contract
from tests.conformance.traffic_made import GIFT, upload
from tests.conftest import ANALYTICS, EVENT, send

KEY = "an-api-key-of-acme/1"
HEADERS = {"Content-Type": "application/json", "X-Distinct-Api-Key": KEY, "User-Agent": "acme/1.0"}
FORM = {**HEADERS, "Content-Type": "multipart/form-data; boundary=b"}
WHOLE = frozenset({Gap.FRAMING})

Entry = dict[str, Any]


def entry(
    body: Mapping[str, Any] | str | None = None,
    *,
    path: str = ANALYTICS,
    host: str = "https://api.distinct.so",
    headers: Mapping[str, str] = HEADERS,
    status: int = 200,
    method: str = "POST",
    **post: Any,  # noqa: ANN401 - members of postData
) -> Entry:
    """Make an entry; its bodySize is that of its text unless it is given."""
    text = json.dumps(body) if isinstance(body, Mapping) else body
    size = post.pop("bodySize", len(text.encode()) if text is not None else 0)
    data = {"mimeType": headers.get("Content-Type", ""), **({} if text is None else {"text": text}), **post}
    request = {
        "method": method,
        "url": host + path,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "bodySize": size,
        **({"postData": data} if len(data) > 1 else {}),
    }
    answer = json.dumps({"statusCode": status, "message": "User not found.", "data": None})
    return {
        "startedDateTime": "2026-11-21T10:00:00.250+01:00",
        "time": 12.5,
        "request": request,
        "response": {"status": status, "content": {"text": answer}},
    }


def written(folder: Path, *entries: Entry) -> Path:
    file = folder / "traffic.har"
    # As some tools do, with a byte order mark.
    file.write_text("\ufeff" + json.dumps({"log": {"version": "1.2", "entries": entries}}), encoding="utf-8")
    return file


Read = Callable[..., Recorded]


@pytest.fixture
def read(tmp_path: Path, contract: Contract) -> Read:
    """Give the function that writes entries and reads them as recorded requests."""
    return lambda *entries: har_requests(written(tmp_path, *entries), contract)


def rules(recorded: Recorded, number: int = 0) -> set[str]:
    return {breach.rule.id for breach in recorded.sent[number].breaches}


def test_a_request_is_read_as_the_fake_would_have_seen_it(read: Read) -> None:
    (sent,) = read(entry(EVENT)).sent

    assert (sent.id, sent.method, sent.target, sent.operation) == ("entry 1", "POST", ANALYTICS, "addUserAnalytics")
    assert (sent.value, sent.size, sent.breaches, sent.accepted) == (EVENT, len(json.dumps(EVENT)), (), True)
    assert (sent.at, sent.seconds, sent.status) == (1795251600.25, 0.0125, 200)
    assert sent.header("user-agent") == "acme/1.0"


def test_an_answer_is_known_by_its_message(read: Read) -> None:
    (sent,) = read(entry(EVENT, status=400)).sent

    assert (sent.answer, sent.accepted) == ("userNotFound", False)


BROKEN = [
    pytest.param(entry({**EVENT, "phone": "12 34"}), {"analytics.phone"}, id="phone"),
    pytest.param(entry({**EVENT, "userId": None}), {"analytics.user-id"}, id="null"),
    pytest.param(entry({**EVENT, "feature": "no-such"}), {"analytics.pair-registered"}, id="pair"),
    pytest.param(entry("{"), {"analytics.body"}, id="no-json"),
    pytest.param(
        entry(EVENT, headers={**HEADERS, "Content-Type": "text/plain"}), {"analytics.media-type"}, id="media-type"
    ),
    pytest.param(entry(EVENT, path=ANALYTICS + "/"), {"http.path"}, id="slash"),
    pytest.param(entry(EVENT, method="PUT"), {"http.method"}, id="method"),
    pytest.param(entry({**EVENT, "email": "nobody@example.com", "experienceId": "any"}), set(), id="nobody-knows-whom"),
]


@pytest.mark.parametrize(("one", "broken"), BROKEN)
def test_what_is_wrong_is_found(one: Entry, broken: set[str], read: Read) -> None:
    assert rules(read(one)) == broken


def test_a_key_is_masked_wherever_it_stands(read: Read) -> None:
    body = {**EVENT, "metadata": {"debug": KEY}}

    recorded = read(entry(body, path=f"{ANALYTICS}?key={KEY.replace('/', '%2F')}"))

    (sent,) = recorded.sent
    assert sent.key.startswith("an-a…")
    assert KEY not in repr([sent.headers, sent.body, sent.target, sent.value, sent.breaches, sent.flags])
    assert sent.key in str(sent.value)


def test_a_key_is_masked_in_forms_and_faults_too(read: Read) -> None:
    named = [{"name": "userId", "value": KEY}, {"name": "assets", "fileName": f"{KEY}.gif"}, {"name": KEY, "value": ""}]

    recorded = read(entry({**EVENT, "feature": KEY}), gift(params=named, bodySize=900))

    everything = repr([[one.parts, one.value, one.breaches, one.flags] for one in recorded.sent])
    assert "an-a…" in everything
    assert KEY not in everything


def test_only_requests_for_the_api_count(read: Read) -> None:
    others = {"User-Agent": "a browser"}
    asks = {"Access-Control-Request-Method": "POST"}

    recorded = read(
        entry(EVENT),
        entry(path="/index.html", method="GET", headers=others),
        entry(path="/index.css", method="GET", headers=others),
        entry(method="OPTIONS", headers=asks),
    )

    assert [one.id for one in recorded.sent] == ["entry 1"]
    assert "2 requests went elsewhere without an API key, and count as nobody's" in recorded.limitations
    assert "1 request in which a browser asks for leave first, left out" in recorded.limitations


# What an archive does not show

GIF_FORM, _ = upload()


def parameters(files: int = 1) -> list[dict[str, str]]:
    listed = [{"name": "userId", "value": "user-john-doe"}, {"name": "eventId", "value": "summer-gala"}]
    return [*listed, *({"name": "assets", "fileName": f"{n}.gif", "contentType": "image/gif"} for n in range(files))]


def gift(text: str | None = None, **post: Any) -> Entry:  # noqa: ANN401 - members of postData
    return entry(text, path=GIFT, headers=FORM, **post)


EMPTIED = GIF_FORM.decode("latin-1").replace("GIF89a" + "\0" * 20, "")
HEADERLESS = copy.deepcopy(entry(EVENT))
HEADERLESS["request"]["headers"] = []
KEYLESS = {name: value for name, value in HEADERS.items() if "Key" not in name}

GAPS = [
    pytest.param(entry(EVENT), WHOLE, id="json"),
    pytest.param(entry(EVENT, bodySize=-1), WHOLE, id="json-of-unknown-size"),
    pytest.param(
        entry(json.dumps({**EVENT, "metadata": {"a": "\ufffd"}}, ensure_ascii=False), bodySize=3),
        WHOLE | {Gap.BYTES},
        id="json-that-lost-bytes",
    ),
    pytest.param(entry(None, bodySize=300), WHOLE | {Gap.BODY}, id="no-body-recorded"),
    pytest.param(HEADERLESS, WHOLE | {Gap.HEADERS, Gap.KEY}, id="no-headers"),
    pytest.param(entry(EVENT, headers=KEYLESS), WHOLE | {Gap.KEY}, id="no-key-at-all"),
    pytest.param(
        entry(EVENT, headers={**HEADERS, "X-Distinct-Api-Key": "[Filtered]"}), WHOLE | {Gap.KEY}, id="filtered"
    ),
    pytest.param(entry(EVENT, headers={**HEADERS, "X-Distinct-Api-Key": "***"}), WHOLE | {Gap.KEY}, id="stars"),
    pytest.param(gift(base64.b64encode(GIF_FORM).decode(), encoding="base64"), WHOLE, id="form-in-base64"),
    pytest.param(gift(base64.b64encode(GIF_FORM).decode(), bodySize=len(GIF_FORM)), WHOLE, id="base64-unsaid"),
    pytest.param(gift(GIF_FORM.decode("latin-1"), bodySize=len(GIF_FORM)), WHOLE, id="form-as-text-of-its-size"),
    pytest.param(gift(params=parameters(), bodySize=900), WHOLE | {Gap.BYTES}, id="form-by-its-fields"),
    pytest.param(gift(EMPTIED, bodySize=len(GIF_FORM)), WHOLE | {Gap.BYTES}, id="form-without-its-files"),
    pytest.param(gift("gone", bodySize=900), WHOLE | {Gap.BODY}, id="form-lost"),
]


@pytest.mark.parametrize(("one", "gaps"), GAPS)
def test_what_is_not_shown_is_a_gap_and_no_fault(one: Entry, gaps: frozenset[Gap], read: Read) -> None:
    recorded = read(one)

    assert recorded.gaps == {"entry 1": gaps}
    assert rules(recorded) == set()
    assert recorded.sent[0].flags == ()
    assert len(recorded.limitations) == len(gaps)


def test_a_key_that_others_send_is_missing(read: Read) -> None:
    recorded = read(entry(EVENT), entry(EVENT, headers=KEYLESS))

    assert recorded.gaps["entry 2"] == WHOLE
    assert rules(recorded, 1) == {"analytics.key"}


def test_a_form_by_its_fields_shows_what_it_names(read: Read) -> None:
    recorded = read(gift(params=[*parameters(11), {"name": "userId", "value": "another"}], bodySize=9000))

    sent = recorded.sent[0]
    assert [part.filename for part in sent.files][:2] == ["0.gif", "1.gif"]
    assert {"gift.asset-count", "gift.user-once"} <= rules(recorded)


def test_a_form_with_its_bytes_is_judged_in_full(read: Read) -> None:
    body = GIF_FORM.replace(b"GIF89a", b"%PDF-1")

    recorded = read(gift(base64.b64encode(body).decode(), encoding="base64"))

    assert rules(recorded) == {"gift.asset-media"}
    assert recorded.sent[0].files[0].sha256


# Beside a fake


@pytest.fixture
def watched(contract: Contract) -> Iterator[WatchedFake]:
    with watched_fake(contract) as fake:
        yield fake


ODD_GIFT = GIF_FORM.replace(b"image/gif", b"image/png").replace(b"b--\r\n", b"b--")
BOTH = [
    pytest.param(json.dumps(EVENT).encode(), {}, id="right"),
    pytest.param(json.dumps({**EVENT, "phone": "", "userId": None}).encode(), {}, id="empty"),
    pytest.param('{"feature": "ü", "feature": "\\ud800"}'.encode(), {}, id="odd-json"),
    pytest.param(b'{"feature": NaN}', {}, id="no-json"),
    pytest.param(b"[]", {"Content-Type": "text/plain"}, id="media-type"),
    pytest.param(GIF_FORM, {"Content-Type": FORM["Content-Type"]}, id="gift"),
    pytest.param(ODD_GIFT, {"Content-Type": FORM["Content-Type"]}, id="gift-declared-otherwise"),
    pytest.param(GIF_FORM[:-9], {"Content-Type": FORM["Content-Type"]}, id="gift-without-end"),
    pytest.param(b"no form", {"Content-Type": FORM["Content-Type"]}, id="no-gift"),
]


@pytest.mark.parametrize(("body", "headers"), BOTH)
def test_an_archive_is_judged_as_a_fake_judges(
    body: bytes, headers: Mapping[str, str], read: Read, watched: WatchedFake
) -> None:
    given = {**HEADERS, **headers}
    path = GIFT if "multipart" in given["Content-Type"] else ANALYTICS
    own = {name: value for name, value in given.items() if "Key" not in name}
    send(watched.url, path, body, headers={**own, "x-distinct-api-key": watched.secret})
    of_fake = watched.recorded().sent[-1]

    text = base64.b64encode(body).decode()
    (of_archive,) = read(entry(text, path=path, headers=given, encoding="base64", bodySize=len(body))).sent

    for seen in ("operation", "method", "target", "value", "body", "size", "breaches", "flags"):
        assert getattr(of_archive, seen) == getattr(of_fake, seen), seen
    assert [replace(part, head=b"") for part in of_archive.parts or ()] == list(of_fake.parts or ())


CAPTURE = {
    "type": "REGISTRATION_PAGE_VISIT",
    "eventValue": "opening-match",
    "recordCapturedAt": "2026-04-27T13:35:00Z",
    "sessionId": "s",
    "registrationPageValue": "main-page",
}
KINDS: tuple[object, ...] = (None, "", " ", "x", 0, -1.5, True, [], ["x"], {}, {"x": {}}, "\U0001f600" * 300)


def test_no_judge_stumbles_over_what_a_field_holds(read: Read, contract: Contract) -> None:
    everything = {**EVENT, "userId": "u", "phone": "+14155552671", "metadata": {"a": 1}}
    paths = {one.id: one.path for one in contract.operations.values()}
    whole = (
        (paths["addUserAnalytics"], everything),
        (paths["captureAnalytics"], {**CAPTURE, "email": "a@example.com"}),
    )
    entries = [entry({**body, field: value}, path=path) for path, body in whole for field in body for value in KINDS]

    run = run_of(read(*entries), contract, catalogue(contract).obligations, Options())

    assert run.requests == len(entries)


# Files that are none

DELETED = object()


def changed(*path: str | int, to: object) -> Any:  # noqa: ANN401 - an archive with something wrong in it
    value: Any = {"log": {"entries": [entry(EVENT), entry(EVENT)]}}
    place = value
    for step in path[:-1]:
        place = place[step]
    if to is DELETED:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return value


FAULTS = [
    pytest.param([], "the file: expected object", id="list"),
    pytest.param({}, "the file: 'log' is missing", id="no-log"),
    pytest.param({"log": {}}, "log: 'entries' is missing", id="no-entries"),
    pytest.param(
        changed("log", "entries", 1, "request", "url", to=DELETED),
        "log / entries / 2 / request: 'url' is missing",
        id="url",
    ),
    pytest.param(
        changed("log", "entries", 0, "request", "headers", to=[{"name": "X-Distinct-Api-Key", "value": [KEY]}]),
        "log / entries / 1 / request / headers / 1 / value: expected string",
        id="header",
    ),
    pytest.param(
        changed("log", "entries", 0, "request", "postData", to=3),
        "log / entries / 1 / request / postData: expected null or object",
        id="body",
    ),
    pytest.param(
        changed("log", "entries", 1, "startedDateTime", to="yesterday"),
        "log / entries / 2 / startedDateTime: got 'yesterday', expected a time such as 2026-04-27T13:35:00.123Z",
        id="time",
    ),
    *(
        pytest.param(
            changed("log", "entries", 1, "startedDateTime", to=time),
            f"log / entries / 2 / startedDateTime: got {time!r}, expected a time such as 2026-04-27T13:35:00.123Z",
            id=time,
        )
        for time in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
    ),
    pytest.param(
        changed("log", "entries", 1, "request", "url", to=f"http://[{KEY}/api/v1/user/analytics"),
        "log / entries / 2 / request / url: is no URL",
        id="no-url",
    ),
]


@pytest.mark.parametrize(("value", "problem"), FAULTS)
def test_what_is_wrong_with_a_file_is_told_with_its_place(value: Any, problem: str, tmp_path: Path) -> None:  # noqa: ANN401
    file = tmp_path / "traffic.har"
    file.write_text(json.dumps(value))

    with pytest.raises(ConfigError) as raised:
        read_har(file)

    assert str(raised.value) == f"{file}: {problem}"


TEXTS = [
    pytest.param(b"", "is no HTTP archive: no JSON: expecting value at line 1, column 1", id="empty"),
    pytest.param(b"\xff\xfe", "is no HTTP archive: invalid UTF-8 at byte 0", id="no-text"),
    pytest.param(b"[" * 200_000, "is no HTTP archive: JSON that cannot be read", id="deep"),
    pytest.param(b"1" * 5000, "is no HTTP archive: JSON that cannot be read", id="long-number"),
]


@pytest.mark.parametrize(("content", "problem"), TEXTS)
def test_a_file_that_is_no_archive_is_told(content: bytes, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "traffic.har"
    file.write_bytes(content)

    with pytest.raises(ConfigError) as raised:
        read_har(file)

    assert str(raised.value) == f"{file}: {problem}"


def test_many_faults_are_not_all_told(tmp_path: Path) -> None:
    file = tmp_path / "traffic.har"
    file.write_text(json.dumps({"log": {"entries": [{}] * 50}}))

    with pytest.raises(ConfigError) as raised:
        read_har(file)

    assert len(raised.value.faults) == 11
    assert raised.value.faults[-1].problem == "90 more faults of that kind"


# The command


def test_an_archive_is_judged_by_the_command(tmp_path: Path) -> None:
    right, wrong = entry(EVENT), entry({**EVENT, "userId": None})
    (tmp_path / "right").mkdir()

    conforms = CliRunner().invoke(traffic_command, [str(written(tmp_path / "right", right, gift(params=parameters())))])
    deviates = CliRunner().invoke(traffic_command, [str(written(tmp_path, right, wrong)), "--json", "-"])

    assert conforms.exit_code == 0, conforms.output
    assert deviates.exit_code == 1
    report = json.loads(deviates.stdout)
    assert [one["id"] for one in report["obligations"] if one["verdict"] == "fail"] == ["N-14"]
    assert KEY not in deviates.output
