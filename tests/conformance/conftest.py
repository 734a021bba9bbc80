"""What tests of the judge ask for: fakes for trials."""

from collections.abc import Iterator

import pytest

from conformance.fake.started import JudgesFake, judges_fake
from contracts.operations import Contract


@pytest.fixture(scope="session")
def trial_fake(contract: Contract) -> Iterator[JudgesFake]:
    """Give a fake for trials."""
    with judges_fake(contract) as fake:
        yield fake


@pytest.fixture(scope="session")
def elsewhere(contract: Contract) -> Iterator[JudgesFake]:
    """Give another origin, where no client has to call."""
    with judges_fake(contract) as fake:
        yield fake
