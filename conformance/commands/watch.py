"""The command `client watch`: run somebody's own command against a fake, and judge what it sends."""

import click

from conformance.catalogue import catalogue
from conformance.commands.numbers import Number
from conformance.commands.output import Output, output_options
from conformance.commands.verdict_options import verdict_options
from conformance.observed.watch import SCENARIOS, Watch, watch
from conformance.verdicts import Options
from contracts.spec import load_contract

_SCENARIOS = "; ".join(f"{name}: the fake {one.says}" for name, one in SCENARIOS.items())


@click.command("watch", context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default="baseline", show_default=True, help=_SCENARIOS)
@click.option("--world", metavar="FILE", help="Use this world (TOML) instead of the built-in one.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where the fake is to be; any free port unless given."
)
@click.option(
    "--timeout",
    "seconds",
    type=Number(0, min_open=True),
    default=600.0,
    show_default=True,
    help="How many seconds the command may take.",
)
@click.option("--calls-differ", is_flag=True, help="No two calls mean the same, so what comes again is a retry.")
@click.option("--spec", metavar="FILE", help="Use this openapi.yaml instead of the one that comes along.")
@verdict_options
@output_options
@click.pass_context
def watch_command(  # noqa: PLR0913 - what the user may say, each by its name
    context: click.Context,
    *,
    command: tuple[str, ...],
    scenario: str,
    world: str | None,
    port: int,
    seconds: float,
    calls_differ: bool,
    spec: str | None,
    options: Options,
    output: Output,
) -> None:
    """Run COMMAND, such as your test suite, against a fake, and judge what it sends.

    COMMAND finds where the fake is in DISTINCT_BASE_URL, and an API key in DISTINCT_API_KEY. Nothing is said of what
    it did not do.
    """
    contract = load_contract(spec)
    what = Watch(command, scenario, world, port, seconds, calls_differ)

    def say_where(url: str) -> None:
        if not output.quiet:
            click.echo(f"distinct-conformance: the fake is at {url}, and {SCENARIOS[scenario].says}", err=True)

    run = watch(what, contract, catalogue(contract).obligations, options, spec=spec, on_start=say_where)
    context.exit(output.tell(run))
