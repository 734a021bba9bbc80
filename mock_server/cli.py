"""The command `distinct-mock`: start the fake, and ask it what it knows."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from contracts.faults import ConfigError, Fault
from contracts.operations import Contract
from contracts.spec import load_contract
from contracts.world_file import load_world, world_text
from mock_server import printing
from mock_server.amounts import size, span
from mock_server.client import DEFAULT_URL, checked_token
from mock_server.options import Number, fake_url, networks, option, read_by, some, spec_option, world_option
from mock_server.settings import BODIES, Settings, with_token

_DEFAULTS = Settings()


_OF_A_RUNNING_FAKE = ("requests", "arm", "reset", "sessions")


class Commands(click.Group):
    """The commands; what is wrong with a configuration is told without a traceback, with exit status 2.

    Those that talk to a running fake are loaded when they are asked for: `serve` is to start at once.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them all."""
        return sorted([*super().list_commands(ctx), *_OF_A_RUNNING_FAKE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find one by its name."""
        if cmd_name in _OF_A_RUNNING_FAKE:
            from mock_server.control_commands import COMMANDS  # noqa: PLC0415

            return COMMANDS[cmd_name]
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo("\n".join(f"distinct-mock: {fault}" for fault in error.faults), err=True)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="distinct-mock", prog_name="distinct-mock")
def main() -> None:
    """Run an exact, offline fake of the Distinct vendor API."""


def _check_together(settings: Settings, tls: str | None, tls_dir: str | None) -> None:
    """Refuse options that mean nothing beside each other."""
    if settings.tls_key and not settings.tls_cert:
        raise click.UsageError("--tls-key needs --tls-cert")
    if settings.tls_cert and tls:
        raise click.UsageError("--tls-cert and --tls are two ways to have a certificate; give one of them")
    if tls_dir and not tls:
        raise click.UsageError("--tls-dir needs --tls self-signed")
    if settings.watch and not (settings.spec or settings.world):
        raise click.UsageError("--watch needs --spec or --world: what comes with the package does not change")


def _with_certificate(settings: Settings, contract: Contract, folder: str | None) -> Settings:
    """Have a certificate made. Raises ConfigError when that cannot be."""
    try:
        from mock_server import certificates  # noqa: PLC0415 - it needs what only an extra brings
    except ModuleNotFoundError as error:
        if error.name != "trustme":
            raise
        problem = "needs the package trustme, which is not installed: pip install 'distinct-mock[tls]'"
        raise ConfigError([Fault("--tls self-signed", problem)]) from None
    names = certificates.names_of(contract, settings.host)
    place = Path(folder) if folder else certificates.default_folder()
    made = certificates.self_signed(names, place.absolute(), datetime.now(UTC))
    return replace(settings, tls_cert=str(made.server), tls_ca=str(made.authority))


_SECONDS = Number(min=0.05, max=86_400)


