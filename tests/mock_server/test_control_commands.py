"""The commands that talk to a running fake, as a person or a script calls them."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner, Result

import mock_server
from mock_server.cli import main
from mock_server.client import Control
from mock_server.handle import Handle
from tests.conftest import ANALYTICS, EVENT, Reply, Start, send
from tests.mock_server.another import another_server

UNKNOWN_USER = {**EVENT, "email": "nobody@example.com"}

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def whole() -> Iterator[Handle]:
    with mock_server.running() as fake:
        yield fake


@pytest.fixture
def fake(whole: Handle) -> Handle:
    """Give the fake as if it had just begun."""
    whole.reset()
    return whole


@pytest.fixture
def run(whole: Handle) -> Run:
    """Run a command against the fake; gives its result."""
    environment = {"DISTINCT_MOCK_URL": whole.url, "DISTINCT_MOCK_CONTROL_TOKEN": None, "DISTINCT_MOCK_CA_FILE": None}
    return lambda *arguments: CliRunner(env=environment).invoke(main, list(map(str, arguments)))


def post(fake: Handle, body: dict[str, str] = EVENT) -> Reply:
    return send(fake.url, ANALYTICS, body, headers={"x-distinct-api-key": fake.key})


def lines(result: Result, status: int = 0) -> list[str]:
    """Give what a command wrote, once it has ended with the status."""
    assert result.exit_code == status, result.output
    return result.output.splitlines()


# requests


def test_requests_are_listed_as_the_log_has_them(run: Run, fake: Handle) -> None:
    fake.arm("500", next=1)
    ids = [post(fake, body).headers["distinct-mock-request"] for body in (EVENT, UNKNOWN_USER)]

    first, second = lines(run("requests"))

    shape = r"\d\d:\d\d:\d\d\.\d{3}  %s  vend…[0-9a-f]{6}  addUserAnalytics  %s  \d+\.\dms +%s"
    assert re.fullmatch(shape % (ids[0], 500, r"\[500\]"), first)
    assert re.fullmatch(shape % (ids[1], 400, r"analytics\.user-known"), second)


def test_no_requests_are_no_lines(run: Run, fake: Handle) -> None:
    assert lines(run("requests")) == []
    assert lines(run("requests", "--json")) == ["[]"]
    assert fake.requests() == []


FILTERS = [
    pytest.param(("--status", "400"), 1, id="status"),
    pytest.param(("--operation", "addUserAnalytics"), 3, id="operation"),
    pytest.param(("--rule", "analytics.user-known"), 1, id="rule"),
    pytest.param(("--limit", "2"), 2, id="limit"),
    pytest.param(("--status", "200", "--rule", "analytics.user-known"), 0, id="both"),
]


@pytest.mark.parametrize(("options", "count"), FILTERS)
def test_requests_are_filtered(run: Run, fake: Handle, options: tuple[str, ...], count: int) -> None:
    for body in (EVENT, UNKNOWN_USER, EVENT):
        post(fake, body)

    assert len(json.loads(run("requests", "--json", *options).output)) == count


def test_requests_of_a_session(run: Run, fake: Handle) -> None:
    post(fake)
    with fake.session() as session:
        reply = post(session)

        (line,) = lines(run("requests", "--session", session.session_id))

    assert reply.headers["distinct-mock-request"] in line


def test_a_request_in_full_says_why_and_what_is_right(run: Run, fake: Handle) -> None:
    request = post(fake, UNKNOWN_USER).headers["distinct-mock-request"]

    said = lines(run("requests", request))

    assert said[0].startswith(f"request     {request}, 2")
    assert 'answered    400 {"statusCode":400,"message":"User not found.","data":null}, after ' in "\n".join(said)
    assert "broke       analytics.user-known, which was answered" in said
    assert "  got       'nobody@example.com'" in said
    assert any(line.startswith("  source    documented: user-analytics, section ") for line in said)
    sent, corrected = (said[said.index(title) + 1] for title in ("as it was sent:", "corrected:"))
    assert "nobody@example.com" in sent
    assert "john.doe@example.com" in corrected
    assert "$DISTINCT_API_KEY" in corrected
    assert any(line.startswith("  changed email: 'nobody@example.com' -> ") for line in said)


def test_the_corrected_command_is_right(run: Run, fake: Handle, tmp_path: Path) -> None:
    request = post(fake, UNKNOWN_USER).headers["distinct-mock-request"]
    said = lines(run("requests", request))
    command = said[said.index("corrected:") + 1]

    found = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "DISTINCT_API_KEY": fake.key},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        timeout=20,
    )

    assert json.loads(found.stdout)["statusCode"] == 200


def test_a_form_shows_its_parts(run: Run, fake: Handle) -> None:
    form = (
        b'--b\r\nContent-Disposition: form-data; name="userId"\r\n\r\n\x1b[31mred\r\n'
        b'--b\r\nContent-Disposition: form-data; name="assets"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        b"\x89PNG\r\n\x1a\n0123456789\r\n--b--\r\n"
    )
    headers = {"x-distinct-api-key": fake.key, "Content-Type": "multipart/form-data; boundary=b"}
    reply = send(fake.url, "/api/v1/vendor/user/assets", form, headers=headers)

    said = lines(run("requests", reply.headers["distinct-mock-request"]))

    assert r"part        userId = \x1b[31mred" in said
    assert "part        assets: file 'a.png', image/png, 18 bytes" in said


def test_a_long_body_is_shown_in_part(run: Run, fake: Handle) -> None:
    reply = post(fake, {**EVENT, "email": "x" * 5000})

    body = lines(run("requests", reply.headers["distinct-mock-request"]))

    shown = body[body.index("body:") + 1]
    assert len(shown) < 2100
    assert shown.endswith(" …")


def test_a_request_without_an_answer(run: Run, fake: Handle) -> None:
    fake.arm("reset:before")
    with pytest.raises(OSError):  # noqa: PT011 - reset, or closed: as the system likes
        post(fake)
    (request,) = fake.wait(1)

    assert any(line.startswith("armed       f-") for line in lines(run("requests", request.id)))


def test_a_request_in_full_as_json(run: Run, fake: Handle) -> None:
    request = post(fake).headers["distinct-mock-request"]

    assert json.loads(run("requests", request, "--json").output) == fake.control.get(f"/requests/{request}")


# requests --follow


@contextmanager
def following(url: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run `requests --follow` in a process, and wait until it follows."""
    command = [sys.executable, "-m", "mock_server", "requests", "--follow", "--url", url, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            assert process.stderr.readline() == f"distinct-mock: following {url}; stop with Ctrl-C\n"
            yield process
        finally:
            process.kill()


def test_follow_tells_requests_as_they_come(fake: Handle) -> None:
    with following(fake.url, "--status", "400") as process:
        assert process.stdout is not None
        post(fake)
        request = post(fake, UNKNOWN_USER).headers["distinct-mock-request"]
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)

    assert re.search(rf" {request} \S+ addUserAnalytics 400 \S+ analytics\.user-known", line)
    assert (process.returncode, rest) == (0, "")


