"""No API key is in anything that a fake writes, wherever clients and those who steer it put one.

A key may stand in three places, which are not searched: in the first lines of `serve`, whose reader needs one to
begin; in the answer that makes a session, which tells its key this once; and in the redirect that a request asks for
itself, which leads where it says. What nobody can know to be a key is none here: text that no request shows as one,
neither in the header for keys nor in a query under a name such as `api_key`; and keys shorter than twelve characters,
which would be found within words.
"""

import http.client
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner

from contracts.world import masked
from contracts.world_file import world_text
from mock_server.cli import main
from mock_server.client import Control, ControlError
from mock_server.control.document import control_document
from mock_server.server import running
from mock_server.settings import Settings
from tests.conftest import Served, Start
from tests.mock_server.key_places import asked_bytes, asked_with, exchanged, requests_with, spellings

pytest_plugins = ["pytester"]

PLAIN = "vendor-plain-key-a7"
ODD = "odd/k\"e'y\\+%26&=<-b8"
ADDED = 'added/while"running+c9'
IDLE = 'idle/while"running-e1'
UNKNOWN = 'unknown+key/of"another-d0'
WRONG_CASED = PLAIN.upper()
WORLD = (
    world_text().replace("vendor-test-key", PLAIN) + f"\n[[keys]]\nkey = {json.dumps(ODD)}\nanswer = 'userNotFound'\n"
)
MANY = 150
VIEWS = ("/", "/swagger/", "/requests/x", "/nothing")


@dataclass(frozen=True)
class Used:
    """A fake that every key was used with in every place; what it said to those who did, by who said what."""

    fake: Served
    folder: Path
    keys: Mapping[str, str]
    session: str
    said: Mapping[str, bytes]

    @property
    def control(self) -> Control:
        return Control(self.fake.url)


