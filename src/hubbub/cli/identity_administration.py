"""What makes a server's identity before there is a server."""

from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.administration_line import fail
from hubbub.irc.text import visible

identity = typer.Typer(
    help="Make what clients know servers by, for several nodes of one network.",
    no_args_is_help=True,
    epilog="Exit codes: 0 made; 2 not made (one line on standard error says why).",
)


@identity.callback()
def _group() -> None:
    """Be a group, though there is one command."""


@identity.command("make")
def identity_make(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to make them; made if missing.")
    ],
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            metavar="HOST",
            help="A name or address that the certificate is for, besides localhost; may be "
            "repeated.",
        ),
    ] = None,
) -> None:
    """Make a TLS certificate, an SSH host key and a cloak key, once for several nodes.

    It prints the settings that name them. Files that are there already are never replaced.
    """
    # Imported here, for its libraries take long to load.
    from hubbub.cli.new_identity import make_identity
    from hubbub.settings import SettingsError

    try:
        made = make_identity(directory, names or [])
    except SettingsError as error:
        fail(str(error), 2)
    typer.echo(f"# certificate SHA-256 {made.certificate}")
    typer.echo(f"# ssh host key {visible(made.host_key)}")
    typer.echo("# Give the directory to each node, readable by its user only, and set there:\n")
    typer.echo(made.settings())
