"""Rewrites a known-failures file: adds what fails now, takes out what is over, and leaves the rest as it is written."""

import json
import tomllib
from collections.abc import Sequence
from datetime import date

from conformance.known import FILE_NAME, Known, fingerprint, unmatched
from conformance.obligation import Finding
from conformance.results import Result, Verdict
from contracts.faults import ConfigError, Fault

_HEADER = "[[known]]"


def entry_text(result: Result, failure: Finding, today: date) -> str:
    """Write the lines that make a failure a known one. The reason is the user's to write."""
    obligation = result.obligation
    reason = f"known since {today.isoformat()}: say why"
    return (
        f"{_HEADER}\nobligation = {_quoted(obligation.id)}\nreason = {_quoted(reason)}\n"
        f"match = {_quoted(fingerprint(failure))}\n"
    )


def _quoted(text: str) -> str:
    # What JSON writes is a basic string of TOML, but for this character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def new_entries(results: Sequence[Result], known: Sequence[Known], today: date) -> tuple[str, ...]:
    """Write an entry for each way in which an obligation fails that no entry accounts for."""
    entries: dict[str, None] = {}
    for result in results:
        if result.verdict is Verdict.FAIL:
            own = [one for one in known if result.obligation.id in one.ids and not one.is_over(today)]
            entries |= dict.fromkeys(entry_text(result, failure, today) for failure in unmatched(result, own))
    return tuple(entries)


def superfluous(results: Sequence[Result], known: Sequence[Known], today: date) -> tuple[Known, ...]:
    """Give the entries that are over: expired ones, and those that no failure of this run needs.

    `results` are those to which the known failures were applied. Entries about what was not exercised stay, and so do
    flaky ones: this run does not show that they are over.
    """
    by_id = {result.obligation.id: result for result in results}

    def is_needed(entry: Known) -> bool:
        own = [by_id[name] for name in entry.ids if name in by_id]
        if entry.flaky or entry.crash or not any(one.exercised for one in own):
            return True
        return any(one.failed and any(entry.fits(failure) for failure in one.failures) for one in own)

    return tuple(entry for entry in known if entry.is_over(today) or not is_needed(entry))


def added(text: str, entries: Sequence[str]) -> str:
    """Give the text of a file with entries added at its end."""
    if not entries:
        return text
    begin = text if text.endswith("\n") or not text else f"{text}\n"
    return "\n".join([begin, *entries] if begin else entries)


def pruned(text: str, numbers: Sequence[int]) -> str:
    """Give the text of a file without some of its entries, by their numbers from 1.

    A comment right above an entry goes with it; any other stays. Raises ConfigError for a file that is not written in
    blocks that begin with [[known]].
    """
    kept_rows = [row for number, row in enumerate(_rows(text), 1) if number not in numbers]
    lines = text.splitlines(keepends=True)
    starts = [at for at, line in enumerate(lines) if line.strip().replace(" ", "").startswith(_HEADER)]
    ends = [*starts, len(lines)][1:]
    gone = {
        line
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
        if number in numbers
        for line in range(_first(lines, start), _last(lines, start, end) + 1)
    }
    shorter = "".join(line for at, line in enumerate(lines) if at not in gone)
    if _rows(shorter) != kept_rows:
        raise ConfigError([Fault(FILE_NAME, f"is not written in blocks that begin with {_HEADER}: edit it by hand")])
    return shorter


def _rows(text: str) -> list[object]:
    try:
        found: list[object] = tomllib.loads(text).get("known", [])
    except tomllib.TOMLDecodeError:
        return []
    return found


def _first(lines: Sequence[str], start: int) -> int:
    """Give the first line of the comment that stands right above an entry, or the entry's own."""
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def _last(lines: Sequence[str], start: int, end: int) -> int:
    """Give the last line that belongs to an entry, with the blank one behind it; comments that follow are no part."""
    last = max(at for at in range(start, end) if lines[at].strip() and not lines[at].lstrip().startswith("#"))
    return last + 1 if last + 1 < end and not lines[last + 1].strip() else last
