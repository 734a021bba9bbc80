"""The command that tries whether an adapter works at all: `client smoke`."""

from typing import Any

import click

from conformance.clients.checking import Conversation, conversation
from conformance.clients.choosing import words_of
from conformance.clients.client import Config, Order
from conformance.commands.client import judged, run_options
from conformance.commands.output import Output
from conformance.depth import SMOKE
from conformance.fake.started import Wish, judges_fake
from conformance.obligations import catalogue
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
        click.get_current_context().exit(_check(client_spec, contract, spec))
    run = judged(client_spec, contract, tuple(catalogue(contract)), SMOKE, output, spec=spec, **options)
    click.get_current_context().exit(output.tell(run))


def _check(client_spec: str, contract: Contract, spec: str | None) -> int:
    """Talk to an adapter, and print the conversation; gives what the command ends with."""
    kind, _, command = client_spec.partition(":")
    if kind != _JSON_LINES:
        raise click.UsageError(f"--check-protocol is for clients that speak it: jsonl:…, not {kind}:…")
    intents = valid_intents(contract)
    with judges_fake(contract, spec) as fake, file_store() as store:
        (lot,) = fake.begin([Wish(surroundings(intents))])
        config = Config(fake.url, lot.secret)
        orders = [Order(one, config, tuple(map(store.given, one.files))) for one in intents]
        talk = conversation(words_of(command), contract, orders)
    _print(talk, lot.secret, lot.shown)
    return ExitCode.CONFORMS if talk.is_right else ExitCode.NO_VERDICT


def _print(talk: Conversation, secret: str, shown: str) -> None:
    for said in talk.said:
        line = said.line.replace(secret, shown)
        click.echo(f"{said.direction} {line if len(line) <= _LONGEST_LINE else f'{line[:_LONGEST_LINE]}…'}")
        for remark in said.remarks:
            click.echo(f"  ! {remark.replace(secret, shown)}")
    if talk.fault:
        click.echo(f"! {talk.fault.replace(secret, shown)}")
    click.echo("the protocol is kept" if talk.is_right else "the protocol is not kept")
