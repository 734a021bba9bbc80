"""The commands that say what is judged: `list` and `explain`."""

import json
import textwrap
from difflib import get_close_matches

import click

from conformance.catalogue import catalogue
from conformance.chapters.titles import CHAPTERS, UNTESTABLE
from conformance.commands.measures import measures
from conformance.obligation import Mode, Obligation
from conformance.verdicts import NEEDS
from contracts.operations import Contract
from contracts.spec import load_contract

_WIDTH = 100
_MODES = {Mode.ACTIVE: "client run", Mode.WATCH: "client watch", Mode.TRAFFIC: "traffic"}


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="As the page docs/measures.md.")
@click.option("--level", type=click.Choice(["must", "should", "assumed"]), help="Only those of this level.")
@click.option("--spec", metavar="FILE", help="Use this openapi.yaml instead of the one that comes along.")
def list_command(*, as_json: bool, as_markdown: bool, level: str | None, spec: str | None) -> None:
    """List what a client has to do."""
    found = [one for one in catalogue(load_contract(spec)) if level is None or one.level.lower() == level]
    if as_json:
        click.echo(json.dumps([row(one) for one in found], indent=2))
        return
    if as_markdown:
        click.echo(measures(found), nl=False)
        return
    for letter, title in CHAPTERS.items():
        rows = [one for one in found if one.id[0] == letter]
        if rows:
            click.echo(f"\n{letter}  {title}")
        for one in rows:
            click.echo(f"  {one.id:<8} {one.level:<8} {modes(one):<5} {one.says}")
    click.echo(f"\n{len(found)} obligations. A: client run, W: client watch, P: traffic.")
    click.echo("What no run can show:\n" + "".join(f"  {says}\n" for says in UNTESTABLE.values()), nl=False)


@click.command("explain")
@click.argument("obligation_id", metavar="ID")
@click.option("--spec", metavar="FILE", help="Use this openapi.yaml instead of the one that comes along.")
def explain_command(obligation_id: str, spec: str | None) -> None:
    """Say what one obligation asks for, where it comes from, and how it is judged."""
    contract = load_contract(spec)
    known = catalogue(contract)
    found = known.find(obligation_id)
    if found is None:
        names = [one.id for one in known]
        near = get_close_matches(obligation_id.upper(), names, n=5, cutoff=0.4)
        hint = f"; near it: {', '.join(near)}" if near else "; `distinct-conformance list` lists them"
        raise click.UsageError(f"no obligation {obligation_id!r}{hint}")
    click.echo(explanation(found, contract))


def modes(obligation: Obligation) -> str:
    """Write the letters of the ways in which an obligation can be judged."""
    return "".join(mode for mode in Mode if mode in obligation.modes)


def row(obligation: Obligation) -> dict[str, object]:
    """Give an obligation as JSON."""
    return {
        "id": obligation.id,
        "level": obligation.level,
        "says": obligation.says,
        "source": {"document": obligation.source.document, "section": obligation.source.section},
        "because": obligation.because,
        "modes": [_MODES[mode] for mode in Mode if mode in obligation.modes],
        "dependsOn": list(obligation.depends),
        "needs": list(obligation.needs),
        "operation": obligation.operation or None,
        "rules": list(obligation.rules),
    }


def explanation(obligation: Obligation, contract: Contract) -> str:
    """Write all that is known about an obligation, a line for each thing."""
    source = obligation.source
    facts = {
        "obligation": obligation.id,
        "level": obligation.level,
        "says": obligation.says,
        "source": f"{source.document}, {source.section}" if source.section else source.document,
        "because": obligation.because,
        "operation": obligation.operation,
        "judged by": ", ".join(_MODES[mode] for mode in Mode if mode in obligation.modes),
        "needs": "; ".join(NEEDS[need] for need in obligation.needs),
        "depends on": ", ".join(obligation.depends),
    }
    facts |= {
        f"rule {n}": f"{name}: {contract.rules[name].says} ({contract.rules[name].demand})"
        for n, name in enumerate(obligation.rules, start=1)
    }
    return "\n".join(_fact(name, text) for name, text in facts.items() if text)


def _fact(name: str, text: str) -> str:
    return textwrap.fill(f"{name:<11}{text}", _WIDTH, subsequent_indent=" " * 11)
