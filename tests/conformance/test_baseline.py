"""Rewriting a known-failures file keeps what its authors wrote."""

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.baseline import added, entry_text, new_entries, pruned, superfluous
from conformance.judging import Judged
from conformance.known import apply_known, read_known
from conformance.obligation import Level
from conformance.results import Result, Verdict
from conformance.verdicts import results
from contracts.faults import ConfigError
from tests.conformance.made_runs import CAN, PASSES, fails, finding, obligation, records

TODAY = date(2026, 11, 21)
FILE = """\
# Known failures of SDK 2

# --- analytics ---

# null slips through
[[known]]
obligation = "N-14"   # see the wiki
reason = "SDK 2"
match = "null was sent"

[[known]]
obligation = "N-15"
# why this long?
reason = '''
two
lines'''
match = "empty"
# a word at the end

# --- answers ---

# hidden text
[[known]]
obligation = "R-05"
reason = "SDK 2"
match = "hidden"
"""


def blocks(text: str) -> list[str]:
    return [row["obligation"] for row in tomllib.loads(text).get("known", [])]


def test_pruning_takes_the_entry_and_the_comment_right_above() -> None:
    first, second, third = pruned(FILE, [1]), pruned(FILE, [2]), pruned(FILE, [3])

    assert "null slips through" not in first
    assert "# Known failures of SDK 2\n\n# --- analytics ---\n\n[[known]]\n" in first
    assert "why this long" not in second
    assert 'match = "null was sent"\n\n# a word at the end\n\n# --- answers ---\n\n# hidden text\n' in second
    assert "hidden" not in third
    assert third.endswith("# --- answers ---\n\n")
    assert [blocks(text) for text in (first, second, third)] == [["N-15", "R-05"], ["N-14", "R-05"], ["N-14", "N-15"]]


def test_pruning_nothing_and_everything() -> None:
    assert pruned(FILE, []) == FILE
    assert blocks(pruned(FILE, [1, 2, 3])) == []
    assert "# --- answers ---" in pruned(FILE, [1, 2, 3])


def test_what_is_written_otherwise_is_left_to_its_author() -> None:
    with pytest.raises(ConfigError, match="edit it by hand"):
        pruned('known = [{obligation = "N-14", reason = "x", match = "y"}]', [1])


def test_a_block_within_a_text_fools_nobody() -> None:
    text = '[[known]]\nobligation = "N-14"\nreason = """\n[[known]]\n"""\nmatch = "x"\n\n' + FILE

    with pytest.raises(ConfigError, match="edit it by hand"):
        pruned(text, [2])


def of(name: str, *judged: Judged, level: Level = Level.MUST) -> Result:
    (result,) = results(records({name: judged}), [obligation(name, level)], CAN)
    return result


def test_what_fails_anew_is_added_and_then_known() -> None:
    found = [
        of("N-14", fails(), fails("a 'list' was sent")),
        of("N-15", PASSES),
        of("N-16", fails(), level=Level.SHOULD),
    ]

    entries = new_entries(found, [], TODAY)
    text = added(FILE.split("[[known]]", maxsplit=1)[0], entries)
    known = read_known(text, ["N-14", "N-15", "N-16"])
    applied, faults = apply_known(found, known, TODAY)

    assert len(entries) == 2
    assert [one.reason for one in known] == ["known since 2026-11-21: say why"] * 2
    assert ([one.verdict for one in applied], faults) == ([Verdict.KNOWN, Verdict.PASS, Verdict.WARN], ())
    assert new_entries(applied, known, TODAY) == ()
    assert text.startswith("# Known failures of SDK 2\n")


def test_what_is_over_goes() -> None:
    names = ["N-14", "N-15", "R-05", "R-06", "R-07", "R-08"]
    extra = {"R-06": "flaky = true", "R-07": "expires = 2026-01-01", "R-08": ""}
    text = "".join(
        f'[[known]]\nobligation = "{name}"\nreason = "x"\nmatch = "null"\n{extra.get(name, "")}\n' for name in names
    )
    known = read_known(text, names)
    found = [
        of("N-14", fails()), of("N-15", PASSES), of("R-05"), of("R-06", PASSES), of("R-07", fails()),
        of("R-08", fails("other")),
    ]  # fmt: skip
    applied, _ = apply_known(found, known, TODAY)

    over = superfluous(applied, known, TODAY)

    assert [one.obligation for one in over] == ["N-15", "R-07", "R-08"]


@given(what=st.text(), place=st.text())
def test_every_entry_that_is_written_can_be_read(what: str, place: str) -> None:
    text = entry_text(of("N-14", fails()), finding(f"x{what}", place), TODAY)

    (row,) = tomllib.loads(text)["known"]

    assert row["obligation"] == "N-14"
    assert row["match"]


def test_a_file_that_is_empty_or_without_an_end() -> None:
    entry = '[[known]]\nobligation = "N-14"\n'

    assert added("", [entry]) == entry
    assert added("# mine", [entry]) == f"# mine\n\n{entry}"
    assert added(FILE, []) == FILE
