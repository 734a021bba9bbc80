"""Sizes and spans of time, as people write them."""

import pytest

from mock_server.amounts import size, span


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("1000", 1000),
        ("1B", 1),
        ("10 kB", 10_000),
        ("64KiB", 65_536),
        ("1.5MiB", 1_572_864),
        ("2mb", 2_000_000),
        ("1GB", 10**9),
        (" 1GiB ", 1 << 30),
    ],
)
def test_a_size_is_read(text: str, expected: int) -> None:
    assert size(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("250ms", 0.25), ("2", 2.0), ("2s", 2.0), ("1.5m", 90.0), ("12h", 43_200.0), ("7D", 604_800.0), ("0s", 0.0)],
)
def test_a_span_is_read(text: str, expected: float) -> None:
    assert span(text) == pytest.approx(expected)


WRONG = [
    "",
    "x",
    "-1",
    "+1",
    "1 2",
    "1..5",
    ".5",
    "1.",
    "1e3",
    "\u0661",
    "0x10",
    "1  kB",
    "1\u00a0kB",
    "inf",
    "9" * 400,
]


@pytest.mark.parametrize("text", [*WRONG, "5s", "1TB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a size such as 1000, 64KiB or 10MB"):
        size(text)


@pytest.mark.parametrize("text", [*WRONG, "5kB", "1w"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time such as 250ms, 2s, 30m, 12h or 7d"):
        span(text)
