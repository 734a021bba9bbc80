"""Paths, methods and the form of every answer."""

import pytest

from mock_server.server import Running
from tests.conftest import ANALYTICS, EVENT, Send

PATHS = [
    pytest.param(ANALYTICS, 200, id="exact"),
    pytest.param("/api/v1/user/%61nalytics", 200, id="encoded-letter"),
    pytest.param("/api/v1/user%2Fanalytics", 404, id="encoded-slash"),
    pytest.param(f"{ANALYTICS}/", 404, id="trailing-slash"),
    pytest.param("/api/v1/user//analytics", 404, id="doubled-slash"),
    pytest.param("/api/v1/user/./analytics", 404, id="dot"),
    pytest.param("/API/v1/user/analytics", 404, id="upper-case"),
    pytest.param("/user/analytics", 404, id="without-base"),
    pytest.param("/", 404, id="root"),
    pytest.param(f"{ANALYTICS}?a=b", 200, id="query"),
]


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_a_path_counts_to_the_letter(path: str, status: int, fake: Running, post: Send) -> None:
    reply = post(fake.url, path, EVENT)

    assert reply.status == status
    assert reply.message == ("Not found." if status == 404 else "User analytics added successfully.")


def test_the_encoded_hyphen_of_a_path_is_a_hyphen(fake: Running, post: Send) -> None:
    reply = post(fake.url, "/api/v1/analytics/capture/fifa%2Dcwc%2D2025", {})

    assert reply.message == "Invalid type."


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_told_which_one_there_is(method: str, fake: Running, post: Send) -> None:
    reply = post(fake.url, ANALYTICS, method=method)

    assert (reply.status, reply.message, reply.headers["allow"]) == (405, "Method not allowed.", "POST")
    assert reply.broken == ["http.method"]


def test_head_has_the_headers_alone(fake: Running, post: Send) -> None:
    reply = post(fake.url, ANALYTICS, method="HEAD")

    assert (reply.status, reply.headers["allow"], reply.text) == (405, "POST", "")


def test_another_method_of_an_unknown_path_is_an_unknown_path(fake: Running, post: Send) -> None:
    assert post(fake.url, "/nowhere", method="DELETE").status == 404


def test_a_refused_path_with_a_large_body_leaves_the_connection_in_order(fake: Running, post: Send) -> None:
    reply = post(fake.url, "/nowhere", bytes(3_000_000))

    assert reply.message == "Not found."


def test_a_query_is_reported(fake: Running, post: Send) -> None:
    assert "analytics.no-query" in post(fake.url, f"{ANALYTICS}?a=b", EVENT).flagged


def test_a_repeat_is_accepted_and_reported(fake: Running, post: Send) -> None:
    event = {**EVENT, "metadata": {"number": 1}}

    first, second = post(fake.url, ANALYTICS, event), post(fake.url, ANALYTICS, event)

    assert (first.status, second.status) == (200, 200)
    assert (first.flagged, second.flagged) == ([], ["analytics.no-repeat"])


def test_every_answer_is_json_in_the_contracts_form(fake: Running, post: Send) -> None:
    replies = [post(fake.url, ANALYTICS, EVENT), post(fake.url, "/nowhere"), post(fake.url, ANALYTICS, method="GET")]

    assert {reply.headers["content-type"] for reply in replies} == {"application/json"}
    assert all(reply.message for reply in replies)


def test_no_answer_says_which_server_gave_it(fake: Running, post: Send) -> None:
    reply = post(fake.url, ANALYTICS, EVENT)

    assert "server" not in reply.headers


def test_a_key_with_a_fixed_answer_gets_it_for_right_and_wrong_requests(fake: Running, post: Send) -> None:
    headers = {"x-distinct-api-key": "vendor-broken-key"}

    right, wrong = post(fake.url, ANALYTICS, EVENT, headers=headers), post(fake.url, ANALYTICS, {}, headers=headers)

    assert (right.status, right.message) == (500, "Internal server error.")
    assert (wrong.status, wrong.message) == (500, "Internal server error.")
    # What was wrong is told all the same.
    assert "analytics.identifier-sent" in wrong.broken
