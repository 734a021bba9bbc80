"""What cannot be judged where a record does not show all."""

import pytest

from conformance.catalogue import catalogue
from conformance.observed.recorded import Gap, is_lost
from contracts.operations import Contract

LOST = [
    pytest.param(Gap.KEY, {"O-03", "O-05"}, {"O-01", "O-06", "N-14", "U-02"}, id="key"),
    pytest.param(Gap.HEADERS, {"O-06", "O-12", "U-01"}, {"O-01", "N-14", "U-02"}, id="headers"),
    pytest.param(Gap.BODY, {"N-14", "U-05", "C-02", "C-04.email", "O-14"}, {"O-01", "O-06", "C-01"}, id="body"),
    pytest.param(Gap.BYTES, {"U-07", "U-12", "O-07"}, {"U-02", "U-05", "U-10", "U-11", "N-14"}, id="bytes"),
]


@pytest.mark.parametrize(("gap", "lost", "judged"), LOST)
def test_each_gap_takes_what_it_has_to(gap: Gap, lost: set[str], judged: set[str]) -> None:
    assert {name for name in lost | judged if is_lost(name, [gap])} == lost


def test_every_lost_obligation_is_one_of_the_catalogue(contract: Contract) -> None:
    ids = {one.id for one in catalogue(contract)}

    assert {name for name in ids if is_lost(name, list(Gap))} >= {"O-03", "O-07", "U-01", "U-07", "N-14", "C-02"}
