"""The commands, as a person or a script calls them."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner, Result

from contracts.operations import Contract
from contracts.spec import spec_text
from contracts.world import World
from contracts.world_file import world_text
from mock_server.building import build_fake
from mock_server.cli import main
from mock_server.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **environment: CliRunner().invoke(main, list(map(str, arguments)), env=environment)


def lines(text: str) -> Iterable[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_version_names_the_command(run: Run) -> None:
    result = run("--version")

    assert result.output.startswith("distinct-mock, version ")


def test_rules_lists_every_rule_in_order(run: Run, contract: Contract) -> None:
    result = run("rules")

    assert [line.split()[0] for line in lines(result.output)] == [rule.id for _, rule in contract.rules_in_order()]


def test_rules_tells_assumed_ones_apart(run: Run, contract: Contract) -> None:
    listed = {line.split()[0] for line in lines(run("rules", "--assumed").output)}

    assert listed == {rule.id for rule in contract.rules.values() if rule.assumed}
    assert "analytics.pair-registered" not in listed
    assert {"analytics.phone", "gift.asset-count", "analytics.no-query"} <= listed


def test_a_rule_is_explained(run: Run) -> None:
    output = run("rules", "gift.asset-count").output

    assert "413" not in output
    assert "400 No more than {limit} assets can be uploaded in a single request. (assumed)" in output
    assert "gift-assets, section Limits" in output
    assert "giftAssets" in output


def test_a_flag_and_a_rule_of_no_operation_are_explained(run: Run) -> None:
    assert "reported as a flag" in run("rules", "capture.no-query").output
    assert "operation  any" in run("rules", "http.path").output


def test_rules_as_json_has_every_fact(run: Run) -> None:
    (rule,) = json.loads(run("rules", "analytics.pair-registered", "--json").output)

    assert rule == {
        "id": "analytics.pair-registered",
        "operation": "addUserAnalytics",
        "says": "feature and action together are a pair that was registered for this vendor.",
        "demand": "documented",
        "answerBasis": "documented",
        "source": {"document": "user-analytics", "section": "Feature & Action Registry"},
        "because": None,
        "fields": ["feature", "action"],
        "answer": "invalidFeatureAction",
        "status": 400,
        "message": "Invalid feature/action.",
    }


def test_a_flag_as_json_has_no_answer(run: Run) -> None:
    (rule,) = json.loads(run("rules", "gift.no-query", "--json").output)

    assert (rule["answer"], rule["status"], rule["message"], rule["answerBasis"]) == (None, None, None, None)


def test_an_unknown_rule_names_near_ones(run: Run) -> None:
    result = run("rules", "analytics.fone")

    assert result.exit_code == 2
    assert "no rule 'analytics.fone'; near it: " in result.output
    assert "analytics.phone" in result.output


def test_a_rule_is_explained_whether_assumed_or_not(run: Run) -> None:
    result = run("rules", "analytics.pair-registered", "--assumed")

    assert result.exit_code == 2
    assert "a rule is explained by its id alone, without --assumed" in result.output


def test_errors_lists_commands_without_a_key(run: Run, world: World) -> None:
    output = run("errors", "--url", "http://fake:1/").output

    assert "# addUserAnalytics 400 Invalid feature/action. · analytics.pair-registered (documented)" in output
    assert "curl -X POST http://fake:1/api/v1/user/analytics" in output
    assert "# with the key vend…af972a (a key that always gets 500) in DISTINCT_API_KEY" in output
    assert not [secret for secret in world.keys if secret in output]


def test_errors_as_json(run: Run) -> None:
    found = json.loads(run("errors", "--json").output)

    wanted = [entry for entry in found if entry["answer"] == "forbidden"]
    assert [entry["operation"] for entry in wanted] == ["giftAssets", "addUserAnalytics", "captureAnalytics"]
    assert {entry["key"] for entry in wanted} == {"a key that only another address may use: always 403 here"}


def test_errors_of_an_empty_world_say_what_is_missing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text('[[keys]]\nkey = "k"')

    output = run("errors", "--world", "small.toml").output

    assert "# this world has no key, user or event that such a request needs" in output


def test_the_printed_world_is_a_start_for_ones_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(run("world").output)

    assert run("world").output == world_text()
    assert run("world", "--world", "mine.toml").output == world_text()
    assert run("check", "--world", "mine.toml").exit_code == 0


def test_check_says_what_it_looked_at(run: Run) -> None:
    result = run("check")

    assert result.exit_code == 0
    assert "openapi.yaml: 3 operations, " in result.output
    assert "all right" in result.output


def test_check_tries_the_examples(run: Run, tmp_path: Path) -> None:
    text = spec_text().replace("capturedAt: '2026-04-27T13:35:00Z'", "capturedAt: 'last Monday'", 1)
    (tmp_path / "copy.yaml").write_text(text)

    result = run("check", "--spec", "copy.yaml")

    assert result.exit_code == 2
    assert (
        "an example of addUserAnalytics: breaks analytics.captured-at: capturedAt: got 'last Monday'" in result.output
    )


def test_check_of_a_world_without_a_usable_key_tries_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "far.toml").write_text('[[keys]]\nkey = "k"\nallow = ["192.0.2.1"]')

    assert run("check", "--world", "far.toml").exit_code == 0


def test_every_fault_is_told_at_once_and_without_traceback(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(
        '[[users]]\nid = "a"\nevents = ["none"]\n[[keys]]\nkey = "k"\nallow = ["10.0.0.1/8"]'
    )

    result = run("check", "--world", "bad.toml")

    assert result.exit_code == 2
    assert list(lines(result.output)) == [
        "distinct-mock: bad.toml: [[users]] 1, events: no event 'none' in this world",
        (
            "distinct-mock: bad.toml: [[keys]] 1, allow: '10.0.0.1/8' has bits set behind its prefix; "
            "the network would be 10.0.0.0/8"
        ),
    ]


def test_options_come_from_the_environment_too(run: Run) -> None:
    result = run("check", DISTINCT_MOCK_WORLD="nowhere.toml")

    assert result.exit_code == 2
    assert "nowhere.toml: the world cannot be read: No such file or directory" in result.output


WRONG_OPTIONS = [
    pytest.param(["--port", "70000"], "70000 is not in the range 0<=x<=65535", id="port"),
    pytest.param(["--workers", "0"], "0 is not in the range 1<=x<=64", id="workers"),
    pytest.param(["--header-seconds", "nan"], "'nan' is not a finite number", id="no-number"),
    pytest.param(["--body-seconds", "inf"], "inf is not in the range 0.05<=x<=86400", id="no-end"),
    pytest.param(["--log-level", "loud"], "'loud' is not one of", id="log-level"),
    pytest.param(["--trust-proxy", "10.0.0.1/8"], "the network would be 10.0.0.0/8", id="proxy"),
    pytest.param(["--tls-key", "key.pem"], "--tls-key needs --tls-cert", id="key-without-certificate"),
    pytest.param(
        ["--tls-cert", "none.pem"], "none.pem: cannot be read: no such file or directory", id="no-certificate"
    ),
    pytest.param(
        ["--tls-cert", "text.pem"], "text.pem: no usable certificate and key in PEM form\n", id="bad-certificate"
    ),
    pytest.param(["--spec", "none.yaml"], "none.yaml: the spec cannot be read", id="no-spec"),
    pytest.param(["--spec", "text.pem"], "text.pem:1", id="bad-spec"),
    pytest.param(["--journal-bytes", "0MB"], "got '0MB', expected more than nothing", id="no-bytes"),
    pytest.param(["--journal-keep", "0s"], "got '0s', expected more than nothing", id="no-time"),
    pytest.param(["--journal-keep", "soon"], "got 'soon', expected a time such as", id="no-span"),
    pytest.param(["--control-token", "two words"], "the token of a fake: expected ASCII letters", id="token"),
    pytest.param(["--host", "192.0.2.1"], "192.0.2.1:8080: cannot listen there", id="foreign-address"),
    pytest.param(["--host", "no-such-host.invalid"], "no-such-host.invalid:8080: cannot listen there", id="no-host"),
]


@pytest.mark.parametrize(("options", "words"), WRONG_OPTIONS)
def test_a_wrong_option_is_one_message_and_status_2(options: list[str], words: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("just text")

    result = run("serve", *options)

    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_file_beside_the_journal_that_cannot_be_is_told(workers: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "requests-revision").mkdir()

    result = run("serve", "--port", "0", "--workers", workers, "--journal", "requests")

    assert result.exit_code == 2
    assert "requests-revision: is needed beside the journal: Is a directory" in result.output


def test_a_session_that_the_spec_has_no_answer_for_is_told(run: Run, tmp_path: Path) -> None:
    fake = build_fake(Settings(journal=str(tmp_path / "requests")))
    session, _ = fake.sessions.create(options={"answer": "userNotFound"})
    fake.close()
    (tmp_path / "other.yaml").write_text(spec_text().replace("userNotFound", "nobodyThere"))

    result = run("serve", "--port", "0", "--journal", "requests", "--spec", "other.yaml")

    assert result.exit_code == 2
    assert f"requests, session {session.id}" in result.output
    assert "userNotFound" in result.output


def test_a_url_for_the_commands_is_one(run: Run) -> None:
    result = run("errors", "--url", "nowhere")

    assert result.exit_code == 2
    assert "the URL of a fake: got 'nowhere', expected one such as http://127.0.0.1:8080" in result.output


def test_a_certificate_with_another_key_is_refused(run: Run, tmp_path: Path) -> None:
    authority = trustme.CA()
    for name in ("one", "two"):
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / f"{name}.pem")

    result = run("serve", "--tls-cert", "one.pem", "--tls-key", "two.pem")

    assert result.exit_code == 2
    assert "key values mismatch" in result.output


def test_a_taken_port_says_so(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = run("serve", "--port", port)

    assert result.exit_code == 2
    assert list(lines(result.output)) == [
        f"distinct-mock: 127.0.0.1:{port}: cannot listen there: address already in use"
    ]


@pytest.mark.parametrize("command", [["-m", "mock_server"], ["-c", "from mock_server.cli import main; main()"]])
def test_the_module_is_the_command(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "100"},
    )

    assert all(name in done.stdout for name in ("serve", "check", "rules", "errors", "world"))
