"""The command `traffic`: judge what was recorded, without an adapter."""

from pathlib import Path

import click

from conformance.catalogue import catalogue
from conformance.commands.output import Output, output_options
from conformance.commands.verdict_options import verdict_options
from conformance.fake.kept import TOKEN_VARIABLE, is_journal, journal_requests, session_requests
from conformance.observed.har_requests import har_requests
from conformance.observed.recorded import Recorded
from conformance.observed.traffic import run_of
from conformance.results import Run
from conformance.verdicts import Options
from contracts.faults import ConfigError, Fault
from contracts.operations import Contract
from contracts.spec import load_contract

_SCHEMES = ("http://", "https://")


@click.command("traffic")
@click.argument("source", metavar="SOURCE")
@click.option("--session", metavar="ID", help="Only the requests of this session of a fake.")
@click.option("--token", envvar=TOKEN_VARIABLE, show_envvar=True, help="The token of a running fake's control API.")
@click.option("--ca-file", metavar="FILE", help="For https: whom to trust.")
@click.option("--spec", metavar="FILE", help="Use this openapi.yaml instead of the one that comes along.")
@verdict_options
@output_options
@click.pass_context
def traffic_command(  # noqa: PLR0913 - what the user may say, each by its name
    context: click.Context,
    source: str,
    *,
    session: str | None,
    token: str | None,
    ca_file: str | None,
    spec: str | None,
    options: Options,
    output: Output,
) -> None:
    """Judge requests that were recorded.

    SOURCE is the journal file of a fake, the URL of a running fake, or an HTTP archive (HAR) of a browser or a proxy.
    Only what the requests themselves show is judged; what the record does not show is said.
    """
    contract = load_contract(spec)
    recorded = recorded_in(source, contract, session=session, token=token, ca_file=ca_file)
    context.exit(output.tell(judged_traffic(recorded, contract, options)))


def recorded_in(
    source: str,
    contract: Contract,
    *,
    session: str | None = None,
    token: str | None = None,
    ca_file: str | None = None,
) -> Recorded:
    """Read what was recorded, wherever it is. Raises ConfigError for what cannot be read."""
    if source.startswith(_SCHEMES):
        return session_requests(source, contract, session=session, token=token, ca_file=ca_file)
    file = Path(source)
    try:
        is_of_a_fake = is_journal(file)
    except OSError as error:
        raise ConfigError([Fault(source, f"cannot be read: {(error.strerror or str(error)).lower()}")]) from None
    if is_of_a_fake:
        return journal_requests(file, contract, session=session)
    if session is not None:
        raise ConfigError([Fault(source, "is no journal, and nothing else has sessions; leave --session out")])
    return har_requests(file, contract)


def judged_traffic(recorded: Recorded, contract: Contract, options: Options) -> Run:
    """Judge what was recorded by all that recorded requests can show."""
    return run_of(recorded, contract, catalogue(contract).obligations, options)
