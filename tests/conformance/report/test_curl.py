"""The commands of a report do what was done, in a real shell, and hold no key."""

import shlex
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report.curl import quoted
from contracts.multipart_body import Part
from mock_server.server import Running
from tests.conformance.made_runs import BODY, case, fails, obligation, run, sent
from tests.conformance.report.made_reports import report

KEYED = {"DISTINCT_API_KEY": "vendor-test-key", "PATH": "/usr/bin:/bin"}


def command(**more: Any) -> str:  # noqa: ANN401 - the fields of a request
    request = replace(sent(body=more.pop("body", BODY)), **more)
    made = report(run([obligation()], {"N-14": [fails(request=request)]}, at=case(request)))
    return str(made["obligations"][0]["counterexample"]["curl"])


def headers(**more: str) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", "-"), value) for name, value in more.items())


KEY = {"x_distinct_api_key": "dmk_…ab12cd"}
COMMANDS = [
    pytest.param({}, '-H "x-distinct-api-key: $DISTINCT_API_KEY"', id="key"),
    pytest.param(
        {"headers": headers(x_distinct_api_key="Bearer vend…ab12cd")}, '"x-distinct-api-key: Bearer $DISTINCT_API_KEY"',
        id="key-behind-a-word",
    ),
    pytest.param({"target": "/x?key=dmk_…ab12cd"}, '"$DISTINCT_BASE_URL""/x?key=$DISTINCT_API_KEY"', id="in-target"),
    pytest.param({"target": "/a/../b[1]"}, "--globoff --path-as-is", id="strange-target"),
    pytest.param({"headers": headers(x_empty="")}, "-H 'x-empty;'", id="empty-header"),
    pytest.param({"body": b"\0\xff"}, "# BODY: the 2 bytes that were sent\ncurl", id="no-text"),
    pytest.param({"body": b"x" * 9000}, "--data-binary @BODY", id="long"),
    pytest.param({"headers": headers(**KEY)}, "-H Content-Type: --data-raw", id="no-content-type"),
    pytest.param({"body": b"it's"}, "--data-raw 'it'\"'\"'s'", id="quote"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "part"), COMMANDS)
def test_a_command_says_what_was_sent(more: dict[str, Any], part: str) -> None:
    assert part in command(**more)


def test_what_curl_says_by_itself_is_left_out() -> None:
    told = command(headers=headers(host="127.0.0.1:4", content_length="3", accept="*/*", x_mine="1"))

    assert "host" not in told
    assert "content-length" not in told
    assert "x-mine: 1" in told


def test_files_of_a_form_are_told_before_the_command() -> None:
    parts = (
        Part("userId", None, "", 1, text="u"),
        Part("assets", 'a"b\\.png', "image/png", 67, sha256="ab" * 32),
        Part("assets", "", "no type", 5, sha256="cd" * 32),
    )

    told = command(parts=parts, body=b"", headers=headers(content_type="multipart/form-data; boundary=x"))

    assert told.splitlines()[:2] == [f"# FILE1: 67 bytes, sha256 {'ab' * 32}", f"# FILE2: 5 bytes, sha256 {'cd' * 32}"]
    words = shlex.split(told.splitlines()[2])
    assert words[words.index("--form-string") + 1] == "userId=u"
    assert 'assets=@FILE1;filename="a\\"b\\\\.png";type=image/png' in words
    assert 'assets=@FILE2;filename=""' in words
    assert "boundary" not in told


def test_a_command_can_be_run(fake: Running) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    body = (
        '{"email":"john.doe@example.com","feature":"registration_email","action":"opened",'
        '"experienceId":"47Gop5","capturedAt":"2026-04-27T13:35:00Z","metadata":{"said":"it\'s $5 `now`"}}'
    )

    ran = subprocess.run(
        ["sh", "-c", command(body=body.encode())],
        env={**KEYED, "DISTINCT_BASE_URL": fake.url},
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )

    assert '"statusCode":200' in ran.stdout


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0…")), at=st.integers(0, 5))
def test_a_shell_reads_what_was_meant(text: str, at: int) -> None:
    masked = f"{text[:at]} dmk_…ab12cd {text[at:]}"

    (read,) = shlex.split(quoted(masked))

    assert read == f"{text[:at]} $DISTINCT_API_KEY {text[at:]}"
    assert "ab12cd" not in quoted(masked)
