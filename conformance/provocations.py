"""All that a client is tried with: the trials that are written down, and the strategies that generate intents."""

from collections.abc import Collection, Iterator, Mapping

from hypothesis.strategies import SearchStrategy

import conformance.intents.analytics as analytics_intents
import conformance.intents.capture as capture_intents
import conformance.intents.upload as upload_intents
from conformance.depth import Depth
from conformance.model import Intent
from conformance.trial import Trial
from conformance.trials import analytics, capture, common, plans, sequences, upload
from contracts.operations import Contract


def written(contract: Contract, depth: Depth, can: Collection[str] | None = None) -> Iterator[Trial]:
    """Give all trials of a profile that are written down, apart from the smoke test, for what a client can (or all)."""
    operations = [one.id for one in contract.operations.values()] if can is None else can
    for chapter in (common, analytics, capture, upload):
        yield from chapter.trials(contract, depth)
    yield from plans.trials(contract, depth, operations)
    yield from sequences.trials(contract, depth)


def strategies(contract: Contract) -> Mapping[str, SearchStrategy[Intent]]:
    """Give the strategy of each operation, by its id."""
    return {
        "giftAssets": upload_intents.intents(contract),
        "addUserAnalytics": analytics_intents.intents(contract),
        "captureAnalytics": capture_intents.intents(contract),
    }
