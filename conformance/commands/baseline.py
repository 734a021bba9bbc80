"""The command that brings the known-failures file up to date: `client baseline`."""

from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from conformance.baseline import added, new_entries, pruned, superfluous
from conformance.catalogue import catalogue
from conformance.commands.client import depth_options, run_options, tried
from conformance.commands.output import Output, do_all, write_file
from conformance.known import FILE_NAME, Known, apply_known_to, load_known
from conformance.results import ExitCode, Run
from contracts.spec import load_contract


@click.command("baseline")
@run_options
@depth_options
@click.option("--known", "known_file", default=FILE_NAME, type=click.Path(dir_okay=False, path_type=Path),
              show_default=True, help="The file of known failures.")  # fmt: skip
@click.option("--update", "is_update", is_flag=True, help="Add what fails now; the reasons are yours to write.")
@click.option("--prune", "is_prune", is_flag=True, help="Take out what has expired or passes.")
def baseline_command(
    *,
    client_spec: str,
    spec: str | None,
    known_file: Path,
    is_update: bool,
    is_prune: bool,
    output: Output,
    **options: Any,  # noqa: ANN401 - those of run_options and depth_options
) -> None:
    """Run a client, and rewrite its known failures; without an option, say what would change."""
    contract = load_contract(spec)
    everything = tuple(catalogue(contract))
    known = load_known(known_file, [one.id for one in everything]) if known_file.exists() else ()
    today = datetime.now(UTC).date()
    run = tried(client_spec, contract, everything, output, spec=spec, **options)
    if run.problems or run.interrupted:
        click.get_current_context().exit(output.tell(run))
    rewrite = partial(_rewrite, run, known, known_file, today, output, is_update=is_update, is_prune=is_prune)
    do_all([rewrite, partial(output.write, apply_known_to(run, known, today))])
    click.get_current_context().exit(ExitCode.CONFORMS)


def _rewrite(  # noqa: PLR0913 - what it depends on
    run: Run, known: tuple[Known, ...], file: Path, today: date, output: Output, *, is_update: bool, is_prune: bool
) -> None:
    entries = new_entries(run.results, known, today)
    say = partial(click.echo, file=output.for_people)
    over = superfluous(apply_known_to(run, known, today).results, known, today)
    for entry in entries:
        say(f"{'added' if is_update else 'to be added with --update'}:\n{entry}")
    for one in over:
        say(f"{'taken out' if is_prune else 'to be taken out with --prune'}: {one.place} ({one.obligation})")
    if not entries and not over:
        say("nothing changes")
        return
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    changed = pruned(text, [known.index(one) + 1 for one in over]) if is_prune and over else text
    changed = added(changed, entries) if is_update else changed
    if changed != text:
        write_file(file, changed)
