"""The life of a server: how it greets, serves, logs and ends."""

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from mock_server import listening
from mock_server.client import Control
from mock_server.server import running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, Send, Start

HEAD = (
    f"POST {ANALYTICS} HTTP/1.1\r\nHost: x\r\nx-distinct-api-key: vendor-test-key\r\n"
    "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
)


def test_the_greeting_shows_where_and_how() -> None:
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--log-format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)

    greeting = "".join(said)
    assert re.search(r"is at http://127\.0\.0\.1:\d+\n", greeting)
    assert "export DISTINCT_API_KEY=vendor-test-key" in greeting
    assert greeting.count("curl -X POST") == 3
    assert (process.returncode, errors) == (0, "")


def test_a_world_without_a_usable_key_is_greeted_so(start: Start, tmp_path: Path) -> None:
    world = tmp_path / "far.toml"
    world.write_text('[[keys]]\nkey = "k"\nallow = ["192.0.2.1"]')

    fake = start("--world", str(world))

    assert fake.process.poll() is None


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize("workers", [1, 2], ids=["alone", "two-workers"])
def test_a_signal_ends_it_after_the_request_in_flight(stop: signal.Signals, workers: int, start: Start) -> None:
    fake = start("--workers", str(workers))
    body = json.dumps(EVENT).encode()
    with socket.create_connection(("127.0.0.1", urlsplit(fake.url).port or 0), timeout=20) as client:
        client.sendall(HEAD.format(len(body)).encode() + body[:10])
        # An answer to another request shows that the server has read this one's head before.
        http_ok(fake.url)

        fake.process.send_signal(stop)
        client.sendall(body[10:])
        answer = client.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b'{"statusCode":200,"message":"User analytics added successfully.","data":null}')
    assert fake.process.wait(timeout=20) == 0
    assert "Traceback" not in fake.log.read_text()


def http_ok(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = {"x-distinct-api-key": "vendor-test-key", "Content-Type": "application/json"}
    connection.request("POST", ANALYTICS, json.dumps(EVENT), headers)
    response = connection.getresponse()
    response.read()
    assert response.status == 200
    connection.close()


def test_two_workers_share_the_work(start: Start, post: Send) -> None:
    fake = start("--workers", "2")
    statuses: set[int] = set()
    prefixes: set[str] = set()

    with ThreadPoolExecutor(16) as pool:
        # On a busy machine one worker serves long before the other.
        end = time.monotonic() + 20
        while len(prefixes) < 2 and time.monotonic() < end:
            for reply in pool.map(lambda _: post(fake.url, ANALYTICS, EVENT), range(320)):
                statuses.add(reply.status)
                # Each worker has a prefix of its own for its ids.
                prefixes.add(reply.headers["distinct-mock-request"].split("-")[0])

    assert statuses == {200}
    assert len(prefixes) == 2


def test_workers_end_when_the_process_that_started_them_is_killed(start: Start) -> None:
    fake = start("--workers", "2")
    place = ("127.0.0.1", urlsplit(fake.url).port or 0)
    http_ok(fake.url)

    fake.process.kill()
    fake.process.wait(timeout=20)

    end = time.monotonic() + 20
    while serves(place):
        assert time.monotonic() < end, "somebody still listens"
        time.sleep(0.05)


def serves(place: tuple[str, int]) -> bool:
    try:
        socket.create_connection(place, timeout=5).close()
    except ConnectionError:
        return False
    return True


@pytest.mark.parametrize("options", [(), ("--pure-python",)], ids=["httptools", "h11"])
def test_https(options: tuple[str, ...], start: Start, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)

    fake = start("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"), *options)
    connection = http.client.HTTPSConnection(urlsplit(fake.url).netloc, timeout=20, context=trust)
    headers = {"x-distinct-api-key": "vendor-test-key", "Content-Type": "application/json"}
    connection.request("POST", ANALYTICS, json.dumps(EVENT), headers)
    response = connection.getresponse()
    response.read()
    connection.close()

    assert fake.url.startswith("https://")
    assert response.status == 200


def test_ipv6(post: Send) -> None:
    with running(Settings(host="::1", port=0, log_level="error")) as fake:
        reply = post(fake.url, ANALYTICS, EVENT, source="::1")

    assert fake.url.startswith("http://[::1]:")
    assert reply.status == 200


def test_a_wildcard_address_is_shown_as_one_that_can_be_used() -> None:
    settings = Settings(host="0.0.0.0", port=0)  # noqa: S104 - never served
    with listening.listen(settings) as listener:
        url = listening.url_of(settings, listener)

    assert url.startswith("http://localhost:")


def test_plain_leaves_nothing_that_tells_the_fake_apart(start: Start, post: Send) -> None:
    fake = start("--plain")

    reply = post(fake.url, ANALYTICS, {})

    assert reply.message == "User not found."
    assert set(reply.headers) == {"date", "content-type", "content-length"}


