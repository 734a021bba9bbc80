"""The links from the log to the pages of requests."""

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest

from contracts.operations import Contract
from mock_server.exchange import Exchange
from mock_server.request_log import json_line, text_line
from tests.conftest import ANALYTICS, EVENT, Send, Start
from tests.mock_server.test_request_log import exchange
from tests.mock_server.test_server import logged

LINK = "http://127.0.0.1:8080/_mock/requests/"
WRONG = {**EVENT, "email": "nobody@example.com"}


@pytest.fixture
def accepted(contract: Contract) -> Exchange:
    return exchange(answer=contract.answers["assetsUploaded"], operation="giftAssets")


def test_an_accepted_request_keeps_its_line_short(accepted: Exchange) -> None:
    assert text_line(accepted, LINK).endswith(" giftAssets 200 12.3ms\n")


def test_a_refused_request_is_followed_by_its_link(contract: Contract) -> None:
    refused = exchange(answer=contract.answers["notFound"])

    assert text_line(refused, LINK).endswith(f" 404 12.3ms {LINK}abc-1\n")
    assert LINK not in text_line(refused)


def test_a_client_that_left_is_followed_by_its_link() -> None:
    assert text_line(exchange(stayed=False), LINK).endswith(f" --- client left 12.3ms {LINK}abc-1\n")


@pytest.mark.parametrize("name", ["assetsUploaded", "notFound"])
def test_json_has_a_link_for_every_request(name: str, contract: Contract) -> None:
    line = exchange(answer=contract.answers[name])

    assert json.loads(json_line(line, LINK))["link"] == f"{LINK}abc-1"
    assert json.loads(json_line(line))["link"] is None


@pytest.mark.parametrize(
    ("path", "body"), [(ANALYTICS, WRONG), (ANALYTICS + "?x=1", EVENT)], ids=["refused", "flagged"]
)
def test_the_link_leads_to_the_request(path: str, body: dict[str, str], start: Start, post: Send) -> None:
    fake = start()
    reply = post(fake.url, path, body)
    (line,) = logged(fake.log, 1)
    found = re.search(r" (http://\S+)\n$", line)
    assert found, line

    for_a_program, for_a_browser = get(found[1], "*/*"), get(found[1], "text/html")

    assert json.loads(for_a_program[1])["id"] == reply.headers["distinct-mock-request"]
    assert for_a_browser[0] == 303


def get(url: str, accept: str) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", parts.path, headers={"Accept": accept})
    response = connection.getresponse()
    status, text = response.status, response.read().decode()
    connection.close()
    return status, text


def test_without_a_control_api_there_is_nothing_to_link_to(start: Start, post: Send) -> None:
    fake = start("--no-control")

    post(fake.url, ANALYTICS, WRONG)

    (line,) = logged(fake.log, 1)
    assert "http" not in line


def test_the_json_log_of_a_fake_links_every_request(start: Start, post: Send) -> None:
    fake = start("--log-format", "json")

    reply = post(fake.url, ANALYTICS, EVENT)

    (line,) = logged(fake.log, 1)
    assert json.loads(line)["link"] == f"{fake.url}/_mock/requests/{reply.headers['distinct-mock-request']}"
