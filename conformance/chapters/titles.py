"""What the chapters of the catalogue are about, and what is in none of them."""

from collections.abc import Mapping

CHAPTERS: Mapping[str, str] = {
    "P": "The process and its adapter",
    "O": "Every request",
    "U": "Gift assets",
    "N": "User analytics",
    "C": "Capture analytics",
    "R": "Answers and attempts",
    "S": "Sequences and privacy",
}
"""What the chapters are about, by the letter that the ids of their obligations begin with."""

UNTESTABLE: Mapping[str, str] = {
    "TLS": "whether the client uses TLS in production: the fake is reached by plain HTTP",
    "key storage": "where and how the client keeps its API key",
    "allowlist": "whether the client calls from the addresses on its allowlist; only that it copes with the 403",
    "merging": "whether Distinct merges events that arrive twice",
    "latency": "how the client behaves with real latency over a real network",
}
"""What no run of this suite can show, and is said in every report."""
