"""The command that writes an adapter to begin with: `client init`."""

import shlex
from pathlib import Path

import click

from conformance.skeleton import SKELETONS, write_skeleton


@click.command("init")
@click.option("--lang", required=True, type=click.Choice(list(SKELETONS)), help="The language of the client.")
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
def init_command(lang: str, folder: Path) -> None:
    """Write a small working adapter into FOLDER, and say how it is used."""
    written = write_skeleton(lang, folder)
    skeleton = SKELETONS[lang]
    for path in written:
        click.echo(f"wrote {path}")
    place = "" if folder == Path() else f"cd {shlex.quote(str(folder))}"
    run = f'distinct-conformance client run --client "{skeleton.client}"'
    click.echo(f"\nNow put your client into {skeleton.files[1]}, and:\n")
    click.echo(f"  {' && '.join(filter(None, [place, skeleton.before, run]))}")