def test_follow_tells_a_request_when_it_is_complete(fake: Handle) -> None:
    fake.arm("delay:400ms+pass")
    with following(fake.url, "--json") as process:
        assert process.stdout is not None
        post(fake)
        row = json.loads(process.stdout.readline())

    assert row["completed"]
    assert row["milliseconds"] > 400


def test_follow_says_what_it_does_not_show(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Control, "events", lambda *_, **__: iter([("skipped", {"count": 7}), ("faults", {})]))

    result = run("requests", "--follow")

    assert (result.stdout, result.stderr.splitlines()[0]) == (
        "",
        "distinct-mock: 7 more came at once, and are not shown",
    )


def test_follow_ends_with_the_fake(start: Start) -> None:
    served = start()
    with following(served.url) as process:
        served.process.terminate()
        _, complaint = process.communicate(timeout=20)

    assert (process.returncode, complaint) == (0, f"distinct-mock: the fake at {served.url} has stopped\n")


# arm


def test_steps_are_armed_and_played(run: Run, fake: Handle) -> None:
    (line,) = lines(run("arm", "500", "pass", "userNotFound", "--operation", "addUserAnalytics"))

    assert re.fullmatch(r"f-\d+  500 pass userNotFound  next 3  addUserAnalytics  played 0 of 0", line)
    assert [post(fake).status for _ in range(4)] == [500, 200, 400, 200]
    assert lines(run("arm", "--list"))[0].endswith("played 3 of 3, used up")


