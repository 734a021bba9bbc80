"""Gift assets: what an upload has to be, what it has to carry, and where its limits are."""

from conformance.chapters import upload_files, upload_form, upload_limits
from conformance.obligation import Obligation
from contracts.operations import Contract


def obligations(contract: Contract) -> tuple[Obligation, ...]:
    """Give the obligations of the chapter."""
    return (*upload_form.rows(contract), *upload_limits.rows(contract), *upload_files.rows(contract))
