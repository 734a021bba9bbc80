"""A fake that makes its own certificate: the files, the names in it, and real clients that trust it."""

import http.client
import json
import os
import shutil
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from cryptography import x509

from contracts.faults import ConfigError
from contracts.operations import Contract
from contracts.spec import compile_contract, spec_text
from mock_server import certificates
from mock_server.certificates import names_of, self_signed
from mock_server.client import Control, ControlError
from tests.conftest import ANALYTICS, EVENT, Start

NOW = datetime(2026, 4, 27, 13, 35, tzinfo=UTC)
ALWAYS = ("localhost", "127.0.0.1", "::1", "api.distinct.so")
HEADERS = {"x-distinct-api-key": "vendor-test-key", "Content-Type": "application/json"}


def certified(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


# What a fake is called by

HOSTS = [
    pytest.param("127.0.0.1", ALWAYS, id="loopback"),
    pytest.param("[::1]", ALWAYS, id="loopback-of-ipv6"),
    pytest.param("192.0.2.7", (*ALWAYS, "192.0.2.7"), id="an-address"),
    pytest.param("fake.test", (*ALWAYS, "fake.test"), id="a-name"),
    pytest.param("0.0.0.0", (*ALWAYS, "this-machine"), id="every-address"),  # noqa: S104 - never served
    pytest.param("::", (*ALWAYS, "this-machine"), id="every-address-of-ipv6"),
]


@pytest.mark.parametrize(("host", "names"), HOSTS)
def test_the_host_decides_the_names(
    host: str, names: tuple[str, ...], contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "gethostname", lambda: "this-machine")

    assert names_of(contract, host) == names


def test_the_name_of_the_server_is_that_of_the_spec() -> None:
    contract = compile_contract(spec_text().replace("https://api.distinct.so", "https://api.vendor.test/v3"), "copy")

    assert names_of(contract, "127.0.0.1") == ("localhost", "127.0.0.1", "::1", "api.vendor.test")


def test_a_machine_whose_name_no_certificate_can_have_serves_without_it(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "gethostname", lambda: "my_machine")

    assert names_of(contract, "0.0.0.0") == ALWAYS  # noqa: S104 - never served


# The files


def test_the_certificate_is_for_the_names_and_valid_for_a_year_and_a_month(tmp_path: Path) -> None:
    made = certified(self_signed(ALWAYS, tmp_path / "tls", NOW).server)

    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "api.distinct.so"]
    assert names.get_values_for_type(x509.IPAddress) == [IPv4Address("127.0.0.1"), IPv6Address("::1")]
    assert (made.not_valid_before_utc, made.not_valid_after_utc) == (NOW - timedelta(1), NOW + timedelta(397))


def test_who_trusted_the_authority_once_trusts_every_certificate_of_it(tmp_path: Path) -> None:
    first = self_signed(ALWAYS, tmp_path, NOW)
    trusted = certified(first.authority)

    later = self_signed((*ALWAYS, "192.0.2.7"), tmp_path, NOW + timedelta(3650))

    assert later.authority == first.authority
    assert certified(later.authority) == trusted
    certified(later.server).verify_directly_issued_by(trusted)
    assert later.server != first.server


def test_only_the_user_can_read_a_private_key(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"

    made = self_signed(ALWAYS, folder, NOW)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert modes == {"ca.pem": 0o644, "ca-with-key.pem": 0o600, made.server.name: 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"PRIVATE" not in made.authority.read_bytes()


def test_a_second_fake_that_begins_at_once_gets_the_same_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = self_signed(ALWAYS, tmp_path / "other", NOW)
    make = trustme.CA

    class Late(make):  # type: ignore[misc, valid-type] # a class that is known by its variable
        def __init__(self, **names: str) -> None:
            super().__init__(**names)
            if names and not (tmp_path / "ca-with-key.pem").exists():
                shutil.copy(tmp_path / "other" / "ca-with-key.pem", tmp_path / "ca-with-key.pem")

    monkeypatch.setattr(trustme, "CA", Late)
    made = self_signed(ALWAYS, tmp_path, NOW)

    assert made.authority.read_bytes() == other.authority.read_bytes()


def test_a_file_that_is_no_authority_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "ca-with-key.pem").write_text("something of mine")

    with pytest.raises(ConfigError, match=r"ca-with-key\.pem: holds no certificate with its private key"):
        self_signed(ALWAYS, tmp_path, NOW)

    assert [file.read_text() for file in tmp_path.iterdir()] == ["something of mine"]


def test_a_name_that_cannot_be_certified_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--tls self-signed: no certificate for .*my_host: Codepoint U\+005F"):
        self_signed((*ALWAYS, "my_host"), tmp_path, NOW)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match="file/tls: cannot be used for certificates: not a directory"):
        self_signed(ALWAYS, tmp_path / "file" / "tls", NOW)


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere/state")
    named = certificates.default_folder()
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")

    assert named == Path("/somewhere/state/distinct-mock/tls")
    assert certificates.default_folder() == Path("/home/somebody/.local/state/distinct-mock/tls")


def test_a_user_without_a_home_is_asked_for_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)

    with pytest.raises(ConfigError, match="--tls-dir: this user has no home"):
        certificates.default_folder()


def homeless() -> Path:
    raise RuntimeError("no home")


# The command