SCHEDULES = [
    pytest.param(("500", "--next", "2"), "  500  next 2  any request  played", id="next"),
    pytest.param(("500", "--every", "3"), "  500  every 3  any request  played", id="every"),
    pytest.param(("500", "--probability", "0.5"), "  probability 0.5  any request", id="probability"),
    pytest.param(("500", "--probability", "0.5", "--seed", "0"), "  probability 0.5 seed 0  ", id="seed"),
    pytest.param(("delay:1ms+500", "--always"), "  delay:1ms+500  always  any request", id="always"),
    pytest.param(("tooManyRequests:5",), "  not documented", id="undocumented"),
]


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(("arguments", "words"), SCHEDULES)
def test_a_schedule_is_told(run: Run, arguments: tuple[str, ...], words: str) -> None:
    assert words in lines(run("arm", *arguments))[0]


def test_a_key_is_sent_and_never_printed(run: Run, fake: Handle) -> None:
    armed = run("arm", "500", "--always", "--key", fake.key)
    refused = run("arm", "nonsense", "--key", fake.key)

    assert post(fake).status == 500
    assert "vend…" in lines(armed)[0]
    assert fake.key not in "".join([*lines(armed), *lines(refused, 2), *lines(run("arm", "--list"))])


def test_a_session_has_faults_of_its_own(run: Run, fake: Handle) -> None:
    with fake.session() as session:
        lines(run("arm", "500", "--always"))
        (own,) = lines(run("arm", "userNotFound", "--always", "--session", session.session_id))

        assert lines(run("arm", "--list", "--session", session.session_id)) == [own]
        assert lines(run("arm", "--disarm-all", "--session", session.session_id)) == ["disarmed 1"]
        assert len(lines(run("arm", "--list"))) == 1


def test_one_is_disarmed(run: Run, fake: Handle) -> None:
    fault = fake.arm(500, always=True)

    assert lines(run("arm", "--disarm", fault.id)) == [f"disarmed {fault.id}"]
    assert post(fake).status == 200


# reset, sessions


def test_reset_says_what_there_was(run: Run, fake: Handle) -> None:
    post(fake)
    fake.arm(500)

    assert lines(run("reset", "requests", "faults")) == ["forgot 1 request, 1 armed fault, 0 sessions"]
    assert (fake.requests(), fake.armed()) == ([], [])


def test_reset_forgets_all_unless_it_is_told(run: Run, fake: Handle) -> None:
    fake.change_world(experiences=["other"])
    with fake.session():
        assert lines(run("reset")) == ["forgot 0 requests, 0 armed faults, 1 session and the changes of the world"]
    assert lines(run("reset")) == ["forgot 0 requests, 0 armed faults, 0 sessions"]


def test_reset_of_a_session(run: Run, fake: Handle) -> None:
    with fake.session() as session:
        post(session)
        post(fake)

        assert lines(run("reset", "requests", "--session", session.session_id))[0].startswith("forgot 1 request,")
        assert len(fake.requests()) == 1


