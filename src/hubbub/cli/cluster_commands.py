"""`hubbub cluster`: several nodes become one server, and one again."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hubbub.cli.administration_line import Config, Data, fail
from hubbub.irc.durations import seconds_of
from hubbub.irc.text import visible

if TYPE_CHECKING:
    from hubbub.cluster.members import Shared

EXIT_CODES: Final = (
    "Exit codes: 0 done; 1 not done, or not all is well; 2 wrong usage, or something must be "
    "mended first; 3 the server does not answer; 75 not just now (a member is not reached, the "
    "server runs still): try again. One line on standard error says why."
)
TOKEN_MOST: Final = 7 * 86_400

cluster = typer.Typer(
    help="Let several machines be one server.", no_args_is_help=True, epilog=EXIT_CODES
)

_Name = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="What this member is called. Default: this machine's host name."
    ),
]
_Route = Annotated[
    int,
    typer.Option(
        "--route-port",
        min=1,
        max=65_535,
        help="The port on which the members' servers of the order speak to each other.",
    ),
]
_Door = Annotated[
    int,
    typer.Option(
        "--join-port",
        min=1,
        max=65_535,
        help="The port on which a member lets others join and have copies.",
    ),
]


@cluster.command()
def create(
    host: Annotated[
        str,
        typer.Argument(metavar="HOST", help="The name or address by which others reach this one."),
    ],
    name: _Name = "",
    route_port: _Route = 6222,
    join_port: _Door = 7900,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make the stopped server of these settings the first member of a cluster.

    Nothing that it holds is changed. It goes on by itself until two others have joined; the next
    start after that begins the common order.
    """
    from hubbub.cli import cluster_membership as membership
    from hubbub.settings import load_settings, working_directory

    with _told():
        settings = load_settings(config, data, os.environ, working_directory())
        place = membership.Place(name, host, route_port, join_port)
        shared = membership.create(settings, place)
    _introduce(shared)
    typer.echo("# start it, and let others join: `hubbub cluster token` makes a token for each")


@cluster.command()
def token(
    lasts: Annotated[
        str,
        typer.Option("--for", metavar="TIME", help="How long it is good: 30m, 12h; up to 7d."),
    ] = "1h",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the token and nothing else.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Print a token with which one machine can join, once, through this member."""
    from hubbub.cli import cluster_membership as membership

    seconds = seconds_of(lasts)
    if not seconds or seconds > TOKEN_MOST:
        raise typer.BadParameter("give a length of time such as 30m or 12h; 7d at most")
    with _told():
        door, made = membership.make_token(membership.data_dir_of(config, data), seconds)
    if not quiet:
        typer.echo(f"# On the new machine, within {lasts}: it asks for the token.", err=True)
        typer.echo(f"# hubbub cluster join {visible(door)}", err=True)
    typer.echo(made)


@cluster.command()
def join(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The member that made the token: HOST[:PORT].")
    ],
    given: Annotated[
        str,
        typer.Argument(
            metavar="TOKEN",
            help="The token. Better without: then it is asked for, or read from standard input, "
            "and others on this machine cannot see it.",
        ),
    ] = "",
    name: _Name = "",
    host: Annotated[
        str,
        typer.Option(
            metavar="HOST",
            help="By what others reach this machine. Default: the address from which it reached "
            "the member.",
        ),
    ] = "",
    route_port: _Route = 6222,
    join_port: _Door = 7900,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make an empty data directory that of a new member: the same server, wherever one comes in.

    It gets the keys by which clients know the server, and a copy of all it holds. Where it breaks
    off, the same command goes on.
    """
    from hubbub.cli import cluster_membership as membership

    with _told():
        directory = membership.data_dir_of(config, data)
        place = membership.Place(name, host, route_port, join_port)
        shared = membership.join(directory, address, lambda: given or _asked_for(), place)
        source = membership.fetch(directory, shared, _progress)
    _introduce(shared)
    there = f"has a copy from {source}" if source else "fetches a copy when the others are up"
    typer.echo(visible(f"# and start it; it {there}"))


def _introduce(shared: Shared) -> None:
    """Say which member this is, and what its settings need for that."""
    from hubbub.cli.cluster_membership import section

    name = visible(shared.own.name)
    typer.echo(f"# {name} is member {shared.number} now. Put into its settings:")
    typer.echo(f"\n{section(shared)}\n")


def _asked_for() -> str:
    """Return a token that is pasted at the terminal, or comes through a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        return getpass.getpass("Token: ")
    except (EOFError, KeyboardInterrupt):
        fail("no token was given", 2)


def _progress(have: int, size: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if have == size else "\r"
        sys.stderr.write(f"copying: {have >> 20} of {size >> 20} MiB{end}")


@contextmanager
def _told() -> Iterator[None]:
    """Say why something cannot be done, and exit with the code for it."""
    from hubbub.cluster.errors import ClusterError, PeerUnreachable
    from hubbub.settings import SettingsError

    try:
        yield
    except PeerUnreachable as error:
        fail(str(error), 75)
    except ClusterError as error:
        fail(str(error), 2)
    except SettingsError as error:
        fail(str(error), error.exit_code)