LOG_LINE = re.compile(
    r"\d\d:\d\d:\d\d\.\d{3} [0-9a-f]{6}-1 vend…5db8a6 addUserAnalytics 400 \d+\.\dms "
    r"analytics\.pair-registered analytics\.captured-at \(analytics\.no-query\) "
    r"http://127\.0\.0\.1:\d+/_mock/requests/[0-9a-f]{6}-1\n"
)
WRONG = {**EVENT, "action": "read", "capturedAt": "2026-04-27"}


def logged(fake_log: Path, wanted: int) -> list[str]:
    """Wait for so many lines of a log; the answer is out before its line is."""
    reached = threading.Event()
    for _ in range(500):
        found = fake_log.read_text().splitlines(keepends=True)
        if len(found) >= wanted:
            return found
        reached.wait(0.01)
    raise AssertionError(f"{wanted} lines were expected, and these came: {found}")


def test_a_request_is_one_line_of_text(start: Start, post: Send) -> None:
    fake = start()

    post(fake.url, ANALYTICS + "?x=1", WRONG)

    (line,) = logged(fake.log, 1)
    assert LOG_LINE.fullmatch(line), line


def test_debug_tells_what_was_got_and_expected(start: Start, post: Send) -> None:
    fake = start("--log-level", "debug")

    post(fake.url, ANALYTICS, WRONG)

    first, pair, time = logged(fake.log, 3)
    assert "addUserAnalytics 400" in first
    assert "broke analytics.pair-registered: feature, action: got 'registration_email'/'read', expected a reg" in pair
    assert "broke analytics.captured-at: capturedAt: got '2026-04-27', expected A date and time" in time
    assert "another reading of ISO 8601 takes this (a date without a time)" in time


def test_warning_tells_refused_requests_only(start: Start, post: Send) -> None:
    fake = start("--log-level", "warning")

    post(fake.url, ANALYTICS, EVENT)
    post(fake.url, ANALYTICS, WRONG)

    (line,) = logged(fake.log, 1)
    assert " 400 " in line


def test_the_log_as_json(start: Start, post: Send) -> None:
    fake = start("--log-format", "json")

    post(fake.url, ANALYTICS, WRONG)

    (line,) = logged(fake.log, 1)
    entry = json.loads(line)
    assert (entry["status"], entry["operation"], entry["key"]) == (400, "addUserAnalytics", "vend…5db8a6")
    assert (entry["answer"], entry["address"], entry["stayed"]) == ("invalidFeatureAction", "127.0.0.1", True)
    assert entry["broken"] == ["analytics.pair-registered", "analytics.captured-at"]


def test_no_key_is_in_the_log(start: Start, post: Send) -> None:
    fake = start("--log-level", "debug")

    for key in ("vendor-test-key", "vendor-elsewhere-key", "vendor-broken-key", "a-wrong-and-secret-key"):
        post(fake.url, ANALYTICS, EVENT, headers={"x-distinct-api-key": key})

    log = "".join(logged(fake.log, 4))
    assert not re.search("test-key|elsewhere-key|broken-key|secret", log), log


def test_a_log_that_nobody_reads_any_more_stops_nothing(post: Send) -> None:
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--ready-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = json.loads(process.stdout.readline())["url"]
        process.stderr.close()

        statuses = [post(url, ANALYTICS, EVENT).status for _ in range(30)]
        process.terminate()
        code = process.wait(timeout=20)

    assert (set(statuses), code) == ({200}, 0)


def test_running_in_a_thread_gives_the_fake_and_its_journal(post: Send) -> None:
    with running() as fake:
        post(fake.url, ANALYTICS, EVENT)
        (entry,) = Control(fake.url).get("/requests")["requests"]

    assert (entry["status"], entry["operation"], entry["key"]) == (200, "addUserAnalytics", "vend…5db8a6")


def test_nothing_is_loaded_for_the_start_that_answering_does_not_need() -> None:
    late = (
        "starlette.routing",
        "mock_server.control.app",
        "mock_server.control_commands",
        "jinja2",
        "h11",
        "hypothesis",
    )
    program = (
        f"import sys, mock_server.cli, mock_server.server; print([name for name in {late} if name in sys.modules])"
    )

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert run.stdout == "[]\n"


# In a thread


async def where_it_runs() -> int:
    return threading.get_ident()


def test_work_is_done_where_the_fake_runs() -> None:
    with running() as fake:
        found = fake.call(threading.get_ident)

        assert found != threading.get_ident()
        assert found == fake.finished(where_it_runs())


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)], ids=repr)
def test_what_such_work_raises_is_told_and_the_fake_goes_on(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with running() as fake:
        with pytest.raises(type(error)) as raised:
            fake.call(fail)

        assert raised.value is error
        assert fake.call(lambda: "goes on") == "goes on"
