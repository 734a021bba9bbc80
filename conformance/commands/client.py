"""The commands that put a client to trials: `client run` and `replay`."""

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any

import click

from conformance.catalogue import Catalogue, catalogue
from conformance.clients.choosing import client_of, is_per_call
from conformance.commands.numbers import Number
from conformance.commands.output import Output, do_all, output_options
from conformance.commands.progress import progress_shown
from conformance.depth import PER_CALL, PROFILES, REPLAY, Depth
from conformance.judge import judge
from conformance.known import FILE_NAME, apply_known_to, load_known
from conformance.obligation import Level, Obligation
from conformance.results import Run
from conformance.selecting import hint, selected
from conformance.setting import TIME_SCALE
from conformance.stored import StoredTrial, load, load_all, save
from conformance.verdicts import exit_code
from contracts.faults import ConfigError, Fault
from contracts.operations import Contract
from contracts.spec import load_contract

_Command = Callable[..., Any]

_CASES = Path("conformance-cases")
_SEEDS = 2**32

client_option = click.option(
    "--client",
    "client_spec",
    required=True,
    envvar="DISTINCT_CLIENT",
    show_envvar=True,
    metavar="SPEC",
    help='The client: python:MODULE:FACTORY, jsonl:"COMMAND" or exec:"COMMAND".',
)


def run_options(command: _Command) -> _Command:
    """Add the options that all commands have which put a client to trials."""
    for option in reversed(
        (
            client_option,
            click.option("--spec", metavar="FILE", help="Use this openapi.yaml instead of the one that comes along."),
            click.option("--deadline", default=10.0, show_default=True, type=Number(min=0.1),
                         help="How many seconds a call may take before it counts as hanging."),
            click.option("--time-scale", default=TIME_SCALE, show_default=True, type=Number(0, 1),
                         help="What clients that can are told to multiply their waits with."),
            click.option("--strict", is_flag=True, help="A SHOULD that is broken fails the run."),
            click.option("--assume-strict", is_flag=True, help="What is only assumed counts as SHOULD."),
            click.option("--server-validated", is_flag=True,
                         help="The client may leave it to the API to refuse what is not valid."),
            output_options,
        )
    ):  # fmt: skip
        command = option(command)
    return command


