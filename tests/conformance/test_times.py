"""A time says an instant in one of several forms."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from conformance.intents.values import full_width
from conformance.times import Form, form, instant

NOON = "2026-04-27T12:00:00"

FORMS = [
    pytest.param(f"{NOON}Z", Form.STRICT, id="z"),
    pytest.param(f"{NOON}.123456789012+05:30", Form.STRICT, id="fraction-and-offset"),
    pytest.param("0001-01-01T00:00:00+14:00", Form.STRICT, id="the-first-day"),
    pytest.param("2016-12-31T23:59:60Z", Form.STRICT, id="leap-second"),
    pytest.param("2017-01-01T01:59:60+02:00", Form.STRICT, id="leap-second-elsewhere"),
    pytest.param("2016-12-31T12:00:60Z", Form.NONE, id="leap-second-at-noon"),
    pytest.param(NOON, Form.NAIVE, id="no-offset"),
    pytest.param(f"{NOON}-00:00", Form.OTHER, id="unknown-offset"),
    pytest.param("2026-04-27", Form.OTHER, id="date"),
    pytest.param("2026-04-27 12:00:00Z", Form.OTHER, id="blank"),
    pytest.param("20260427T120000Z", Form.OTHER, id="basic"),
    pytest.param("0000-06-01T00:00:00Z", Form.OTHER, id="year-0"),
    pytest.param("2026-04-27T24:00:00Z", Form.OTHER, id="end-of-day"),
    pytest.param("2026-02-30T12:00:00Z", Form.NONE, id="no-such-day"),
    pytest.param("2026-04-27T25:00:00Z", Form.NONE, id="no-such-hour"),
    pytest.param("2026-04-27T12:60:00Z", Form.NONE, id="no-such-minute"),
    pytest.param(f"{NOON}+24:00", Form.NONE, id="no-such-offset"),
    pytest.param(f"{NOON}Z\n", Form.NONE, id="line-end"),
    pytest.param(full_width(f"{NOON}Z"), Form.NONE, id="full-width"),
    pytest.param("1777291200", Form.NONE, id="epoch-as-text"),
    pytest.param(1777291200, Form.NONE, id="epoch"),
    pytest.param(None, Form.NONE, id="null"),
    pytest.param("", Form.NONE, id="empty"),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_a_form(text: object, expected: Form) -> None:
    assert form(text) is expected


SECONDS = datetime(2026, 4, 27, 12, tzinfo=UTC).timestamp()
INSTANTS = [
    pytest.param(f"{NOON}Z", SECONDS, id="z"),
    pytest.param("2026-04-27T17:30:00+05:30", SECONDS, id="ahead"),
    pytest.param("2026-04-27T11:30:00-00:30", SECONDS, id="behind"),
    pytest.param(f"{NOON}.250Z", SECONDS + 0.25, id="fraction"),
    pytest.param(f"{NOON}.000000001Z", Fraction(int(SECONDS)) + Fraction(1, 10**9), id="nanosecond"),
    pytest.param("1969-12-31T23:59:59Z", -1, id="before-the-epoch"),
    pytest.param("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC).timestamp(), id="leap-second"),
    pytest.param(NOON, None, id="naive"),
]


@pytest.mark.parametrize(("text", "expected"), INSTANTS)
def test_an_instant(text: str, expected: float | None) -> None:
    assert instant(text) == expected


def test_a_very_long_fraction_is_read_quickly() -> None:
    assert instant(f"{NOON}.{'1' * 1_000_000}Z") is not None
