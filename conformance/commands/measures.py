"""The page "what the suite measures", which `list --markdown` writes of the catalogue."""

from collections.abc import Iterator, Mapping, Sequence

from conformance.chapters.titles import CHAPTERS, UNTESTABLE
from conformance.obligation import Level, Mode, Obligation
from conformance.report.markdown import plain
from conformance.verdicts import NEEDS

_LEVELS: Mapping[Level, str] = {
    Level.MUST: "A document says it, or without it a caller's data, or what a caller is told, is wrong. "
    "Broken, it fails.",
    Level.SHOULD: "A standard says it, or it is good practice, and the row says why. Broken, it is a warning; "
    "with `--strict` it fails.",
    Level.ASSUMED: "The documents leave it open. Broken, it is only told; with `--assume-strict` it counts as SHOULD.",
}
_VERDICTS: Mapping[str, str] = {
    "kept": "It was exercised, and kept each time.",
    "broken": "It was exercised, and at least once it was not kept. The report shows a small case of it.",
    "worth knowing": "It may be done in either way. The report says which way the client has.",
    "not exercised": "Nothing happened that shows it, so there is no verdict. A MUST that `client run` did not "
    "exercise fails the run: too little was seen to say that the client conforms.",
    "explained by another": "It could not be judged, since another that it builds on was broken.",
    "not applicable": "The client has not got what it is about, or the way of judging or the profile cannot show it.",
    "fails as is known": "It is broken in just the way that `distinct-known.toml` says.",
    "known to fail, and passes": "An entry of `distinct-known.toml` is no longer true. That fails until it is removed.",
}
_WAYS: Mapping[Mode, str] = {
    Mode.ACTIVE: "`client run`, through an adapter",
    Mode.WATCH: "`client watch`, from what a command sends",
    Mode.TRAFFIC: "`traffic`, from recorded requests",
}
_HEAD = """# What the suite measures

All that a client is judged by; how that is done is told in [judge.md](judge.md). This page is written by
`distinct-conformance list --markdown`. `distinct-conformance explain ID` says more of a row: the contract's rules that
it covers, and what it depends on.

A report gives two numbers: how many obligations were exercised, and how many of those were kept. Neither means anything
without the other: a client that does nothing breaks nothing.
"""


def measures(obligations: Sequence[Obligation]) -> str:
    """Write the page."""
    return "\n".join(_lines(obligations)) + "\n"


def _lines(obligations: Sequence[Obligation]) -> Iterator[str]:
    yield _HEAD
    yield from _table("level", "means", {str(level): says for level, says in _LEVELS.items()})
    yield from _table("verdict", "means", _VERDICTS)
    yield from _table("way", "judged by", {str(mode): says for mode, says in _WAYS.items()})
    for letter, title in CHAPTERS.items():
        rows = [one for one in obligations if one.id[0] == letter]
        if rows:
            yield from _chapter(letter, title, rows)
    yield "## What no run can show\n"
    yield from (f"- {plain(says)}." for says in UNTESTABLE.values())


def _table(name: str, what: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield f"| {name} | {what} |"
    yield "|---|---|"
    yield from (f"| {key} | {says} |" for key, says in rows.items())
    yield ""


def _chapter(letter: str, title: str, rows: Sequence[Obligation]) -> Iterator[str]:
    yield f"## {letter}: {title}\n"
    yield "| id | level | what a client has to do | source | ways | needs |"
    yield "|---|---|---|---|---|---|"
    for one in rows:
        source = ", ".join(filter(None, [one.source.document, one.source.section]))
        why = f"{source}: {one.because}" if one.because else source
        needs = "; ".join(NEEDS[need] for need in one.needs)
        ways = "".join(mode for mode in Mode if mode in one.modes)
        yield f"| {plain(one.id)} | {one.level} | {plain(one.says)} | {plain(why)} | {ways} | {needs} |"
    yield ""
