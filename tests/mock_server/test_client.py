"""The client of the control API: what it sends, gives and raises."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from mock_server.client import DEFAULT_URL, Control, ControlError, path_of
from mock_server.server import Running, running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, Send, Start


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """Run a server that gives one answer to one connection, whatever is asked; gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(raw)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            thread.join(timeout=20)


def test_each_method_gives_what_is_said(post: Send) -> None:
    with running() as fake:
        control = Control(fake.url)
        session = control.post("/sessions", {"name": "of a test"})
        changed = control.patch("/world", {"experiences": ["other"]}, session=session["id"])
        post(fake.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": session["key"]})

        assert control.get("/health")["status"] == "ok"
        assert changed["experiences"] == ["47Gop5", "other"]
        assert control.get(f"/sessions/{session['id']}")["requests"] == 1
        assert control.delete("/faults", session=session["id"]) == {"deleted": 0}
        assert control.delete(f"/sessions/{session['id']}") is None


def test_a_body_may_be_left_out(fake: Running) -> None:
    assert Control(fake.url).post("/sessions")["id"].startswith("s-")


def test_text_is_given_as_text(fake: Running) -> None:
    text = Control(fake.url).get("/spec.yaml")

    assert isinstance(text, str)
    assert text.lstrip("#").startswith((" ", "openapi"))


def test_a_parameter_that_is_none_is_left_out(fake: Running) -> None:
    control = Control(fake.url)

    assert control.get("/world", session=None)["name"]
    with pytest.raises(ControlError, match=r"\?nonsense"):
        control.get("/world", nonsense=True)


def test_a_trailing_slash_of_the_url_does_no_harm(fake: Running) -> None:
    assert Control(f"{fake.url}/").get("/ready") == {"status": "ready"}


def test_a_problem_is_raised_with_all_that_it_says(fake: Running) -> None:
    with pytest.raises(ControlError) as caught:
        Control(fake.url).post("/faults", {"do": "500", "next": 0})

    assert caught.value.status == 400
    assert str(caught.value) == caught.value.detail == "/next: got 0, expected an integer ≥ 1 and ≤ 1000000"
    assert caught.value.problem["errors"][0]["place"] == "/next"


def test_an_id_from_anywhere_stays_one_step_of_the_path(fake: Running) -> None:
    with pytest.raises(ControlError) as caught:
        Control(fake.url).get("/sessions/no such\r\nid?x=1")

    assert caught.value.status == 404


def test_what_the_page_refuses_is_told_as_the_text_that_it_is(fake: Running) -> None:
    with pytest.raises(ControlError, match=r"^the page has no such file"):
        Control(fake.url).get("/static/0/nothing.js")


@pytest.mark.parametrize("name", ["count", "", "a/b-1", "4ce41c-1?x", "Ä-1", "4ce41c-1\n"])
def test_what_is_no_id_is_no_step_of_a_path(name: str) -> None:
    with pytest.raises(ControlError) as caught:
        path_of("/requests", name)

    assert (caught.value.status, caught.value.detail) == (404, "no id of a request: expected one such as 4ce41c-1")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    with pytest.raises(ControlError) as caught:
        Control(url).get("/health")

    assert (caught.value.status, str(caught.value)) == (0, f"no fake answers at {url}: connection refused")


OK = b"HTTP/1.1 200 OK\r\n"
STRANGERS = [
    pytest.param(OK + b"Content-Type: text/html\r\n\r\n<html>", "is no fake with a control API: status 200", id="html"),
    pytest.param(OK + b"Content-Type: application/json\r\n\r\n{}", "control API: status 200", id="json"),
    pytest.param(OK + b"Content-Type: application/json\r\n\r\n<html>", "control API: status 200", id="no-json"),
    pytest.param(OK + b"Content-Type: text/plain\r\n\r\n\xff", "control API: status 200", id="not-UTF-8"),
    pytest.param(OK + b"Content-Type: text/event-stream\r\n\r\n", "control API: status 200", id="events"),
    pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", "control API: status 204", id="204"),
    pytest.param(b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", "control API: status 302", id="sign-in"),
    pytest.param(b"HTTP/1.1 404 Not Found\r\n\r\n", "is no fake with a control API: status 404", id="404"),
    pytest.param(
        b"HTTP/1.1 500 Oops\r\nContent-Type: application/json\r\n\r\n[]", "control API: status 500", id="no-problem"
    ),
    pytest.param(
        b'HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\n\r\n{"detail": "x"}', "status 400", id="its-problem"
    ),
    pytest.param(b"", "no fake answers at ", id="nothing"),
    pytest.param(b"SSH-2.0-\x1b[2J\r\n", r"got 'SSH-2.0-\x1b[2J', expected HTTP", id="no-http"),
]


@pytest.mark.parametrize("ask", [Control.get, Control.delete, lambda *asked: next(Control.events(*asked))])
@pytest.mark.parametrize(("raw", "words"), STRANGERS)
def test_what_is_no_fake_is_told_so(raw: bytes, words: str, ask: Callable[[Control, str], object]) -> None:
    with answering(raw) as url, pytest.raises(ControlError) as caught:
        ask(Control(url), "/health")

    assert words in str(caught.value)


def test_a_fake_without_a_control_api_is_told_so(start: Start) -> None:
    with pytest.raises(ControlError, match="is no fake with a control API: status 404"):
        Control(start("--no-control").url).get("/health")


def test_silence_ends_with_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ControlError, match=r"took longer than 0\.15 s"):
            Control(url, timeout=0.05).post("/wait", {}, seconds=0.1)


def test_what_speaks_no_tls_is_told_so() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url, pytest.raises(ControlError) as caught:
        Control(url.replace("http:", "https:")).get("/health")

    assert str(caught.value).endswith(": wrong version number")


def test_a_name_that_nobody_can_look_up() -> None:
    with pytest.raises(ControlError, match=r"no fake answers at http://a\.\.b: "):
        Control("http://a..b").get("/health")


NO_URLS = [
    pytest.param("127.0.0.1:8080", id="no-scheme"),
    pytest.param("ftp://127.0.0.1", id="another-scheme"),
    pytest.param("http://", id="no-host"),
    pytest.param("", id="nothing"),
    pytest.param("http://127.0.0.1:99999", id="a-port-too-high"),
    pytest.param("http://127.0.0.1:0", id="no-port"),
    pytest.param("http://127.0.0.1:abc", id="a-port-of-letters"),
    pytest.param("http://[::1", id="an-open-bracket"),
    pytest.param("http://a b", id="a-blank"),
    pytest.param("http://a/\n", id="another-line"),
    pytest.param("http://a/ü", id="beyond-ascii"),
    pytest.param("http://a/?b=c", id="a-query"),
    pytest.param("http://a/#b", id="a-fragment"),
    pytest.param("http://user:secret@a", id="a-user"),
]


@pytest.mark.parametrize("url", NO_URLS)
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match=f"expected one such as {DEFAULT_URL}") as caught:
        Control(url)

    assert "secret" not in str(caught.value)


