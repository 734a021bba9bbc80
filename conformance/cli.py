"""The command `distinct-conformance`: judge clients and recorded traffic."""

import contextlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import click

from contracts.faults import ConfigError

_NEEDED = ("hypothesis", "rich")
_INTERRUPTED = "distinct-conformance: interrupted"


class Commands(click.Group):
    """The commands; what is wrong with a configuration or an adapter, and an interruption, is told in a line."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the chosen command."""
        from conformance.clients.client import AdapterError  # noqa: PLC0415 - as below
        from conformance.results import ExitCode  # noqa: PLC0415

        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo("\n".join(f"distinct-conformance: {fault}" for fault in error.faults), err=True)
            ctx.exit(ExitCode.WRONG_USE)
        except AdapterError as error:
            click.echo(f"distinct-conformance: the client cannot be tried: {error}", err=True)
            ctx.exit(ExitCode.NO_VERDICT)
        except KeyboardInterrupt:
            click.echo(_INTERRUPTED, err=True)
            ctx.exit(ExitCode.INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="distinct-mock", prog_name="distinct-conformance")
def commands() -> None:
    """Tell whether a client of the Distinct vendor API does what its documents ask."""


@commands.group("client")
def client_group() -> None:
    """Put a client to trials, or watch it."""


def _add_commands() -> None:
    # What they need comes with an extra; who has not got it is to be told, and not by a traceback.
    from conformance.commands import baseline, catalogue, client, init, report, smoke, traffic, watch  # noqa: PLC0415

    for command in (catalogue.list_command, catalogue.explain_command, traffic.traffic_command, report.report_group):
        commands.add_command(command)
    for command in (
        client.run_command,
        smoke.smoke_command,
        client.replay_command,
        watch.watch_command,
        init.init_command,
        baseline.baseline_command,
    ):
        client_group.add_command(command)


def _settle_hypothesis() -> None:
    """Have Hypothesis keep its tables in the user's cache, and leave nothing where the command runs."""
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415 - it comes with the extra

    # A user may have no home, and Hypothesis then its own way.
    with contextlib.suppress(RuntimeError):
        if "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
            cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
            set_hypothesis_home_dir(cache / "distinct-mock" / "hypothesis")


def main() -> None:
    """Run the command."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        needed = f"needs what is not installed ({', '.join(missing)}): pip install 'distinct-mock[conformance]'"
        click.echo(f"distinct-conformance: {needed}", err=True)
        sys.exit(2)
    try:
        _settle_hypothesis()
        _add_commands()
        commands()
    except KeyboardInterrupt:
        # It takes a moment to import all that is needed.
        click.echo(_INTERRUPTED, err=True)
        sys.exit(130)