def depth_options(command: _Command) -> _Command:
    """Add the options of the commands that try a client with all there is: how much, and what is tried first."""
    for option in reversed(
        (
            click.option("--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True,
                         help="How much."),
            click.option("--seed", type=click.IntRange(0, _SEEDS - 1), help="0 unless given; profile deep draws one."),
            click.option("--cases", type=click.Path(file_okay=False, path_type=Path), default=_CASES, show_default=True,
                         help="The folder of stored cases, which are tried first."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.command("run")
@run_options
@depth_options
@click.option("--only", multiple=True, metavar="ID", help="Only these, such as N-14 or R-*; may be repeated.")
@click.option("--level", type=click.Choice(["must", "should", "assumed"]), default="assumed", help="From here on.")
@click.option("--save", "is_saving", is_flag=True, help="Write the smallest case of each failure into that folder.")
@click.option("--known", "known_file", type=click.Path(dir_okay=False, path_type=Path),
              help=f"The known failures; {FILE_NAME} where there is one.")  # fmt: skip
def run_command(  # noqa: PLR0913 - the options
    *,
    client_spec: str,
    spec: str | None,
    only: tuple[str, ...],
    level: str,
    cases: Path,
    is_saving: bool,
    known_file: Path | None,
    output: Output,
    **options: Any,  # noqa: ANN401 - those of run_options and depth_options
) -> None:
    """Judge whether a client does what the documents ask."""
    contract = load_contract(spec)
    everything = catalogue(contract)
    known = known_file or (Path(FILE_NAME) if Path(FILE_NAME).exists() else None)
    entries = load_known(known, [one.id for one in everything]) if known else ()
    wanted = selected(everything, only, Level(level.upper()))
    run = tried(client_spec, contract, wanted, output, spec=spec, cases=cases, **options)
    told = apply_known_to(run, entries, datetime.now(UTC).date())
    saves = [partial(save, stored, cases) for stored in _to_store(run)] if is_saving else []
    do_all([partial(output.tell, told), *saves])
    click.get_current_context().exit(exit_code(told))


@click.command("replay")
@run_options
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def replay_command(
    client_spec: str,
    spec: str | None,
    files: tuple[Path, ...],
    output: Output,
    **options: Any,  # noqa: ANN401 - those of run_options
) -> None:
    """Try stored cases again: files, or folders of them."""
    contract = load_contract(spec)
    everything = catalogue(contract)
    stored = stored_in(files, contract, everything)
    wanted = selected(everything, sorted({one.obligation for one in stored}))
    run = judged(client_spec, contract, wanted, REPLAY, output, spec=spec, stored=stored, **options)
    click.get_current_context().exit(output.tell(run))


def stored_in(paths: Sequence[Path], contract: Contract, known: Catalogue) -> Sequence[StoredTrial]:
    """Read stored cases: files, and all that lie in folders, at any depth.

    Raises ConfigError for a folder without any, and for cases of what is no obligation.
    """
    stored: list[StoredTrial] = []
    faults: list[Fault] = []
    for path in paths:
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not files:
            faults.append(Fault(str(path), "holds no stored case; expected FOLDER/OBLIGATION/*.json"))
        for file in files:
            one = load(file, contract)
            found = known.find(one.obligation)
            if found is None:
                near = hint(one.obligation, [each.id for each in known])
                faults.append(Fault(f"{file}: obligation", f"there is no obligation {one.obligation!r}{near}"))
            else:
                stored.append(replace(one, obligation=found.id))
    if faults:
        raise ConfigError(faults)
    return stored


def tried(  # noqa: PLR0913 - what a run depends on
    client_spec: str,
    contract: Contract,
    obligations: Sequence[Obligation],
    output: Output,
    *,
    profile: str,
    seed: int | None,
    cases: Path,
    **options: Any,  # noqa: ANN401 - those of run_options
) -> Run:
    """Judge the client that a text names with all there is: its stored cases, and what the profile has for it."""
    depth = PER_CALL if is_per_call(client_spec) else PROFILES[profile]
    return judged(
        client_spec,
        contract,
        obligations,
        depth,
        output,
        seed=_seed(depth, seed),
        stored=load_all(cases, contract),
        **options,
    )


def judged(  # noqa: PLR0913 - what a run depends on
    client_spec: str,
    contract: Contract,
    obligations: Sequence[Obligation],
    depth: Depth,
    output: Output,
    *,
    seed: int = 0,
    spec: str | None = None,
    stored: Sequence[StoredTrial] = (),
    **options: Any,  # noqa: ANN401 - those of run_options
) -> Run:
    """Judge the client that a text names, with its progress on the terminal."""
    # What was loaded stays; to look through it again and again takes a moment each time.
    gc.freeze()
    with progress_shown(quiet=output.quiet) as progress:
        return judge(
            client_of(client_spec, contract),
            contract,
            obligations,
            depth,
            seed=seed,
            spec=spec,
            stored=stored,
            progress=progress,
            **options,
        )


def _seed(depth: Depth, seed: int | None) -> int:
    if seed is not None:
        return seed
    return 0 if depth.derandomized else SystemRandom().randrange(_SEEDS)


def _to_store(run: Run) -> Iterator[StoredTrial]:
    """Give the smallest case of each failure."""
    for result in run.results:
        example = result.counterexample
        if example is not None and example.trial is not None:
            trial = replace(example.trial, name=f"stored/{example.trial.name.removeprefix('stored/')}")
            yield StoredTrial(result.obligation.id, trial, example.finding.what)