def use_as_client(url: str, keys: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for name, key in keys.items():
        # One that nobody knows is known by being shown as a key. One of which the fake has a digest, and that nobody
        # came with, is not at hand to be looked for.
        with_itself, with_another = name != "idle", name not in {"unknown", "wrong-cased"}
        for other in dict.fromkeys([key] * with_itself + [keys["session"]] * with_another):
            for number, sent in enumerate(requests_with(key, other)):
                said = exchanged(url, sent.content)
                place = f"the answer to {number}, {name}, {sent.place}, with {masked(other)}"
                yield place, b"" if sent.asks_for_redirect else said


def use_as_host(url: str, keys: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for name in ("plain", "odd", "added", "idle", "session"):
        for number, asked in enumerate(asked_with(keys[name])):
            said = exchanged(url, asked_bytes(asked))
            assert said or asked.path == "/stream", asked
            yield f"{number}, {asked.method} {asked.path} {asked.body!r:.60} {asked.header} of {name}", said


def arm(control: Control, keys: Mapping[str, str]) -> None:
    """Have something played to each key that is known, so that it is judged and played at once."""
    for name, step in (("plain", "delay:1ms+pass"), ("odd", "truncate:20"), ("added", "tooManyRequests")):
        control.post("/faults", {"do": step, "key": keys[name], "every": 5})
    control.post("/faults", {"do": "reset:during", "key": keys["session"], "every": 7, "operation": "giftAssets"})


OPTIONS = {
    "text": ("--log-level", "debug"),
    "json-and-two-workers": ("--log-format", "json", "--workers", "2", "--journal-bodies", "full"),
}


@pytest.fixture(params=OPTIONS)
def used(request: pytest.FixtureRequest, start: Start, tmp_path: Path) -> Used:
    world = tmp_path / "world.toml"
    world.write_text(WORLD)
    folder = tmp_path / "journal"
    folder.mkdir()
    journal = str(folder / "requests.journal")
    always = ("--world", str(world), "--journal", journal, "--trust-proxy", "127.0.0.1")
    fake = start(*always, *OPTIONS[request.param])
    control = Control(fake.url)
    control.patch("/world", {"keys": [{"key": ADDED, "name": "one that came later"}, {"key": IDLE}]})
    made = control.post("/sessions", {"name": "of a test"})
    keys = {"plain": PLAIN, "odd": ODD, "added": ADDED, "session": made["key"], "unknown": UNKNOWN}
    keys |= {"wrong-cased": WRONG_CASED, "idle": IDLE}
    arm(control, keys)

    said = dict([*use_as_client(fake.url, keys), *use_as_host(fake.url, keys)])
    # A key is told to the one who makes a session, and to nobody else.
    said = {place: content for place, content in said.items() if b" 201 Created" not in content[:20]}
    return Used(fake, folder, keys, made["id"], said)


def test_no_key_is_in_anything_that_is_written(used: Used, pytester: pytest.Pytester) -> None:
    written = {
        **dict(files(used)),
        **dict(views(used)),
        **dict(documents(used)),
        **dict(commands(used)),
        "the plugin": plugin(used, pytester),
        "the stream": stream(used),
        **used.said,
    }

    assert list(found(used.keys, written)) == []


def found(keys: Mapping[str, str], written: Mapping[str, bytes]) -> Iterator[str]:
    """Say which key stands where, and how it is spelled."""
    for name, key in keys.items():
        ways = {spelled: way for way, spelled in reversed(spellings(key).items())}
        pattern = re.compile("|".join(re.escape(spelled) for spelled in sorted(ways, key=len, reverse=True)).encode())
        for place, content in written.items():
            for hit in list(pattern.finditer(content))[:3]:
                around = content[max(0, hit.start() - 60) : hit.end() + 20]
                yield f"the {name} key, {ways[hit[0].decode()]}, is in {place}: {around!r}"


def test_a_key_that_is_written_would_be_found() -> None:
    keys = {"odd": ODD}
    hidden = {way: b"some words, " + spelled.encode() for way, spelled in spellings(ODD).items()}

    assert {line.partition(", is in ")[2].partition(":")[0] for line in found(keys, hidden)} == set(hidden)
    assert list(found(keys, {"nothing": b"vendor odd/k and others"})) == []


# What is written


def files(used: Used) -> Iterator[tuple[str, bytes]]:
    """Give every file that a fake writes, while it runs: what is deleted has to be gone from there, too."""
    names = {file.name for file in used.folder.iterdir()}
    assert names >= {"requests.journal", "requests.journal-wal", "requests.journal-revision"}, names
    for file in used.folder.iterdir():
        yield file.name, file.read_bytes()
    log = used.fake.log.read_bytes()
    assert log.count(b"\n") > 500
    yield "the log", log


def views(used: Used) -> Iterator[tuple[str, bytes]]:
    """Give the page, whose views are one document; its scripts show what the control API says."""
    for view in VIEWS:
        yield f"the page at {view}", got(used.fake.url, f"/_mock{view}", "text/html")


def documents(used: Used) -> Iterator[tuple[str, bytes]]:
    """Give every answer that the control API has for who asks, and each request in full."""
    ids = [row["id"] for row in every_request(used)]
    assert len(ids) > 500
    things = {"requests": ids, "sessions": [used.session], "faults": ["f-1", "f-2", "f-3", "f-4"]}
    for method, path in control_document().operations:
        if method != "GET" or path == "/_mock/stream":
            continue
        for name in things[path.split("/")[2]] if "{id}" in path else [""]:
            query = "?limit=1000" if path == "/_mock/requests" else ""
            yield f"{path} {name}", got(used.fake.url, path.replace("{id}", name) + query)
    yield "the world of the session", got(used.fake.url, f"/_mock/world?session={used.session}")
    for key in used.keys.values():
        # A key that is asked for by itself, and not masked, is one that is in an address.
        yield "requests of a key", got(used.fake.url, f"/_mock/requests?key={quote(key, safe='')}")


def every_request(used: Used) -> Iterator[Mapping[str, str]]:
    after = 0
    while after is not None:
        page = used.control.get("/requests", after=after, order="oldest", limit=1000)
        yield from page["requests"]
        after = page["next"]


def got(url: str, path: str, accept: str = "*/*") -> bytes:
    """Get what is at a path: its head, since that is written as well, and its content."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request("GET", path, headers={"Accept": accept})
    answer = connection.getresponse()
    content = str(answer.headers).encode() + answer.read()
    connection.close()
    assert answer.status < 500, (path, content)
    return content


def stream(used: Used) -> bytes:
    """Read from the live stream all that it tells of what has been."""
    lines = []
    for name, data in used.control.events("/stream", after=0):
        lines.append(json.dumps([name, data], ensure_ascii=False))
        if name == "request" and len(lines) > MANY:
            break
    return "\n".join(lines).encode()


def commands(used: Used) -> Iterator[tuple[str, bytes]]:
    some = [row["id"] for row in every_request(used)][::40]
    for arguments in (
        ("requests", "--limit", "1000"),
        ("requests", "--limit", "1000", "--json"),
        *(("requests", one) for one in some),
        *(("requests", one, "--json") for one in some[:5]),
        ("arm", "--list"),
        ("sessions",),
        ("sessions", "verdict", used.session),
        *(wrong(key) for key in list(used.keys.values())[:4] for wrong in WRONG),
    ):
        result = CliRunner(env={"DISTINCT_MOCK_URL": used.fake.url}).invoke(main, arguments)
        assert result.exit_code in {0, 1, 2}, result.output
        assert not isinstance(result.exception, (AssertionError, LookupError, ValueError)), result.exception
        yield f"distinct-mock {' '.join(arguments)[:30]}", result.output_bytes


WRONG = (
    lambda key: ("requests", key),
    lambda key: ("arm", key),
    lambda key: ("arm", "500", "--session", key),
    lambda key: ("arm", "--disarm", key),
    lambda key: ("sessions", "end", key),
    lambda key: ("reset", "--session", key),
)


def test_the_log_of_a_fake_in_a_thread_shows_no_key_either() -> None:
    log = io.StringIO()
    key = "vendor-test-key"

    with running(Settings(port=0, log_level="debug"), log) as fake:
        for sent in requests_with(key, key):
            exchanged(fake.url, sent.content)
        for sent in requests_with(UNKNOWN, UNKNOWN):
            exchanged(fake.url, sent.content)

    assert log.getvalue().count("\n") > MANY
    assert list(found({"plain": key, "unknown": UNKNOWN}, {"the log": log.getvalue().encode()})) == []


def test_a_step_holds_no_key_and_a_session_no_name_of_one() -> None:
    key = "vendor-test-key"
    with running() as fake:
        control = Control(fake.url)

        with pytest.raises(ControlError, match=re.escape(f"redirect: got '/{masked(key)}'")):
            control.post("/faults", {"do": f"redirect:/{key}"})
        made = control.post("/sessions", {"name": f"tests of {key}"})

    assert made["name"] == f"tests of {masked(key)}"


FAILING_TESTS = """
    import pytest
    from tests.conftest import ANALYTICS, EVENT, send

    KEYS = {keys!r}

    def send_with(fake, key):
        for one in KEYS:
            send(fake.url, ANALYTICS, EVENT | {{"email": one, "note": key}}, headers={{"x-distinct-api-key": key}})
            send(fake.url, ANALYTICS + "?x=" + fake.key, EVENT, headers={{"x-distinct-api-key": one}})

    @pytest.mark.parametrize("how", ["verify", "wait", "none", "sequence", "arm", "reset"])
    def test_that_fails(distinct_mock, how):
        send_with(distinct_mock, distinct_mock.key)
        # What a fake elsewhere knows to be a key, the plugin does not: it knows its own.
        for key in [KEYS[0]] * (how in {{"arm", "reset"}}) + [distinct_mock.key]:
            body = {{"email": key, "note": key}}
            if how == "verify":
                distinct_mock.verify(7, body=body, headers={{"x-distinct-api-key": key, "x-trace": key}})
            elif how == "wait":
                distinct_mock.wait(7, seconds=0, body=body, key=key)
            elif how == "none":
                distinct_mock.verify_none()
            elif how == "sequence":
                distinct_mock.verify_sequence([{{"body": body}}, {{"user": key}}])
            elif how == "arm":
                distinct_mock.arm(key)
            else:
                distinct_mock.reset(key)
"""


def plugin(used: Used, pytester: pytest.Pytester) -> bytes:
    """Give what pytest prints for tests that fail."""
    used.control.delete("/faults")
    pytester.makepyfile(keyed="", test_it=FAILING_TESTS.format(keys=[PLAIN, ODD]))
    result = pytester.runpytest_inprocess(
        "-p", "no:schemathesis", "-p", "no:cacheprovider", "--tb=short", "--distinct-mock-url", used.fake.url
    )
    text = result.stdout.str() + result.stderr.str()
    result.assert_outcomes(failed=6)
    assert "distinct-mock requests" in text
    return re.sub(r"KEYS = .*", "", text).encode()