def test_a_session_is_created_for_a_script(run: Run, fake: Handle) -> None:
    (line,) = lines(run("sessions", "create", "--name", "of a script", "--seconds", "60"))
    session, key = line.split()

    assert send(fake.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": key}).status == 200
    (listed,) = lines(run("sessions"))
    assert re.fullmatch(rf"{session}  dmk_…[0-9a-f]{{6}}  1 request  0 armed  until \S+  of a script", listed)
    assert key not in listed


def test_a_session_is_ended(run: Run, fake: Handle) -> None:
    session, key = lines(run("sessions", "create"))[0].split()

    assert lines(run("sessions", "end", session)) == [f"ended {session}"]
    assert send(fake.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": key}).status == 401
    assert "  ended 2" in lines(run("sessions", "list"))[0]


def test_a_verdict_tells_what_was_broken(run: Run, fake: Handle) -> None:
    with fake.session() as session:
        post(session)
        right = lines(run("sessions", "verdict", session.session_id))
        post(session)
        post(session, UNKNOWN_USER)
        wrong = lines(run("sessions", "verdict", session.session_id), 1)

    assert right == ["1 request: 1 accepted, 0 refused"]
    assert wrong == [
        "3 requests: 2 accepted, 1 refused",
        "broke  analytics.user-known  1",
        "flag  analytics.no-repeat  1",
    ]


LOST = [
    pytest.param([UNKNOWN_USER, EVENT], 3, ["1 request: 1 accepted, 0 refused%s"], id="what-was-wrong"),
    pytest.param(
        [EVENT, UNKNOWN_USER],
        1,
        ["1 request: 0 accepted, 1 refused%s", "broke  analytics.user-known  1"],
        id="what-was-right",
    ),
]


@pytest.mark.parametrize(("bodies", "status", "said"), LOST)
def test_a_verdict_tells_what_is_not_known(bodies: list[dict[str, str]], status: int, said: list[str]) -> None:
    with mock_server.running(journal_entries=1) as small, small.session() as session:
        for body in bodies:
            post(session, body)
        small.wait(1)
        result = CliRunner().invoke(main, ["sessions", "verdict", str(session.session_id), "--url", small.url])

    evicted = "; 1 more were evicted, and nothing is known of them"
    assert lines(result, status) == [line.replace("%s", evicted) for line in said]


# Wrong use, and no fake

WRONG = [
    pytest.param(("arm",), "give steps to arm, or one of", id="arm-nothing"),
    pytest.param(("arm", "500", "--list"), "give steps to arm, or one of", id="arm-and-list"),
    pytest.param(("arm", "--disarm", "f-9", "--disarm-all"), "give steps to arm, or one of", id="disarm-twice"),
    pytest.param(("arm", "--disarm-all", "--operation", "giftAssets"), "--operation goes with steps", id="disarm-some"),
    pytest.param(("arm", "--list", "--always"), "--always goes with steps to arm", id="list-always"),
    pytest.param(("arm", "--disarm", "f-1", "--session", "s-1"), "without --session", id="disarm-of-a-session"),
    pytest.param(("arm", "--list", "--session", "typo"), "distinct-mock: no session 'typo'", id="list-no-session"),
    pytest.param(("arm", "500", "--next", "1", "--every", "2"), "distinct-mock: /", id="two-schedules"),
    pytest.param(("arm", "500", "--probability", "nan"), "'nan' is not a finite number", id="no-probability"),
    pytest.param(("sessions", "create", "--seconds", "nan"), "'nan' is not a finite number", id="no-seconds"),
    pytest.param(("sessions", "create", "--seconds", "inf"), "'inf' is not a finite number", id="endless-seconds"),
    pytest.param(("reset", "--session", ""), "/session: got ''", id="reset-of-no-session"),
    pytest.param(("arm", "--disarm", "f-99999"), "distinct-mock: no armed fault 'f-99999'", id="no-fault"),
    pytest.param(("requests", "4ce41c-1", "--follow"), "a request is shown by its id alone", id="one-and-follow"),
    pytest.param(("requests", "4ce41c-1", "--status", "0"), "a request is shown by its id alone", id="one-and-filter"),
    pytest.param(("requests", "4ce41c-1", "--limit", "3"), "a request is shown by its id alone", id="one-and-limit"),
    pytest.param(("requests", "--follow", "--limit", "3"), "--limit is for those that have come", id="follow-limit"),
    pytest.param(("sessions", "list", "--name", "x"), "--name goes with create", id="list-by-name"),
    pytest.param(("sessions", "end", "s-1", "--seconds", "3"), "--seconds goes with create", id="end-in-seconds"),
    pytest.param(("requests", "nope-1"), "distinct-mock: no request 'nope-1'", id="no-request"),
    pytest.param(("requests", "count"), "no id of a request: expected one such as 4ce41c-1", id="no-id"),
    pytest.param(("requests", ""), "no id of a request: expected one such as 4ce41c-1", id="empty-id"),
    pytest.param(("requests", "a/b-1"), "no id of a request: expected one such as 4ce41c-1", id="path-as-an-id"),
    pytest.param(("sessions", "end", ""), "no id of a session: expected one such as s-", id="end-of-no-session"),
    pytest.param(("sessions", "verdict", "../world"), "no id of a session: expected one such as s-", id="verdict-path"),
    pytest.param(("arm", "--disarm", ""), "no id of an armed fault: expected one such as f-1", id="disarm-empty"),
    pytest.param(("requests", "--rule", "nope"), "distinct-mock: ?rule: got 'nope'", id="no-rule"),
    pytest.param(("requests", "--follow", "--rule", "nope"), "distinct-mock: ?rule: got 'nope'", id="follow-no-rule"),
    pytest.param(("sessions", "end"), "end takes the ID of a session", id="end-nothing"),
    pytest.param(("sessions", "create", "s-1"), "create takes no ID", id="create-one"),
    pytest.param(("sessions", "verdict", "s-1"), "distinct-mock: no session 's-1'", id="no-session"),
    pytest.param(("reset", "everything"), "'everything' is not one of", id="reset-what"),
    pytest.param(("requests", "--session", "\udcff"), "what is asked for has a lone surrogate", id="no-text"),
    pytest.param(("requests", "--follow", "--session", "\udcff"), "has a lone surrogate", id="follow-no-text"),
    pytest.param(("sessions", "create", "--name", "\udcff"), "/name: got a lone surrogate", id="no-text-as-a-name"),
    pytest.param(("requests", "--url", "nowhere"), "distinct-mock: the URL of a fake: got 'nowhere'", id="no-url"),
    pytest.param(("sessions", "--token", "two words"), "distinct-mock: the token of a fake: expected", id="no-token"),
    pytest.param(
        ("reset", "--url", "https://x", "--ca-file", "none.pem"), "distinct-mock: none.pem: ", id="no-ca-file"
    ),
]


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_wrong_use_is_told_in_a_line(run: Run, arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)

    assert words in result.stderr
    assert "Traceback" not in result.output
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "command", [("requests",), ("requests", "--follow"), ("arm", "500"), ("reset",), ("sessions",)]
)
def test_no_fake_is_one_line(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--url", "http://127.0.0.1:1")

    where = "no fake answers at http://127.0.0.1:1: connection refused (--url or DISTINCT_MOCK_URL says where to look)"
    assert (result.exit_code, result.output) == (2, f"distinct-mock: {where}\n")


COMMANDS = [
    pytest.param(("requests",), id="requests"),
    pytest.param(("requests", "4ce41c-1"), id="request"),
    pytest.param(("requests", "--follow"), id="follow"),
    pytest.param(("arm", "500"), id="arm"),
    pytest.param(("arm", "--list"), id="list"),
    pytest.param(("arm", "--disarm", "f-1"), id="disarm"),
    pytest.param(("sessions",), id="sessions"),
    pytest.param(("sessions", "create"), id="create"),
    pytest.param(("sessions", "verdict", "s-4ce41c00"), id="verdict"),
    pytest.param(("reset",), id="reset"),
]


@pytest.fixture(scope="module")
def another() -> Iterator[str]:
    with another_server() as url:
        yield url


@pytest.mark.parametrize("command", COMMANDS)
def test_another_server_is_one_line(run: Run, another: str, command: tuple[str, ...]) -> None:
    result = run(*command, "--url", another)

    said = f"distinct-mock: what answers at {another} is no fake with a control API: status 200\n"
    assert (result.exit_code, result.output) == (2, said)


def test_a_fake_elsewhere_with_a_token_over_https(start: Start, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    served = start("--tls-cert", str(tmp_path / "cert.pem"), "--control-token", "a-token-of-a-test")
    asked = ("requests", "--url", served.url, "--ca-file", str(tmp_path / "ca.pem"))

    with_token = CliRunner().invoke(main, asked, env={"DISTINCT_MOCK_CONTROL_TOKEN": "a-token-of-a-test"})
    without = CliRunner().invoke(main, asked)
    wrong = CliRunner().invoke(main, [*asked, "--token", "another-token"])

    assert (with_token.exit_code, with_token.output) == (0, "")
    assert (without.exit_code, wrong.exit_code) == (2, 2)
    assert without.output.startswith("distinct-mock: a token is needed")
    assert without.output.endswith(" (--token or DISTINCT_MOCK_CONTROL_TOKEN holds it)\n")
    assert wrong.output.startswith("distinct-mock: another token is needed")
    assert "another-token" not in wrong.output


def test_a_terminal_is_not_moved_by_what_was_sent(run: Run, fake: Handle) -> None:
    with fake.session("\x1b[31mred\nline"):
        (line,) = lines(run("sessions"))

    assert line.endswith(r"\x1b[31mred\nline")