@main.command()
@option("--host", default=_DEFAULTS.host, help="The address to listen on.")
@option("--port", default=_DEFAULTS.port, type=click.IntRange(0, 65_535), help="The port; 0 takes a free one.")
@spec_option
@world_option
@option("--watch", is_flag=True, help="Go on with the spec and the world as they are now when their files change.")
@option("--workers", default=1, type=click.IntRange(1, 64), help="How many processes serve.")
@option("--tls", type=click.Choice(["self-signed"]), help="Serve https with a certificate of the fake's own.")
@option("--tls-dir", metavar="DIR", help="Where that certificate is kept, instead of a folder of the user's.")
@option("--tls-cert", metavar="FILE", help="Serve https with this certificate (PEM).")
@option("--tls-key", metavar="FILE", help="The certificate's private key (PEM), if it is in a file of its own.")
@option("--plain", is_flag=True, help="Leave out the headers that explain an answer.")
@option("--ready-json", is_flag=True, help="Print one line of JSON when ready, instead of the greeting.")
@option("--log-format", type=click.Choice(["text", "json"]), default="text", help="How each request is logged.")
@option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default=_DEFAULTS.log_level,
    help="debug: with every breach; info: every request; warning: refused ones; error: none.",
)
@option(
    "--trust-proxy",
    "trusted",
    multiple=True,
    metavar="NETWORK",
    callback=networks,
    help="Believe X-Forwarded-For from this address or network; may be repeated.",
)
@option("--header-seconds", default=_DEFAULTS.header_seconds, type=_SECONDS, help="How long a head may take to come.")
@option("--body-seconds", default=_DEFAULTS.body_seconds, type=_SECONDS, help="How long a body may take to come.")
@option("--journal", metavar="FILE", help="Keep the requests in this file: shared by workers, there after a restart.")
@option(
    "--journal-entries", default=_DEFAULTS.journal_entries, type=click.IntRange(1), help="How many requests are kept."
)
@option(
    "--journal-bytes",
    default="32MiB",
    metavar="SIZE",
    callback=read_by(some(size)),
    help="How many bytes the requests that are kept may take; the oldest make room.",
)
@option(
    "--journal-bodies",
    type=click.Choice(BODIES),
    default=_DEFAULTS.journal_bodies,
    help="What is kept of bodies. none: nothing that is about a person; head: 64 KiB; full: all that is judged.",
)
@option(
    "--journal-keep",
    "journal_seconds",
    metavar="TIME",
    callback=read_by(some(span)),
    help="Delete requests after this time, such as 30m or 7d. By default they stay until they have to make room.",
)
@option("--no-control", is_flag=True, help="Serve no control API and no page.")
@option(
    "--control-token",
    default="",
    metavar="TOKEN",
    callback=read_by(checked_token),
    help="The token for control API and page; made up when the fake is bound to more than loopback.",
)
@option("--pure-python", is_flag=True, help="Do without httptools and uvloop, as where they are not installed.")
def serve(
    *,
    ready_json: bool,
    log_format: str,
    no_control: bool,
    tls: str | None,
    tls_dir: str | None,
    **options: Any,  # noqa: ANN401 - as the options declare
) -> None:
    """Serve the fake until it is interrupted."""
    # What only a server needs is imported by the server only: the other commands answer at once.
    from mock_server import listening, server  # noqa: PLC0415

    settings = with_token(Settings(log_json=log_format == "json", control=not no_control, **options))
    _check_together(settings, tls, tls_dir)
    contract = load_contract(settings.spec)
    world = load_world(settings.world, contract)
    if tls:
        settings = _with_certificate(settings, contract, tls_dir)
    listening.check_tls(settings)
    listening.check_journal(settings)
    listener = listening.listen(settings)
    url = listening.url_of(settings, listener)
    text = (
        printing.ready_line(url, world, settings) if ready_json else printing.greeting(url, contract, world, settings)
    )
    server.run(settings, listener, lambda: click.echo(text))


@main.command()
@spec_option
@world_option
def check(spec: str | None, world: str | None) -> None:
    """Check a spec and a world, and every example of the spec against the rules."""
    contract = load_contract(spec)
    loaded = load_world(world, contract)
    printing.check_examples(contract, loaded)
    click.echo(
        f"{contract.name}: {len(contract.operations)} operations, {len(contract.rules)} rules, "
        f"{len(contract.answers)} answers; {loaded.name}: {len(loaded.keys)} keys, {len(loaded.users)} users: all right"
    )


@main.command()
@click.argument("rule_id", required=False)
@option("--assumed", is_flag=True, help="Only rules with something assumed about them.")
@option("--json", "as_json", is_flag=True, help="As JSON.")
@spec_option
def rules(rule_id: str | None, *, assumed: bool, as_json: bool, spec: str | None) -> None:
    """List the rules in the order in which they answer, or explain one."""
    if rule_id is not None and assumed:
        raise click.UsageError("a rule is explained by its id alone, without --assumed")
    contract = load_contract(spec)
    if rule_id is not None and rule_id not in contract.rules:
        near = printing.near(rule_id, contract.rules)
        raise click.UsageError(f"no rule {rule_id!r}; near it: {near}")
    chosen = [
        (operation, rule)
        for operation, rule in contract.rules_in_order()
        if (rule_id is None or rule.id == rule_id) and (rule.assumed or not assumed)
    ]
    if as_json:
        click.echo(json.dumps([printing.rule_object(*item) for item in chosen], indent=2))
    elif rule_id is not None:
        click.echo("\n".join(printing.rule_in_full(*item) for item in chosen))
    else:
        click.echo(printing.rule_table(chosen))


@main.command()
@option(
    "--url", default=DEFAULT_URL, metavar="URL", callback=read_by(fake_url), help="Where the fake is, for the commands."
)
@option("--json", "as_json", is_flag=True, help="As JSON.")
@spec_option
@world_option
def errors(url: str, *, as_json: bool, spec: str | None, world: str | None) -> None:
    """List every answer of every operation, with a curl command that provokes it."""
    contract = load_contract(spec)
    loaded = load_world(world, contract)
    click.echo(printing.error_catalogue(contract, loaded, url, as_json=as_json))


@main.command()
@option("--world", metavar="FILE", help="Print this world after checking it, instead of the built-in one.")
@spec_option
def world(world: str | None, spec: str | None) -> None:
    """Print the world, as a start for one of your own."""
    load_world(world, load_contract(spec))
    if world is None:
        click.echo(world_text(), nl=False)
    else:
        with click.open_file(world, encoding="utf-8") as file:
            click.echo(file.read(), nl=False)