def test_without_trustme_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    program = "import sys; sys.modules['trustme'] = None; from mock_server.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", "--tls", "self-signed", "--tls-dir", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    wanted = "needs the package trustme, which is not installed: pip install 'distinct-mock[tls]'"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"distinct-mock: --tls self-signed: {wanted}\n")


WRONG_OPTIONS = [
    pytest.param(["--tls-dir", "somewhere"], "--tls-dir needs --tls self-signed", id="a-folder-for-nothing"),
    pytest.param(["--tls", "self-signed", "--tls-cert", "a.pem"], "give one of them", id="two-certificates"),
    pytest.param(["--tls", "letsencrypt"], "'letsencrypt' is not 'self-signed'", id="another-way"),
]


@pytest.mark.parametrize(("options", "said"), WRONG_OPTIONS)
def test_options_that_do_not_go_together(options: list[str], said: str) -> None:
    command = [sys.executable, "-m", "mock_server", "serve", *options]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert said in done.stderr


def test_the_greeting_says_whom_to_trust_and_how(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--tls", "self-signed"]
    with subprocess.Popen(
        [*command, "--tls-dir", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        process.terminate()
        process.communicate(timeout=20)

    greeting = "".join(said)
    for way in ("CURL_CA_BUNDLE=", "REQUESTS_CA_BUNDLE=", "SSL_CERT_FILE=", "NODE_EXTRA_CA_CERTS=", "-file "):
        assert f"{way}{tmp_path}/ca.pem " in greeting


# Real clients


@pytest.fixture
def https(start: Start, tmp_path: Path) -> tuple[str, Path]:
    """Give the URL of a fake with a certificate of its own, and the file to trust."""
    return start("--tls", "self-signed", "--tls-dir", str(tmp_path)).url, tmp_path / "ca.pem"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_client_that_trusts_the_authority_is_served(workers: str, start: Start, tmp_path: Path) -> None:
    fake = start("--tls", "self-signed", "--tls-dir", str(tmp_path), "--workers", workers)
    trust = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    # The strictest that Python knows, and what it does by itself from 3.13 on.
    trust.verify_flags |= ssl.VERIFY_X509_STRICT

    connection = http.client.HTTPSConnection(urlsplit(fake.url).netloc, timeout=20, context=trust)
    connection.request("POST", ANALYTICS, json.dumps(EVENT), HEADERS)
    status = connection.getresponse().status
    connection.close()

    assert status == 200


def test_the_control_api_has_the_same_certificate(https: tuple[str, Path]) -> None:
    url, authority = https

    assert Control(url, ca_file=str(authority)).get("/health")["status"] == "ok"
    with pytest.raises(ControlError, match="its certificate is not trusted"):
        Control(url).get("/health")


PYTHON_CLIENT = (
    "import sys, {0}; answer = {0}.post(sys.argv[1], json={{}}, headers={{'x-distinct-api-key': 'vendor-test-key'}}); "
    "print(answer.status_code)"
)
NODE_CLIENT = (
    "fetch(process.argv[1], {method: 'POST', body: '{}', headers: {'content-type': 'application/json', "
    "'x-distinct-api-key': 'vendor-test-key'}}).then(answer => console.log(answer.status))"
)
CURL = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\n", "-d", "{}", "-H", "Content-Type: application/json"]
# The program, and the variable by which it is told whom to trust, as the greeting has them.
CLIENTS = [
    pytest.param([sys.executable, "-c", PYTHON_CLIENT.format("requests")], "REQUESTS_CA_BUNDLE", id="requests"),
    pytest.param([sys.executable, "-c", PYTHON_CLIENT.format("httpx")], "SSL_CERT_FILE", id="httpx"),
    pytest.param(["node", "-e", NODE_CLIENT], "NODE_EXTRA_CA_CERTS", id="node"),
    pytest.param([*CURL, "-H", "x-distinct-api-key: vendor-test-key"], "CURL_CA_BUNDLE", id="curl"),
]


@pytest.mark.parametrize(("command", "variable"), CLIENTS)
def test_real_clients_trust_by_their_variable(command: list[str], variable: str, https: tuple[str, Path]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    url, authority = https
    without = {name: value for name, value in os.environ.items() if not name.endswith(("CA_BUNDLE", "CERT_FILE"))}

    untrusting, trusting = (
        subprocess.run(
            [*command, url + ANALYTICS],
            env={**without, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for more in ({}, {variable: str(authority)})
    )

    assert "400" not in untrusting.stdout.split()
    assert (trusting.stdout, trusting.returncode) == ("400\n", 0), trusting.stderr


JAVA_CLIENT = """
import java.net.URI;
import java.net.http.*;
class Ask {
    public static void main(String[] args) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(args[0])).header("x-distinct-api-key", "vendor-test-key")
            .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString("{}")).build();
        System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
    }
}
"""


@pytest.mark.skipif(shutil.which("javac") is None, reason="a JDK is not installed")
def test_java_trusts_by_a_key_store(https: tuple[str, Path], tmp_path: Path) -> None:
    url, authority = https
    store, program = tmp_path / "trusted.p12", tmp_path / "Ask.java"
    program.write_text(JAVA_CLIENT)
    imported = ["keytool", "-importcert", "-noprompt", "-alias", "distinct-mock", "-file", str(authority)]
    subprocess.run([*imported, "-keystore", str(store), "-storepass", "changeit"], check=True, capture_output=True)
    trusting = [f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStorePassword=changeit"]

    done = subprocess.run(
        ["java", *trusting, str(program), url + ANALYTICS], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.stdout == "400\n", done.stderr
