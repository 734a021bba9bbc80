"""What tests of the judge ask for: fakes for trials."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.fake.started import JudgesFake, judges_fake
from contracts.operations import Contract
from tests.conformance.traffic_made import journaling, some_traffic


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


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a journal of some traffic."""
    file = tmp_path_factory.mktemp("traffic") / "journal"
    with journaling(file) as fake:
        some_traffic(fake.url)
    return file
