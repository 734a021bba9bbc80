"""The command that writes an adapter to begin with: `client init`."""

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
    steps = [f"put your client into {skeleton.files[1]}", *filter(None, [skeleton.before])]
    place = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"\nNow {', then '.join(steps)}, and:\n")
    click.echo(f'  {place}distinct-conformance client run --client "{skeleton.client}"')
