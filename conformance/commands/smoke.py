"""The command that tries whether an adapter works at all: `client smoke`."""

from typing import Any

import click

from conformance.catalogue import catalogue
from conformance.clients.checking import Said, conversation
from conformance.clients.choosing import words_of
from conformance.clients.client import Config, Order
from conformance.commands.client import judged, run_options
from conformance.commands.output import Output
from conformance.depth import SMOKE
from conformance.fake.started import Wish, judges_fake
from conformance.results import ExitCode
from conformance.setting import file_store
from conformance.surroundings import surroundings
from conformance.trials.smoke import valid_intents
from contracts.operations import Contract
from contracts.spec import load_contract

_LONGEST_LINE = 400
_JSON_LINES = "jsonl"


@click.command("smoke")
@run_options
@click.option("--check-protocol", is_flag=True, help="Show what is said line by line, and say what is wrong with it.")
def smoke_command(
    *,
    client_spec: str,
    spec: str | None,
    check_protocol: bool,
    output: Output,
    **options: Any,  # noqa: ANN401 - those of run_options
) -> None:
    """Try whether a client and its adapter work: one call of each operation, and one that is refused."""
    contract = load_contract(spec)
    if check_protocol:
        if output.asked:
            raise click.UsageError("--check-protocol makes no report: leave out --json, --junit, --html and --markdown")
        click.get_current_context().exit(_check(client_spec, contract, spec, deadline=options["deadline"]))
    run = judged(client_spec, contract, tuple(catalogue(contract)), SMOKE, output, spec=spec, **options)
    click.get_current_context().exit(output.tell(run))


def _check(client_spec: str, contract: Contract, spec: str | None, *, deadline: float) -> int:
    """Talk to an adapter, and print the conversation as it goes; gives what the command ends with."""
    kind, _, command = client_spec.partition(":")
    if kind != _JSON_LINES:
        raise click.UsageError(f"--check-protocol is for clients that speak it: jsonl:…, not {kind}:…")
    intents = valid_intents(contract)
    with judges_fake(contract, spec) as fake, file_store() as store:
        (lot,) = fake.begin([Wish(surroundings(intents))])
        config = Config(fake.url, lot.secret)
        orders = [Order(one, config, tuple(map(store.given, one.files)), deadline) for one in intents]

        def say(text: str) -> None:
            click.echo(text.replace(lot.secret, lot.shown))

        def hear(said: Said) -> None:
            line = said.line.replace(lot.secret, lot.shown)
            say(f"{said.direction} {line if len(line) <= _LONGEST_LINE else f'{line[:_LONGEST_LINE]}…'}")
            for remark in said.remarks:
                say(f"  ! {remark}")

        talk = conversation(words_of(command), contract, orders, hear)
        if talk.fault:
            say(f"! {talk.fault}")
        say("the protocol is kept" if talk.is_right else "the protocol is not kept")
    return ExitCode.CONFORMS if talk.is_right else ExitCode.NO_VERDICT
