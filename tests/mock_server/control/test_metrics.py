"""Figures for Prometheus: as its own parser reads them, and what is said without its package."""

import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts.samples import SamplePart, encoded
from mock_server.server import Running, running
from mock_server.settings import Settings
from tests.conftest import ANALYTICS, EVENT, send
from tests.mock_server.control.asking import Answer, ask

LABELS = ("operation", "status", "answer")
Figures = dict[tuple[str, ...], float]


def figures(answer: Answer) -> Figures:
    """Give every figure by its name and the values of its labels: operation, status, answer."""
    return {
        (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
        for family in text_string_to_metric_families(answer.value)
        for sample in family.samples
    }


def test_answers_are_counted_by_operation(own: Running) -> None:
    for action in ("opened", "opened", "read"):
        send(own.url, ANALYTICS, EVENT | {"action": action})
    content_type, body = encoded((SamplePart("userId", "x"), SamplePart("assets", "GIF89a", "a.gif")))
    send(own.url, "/api/v1/vendor/user/assets", body, headers={"Content-Type": content_type})
    send(own.url, "/elsewhere")

    found = figures(ask(own.url, "GET", "/metrics"))

    assert {name: value for name, value in found.items() if name[0] == "distinct_mock_requests_total"} == {
        ("distinct_mock_requests_total", "", "404", "notFound"): 1,
        ("distinct_mock_requests_total", "addUserAnalytics", "200", "userAnalyticsAdded"): 2,
        ("distinct_mock_requests_total", "addUserAnalytics", "400", "invalidFeatureAction"): 1,
        ("distinct_mock_requests_total", "giftAssets", "400", "userNotFound"): 1,
    }
    assert found["distinct_mock_request_seconds_count", "addUserAnalytics"] == 3
    assert found["distinct_mock_request_seconds_sum", "addUserAnalytics"] > 0


def test_what_there_is_now_is_told(own: Running) -> None:
    ended = ask(own.url, "POST", "/sessions").value["id"]
    ask(own.url, "POST", "/sessions")
    ask(own.url, "DELETE", f"/sessions/{ended}")
    ask(own.url, "POST", "/faults", {"do": ["500", "200"], "operation": "giftAssets"})
    send(own.url, ANALYTICS, EVENT)

    found = figures(ask(own.url, "GET", "/metrics"))

    assert {name[0]: value for name, value in found.items() if len(name) == 1} | {
        "distinct_mock_start_time_seconds": 0
    } == {
        "distinct_mock_evicted_requests_total": 0,
        "distinct_mock_journal_requests": 1,
        "distinct_mock_journal_writable": 1,
        "distinct_mock_sessions": 1,
        "distinct_mock_armed_faults": 1,
        "distinct_mock_start_time_seconds": 0,
    }


def test_what_made_room_is_still_counted() -> None:
    with running(Settings(port=0, log_level="error", journal_entries=2)) as fake:
        for _ in range(5):
            send(fake.url, ANALYTICS, EVENT)
        found = figures(ask(fake.url, "GET", "/metrics"))

    assert found["distinct_mock_evicted_requests_total",] == 3
    assert found["distinct_mock_requests_total", "addUserAnalytics", "200", "userAnalyticsAdded"] == 5


def test_without_its_package_the_problem_says_how_to_get_it(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    answer = ask(own.url, "GET", "/metrics")

    assert answer.status == 501
    assert "pip install 'distinct-mock[metrics]'" in answer.detail
