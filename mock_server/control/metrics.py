"""Figures for Prometheus, by the optional package prometheus-client."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_server.control.problems import ProblemError
from mock_server.fake import Fake
from mock_server.storage.search import Search

if TYPE_CHECKING:
    from prometheus_client import Metric

_PLAIN = "text/plain; version=0.0.4; charset=utf-8"


class Figures:
    """Collects the figures of one fake when they are asked for; the journal counts, and nothing is counted twice."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    def collect(self) -> Iterator["Metric"]:
        """Give every figure."""
        yield from self._answered()
        yield from self._present()

    def _answered(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily, SummaryMetricFamily  # noqa: PLC0415 - optional

        requests = CounterMetricFamily(
            "distinct_mock_requests", "Requests that were answered.", labels=["operation", "status", "answer"]
        )
        taken: dict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
        for tally in self._fake.journal.tallies():
            requests.add_metric([tally.operation, str(tally.status), tally.answer], tally.count)
            count, seconds = taken[tally.operation]
            taken[tally.operation] = count + tally.count, seconds + tally.seconds
        times = SummaryMetricFamily("distinct_mock_request_seconds", "What requests took.", labels=["operation"])
        for operation, (count, seconds) in taken.items():
            times.add_metric([operation], count, seconds)
        yield from (requests, times)

    def _present(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 - optional

        fake, now = self._fake, self._fake.now().timestamp()
        sessions = sum(one.ended is None and one.expires > now for one in fake.sessions.all())
        armed = sum(one.active for one in fake.faults.all())
        evicted = fake.journal.evicted()
        yield CounterMetricFamily("distinct_mock_evicted_requests", "Requests that had to make room.", value=evicted)
        for name, words, value in (
            ("distinct_mock_journal_requests", "Requests that the journal keeps.", fake.journal.count(Search())),
            ("distinct_mock_journal_writable", "Whether the journal can be written.", not fake.journal.problem),
            ("distinct_mock_sessions", "Sessions whose key is taken.", sessions),
            ("distinct_mock_armed_faults", "Answers and faults that are armed and not used up.", armed),
            ("distinct_mock_start_time_seconds", "When the fake began, in seconds of the epoch.", fake.started),
        ):
            yield GaugeMetricFamily(name, words, value=value)


class Metrics:
    """The figures of one fake, in the text format of Prometheus."""

    def __init__(self, fake: Fake) -> None:
        self._figures = Figures(fake)

    async def text(self, _: Request) -> Response:
        """Write the figures; raises the problem of a package that is not there."""
        try:
            from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - optional
        except ImportError:
            how = "pip install 'distinct-mock[metrics]'"
            raise ProblemError(501, f"figures need the package prometheus-client: {how}") from None
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self._figures)
        return Response(generate_latest(registry), headers={"content-type": _PLAIN})


def routes(fake: Fake) -> list[Route]:
    """Give the routes of this resource."""
    return [Route("/_mock/metrics", Metrics(fake).text, methods=["GET"])]