TOKEN = "a-token-of-a-test"


def test_the_token_is_sent_and_never_shown() -> None:
    with running(Settings(port=0, log_level="error", control_token=TOKEN)) as fake:
        allowed = Control(fake.url, TOKEN)
        with pytest.raises(ControlError) as caught:
            Control(fake.url).get("/world")

        assert allowed.get("/world")["name"]
        assert caught.value.status == 401
        assert TOKEN not in repr(allowed)


@pytest.mark.parametrize("token", ["two words", "a\nline", "tökén"])
def test_a_token_that_no_header_can_hold(token: str) -> None:
    with pytest.raises(ValueError, match="the token of a fake: expected ASCII") as caught:
        Control(DEFAULT_URL, token)

    assert token not in str(caught.value)


def test_the_environment_says_where_and_with_which_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Settings(port=0, log_level="error", control_token=TOKEN)) as fake:
        monkeypatch.setenv("DISTINCT_MOCK_URL", fake.url)
        monkeypatch.setenv("DISTINCT_MOCK_CONTROL_TOKEN", TOKEN)

        assert Control.from_environment().get("/world")["name"]


def test_what_is_given_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTINCT_MOCK_URL", "http://192.0.2.1")

    assert Control.from_environment("http://localhost:1").url == "http://localhost:1"


def test_without_an_environment_it_is_the_usual_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISTINCT_MOCK_URL", raising=False)

    assert Control.from_environment().url == DEFAULT_URL


def test_https_with_a_certificate_of_ones_own(start: Start, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    fake = start("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))

    assert Control(fake.url, ca_file=str(tmp_path / "ca.pem")).get("/ready") == {"status": "ready"}
    with pytest.raises(ControlError, match=r"its certificate is not trusted: .*; a CA file says whom to trust"):
        Control(fake.url).get("/ready")


def test_threads_share_a_client(fake: Running) -> None:
    control = Control(fake.url)

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda _: control.get("/ready")["status"], range(64)))

    assert states == ["ready"] * 64


def test_it_imports_nothing_of_the_server() -> None:
    program = "import sys, mock_server.client; print([m for m in ('starlette', 'uvicorn', 'yaml') if m in sys.modules])"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert found.stdout == "[]\n"


def test_events_are_given_as_they_come(post: Send) -> None:
    with running() as fake:
        events = Control(fake.url).events("/stream", status=400)
        hello = next(events)
        post(fake.url, ANALYTICS, {**EVENT, "email": "nobody@example.com"})
        name, request = next((name, value) for name, value in events if name == "request")

        assert (hello, name, request["status"]) == (("hello", {"seq": 0, "evicted": 0}), "request", 400)
        events.close()


def test_events_end_with_the_fake() -> None:
    with running() as fake:
        events = Control(fake.url).events("/stream")
        next(events)

    assert [name for name, _ in events] in ([], ["faults"])


def test_events_that_are_refused_and_events_of_nobody(fake: Running) -> None:
    with pytest.raises(ControlError, match=r"\?rule"):
        next(Control(fake.url).events("/stream", rule="no such rule"))
    with pytest.raises(ControlError, match="no fake answers"):
        next(Control("http://127.0.0.1:1").events("/stream"))
